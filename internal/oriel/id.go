package oriel

import (
	"encoding/base32"
	"fmt"
	"io"
	"strings"
)

// NewID is a prefix ("usr_") and 128 random bits in lower-case base32.
func NewID(random io.Reader, prefix string) (string, error) {
	bits := make([]byte, 16)
	if _, err := io.ReadFull(random, bits); err != nil {
		return "", fmt.Errorf("make an id: %w", err)
	}
	return prefix + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(bits)), nil
}
