package supervisor

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"
)

// Reasons for which a token is refused.
var (
	errTokenInvalid = errors.New("token is not valid")
	errTokenExpired = errors.New("token has expired")
)

// claims are what a login's session_id says.
type claims struct {
	Subject  string   `json:"sub"`
	Issuer   string   `json:"iss"`
	Audience string   `json:"aud"`
	Groups   []string `json:"group_names"`
	IssuedAt int64    `json:"iat"`
	Expires  int64    `json:"exp"`
}

const tokenIssuer = "https://wcp.lab/"

// signer signs and checks JSON Web Tokens (RS256).
type signer struct {
	mu  sync.RWMutex
	key *rsa.PrivateKey
}

func newSigner() (*signer, error) {
	s := &signer{}
	return s, s.rotate()
}

// rotate takes a new key, which makes all earlier tokens invalid.
func (s *signer) rotate() error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.key = key
	return nil
}

func (s *signer) sign(c claims) (string, error) {
	payload, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	enc := base64.RawURLEncoding
	signed := enc.EncodeToString([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + enc.EncodeToString(payload)
	sum := sha256.Sum256([]byte(signed))
	s.mu.RLock()
	defer s.mu.RUnlock()
	sig, err := rsa.SignPKCS1v15(nil, s.key, crypto.SHA256, sum[:])
	if err != nil {
		return "", err
	}
	return signed + "." + enc.EncodeToString(sig), nil
}

// verify checks the signature first, so that only our own tokens are told that
// they have expired.
func (s *signer) verify(token string, now time.Time) (claims, error) {
	cut := strings.LastIndexByte(token, '.')
	if cut < 0 {
		return claims{}, errTokenInvalid
	}
	enc := base64.RawURLEncoding
	sig, err := enc.DecodeString(token[cut+1:])
	if err != nil {
		return claims{}, errTokenInvalid
	}
	sum := sha256.Sum256([]byte(token[:cut]))
	s.mu.RLock()
	key := &s.key.PublicKey
	s.mu.RUnlock()
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], sig) != nil {
		return claims{}, errTokenInvalid
	}
	_, body, _ := strings.Cut(token[:cut], ".")
	raw, err := enc.DecodeString(body)
	if err != nil {
		return claims{}, errTokenInvalid
	}
	var c claims
	if err := json.Unmarshal(raw, &c); err != nil {
		return claims{}, errTokenInvalid
	}
	if !now.Before(time.Unix(c.Expires, 0)) {
		return claims{}, errTokenExpired
	}
	return c, nil
}
