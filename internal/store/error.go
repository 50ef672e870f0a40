package store

import (
	"errors"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// ErrClosed is the cause of every write after Close.
var ErrClosed = errors.New("the store is closed")

// failed names what was attempted and gives the error its code: a broken
// constraint is a fault of ours (internal), anything else means that the
// database cannot be used now (store_unavailable).
func failed(attempt string, err error) error {
	if err == nil {
		return nil
	}
	code := oriel.CodeStoreUnavailable
	if isConstraint(err) {
		code = oriel.CodeInternal
	}
	return &oriel.Error{Code: code, Err: &attemptError{attempt, err}}
}

type attemptError struct {
	attempt string
	err     error
}

func (e *attemptError) Error() string { return e.attempt + ": " + e.err.Error() }
func (e *attemptError) Unwrap() error { return e.err }

func isConstraint(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_CONSTRAINT
}
