package postgres

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// withoutValues is the engine's error that tells the log what went wrong without
// the value that it went wrong with: its code, of the list that PostgreSQL
// publishes, and the constraint of its words that are never a value.
type withoutValues struct{ err *pgconn.PgError }

func (w withoutValues) Unwrap() error { return w.err }

func (w withoutValues) Error() string { return "PostgreSQL says error " + w.err.Code }

// failed turns what the engine said into our error.
func failed(src oriel.Source, err error) error {
	var ours *oriel.Error
	if errors.As(err, &ours) {
		return err
	}
	var engine *pgconn.PgError
	if !errors.As(err, &engine) {
		return unavailable(src, errors.New("the connection was lost"))
	}
	if isDown(engine.Code) {
		return unavailable(src, withoutValues{engine})
	}
	return &oriel.Error{Code: oriel.CodeQueryFailed, Message: "This chart can't be shown.", Err: withoutValues{engine}}
}

// isDown tells the codes of a server that can't be used from those of a query
// that failed: connections, logins, a database or role that is missing, a
// server that goes down.
func isDown(code string) bool {
	switch code {
	case "57P01", "57P02", "57P03", "57P04", "57P05", "53300":
		return true
	}
	return strings.HasPrefix(code, "08") || strings.HasPrefix(code, "28") || strings.HasPrefix(code, "3D") || strings.HasPrefix(code, "0P")
}

func unavailable(src oriel.Source, err error) error {
	return &oriel.Error{Code: oriel.CodeSourceUnavailable,
		Message: "The data source " + src.Key + " is not available.", Err: err}
}
