// Package netport finds addresses to listen on.
package netport

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"
)

var (
	mu    sync.Mutex
	given = map[int]bool{}
)

// Free is a TCP port on 127.0.0.1 that nothing listens on, for programs that
// cannot say which port they chose themselves. No two calls in one process get
// the same one; another process might still take it before it is used.
func Free(ctx context.Context) (int, error) {
	mu.Lock()
	defer mu.Unlock()
	var config net.ListenConfig
	for range 100 {
		l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return 0, fmt.Errorf("find a free port: %w", err)
		}
		addr, ok := l.Addr().(*net.TCPAddr)
		_ = l.Close()
		if ok && !given[addr.Port] {
			given[addr.Port] = true
			return addr.Port, nil
		}
	}
	return 0, fmt.Errorf("find a free port: none in 100 tries")
}

// Address is Free as host:port.
func Address(ctx context.Context) (string, error) {
	port, err := Free(ctx)
	if err != nil {
		return "", err
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), nil
}
