package jwt

import "github.com/oriel-bi/oriel/internal/oriel"

// CheckSignature is Verify without the steps that need claims: the gate for
// the token's form, the choice of the key, and the signature.
func CheckSignature(token string, p oriel.Provider) error {
	h, _, err := parseForm(token)
	if err != nil {
		return err
	}
	keys, err := findKeys(h, p)
	if err != nil {
		return err
	}
	_, err = signedBy(keys, token)
	return err
}
