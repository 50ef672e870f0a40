package jwt

import (
	"context"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// CheckSignature is Verify without the steps that need claims: the gate for
// the token's form, the choice of the key, and the signature.
func CheckSignature(token string, p oriel.Provider) error {
	h, _, err := parseForm(token)
	if err != nil {
		return err
	}
	keys, err := New("", nil).findKeys(context.Background(), h, p, time.Time{})
	if err != nil {
		return err
	}
	_, err = signedBy(keys, token)
	return err
}
