package store

import (
	"context"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// recordDocument is what a record tells beyond the columns one searches by.
type recordDocument struct {
	Checks          []oriel.Check `json:"checks,omitempty"`
	ClockSkewMillis int64         `json:"clock_skew_ms,omitempty"`
	Dropped         []string      `json:"dropped,omitempty"`
}

// InsertSignInRecord keeps the record of an attempt.
func (tx *Tx) InsertSignInRecord(r oriel.SignInRecord) error {
	about, err := document(recordDocument{Checks: r.Checks, ClockSkewMillis: r.ClockSkew.Milliseconds(), Dropped: r.Dropped})
	if err != nil {
		return err
	}
	return tx.change("keep a sign-in record",
		`INSERT INTO sign_in_records (reference, at, provider, method, origin, client_ip, user_id, outcome, attempts, document)
		 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.Reference, micros(r.At), r.Provider, r.Method, r.Origin, r.ClientIP, string(r.User), string(r.Outcome),
		max(r.Attempts, 1), about)
}

// InsertSignInRecords keeps the records of several attempts.
func (s *Store) InsertSignInRecords(ctx context.Context, records []oriel.SignInRecord) error {
	return s.Write(ctx, func(tx *Tx) error {
		for _, r := range records {
			if err := tx.InsertSignInRecord(r); err != nil {
				return err
			}
		}
		return nil
	})
}
