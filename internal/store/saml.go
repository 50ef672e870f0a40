package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
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
	SignOut  bool         `json:"sign_out,omitempty"`
}

// KeepSAMLRequest keeps a request until it expires.
func (tx *Tx) KeepSAMLRequest(r oriel.SAMLRequest) error {
	text, err := document(requestDocument{
		ID: r.ID, Browser: r.Browser[:], Foreign: r.Foreign, ReturnTo: r.ReturnTo, Popup: r.Popup, Trial: r.Trial, SignOut: r.SignOut,
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
	r.Relay, r.ID, r.Foreign, r.ReturnTo, r.Popup, r.Trial, r.SignOut = relay, d.ID, d.Foreign, d.ReturnTo, d.Popup, d.Trial, d.SignOut
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
	// Abandoned is the record of the attempt when no page comes.
	Abandoned oriel.SignInRecord `json:"abandoned"`
}

// KeepSAMLCode keeps a sign-in for the page that opened it.
func (tx *Tx) KeepSAMLCode(c oriel.SAMLCode) error {
	text, err := document(codeDocument{Popup: c.Popup, Identity: c.Identity, Evidence: c.Evidence, Abandoned: c.Abandoned})
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
	return oriel.SAMLCode{Hash: hash, Popup: d.Popup, Identity: d.Identity, Evidence: d.Evidence, Expires: time.UnixMicro(expires).UTC(), Abandoned: d.Abandoned}, true, nil
}

// TakeSAMLCode takes a code away. It fails with code_invalid when there is none.
func (tx *Tx) TakeSAMLCode(hash [32]byte) error {
	result, err := tx.exec(`DELETE FROM saml_codes WHERE hash = ?`, hash[:])
	return tx.one("take a SAML code", result, err, oriel.CodeCodeInvalid, "it was used before")
}

// sweepSAMLCodes takes codes away whose time is over, and keeps a record of each:
// somebody signed in, and the page that began it never came. It tells how many.
func (tx *Tx) sweepSAMLCodes(before time.Time) (int64, error) {
	const over = ` FROM saml_codes WHERE expires < ? ORDER BY expires, hash LIMIT ?`
	texts, err := tx.texts("find SAML codes that nobody took", `SELECT document`+over, micros(before), sweepRows)
	if err != nil {
		return 0, err
	}
	for _, text := range texts {
		var d codeDocument
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			return 0, fmt.Errorf("a stored SAML code: %w", err)
		}
		if err := tx.InsertSignInRecord(d.Abandoned); err != nil {
			return 0, err
		}
	}
	if len(texts) == 0 {
		return 0, nil
	}
	return int64(len(texts)), tx.change("sweep SAML codes", `DELETE FROM saml_codes WHERE hash IN (SELECT hash`+over+`)`, micros(before), sweepRows)
}

// nameHash is under what a NameID is found: those who sign somebody out leave
// format and qualifiers away where they like.
func nameHash(n oriel.NameID) []byte {
	sum := sha256.Sum256([]byte(n.Value))
	return sum[:]
}

type sessionDocument struct {
	Subject string       `json:"subject"`
	Name    oriel.NameID `json:"name"`
	Began   time.Time    `json:"began,omitzero"`
	IdPEnds time.Time    `json:"idp_ends,omitzero"`
}

// KeepSAMLSession keeps under which name a session began.
func (tx *Tx) KeepSAMLSession(s oriel.SAMLSession) error {
	text, err := document(sessionDocument{Subject: s.Subject, Name: s.Name, Began: s.Began, IdPEnds: s.IdPEnds})
	if err != nil {
		return err
	}
	expires, signIn := s.Expires, s.SignIn
	if signIn == "" {
		signIn = s.Session
	}
	if s.RenewableUntil.After(expires) {
		expires = s.RenewableUntil
	}
	return tx.change("keep a SAML session",
		`INSERT INTO saml_sessions (session_id, provider_id, name, session_index, document, sign_in, renewable, attempt, expires) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		s.Session, s.Provider, nameHash(s.Name), s.Index, text, signIn, microsOrNull(s.RenewableUntil), s.Attempt, micros(expires))
}

// RenewSAMLSession uses a session up that is renewed; or, when this very attempt was
// made before, what it gave then, which nobody may have heard of. It fails with
// session_revoked when the session was renewed by another attempt, when what this one
// gave was renewed itself, or when the session has ended.
func (tx *Tx) RenewSAMLSession(session string, attempt []byte) error {
	result, err := tx.exec(`UPDATE saml_sessions SET renewed = 1 WHERE renewed = 0 AND session_id = ifnull(
			(SELECT made.session_id FROM saml_sessions made JOIN saml_sessions used ON used.sign_in = made.sign_in
				WHERE used.session_id = ? AND made.attempt = ? AND made.renewed = 0), ?)
		AND EXISTS (SELECT 1 FROM sessions WHERE id = ? AND ended IS NULL)`, session, attempt, session, session)
	return tx.one("renew a SAML session", result, err, oriel.CodeSessionRevoked, "it was renewed before, or has ended")
}

// EndSAMLSignIn ends all sessions that one sign-in led to, and tells how many had
// not ended.
func (tx *Tx) EndSAMLSignIn(signIn string, now time.Time) (ended int, err error) {
	return tx.endSessions(now, `id IN (SELECT session_id FROM saml_sessions WHERE sign_in = ?)`, signIn)
}

// ofOneSignIn are the ids of the sessions that the sign-in of one led to, with or
// without it: renewals end with what they renew.
const ofOneSignIn = `SELECT mate.session_id FROM saml_sessions one JOIN saml_sessions mate ON mate.sign_in = one.sign_in WHERE one.session_id = `

// FindSAMLSession finds under which name a session began.
func (s *Store) FindSAMLSession(ctx context.Context, session string) (found oriel.SAMLSession, ok bool, err error) {
	var text string
	found.Session = session
	var renewable sql.NullInt64
	err = s.read.QueryRowContext(ctx, `SELECT provider_id, session_index, document, sign_in, renewable FROM saml_sessions WHERE session_id = ?`, session).
		Scan(&found.Provider, &found.Index, &text, &found.SignIn, &renewable)
	if errors.Is(err, sql.ErrNoRows) {
		return oriel.SAMLSession{}, false, nil
	}
	if err != nil {
		return oriel.SAMLSession{}, false, failed("find a SAML session", err)
	}
	var d sessionDocument
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return oriel.SAMLSession{}, false, fmt.Errorf("a stored SAML session: %w", err)
	}
	found.Subject, found.Name, found.RenewableUntil = d.Subject, d.Name, moment(renewable)
	found.Began, found.IdPEnds = d.Began, d.IdPEnds
	return found, true, nil
}

// EndSAMLSessions ends the live sessions that began under the name, in the named
// sessions of the identity provider or in any, and tells how many there were. No
// assertion that was issued before makes a session after it.
func (tx *Tx) EndSAMLSessions(l oriel.SAMLLogout, now time.Time) (ended int, err error) {
	indexes, err := document(append([]string{}, l.Indexes...))
	if err != nil {
		return 0, err
	}
	const named = `SELECT session_id FROM saml_sessions WHERE provider_id = ? AND name = ?
		AND (json_array_length(?) = 0 OR session_index IN (SELECT value FROM json_each(?)))`
	name := nameHash(l.Name)
	over := map[string]string{}
	for _, index := range l.Indexes {
		over[index] = "sid"
	}
	if len(l.Indexes) == 0 {
		// Also of somebody whose sign-in waits, and who has no session yet.
		over[hex.EncodeToString(name)] = "name"
		subjects, err := tx.texts("find whom a SAML name is", `SELECT DISTINCT document ->> 'subject' FROM saml_sessions WHERE provider_id = ? AND name = ?`, l.Provider, name)
		if err != nil {
			return 0, err
		}
		for _, subject := range append(subjects, l.Subject) {
			over[subject] = "sub"
		}
	}
	delete(over, "")
	for value, kind := range over {
		if err := tx.keepLogout(l.Provider, kind, value, l.IssuedAt, now); err != nil {
			return 0, err
		}
	}
	return tx.endSessions(now, `id IN (`+named+`) AND created <= ?`, l.Provider, name, indexes, indexes, micros(now))
}
