package store

import (
	"encoding/json"
	"fmt"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// SetSignInAttributes replaces what the last sign-in of the provider brought.
func (tx *Tx) SetSignInAttributes(user oriel.UserID, provider string, attributes oriel.Attributes) error {
	text, err := writeAttributes(attributes)
	if err != nil {
		return err
	}
	return tx.personChanged(user, tx.change("keep a user's attributes",
		`INSERT INTO user_attributes (user_id, set_by, attributes) VALUES (?, ?, ?)
		 ON CONFLICT (user_id, set_by) DO UPDATE SET attributes = excluded.attributes`, string(user), provider, text))
}

func writeAttributes(attributes oriel.Attributes) (string, error) {
	if attributes == nil {
		attributes = oriel.Attributes{}
	}
	return document(attributes)
}

// readAttributes reads a stored document; the empty text has none.
func readAttributes(text string) (oriel.Attributes, error) {
	if text == "" {
		return nil, nil
	}
	var attributes oriel.Attributes
	if err := json.Unmarshal([]byte(text), &attributes); err != nil {
		return nil, fmt.Errorf("read stored attributes: %w", err)
	}
	return attributes, nil
}
