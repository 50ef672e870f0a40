package store

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// instanceKeySize is how many bytes of randomness a made instance key has,
// and the fewest that any may have.
const instanceKeySize = 32

// keyDraft is the pattern of a key file that is being written.
const keyDraft = ".instance-key-*"

// LoadOrCreateInstanceKey reads the instance key from the file at path, or
// makes one there at the first start: base64 text, mode 0600. It refuses a file that
// others than its owner may read. Two processes that start at once end up with
// the same key.
func LoadOrCreateInstanceKey(path string, random io.Reader) ([]byte, error) {
	key, err := readInstanceKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := createInstanceKey(path, random); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("the instance key %s cannot be made: %w; choose another ORIEL_DATABASE_URL, give oriel write access to that folder, or set ORIEL_SECRET_KEY", path, err)
	}
	return readInstanceKey(path)
}

// sealer is that of the configured instance key, or of the one in the file.
func (o *Options) sealer() (*sealer, error) {
	key := o.InstanceKey
	if o.KeyFile != "" {
		var err error
		if key, err = LoadOrCreateInstanceKey(o.KeyFile, o.Random); err != nil {
			return nil, err
		}
	}
	return newSealer(key, o.Random)
}

func readInstanceKey(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read the instance key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("the instance key %s may be read by others (mode %04o): run chmod 600 on it", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the instance key: %w", err)
	}
	key, err := base64.StdEncoding.Strict().DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) < instanceKeySize {
		return nil, fmt.Errorf("the instance key %s is not base64 of at least %d bytes: restore the file from your backup", path, instanceKeySize)
	}
	return key, nil
}

// createInstanceKey links a complete file into place, so that nobody reads
// half a key, and never replaces one.
func createInstanceKey(path string, random io.Reader) error {
	key := make([]byte, instanceKeySize)
	if _, err := io.ReadFull(random, key); err != nil {
		return err
	}
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	draft, err := os.CreateTemp(folder, keyDraft) // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(draft.Name()) }()
	_, err = draft.WriteString(base64.StdEncoding.EncodeToString(key) + "\n")
	if err == nil {
		err = draft.Sync()
	}
	if closed := draft.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	if err := os.Link(draft.Name(), path); err != nil {
		return err
	}
	return syncFolder(folder)
}

func syncFolder(folder string) error {
	dir, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }()
	return dir.Sync()
}
