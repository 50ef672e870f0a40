package main

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/oriel-bi/oriel/hostauth"
)

// loadKey reads the private key, or makes one where there is none.
func loadKey(file string) (ed25519.PrivateKey, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return makeKey(file)
	}
	if err != nil {
		return nil, fmt.Errorf("read the private key %s: %w", file, err)
	}
	key, err := hostauth.ParsePrivateKey(text)
	if err != nil {
		return nil, fmt.Errorf("the file %s holds no Ed25519 private key as PEM: name another with -key, or remove it and one is made", file)
	}
	return key, nil
}

func makeKey(file string) (ed25519.PrivateKey, error) {
	key, err := hostauth.GenerateKey()
	if err != nil {
		return nil, err
	}
	text, err := hostauth.PrivatePEM(key)
	if err != nil {
		return nil, err
	}
	// Exclusive: a key that another process made meanwhile is not replaced.
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make the private key %s: %w", file, err)
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("write the private key %s: %w", file, err)
	}
	return key, nil
}
