package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"

	_ "modernc.org/sqlite" // the store's driver
)

// perPerson tells of each person how many users and identities the store has,
// and how many sessions and accepted records came of their sign-ins.
const perPerson = `
SELECT u.email_key, count(*),
       sum((SELECT count(*) FROM identities i WHERE i.user_id = u.id)),
       sum((SELECT count(*) FROM sessions s WHERE s.user_id = u.id)),
       sum(coalesce(r.accepted, 0))
FROM users u
LEFT JOIN (SELECT user_id, count(*) AS accepted FROM sign_in_records WHERE outcome = '' GROUP BY user_id) r ON r.user_id = u.id
GROUP BY u.email_key`

// found is one line of it.
type found struct{ users, identities, sessions, records int }

// look opens the file of a server that has ended, read only, and tells for how
// many persons it has not exactly what they signed in for: by now every token
// that was sent has been accepted once, so each person has one user, one
// identity, and a session and an accepted record for every token. A damaged
// file is an error.
func look(ctx context.Context, path string, attempts []*attempt) (wrong int, err error) {
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: "mode=ro"}).String())
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := sound(ctx, db); err != nil {
		return 0, err
	}
	rows, err := db.QueryContext(ctx, perPerson)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	persons := make(map[string]found)
	for rows.Next() {
		var email string
		var f found
		if err := rows.Scan(&email, &f.users, &f.identities, &f.sessions, &f.records); err != nil {
			return 0, err
		}
		persons[email] = f
	}
	tokens := make(map[string]int)
	for _, each := range attempts {
		if each.sent {
			tokens[each.email]++
		}
	}
	for email, n := range tokens {
		if persons[email] != (found{users: 1, identities: 1, sessions: n, records: n}) {
			wrong++
		}
	}
	return wrong, rows.Err()
}

// sound runs SQLite's own checks of the file.
func sound(ctx context.Context, db *sql.DB) error {
	var told string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check`).Scan(&told); err != nil {
		return fmt.Errorf("check the file: %w", err)
	}
	if told != "ok" {
		return fmt.Errorf("the file is damaged: %s", told)
	}
	var broken int
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM pragma_foreign_key_check`).Scan(&broken); err != nil {
		return fmt.Errorf("check the file: %w", err)
	}
	if broken > 0 {
		return fmt.Errorf("%d rows refer to others that are not there", broken)
	}
	return nil
}
