package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// seededSessions are live sessions of seededUsers, ten each, when the server starts.
const (
	seededSessions = 1_000_000
	seededUsers    = 100_000
)

// seedSessions fills the store of a server that does not run yet. Nobody holds
// the tokens of these sessions: they are there to be many.
func seedSessions(ctx context.Context, path string) (err error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)&_pragma=cache_size(-1000000)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	now := time.Now()
	for _, fill := range []struct {
		text      string
		arguments []any
	}{
		{text: `BEGIN`},
		{
			`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n LIMIT ?)
			 INSERT INTO users (id, email, email_key, first_name, last_name, active, created)
			 SELECT printf('usr_seed%08d', i), printf('seed-%d@apron.example', i), printf('seed-%d@apron.example', i), 'See', 'Ded', 1, ? FROM n`,
			[]any{seededUsers, now.UnixMicro()},
		},
		{
			// In the order of the key and the id, so that their trees are built from left to right.
			`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n LIMIT ?)
			 INSERT INTO sessions (token_hash, id, user_id, provider_id, kid, key_serial, kind, origin, host_sid, created, expires)
			 SELECT hash, 'ses_' || lower(hex(substr(hash, 1, 16))), printf('usr_seed%08d', i % ?),
			        (SELECT id FROM providers WHERE slug = 'apron'), 'key-1', (SELECT max(serial) FROM provider_keys), 'embed', ?, '', ?, ?
			 FROM (SELECT i, randomblob(32) AS hash FROM n ORDER BY hash)`,
			[]any{seededSessions, seededUsers, hostOrigin, now.UnixMicro(), now.Add(24 * time.Hour).UnixMicro()},
		},
		{text: `COMMIT`},
	} {
		if _, err := db.ExecContext(ctx, fill.text, fill.arguments...); err != nil {
			return fmt.Errorf("%s: %w", fill.text, err)
		}
	}
	return nil
}
