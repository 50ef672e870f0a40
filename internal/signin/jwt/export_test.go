package jwt

import (
	"context"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// CheckSignature is Verify without the steps that need claims: the gate for
// the token's form, the choice of the key, and the signature.
func CheckSignature(token string, p oriel.Provider, published KeySet) error {
	h, _, err := parseForm(token)
	if err != nil {
		return err
	}
	keys, err := New("", published).findKeys(context.Background(), h, p, time.Time{})
	if err != nil {
		return err
	}
	_, err = signedBy(keys, token)
	return err
}

// ReadObject is the gate's reader of JSON.
func ReadObject(text []byte) (map[string]any, error) {
	members, err := parseObject(text)
	if err != nil {
		return nil, err
	}
	return plain(members).(map[string]any), nil
}

// plain is a value in the types of encoding/json.
func plain(value any) any {
	switch value := value.(type) {
	case object:
		members := make(map[string]any, len(value))
		for name, member := range value {
			members[name] = plain(member)
		}
		return members
	case []any:
		items := make([]any, len(value))
		for i, item := range value {
			items[i] = plain(item)
		}
		return items
	}
	return value
}
