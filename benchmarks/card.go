package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"

	_ "github.com/duckdb/duckdb-go/v2" // the driver that the engine uses
)

// narrowed is the sample's question worst-destinations as somebody of DFW may
// ask it, on the driver.
const narrowed = `
	SELECT destination, avg(delay_minutes) AS average_delay, count(*) AS departures
	FROM flights WHERE origin = ?
	GROUP BY destination HAVING count(*) >= 5
	ORDER BY average_delay DESC, destination LIMIT 10`

// card compares a question through the API, sign-in check, policies and JSON
// included, with the same narrowed SQL on the same file.
func card(ctx context.Context, s *server) (comparison, func() error, error) {
	done := func() error { return nil }
	session, err := s.signIn(ctx)
	if err != nil {
		return comparison{}, done, err
	}
	files, err := filepath.Glob(filepath.Join(s.folder, "sources", "*.duckdb"))
	if err != nil || len(files) != 1 {
		return comparison{}, done, fmt.Errorf("find the imported source: %d files, %w", len(files), err)
	}
	db, err := sql.Open("duckdb", files[0]+"?access_mode=READ_ONLY")
	if err != nil {
		return comparison{}, done, err
	}
	statement, err := db.PrepareContext(ctx, narrowed)
	if err != nil {
		return comparison{}, done, errors.Join(err, db.Close())
	}
	return comparison{
		name: "card, 10 rows", reference: "the narrowed SQL, prepared, on the DuckDB driver", calls: 60,
		oriel: func(ctx context.Context) error {
			return s.ask(ctx, http.MethodPost, "/api/v1/questions/worst-destinations/run", session, []byte(`{}`), nil)
		},
		direct: func(ctx context.Context) error { return read(ctx, statement) },
	}, db.Close, nil
}

func read(ctx context.Context, statement *sql.Stmt) error {
	rows, err := statement.QueryContext(ctx, "DFW")
	if err != nil {
		return err
	}
	defer rows.Close()
	count := 0
	for ; rows.Next(); count++ {
		var destination string
		var delay float64
		var departures int64
		if err := rows.Scan(&destination, &delay, &departures); err != nil {
			return err
		}
	}
	if count != 10 {
		return fmt.Errorf("%d rows came instead of 10", count)
	}
	return rows.Err()
}
