package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// driven is SQL on a plain driver: of which engine, where its rows are, how many
// are asked for, and whether the text is the one that the server narrows, or one
// that somebody who trusts the question would write by hand.
type driven struct {
	engine, address string
	rows            int
	byHand          bool
}

// startDriver starts this program as the process that runs the SQL.
func startDriver(ctx context.Context, name string, d driven) (side, error) {
	program, err := os.Executable()
	if err != nil {
		return side{}, err
	}
	process, err := startChild(ctx, []string{
		"BENCH_ENGINE=" + d.engine, "BENCH_ADDRESS=" + d.address, "BENCH_ROWS=" + strconv.Itoa(d.rows), "BENCH_BY_HAND=" + strconv.FormatBool(d.byHand),
	}, program, "-child", "driver")
	if err != nil {
		return side{}, err
	}
	return side{name: name, process: process, run: func(_ context.Context, work []string, atOnce int) ([]time.Duration, error) {
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

// factReader asks for rows from an id on and looks at every value, as whoever
// shows them would. It tells how many there were.
type factReader interface {
	read(ctx context.Context, from int64) (rows int, err error)
	close() error
}

// serveDriver is that process: a line with how many at once and the first id of
// each query, answered with how long each took.
func serveDriver(ctx context.Context, in io.Reader, out io.Writer) (err error) {
	d := driven{engine: os.Getenv("BENCH_ENGINE"), address: os.Getenv("BENCH_ADDRESS"), byHand: os.Getenv("BENCH_BY_HAND") == "true"}
	if d.rows, err = strconv.Atoi(os.Getenv("BENCH_ROWS")); err != nil {
		return err
	}
	reader, err := d.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, reader.close()) }()
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
			from, err := strconv.ParseInt(fields[i+1], 10, 64)
			if err != nil {
				return err
			}
			rows, err := reader.read(ctx, from)
			if err == nil && rows < d.rows*9/10 {
				err = fmt.Errorf("%d rows came instead of %d", rows, d.rows)
			}
			return err
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

func (d driven) open(ctx context.Context) (factReader, error) {
	if d.engine == "duckdb" {
		return d.openDuckDB(ctx)
	}
	return d.openPostgres(ctx)
}
