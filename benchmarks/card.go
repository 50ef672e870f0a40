package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

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
// included, with the same narrowed SQL on the same file, in this process: its
// time, one at a time.
func card(ctx context.Context, r report, binary, declaration string) (err error) {
	s, err := startServer(ctx, binary, declaration, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	session, err := s.signIn(ctx)
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(s.folder, "sources", "*.duckdb"))
	if err != nil || len(files) != 1 {
		return fmt.Errorf("find the imported source: %d files, %w", len(files), err)
	}
	db, err := sql.Open("duckdb", files[0]+"?access_mode=READ_ONLY")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	statement, err := db.PrepareContext(ctx, narrowed)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, statement.Close()) }()
	var through, directly, ratios []float64
	for round := range rounds + 1 {
		oriel, err := mean(ctx, func(ctx context.Context) error {
			return s.ask(ctx, http.MethodPost, "/api/v1/questions/worst-destinations/run", session, []byte(`{}`), nil)
		})
		if err != nil {
			return err
		}
		driver, err := mean(ctx, func(ctx context.Context) error { return read(ctx, statement) })
		if err != nil {
			return err
		}
		if round > 0 {
			through, directly, ratios = append(through, oriel), append(directly, driver), append(ratios, oriel/driver)
		}
	}
	r.title("card, 10 rows, one at a time, time in µs")
	r.line("oriel %s, the narrowed SQL, prepared, on the DuckDB driver %s: %.2f ×",
		spreadOf(through), spreadOf(directly), spreadOf(ratios).median)
	return nil
}

// mean is how long one call takes, in microseconds.
func mean(ctx context.Context, do func(context.Context) error) (float64, error) {
	const calls = 60
	began := time.Now()
	for range calls {
		if err := do(ctx); err != nil {
			return 0, err
		}
	}
	return micro(time.Since(began)) / calls, nil
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
