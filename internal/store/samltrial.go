package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// KeepSAMLTrial keeps a test sign-in, before its answer or with it. It fails with
// saml_not_requested when there is an answer: its link may be open twice.
func (tx *Tx) KeepSAMLTrial(t oriel.SAMLTrial) error {
	text, err := document(t)
	if err != nil {
		return err
	}
	result, err := tx.exec(`INSERT INTO saml_trials (id, provider_id, document, expires) VALUES (?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET document = excluded.document WHERE NOT document ->> 'Done'`, t.ID, t.Provider, text, micros(t.Expires))
	return tx.one("keep a test sign-in", result, err, oriel.CodeSAMLNotRequested, "the test has its answer already")
}

// BeginSAMLTrial keeps a test sign-in that waits for its answer.
func (s *Store) BeginSAMLTrial(ctx context.Context, t oriel.SAMLTrial) error {
	return s.Write(ctx, func(tx *Tx) error { return tx.KeepSAMLTrial(t) })
}

// FindSAMLTrial finds a test sign-in.
func (s *Store) FindSAMLTrial(ctx context.Context, id string) (t oriel.SAMLTrial, found bool, err error) {
	var text string
	var expires int64
	err = s.read.QueryRowContext(ctx, `SELECT document, expires FROM saml_trials WHERE id = ?`, id).Scan(&text, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return oriel.SAMLTrial{}, false, nil
	}
	if err != nil {
		return oriel.SAMLTrial{}, false, failed("find a test sign-in", err)
	}
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return oriel.SAMLTrial{}, false, fmt.Errorf("a stored test sign-in: %w", err)
	}
	t.Expires = time.UnixMicro(expires).UTC()
	return t, true, nil
}
