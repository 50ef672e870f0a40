package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

const recordSQL = `SELECT id, reference, at, provider, method, origin, client_ip, user_id, outcome, attempts, document FROM sign_in_records`

// ListSignIns lists up to limit records that the filter lets through, newest
// first.
func (s *Store) ListSignIns(ctx context.Context, f oriel.SignInFilter, limit int) ([]oriel.SignInRecord, error) {
	text := recordSQL + ` WHERE TRUE`
	var args []any
	narrow := func(where string, values ...any) {
		text += ` AND ` + where
		args = append(args, values...)
	}
	if f.Reference != "" {
		narrow(`reference = ?`, f.Reference)
	}
	if f.User != "" {
		narrow(`user_id = ? AND user_id <> ''`, string(f.User))
	}
	if f.Provider != "" {
		narrow(`provider = ?`, f.Provider)
	}
	switch f.Outcome {
	case "":
	case oriel.OutcomeAccepted:
		narrow(`outcome = ''`)
	case oriel.OutcomeRefused:
		narrow(`outcome <> ''`)
	default:
		narrow(`outcome = ? AND outcome <> ''`, f.Outcome)
	}
	if f.Before > 0 {
		narrow(`id < ?`, f.Before)
	}
	rows, err := s.read.QueryContext(ctx, text+` ORDER BY id DESC LIMIT ?`, append(args, limit)...)
	if err != nil {
		return nil, failed("list sign-in records", err)
	}
	defer func() { _ = rows.Close() }()
	var list []oriel.SignInRecord
	for rows.Next() {
		var r oriel.SignInRecord
		var at sql.NullInt64
		var text string
		if err := rows.Scan(&r.ID, &r.Reference, &at, &r.Provider, &r.Method, &r.Origin, &r.ClientIP, &r.User, &r.Outcome, &r.Attempts, &text); err != nil {
			return nil, failed("list sign-in records", err)
		}
		var about recordDocument
		if err := json.Unmarshal([]byte(text), &about); err != nil {
			return nil, fmt.Errorf("read a sign-in record: %w", err)
		}
		r.At, r.Checks, r.Dropped = moment(at), about.Checks, about.Dropped
		r.ClockSkew = time.Duration(about.ClockSkewMillis) * time.Millisecond
		list = append(list, r)
	}
	return list, failed("list sign-in records", rows.Err())
}
