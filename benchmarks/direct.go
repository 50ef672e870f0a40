package main

import (
	"bufio"
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver that the store uses
)

//go:embed peers/statements.json
var statements []byte

//go:embed peers/seed.sql
var seed string

// direct is what somebody who needs nothing but the work would write, on the
// libraries that the server uses and on the store's schema.
type direct struct {
	db                            *sql.DB
	conn                          *sql.Conn // the one that writes
	kid, secret, issuer, audience string
	sql                           map[string]*sql.Stmt
}

// startDirect starts this program as the process that does the work directly.
func startDirect(ctx context.Context, folder string, h *host) (side, error) {
	program, err := os.Executable()
	if err != nil {
		return side{}, err
	}
	process, err := startChild(ctx, []string{
		"BENCH_SECRET=" + h.secret, "BENCH_KID=" + h.kid, "BENCH_ISSUER=" + hostBackend, "BENCH_AUDIENCE=" + h.audience,
		"BENCH_DATABASE=" + filepath.Join(folder, "direct.db"),
	}, program, "-child", "direct")
	if err != nil {
		return side{}, err
	}
	return side{
		name: "direct", process: process,
		ready: func(tokens []string) error {
			return errors.Join(process.say(strings.Join(tokens, " ")), expect(process, "ready"))
		},
		run: func(_ context.Context, tokens []string, atOnce int) ([]time.Duration, error) {
			began := time.Now()
			if err := errors.Join(process.say(strconv.Itoa(atOnce)), expect(process, "done")); err != nil {
				return nil, err
			}
			return []time.Duration{time.Since(began) / time.Duration(len(tokens))}, nil
		},
	}, nil
}

func expect(process *child, word string) error {
	line, err := process.line()
	if err == nil && line != word {
		err = fmt.Errorf("it said %q and not %q", line, word)
	}
	return err
}

// serveDirect is that process: a line of tokens, then a line with how many of
// them share a transaction.
func serveDirect(ctx context.Context, in io.Reader, out io.Writer) (err error) {
	d, err := openDirect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	lines := bufio.NewReaderSize(in, 1<<20)
	for {
		tokens, err := lines.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		work := strings.Fields(tokens)
		fmt.Fprintln(out, "ready")
		word, err := lines.ReadString('\n')
		if err != nil {
			return err
		}
		atOnce, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil {
			return err
		}
		for i := 0; i < len(work); i += atOnce {
			if err := d.exchange(ctx, work[i:min(i+atOnce, len(work))]); err != nil {
				return err
			}
		}
		fmt.Fprintln(out, "done")
	}
}

func openDirect(ctx context.Context) (_ *direct, err error) {
	schema, err := os.ReadFile("internal/store/schema.sql")
	if err != nil {
		return nil, err
	}
	d := &direct{
		kid: os.Getenv("BENCH_KID"), secret: os.Getenv("BENCH_SECRET"), issuer: os.Getenv("BENCH_ISSUER"),
		audience: os.Getenv("BENCH_AUDIENCE"), sql: map[string]*sql.Stmt{},
	}
	d.db, err = sql.Open("sqlite", "file:"+os.Getenv("BENCH_DATABASE")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=wal_autocheckpoint(8000)&_pragma=cache_size(-16384)")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	if d.conn, err = d.db.Conn(ctx); err != nil {
		return nil, err
	}
	if _, err := d.conn.ExecContext(ctx, string(schema)+seed); err != nil {
		return nil, err
	}
	texts := map[string]string{}
	if err := json.Unmarshal(statements, &texts); err != nil {
		return nil, err
	}
	texts["begin"], texts["commit"], texts["rollback"] = "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"
	for name, text := range texts {
		if d.sql[name], err = d.conn.PrepareContext(ctx, text); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func (d *direct) close() error {
	var errs []error
	for _, statement := range d.sql {
		errs = append(errs, statement.Close())
	}
	if d.conn != nil {
		errs = append(errs, d.conn.Close())
	}
	return errors.Join(append(errs, d.db.Close())...)
}
