package jwt

import "github.com/oriel-bi/oriel/internal/oriel"

// CheckKey tells why a key cannot be used.
func CheckKey(k oriel.ProviderKey) error {
	_, err := parseKey(k)
	return err
}
