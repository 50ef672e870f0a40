package source

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// masked writes a column as the principal sees it. A mask that it doesn't know
// is refused, never left out.
func (c *compiler) masked(column access.Column) (string, error) {
	name := c.dialect.Identifier(column.Name)
	base := c.dialect.Base(name, column.SourceColumn)
	switch column.Mask {
	case oriel.MaskNone:
		if base == name {
			return name, nil
		}
		return base + " AS " + name, nil
	case oriel.MaskEmpty: // a CASE keeps the engine's own type
		return "CASE WHEN FALSE THEN " + base + " END AS " + name, nil
	case oriel.MaskLast4:
		return c.dialect.Last4(base) + " AS " + name, nil
	case oriel.MaskHash:
		inner, outer, err := HashBlocks(c.maskKey)
		if err != nil {
			return "", err
		}
		return c.dialect.Hash(base, c.bind(inner), c.bind(outer)) + " AS " + name, nil
	case oriel.MaskHidden:
	}
	return "", refuse("a policy holds a mask (%s) that can't be compiled", column.Mask)
}

// HashBlocks are the two blocks that HMAC-SHA-256 puts before what it hashes
// (RFC 2104 §2), in hex, so that an engine with SHA-256 can compute it and the
// key itself is in no query. Errors: internal without a key of 32 bytes.
func HashBlocks(key []byte) (inner, outer oriel.Scalar, err error) {
	if len(key) != sha256.Size {
		return inner, outer, &oriel.Error{Code: oriel.CodeInternal, Err: fmt.Errorf("mask a column: %w", errNoMaskKey)}
	}
	var in, out [sha256.BlockSize]byte
	copy(in[:], key)
	copy(out[:], key)
	for i := range in {
		in[i] ^= 0x36
		out[i] ^= 0x5c
	}
	return oriel.TextScalar(hex.EncodeToString(in[:])), oriel.TextScalar(hex.EncodeToString(out[:])), nil
}

var errNoMaskKey = errors.New("the data source has no key for hashes")
