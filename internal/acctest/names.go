package acctest

import (
	"crypto/rand"
	"encoding/hex"
)

func acctestSuffix() string {
	b := make([]byte, 4)
	_, _ = rand.Read(b) // never fails, by its contract
	return hex.EncodeToString(b)
}
