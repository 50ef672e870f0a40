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

// requestDocument is a request to an identity provider as it is stored.
type requestDocument struct {
	ID       string       `json:"id"`
	Browser  []byte       `json:"browser"`
	Foreign  bool         `json:"foreign,omitempty"`
	ReturnTo string       `json:"return_to,omitempty"`
	Popup    *oriel.Popup `json:"popup,omitempty"`
	Trial    string       `json:"trial,omitempty"`
}

// KeepSAMLRequest keeps a request until it expires.
func (tx *Tx) KeepSAMLRequest(r oriel.SAMLRequest) error {
	text, err := document(requestDocument{
		ID: r.ID, Browser: r.Browser[:], Foreign: r.Foreign, ReturnTo: r.ReturnTo, Popup: r.Popup, Trial: r.Trial,
	})
	if err != nil {
		return err
	}
	return tx.change("keep a SAML request", `INSERT INTO saml_requests (relay, provider_id, document, expires) VALUES (?, ?, ?, ?)`,
		r.Relay[:], r.Provider, text, micros(r.Expires))
}

// FindSAMLRequest finds a request by the SHA-256 of its RelayState, used or not.
func (s *Store) FindSAMLRequest(ctx context.Context, relay [32]byte) (r oriel.SAMLRequest, found bool, err error) {
	var text string
	var expires int64
	err = s.read.QueryRowContext(ctx, `SELECT provider_id, document, expires FROM saml_requests WHERE relay = ?`, relay[:]).
		Scan(&r.Provider, &text, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return oriel.SAMLRequest{}, false, nil
	}
	if err != nil {
		return oriel.SAMLRequest{}, false, failed("find a SAML request", err)
	}
	var d requestDocument
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return oriel.SAMLRequest{}, false, fmt.Errorf("a stored SAML request: %w", err)
	}
	r.Relay, r.ID, r.Foreign, r.ReturnTo, r.Popup, r.Trial = relay, d.ID, d.Foreign, d.ReturnTo, d.Popup, d.Trial
	copy(r.Browser[:], d.Browser)
	r.Expires = time.UnixMicro(expires).UTC()
	return r, true, nil
}

// UseSAMLRequest uses a request up. It fails with saml_not_requested when there
// is none that was not used.
func (tx *Tx) UseSAMLRequest(relay [32]byte) error {
	result, err := tx.exec(`UPDATE saml_requests SET used = 1 WHERE relay = ? AND used = 0`, relay[:])
	return tx.one("use a SAML request", result, err, oriel.CodeSAMLNotRequested, "the request was answered before")
}

// one is nil when a statement changed a row, and else the code.
func (tx *Tx) one(attempt string, result sql.Result, err error, code oriel.Code, why string) error {
	if err != nil {
		return failed(attempt, err)
	}
	rows, err := result.RowsAffected()
	if err != nil {
		return failed(attempt, err)
	}
	if rows == 0 {
		return &oriel.Error{Code: code, Err: errors.New(why)}
	}
	return nil
}

// codeDocument is a sign-in by popup as it is stored.
type codeDocument struct {
	Popup    oriel.Popup    `json:"popup"`
	Identity oriel.Identity `json:"identity"`
	Evidence oriel.Evidence `json:"evidence"`
}

// KeepSAMLCode keeps a sign-in for the page that opened it.
func (tx *Tx) KeepSAMLCode(c oriel.SAMLCode) error {
	text, err := document(codeDocument{Popup: c.Popup, Identity: c.Identity, Evidence: c.Evidence})
	if err != nil {
		return err
	}
	return tx.change("keep a SAML code", `INSERT INTO saml_codes (hash, provider_id, document, expires) VALUES (?, ?, ?, ?)`,
		c.Hash[:], c.Identity.Provider, text, micros(c.Expires))
}

// FindSAMLCode finds a sign-in by the SHA-256 of its code.
func (s *Store) FindSAMLCode(ctx context.Context, hash [32]byte) (c oriel.SAMLCode, found bool, err error) {
	var text string
	var expires int64
	err = s.read.QueryRowContext(ctx, `SELECT document, expires FROM saml_codes WHERE hash = ?`, hash[:]).Scan(&text, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return oriel.SAMLCode{}, false, nil
	}
	if err != nil {
		return oriel.SAMLCode{}, false, failed("find a SAML code", err)
	}
	var d codeDocument
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return oriel.SAMLCode{}, false, fmt.Errorf("a stored SAML code: %w", err)
	}
	return oriel.SAMLCode{Hash: hash, Popup: d.Popup, Identity: d.Identity, Evidence: d.Evidence, Expires: time.UnixMicro(expires).UTC()}, true, nil
}

// TakeSAMLCode takes a code away. It fails with code_invalid when there is none.
func (tx *Tx) TakeSAMLCode(hash [32]byte) error {
	result, err := tx.exec(`DELETE FROM saml_codes WHERE hash = ?`, hash[:])
	return tx.one("take a SAML code", result, err, oriel.CodeCodeInvalid, "it was used before")
}
