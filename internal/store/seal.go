package store

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
)

// sealVersion is the first byte of everything sealed, before the key's id.
const (
	sealVersion = 1
	keyIDSize   = 8
)

// errOtherKey means that a value was sealed under another instance key.
var errOtherKey = errors.New("sealed under another instance key")

// sealer keeps secrets at rest: AES-256-GCM under a key derived (HKDF,
// RFC 5869) from the instance key. Sealed: version, id of the key, nonce,
// ciphertext. The place in the database is authenticated with it, so that a
// sealed value moved to another row or column does not open.
type sealer struct {
	aead   cipher.AEAD
	keyID  []byte
	check  []byte
	mask   []byte // of it each source's key for hashes is derived
	random io.Reader
}

func newSealer(instanceKey []byte, random io.Reader) (*sealer, error) {
	if len(instanceKey) < instanceKeySize {
		return nil, fmt.Errorf("the instance key has %d bytes and needs at least %d: set ORIEL_SECRET_KEY to a longer one", len(instanceKey), instanceKeySize)
	}
	derive := func(purpose string, size int) ([]byte, error) {
		return hkdf.Key(sha256.New, instanceKey, nil, "oriel store "+purpose, size)
	}
	key, err := derive("seal", 32)
	if err != nil {
		return nil, fmt.Errorf("derive the sealing key: %w", err)
	}
	keyID, err := derive("seal key id", keyIDSize)
	if err != nil {
		return nil, fmt.Errorf("derive the sealing key's id: %w", err)
	}
	check, err := derive("check value", 32)
	if err != nil {
		return nil, fmt.Errorf("derive the check value: %w", err)
	}
	mask, err := derive("mask", 32)
	if err != nil {
		return nil, fmt.Errorf("derive the key for masks: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make the sealing cipher: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("make the sealing cipher: %w", err)
	}
	return &sealer{aead: aead, keyID: keyID, check: check, mask: mask, random: random}, nil
}

// maskKey is the key under which a source's masked values are hashed. It is as
// secret as the instance key and changes with it.
func (s *sealer) maskKey(source string) []byte {
	mac := hmac.New(sha256.New, s.mask)
	mac.Write([]byte(source)) // a hash never fails
	return mac.Sum(nil)
}

// keyring has the sealer of now. Another process may change the instance key
// while this one runs: see rotate.go.
type keyring struct{ now atomic.Pointer[sealer] }

func (k *keyring) open(sealed []byte, at place) ([]byte, error) { return k.now.Load().open(sealed, at) }

// place names where a sealed value is kept.
type place struct{ table, row, column string }

// associated is injective: each part is preceded by its length.
func (p place) associated() []byte {
	var b bytes.Buffer
	for _, part := range []string{p.table, p.row, p.column} {
		fmt.Fprintf(&b, "%d:%s", len(part), part)
	}
	return b.Bytes()
}

func (s *sealer) seal(secret []byte, at place) ([]byte, error) {
	nonce := make([]byte, s.aead.NonceSize())
	if _, err := io.ReadFull(s.random, nonce); err != nil {
		return nil, fmt.Errorf("seal a secret: %w", err)
	}
	sealed := append([]byte{sealVersion}, s.keyID...)
	sealed = append(sealed, nonce...)
	return s.aead.Seal(sealed, nonce, secret, at.associated()), nil
}

func (s *sealer) open(sealed []byte, at place) ([]byte, error) {
	head := 1 + keyIDSize + s.aead.NonceSize()
	if len(sealed) < head || sealed[0] != sealVersion {
		return nil, errors.New("open a secret: not a sealed value")
	}
	if !hmac.Equal(sealed[1:1+keyIDSize], s.keyID) {
		return nil, fmt.Errorf("open a secret: %w", errOtherKey)
	}
	secret, err := s.aead.Open(nil, sealed[1+keyIDSize:head], sealed[head:], at.associated())
	if err != nil {
		return nil, fmt.Errorf("open a secret: %w", err)
	}
	return secret, nil
}
