package process

import (
	"io"
	"os"
	"strings"
)

const (
	tailBytes = 16 << 10
	tailLines = 15
	tailWidth = 400
)

// Tail is the last lines of a log file, for error messages. It never fails:
// what cannot be read is said in place of the lines.
func Tail(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return "(" + err.Error() + ")"
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err == nil && info.Size() > tailBytes {
		if _, err := f.Seek(-tailBytes, io.SeekEnd); err != nil {
			return "(" + err.Error() + ")"
		}
	}
	data, err := io.ReadAll(f)
	if err != nil {
		return "(" + err.Error() + ")"
	}
	text := strings.TrimSpace(string(data))
	if text == "" {
		return "  (the log is empty)"
	}
	lines := strings.Split(text, "\n")
	lines = lines[max(0, len(lines)-tailLines):]
	for i, line := range lines {
		if len(line) > tailWidth {
			line = line[:tailWidth] + "…"
		}
		lines[i] = "  " + line
	}
	return strings.Join(lines, "\n")
}
