package main

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	_ "github.com/duckdb/duckdb-go/v2" // the driver that the engine uses
)

// startDriver starts this program as the process that runs the constrained SQL
// on the driver, over the file that the server imported.
func startDriver(ctx context.Context, file string, rows int) (side, error) {
	program, err := os.Executable()
	if err != nil {
		return side{}, err
	}
	process, err := startChild(ctx, []string{"BENCH_DATABASE=" + file, "BENCH_ROWS=" + strconv.Itoa(rows)}, program, "-child", "driver")
	if err != nil {
		return side{}, err
	}
	return side{name: "driver", process: process, run: func(_ context.Context, work []string, atOnce int) ([]time.Duration, error) {
		if err := process.say(strconv.Itoa(atOnce) + " " + strings.Join(work, " ")); err != nil {
			return nil, err
		}
		line, err := process.line()
		if err != nil {
			return nil, err
		}
		var took []time.Duration
		for _, field := range strings.Fields(line) {
			one, err := time.ParseDuration(field)
			if err != nil {
				return nil, err
			}
			took = append(took, one)
		}
		return took, nil
	}}, nil
}

// serveDriver is that process: a line with how many at once and the first id of
// each query, answered with how long each took.
func serveDriver(ctx context.Context, in io.Reader, out io.Writer) (err error) {
	rows, err := strconv.Atoi(os.Getenv("BENCH_ROWS"))
	if err != nil {
		return err
	}
	db, err := sql.Open("duckdb", os.Getenv("BENCH_DATABASE")+"?access_mode=READ_ONLY")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	statement, err := db.PrepareContext(ctx, factsText)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, statement.Close()) }()
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		fields := strings.Fields(line)
		atOnce, err := strconv.Atoi(fields[0])
		if err != nil {
			return err
		}
		took, err := paced(ctx, len(fields)-1, atOnce, func(ctx context.Context, i int) error {
			return readFacts(ctx, statement, fields[i+1], rows)
		})
		if err != nil {
			return err
		}
		for _, one := range took {
			fmt.Fprint(out, one, " ")
		}
		fmt.Fprintln(out)
	}
}

// readFacts looks at every value, as whoever shows them would.
func readFacts(ctx context.Context, statement *sql.Stmt, from string, rows int) error {
	found, err := statement.QueryContext(ctx, "DFW", from, rows)
	if err != nil {
		return err
	}
	defer found.Close()
	count := 0
	for ; found.Next(); count++ {
		var id, distance, delay int64
		var at time.Time
		var destination string
		var cost float64
		if err := found.Scan(&id, &at, &destination, &distance, &delay, &cost); err != nil {
			return err
		}
	}
	if count < rows*9/10 {
		return fmt.Errorf("%d rows came instead of %d", count, rows)
	}
	return found.Err()
}
