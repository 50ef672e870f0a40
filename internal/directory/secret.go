package directory

import (
	"encoding/base64"
	"fmt"
	"io"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// MakeSecret makes the secret of a key: as many random bytes as its kind's hash
// has (RFC 7518 §3.2), as a text. The text's bytes as they stand are the secret,
// for a text is what hosts keep in their environment and what a declaration
// refers to. It is empty for kinds that are no secrets.
func MakeSecret(random io.Reader, kind oriel.KeyKind) (string, error) {
	var size int
	switch kind {
	case oriel.KeyHS256:
		size = 32
	case oriel.KeyHS384:
		size = 48
	case oriel.KeyHS512:
		size = 64
	case oriel.KeyEdDSA, oriel.KeyES256, oriel.KeyES384, oriel.KeyRS256, oriel.KeyRS384, oriel.KeyRS512, oriel.KeyPS256, oriel.KeyJWKS:
		return "", nil
	default:
		return "", nil
	}
	material := make([]byte, size)
	if _, err := io.ReadFull(random, material); err != nil {
		return "", fmt.Errorf("make a secret: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(material), nil
}
