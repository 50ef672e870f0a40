package hostauth

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// GenerateKey makes an Ed25519 key to sign with.
func GenerateKey() (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("hostauth: generate a key: %w", err)
	}
	return key, nil
}

// PrivatePEM writes the key as a PEM block PRIVATE KEY (PKCS #8). Keep it in a
// file that only the backend's user may read.
func PrivatePEM(key ed25519.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("hostauth: write the private key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// ParsePrivateKey reads what [PrivatePEM] or openssl genpkey wrote.
func ParsePrivateKey(text []byte) (ed25519.PrivateKey, error) {
	block, rest := pem.Decode(text)
	if block == nil || block.Type != "PRIVATE KEY" || len(bytes.TrimSpace(rest)) > 0 {
		return nil, errors.New("hostauth: the private key is not one PEM block PRIVATE KEY")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		// The cause could quote the key's bytes.
		return nil, errors.New("hostauth: the PEM block does not hold a private key")
	}
	key, isEd := parsed.(ed25519.PrivateKey)
	if !isEd {
		return nil, errors.New("hostauth: the private key is not an Ed25519 key")
	}
	return key, nil
}

// PublicPEM writes the public half as a PEM block PUBLIC KEY (PKIX), which is
// what a provider of Oriel is given.
func PublicPEM(key ed25519.PrivateKey) ([]byte, error) {
	if len(key) != ed25519.PrivateKeySize {
		return nil, errors.New("hostauth: write the public key: the private one is not an Ed25519 key")
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, fmt.Errorf("hostauth: write the public key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}
