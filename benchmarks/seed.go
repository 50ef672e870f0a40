package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// seededSessions are live sessions of seededUsers, ten each.
const (
	seededSessions = 1_000_000
	seededUsers    = 100_000
)

// seededToken is the token of the session with a number.
func seededToken(number int) string {
	bits := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("bench"), uint64(number)))
	return "ors_" + base64.RawURLEncoding.EncodeToString(bits[:])
}

// seededUser is an id of the form that Oriel's have.
func seededUser(number int) string {
	bits := binary.BigEndian.AppendUint64(make([]byte, 8), uint64(number))
	return "usr_" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(bits))
}

// seedSessions fills the store of a server that does not run yet.
func seedSessions(ctx context.Context, path string) (err error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)&_pragma=cache_size(-1000000)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing once it is committed
	var provider string
	var serial int64
	if err := tx.QueryRowContext(ctx, `SELECT provider_id, serial FROM provider_keys ORDER BY serial DESC`).Scan(&provider, &serial); err != nil {
		return err
	}
	now := time.Now()
	users, err := tx.PrepareContext(ctx, `INSERT INTO users (id, email, email_key, first_name, last_name, active, created) VALUES (?, ?, ?, 'See', 'Ded', 1, ?)`)
	if err != nil {
		return err
	}
	for number := range seededUsers {
		email := fmt.Sprintf("seed-%d@apron.example", number)
		if _, err := users.ExecContext(ctx, seededUser(number), email, email, now.UnixMicro()); err != nil {
			return err
		}
	}
	sessions, err := tx.PrepareContext(ctx, `INSERT INTO sessions (token_hash, id, user_id, provider_id, kid, key_serial, kind, origin, host_sid, created, expires)
		VALUES (?, ?, ?, ?, 'key-1', ?, 'embed', ?, '', ?, ?)`)
	if err != nil {
		return err
	}
	for number, hash := range seededHashes() {
		if _, err := sessions.ExecContext(ctx, hash[:], fmt.Sprintf("ses_%x", hash[:16]), seededUser(number%seededUsers), provider, serial,
			hostOrigin, now.UnixMicro(), now.Add(24*time.Hour).UnixMicro()); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// seededHashes are in the order of the table, which is then built from left to
// right.
func seededHashes() [][sha256.Size]byte {
	hashes := make([][sha256.Size]byte, seededSessions)
	for number := range hashes {
		hashes[number] = sha256.Sum256([]byte(seededToken(number)))
	}
	slices.SortFunc(hashes, func(a, b [sha256.Size]byte) int { return bytes.Compare(a[:], b[:]) })
	return hashes
}
