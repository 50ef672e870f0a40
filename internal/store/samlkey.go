package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// SAMLKeys are our own keys as a service provider, the newest first.
func (s *Store) SAMLKeys(ctx context.Context) ([]oriel.SAMLKey, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT serial, certificate, secret, created, signs_from FROM saml_keys ORDER BY serial DESC`)
	if err != nil {
		return nil, failed("read our SAML keys", err)
	}
	defer func() { _ = rows.Close() }()
	var all []oriel.SAMLKey
	for rows.Next() {
		var key oriel.SAMLKey
		var sealed []byte
		var created, signsFrom sql.NullInt64
		if err := rows.Scan(&key.Serial, &key.Certificate, &sealed, &created, &signsFrom); err != nil {
			return nil, failed("read our SAML keys", err)
		}
		key.Created, key.SignsFrom = moment(created), moment(signsFrom)
		if key.Secret, err = s.seal.open(sealed, samlKeyPlace(key.Serial)); err != nil {
			return nil, fmt.Errorf("read our SAML key %d: %w", key.Serial, err)
		}
		all = append(all, key)
	}
	return all, failed("read our SAML keys", rows.Err())
}

func samlKeyPlace(serial int64) place {
	return place{table: "saml_keys", row: strconv.FormatInt(serial, 10), column: "secret"}
}

// AddSAMLKey adds a key of ours, which signs once its time has come. With onlyFirst it does
// nothing when there is one.
func (s *Store) AddSAMLKey(ctx context.Context, who string, key oriel.SAMLKey, onlyFirst bool) ([]oriel.Change, error) {
	return s.declare(ctx, who, func(a *applying) error {
		var newest sql.NullInt64
		if _, err := a.tx.find("find our newest SAML key", `SELECT max(serial) FROM saml_keys`, nil, &newest); err != nil {
			return err
		}
		if newest.Valid && onlyFirst {
			return nil
		}
		serial := newest.Int64 + 1
		sealed, err := a.tx.seal(key.Secret, samlKeyPlace(serial))
		if err != nil {
			return err
		}
		if err := a.tx.change("keep a SAML key", `INSERT INTO saml_keys (serial, certificate, secret, created, signs_from) VALUES (?, ?, ?, ?, ?)`,
			serial, key.Certificate, sealed, micros(key.Created), micros(key.SignsFrom)); err != nil {
			return err
		}
		return a.changed("saml key", strconv.FormatInt(serial, 10), "", `{"kind":"rsa"}`)
	})
}

// DeleteSAMLKey takes a key of ours away. It fails with not_found, and with
// conflict when it is the only one.
func (s *Store) DeleteSAMLKey(ctx context.Context, who string, serial int64) ([]oriel.Change, error) {
	return s.declare(ctx, who, func(a *applying) error {
		var there, all int
		if _, err := a.tx.find("find a SAML key", `SELECT count(*) FILTER (WHERE serial = ?), count(*) FROM saml_keys`, []any{serial}, &there, &all); err != nil {
			return err
		}
		switch {
		case there == 0:
			return oriel.E(oriel.CodeNotFound, "there is no SAML key %d: see oriel saml-key list", serial)
		case all == 1:
			return oriel.E(oriel.CodeConflict, "the SAML key %d is the only one: make another first, with oriel saml-key rotate", serial)
		}
		if err := a.tx.change("delete a SAML key", `DELETE FROM saml_keys WHERE serial = ?`, serial); err != nil {
			return err
		}
		return a.changed("saml key", strconv.FormatInt(serial, 10), `{"kind":"rsa"}`, "")
	})
}
