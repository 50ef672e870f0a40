package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/go-jose/go-jose/v4"
	_ "modernc.org/sqlite" // the driver that the store uses
)

// exchange compares a sign-in with the same work by hand: verify the token,
// then one durable transaction that spends it, updates the user, writes
// attributes, group, session and record, on the same schema and pragmas.
func exchange(ctx context.Context, s *server) (comparison, func() error, error) {
	done := func() error { return nil }
	d, err := openDirect(ctx, s)
	if err != nil {
		return comparison{}, done, err
	}
	done = d.db.Close
	return comparison{
		name: "exchange", reference: "go-jose verify + one synchronous=FULL transaction", calls: 60,
		oriel: func(ctx context.Context) error { _, err := s.signIn(ctx); return err },
		direct: func(ctx context.Context) error {
			token, err := s.host.Token(person()) // both sides sign one
			if err != nil {
				return err
			}
			return d.exchange(ctx, token)
		},
	}, done, nil
}

// direct is what somebody who needs nothing else would write.
type direct struct {
	db     *sql.DB
	public ed25519.PublicKey
	write  map[string]*sql.Stmt
}

var writes = map[string]string{
	"spend":      `INSERT INTO spent_tokens (one_use, until) VALUES (?, ?)`,
	"user":       `UPDATE users SET email = ?, email_key = ?, first_name = ?, last_name = ? WHERE id = 'usr_1' AND active = 1`,
	"identity":   `UPDATE identities SET greatest_issued_at = max(greatest_issued_at, ?) WHERE provider_id = 'prv_1' AND subject = ?`,
	"attributes": `INSERT INTO user_attributes (user_id, set_by, attributes) VALUES ('usr_1', 'prv_1', ?) ON CONFLICT DO UPDATE SET attributes = excluded.attributes`,
	"group":      `INSERT INTO group_members (user_id, group_key) VALUES ('usr_1', ?) ON CONFLICT DO NOTHING`,
	"session": `INSERT INTO sessions (token_hash, id, user_id, provider_id, kid, key_serial, kind, origin, host_sid, created, expires)
		VALUES (?, ?, 'usr_1', 'prv_1', '', 1, 'embed', ?, ?, ?, ?)`,
	"record": `INSERT INTO sign_in_records (reference, at, provider, method, origin, client_ip, user_id, outcome, attempts, document)
		VALUES (?, ?, 'apron', 'jwt', ?, '127.0.0.1', 'usr_1', '', 1, '{}')`,
}

func openDirect(ctx context.Context, s *server) (_ *direct, err error) {
	block, _ := pem.Decode(s.key)
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	schema, err := os.ReadFile("internal/store/schema.sql")
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.folder, "direct.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	d := &direct{db: db, public: key.(ed25519.PublicKey), write: map[string]*sql.Stmt{}}
	if _, err := db.ExecContext(ctx, string(schema)+`
		INSERT INTO providers VALUES ('prv_1', 'apron', 1, '{}');
		INSERT INTO groups VALUES ('operators', '{}');
		INSERT INTO users VALUES ('usr_1', 'bench@apron.example', 'bench@apron.example', '', '', NULL, 1, 0);
		INSERT INTO identities VALUES ('prv_1', 'bench', 'usr_1', 0, NULL, 0);`); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	for name, text := range writes {
		if d.write[name], err = db.PrepareContext(ctx, text); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return d, nil
}

func (d *direct) exchange(ctx context.Context, token string) error {
	parsed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.EdDSA})
	if err != nil {
		return err
	}
	payload, err := parsed.Verify(d.public)
	if err != nil {
		return err
	}
	var claims struct {
		Sub, Jti, Email, Airport, Sid string
		FirstName                     string `json:"first_name"`
		LastName                      string `json:"last_name"`
		Iat, Exp                      int64
		Groups                        []string
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		return err
	}
	now := time.Now().Unix()
	if now > claims.Exp || now < claims.Iat-30 {
		return errors.New("the token's time is not now")
	}
	attributes, err := json.Marshal(map[string]string{"airport": claims.Airport})
	if err != nil {
		return err
	}
	random := make([]byte, 48)
	if _, err := rand.Read(random); err != nil {
		return err
	}
	spent := sha256.Sum256([]byte("prv_1\x00" + claims.Jti))
	session := sha256.Sum256(random[:32])

	tx, err := d.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing once it is committed
	for _, w := range []struct {
		name      string
		arguments []any
	}{
		{"spend", []any{spent[:], claims.Exp + 90}},
		{"user", []any{claims.Email, claims.Email, claims.FirstName, claims.LastName}},
		{"identity", []any{claims.Iat, claims.Sub}},
		{"attributes", []any{string(attributes)}},
		{"group", []any{claims.Groups[0]}},
		{"session", []any{session[:], hex.EncodeToString(random[32:]), hostOrigin, claims.Sid, now, now + 600}},
		{"record", []any{"AAA-AAA", now, hostOrigin}},
	} {
		if _, err := tx.StmtContext(ctx, d.write[w.name]).ExecContext(ctx, w.arguments...); err != nil {
			return err
		}
	}
	return tx.Commit()
}
