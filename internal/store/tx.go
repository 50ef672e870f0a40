package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Tx is a transaction that [Store.Write] handed out. It is good until the
// function returns. Its methods are those of the noun's file.
type Tx struct {
	writer  *writer
	notices []oriel.Notice // passed on after the commit
	made    []oriel.UserID // users who did not exist before
}

// errTxOver means that somebody kept a Tx.
var errTxOver = errors.New("the transaction is over")

func (tx *Tx) exec(text string, args ...any) (sql.Result, error) {
	if tx.writer == nil {
		return nil, errTxOver
	}
	stmt, err := tx.writer.prepared(text)
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(context.Background(), args...)
}

// change runs a statement and names the attempt when it fails.
func (tx *Tx) change(attempt, text string, args ...any) error {
	_, err := tx.exec(text, args...)
	return failed(attempt, err)
}

// find reads one row into dest; found is false when there is none.
func (tx *Tx) find(attempt, text string, args []any, dest ...any) (found bool, err error) {
	if tx.writer == nil {
		return false, errTxOver
	}
	stmt, err := tx.writer.prepared(text)
	if err == nil {
		err = stmt.QueryRowContext(context.Background(), args...).Scan(dest...)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, failed(attempt, err)
}

// texts reads a column of texts.
func (tx *Tx) texts(attempt, text string, args ...any) (found []string, err error) {
	if tx.writer == nil {
		return nil, errTxOver
	}
	stmt, err := tx.writer.prepared(text)
	if err != nil {
		return nil, failed(attempt, err)
	}
	rows, err := stmt.QueryContext(context.Background(), args...)
	if err != nil {
		return nil, failed(attempt, err)
	}
	defer func() { err = errors.Join(err, failed(attempt, rows.Close())) }()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, failed(attempt, err)
		}
		found = append(found, one)
	}
	return found, failed(attempt, rows.Err())
}

// micros is how a moment is stored.
func micros(t time.Time) int64 { return t.UnixMicro() }

// microsOrNull is how a moment is stored that may be the zero time.
func microsOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return micros(t)
}

// moment reads a stored one; NULL is the zero time.
func moment(stored sql.NullInt64) time.Time {
	if !stored.Valid {
		return time.Time{}
	}
	return time.UnixMicro(stored.Int64).UTC()
}

// document is the JSON of a value of our own, which always has one.
func document(value any) (string, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("write a document: %w", err)
	}
	return string(text), nil
}
