package store_test

import (
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

func TestSweep_takesWhatHasExpiredAndNothingElse(t *testing.T) {
	path := newPath(t)
	now := time.Now()
	s := open(t, path)
	err := s.Write(t.Context(), func(tx *store.Tx) error {
		if err := tx.InsertUser(oriel.User{ID: "usr_1", Email: "a@example.com", Active: true}, now); err != nil {
			return err
		}
		for i := range 700 {
			if err := tx.SpendToken([32]byte{1, byte(i), byte(i >> 8)}, now.Add(-time.Second)); err != nil {
				return err
			}
		}
		for i, age := range []time.Duration{-time.Minute, time.Minute, 25 * time.Hour} {
			err := tx.InsertSession(oriel.Session{ID: string(rune('a' + i)), User: "usr_1", Expires: now.Add(-age)}, [32]byte{byte(i)})
			if err != nil {
				return err
			}
		}
		for _, age := range []time.Duration{time.Minute, 29 * 24 * time.Hour, 31 * 24 * time.Hour} {
			if err := tx.InsertSignInRecord(oriel.SignInRecord{Reference: "A", At: now.Add(-age)}); err != nil {
				return err
			}
		}
		return tx.SpendToken([32]byte{2}, now.Add(time.Hour))
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	db := outside(t, path)
	for table, want := range map[string]int{"spent_tokens": 1, "sessions": 2, "sign_in_records": 2} {
		if n := count(t, db, `SELECT count(*) FROM `+table); n != want {
			t.Errorf("%d %s are left, want %d", n, table, want)
		}
	}
}
