package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
)

// declared is how much there is of what a question does not read: five policies
// on each of so many tables, and groups of which whoever asks is in all.
type declared struct {
	name             string
	policies, groups int
}

var few, plenty = declared{"few", 10, 10}, declared{"plenty", 10_000, 1_000}

const policiesEach = 5

// declaration is that of a server on which one of its tables is asked for.
func (d declared) declaration() string {
	var text strings.Builder
	names := make([]string, d.groups)
	for i := range names {
		names[i] = fmt.Sprintf("g%d", i)
	}
	fmt.Fprintf(&text, providerDeclaration, "{mode: mapped, mapping: {operators: ["+strings.Join(names, ", ")+"]}}")
	text.WriteString("sources:\n  many: {kind: postgres, url: \"${env:BENCH_SERVER_URL}\"}\npolicies:\n")
	for table := range d.policies / policiesEach {
		for i, rows := range []string{"origin = user.attr.airport", "delay < 100", "not delay = 7", "origin is not null", "id >= 0 or delay > 0"} {
			fmt.Fprintf(&text, "  - {table: many.t%d, rows: %q, exempt: [x%d]}\n", table, rows, i)
		}
	}
	text.WriteString("groups:\n")
	for i := range policiesEach {
		fmt.Fprintf(&text, "  x%d: {}\n", i)
	}
	for _, name := range names {
		fmt.Fprintf(&text, "  %s: {collections: {bench: view}, sources: {many: run}}\n", name)
	}
	text.WriteString("collections:\n  bench: {name: Bench}\nquestions:\n  ten: {name: Ten, collection: bench, source: many, chart: {kind: table}, parameters: {from: {type: number, required: true}}, " +
		"sql: \"select id, origin, delay from t0 where id >= {{from}} order by id limit 10\"}\n")
	return text.String()
}

// fillMany makes the tables, each of a hundred rows.
func (d declared) fillMany(ctx context.Context) func(*pgx.Conn) error {
	return func(conn *pgx.Conn) error {
		for table := range d.policies / policiesEach {
			if _, err := conn.Exec(ctx, fmt.Sprintf(`CREATE TABLE t%d AS SELECT i::bigint AS id, text 'DFW' AS origin, i::bigint %% 50 AS delay FROM generate_series(1, 1000000, 10000) AS i`, table)); err != nil {
				return err
			}
		}
		return nil
	}
}

// many compares a question where there are 10,000 policies and 1,000 groups with
// the same one where there are ten of each, and the decision alone.
func many(ctx context.Context, r report, binary, _ string) (err error) {
	folder, err := os.MkdirTemp("", "oriel-many-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	var sides []side
	for _, d := range []declared{few, plenty} {
		file := filepath.Join(folder, d.name+".yaml")
		if err := os.WriteFile(file, []byte(d.declaration()), 0o600); err != nil {
			return err
		}
		database, err := startDatabase(ctx, d.fillMany(ctx))
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, database.Stop()) }()
		s, err := startServer(ctx, binary, file, nil, "BENCH_SERVER_URL="+database.URLAs(reader, "postgres"))
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.stop()) }()
		session, err := s.signIn(ctx)
		if err != nil {
			return err
		}
		one := asked(s, []string{session}, "/api/v1/questions/ten/run", new(atomic.Int64))
		one.name = d.name
		sides = append(sides, one)
	}
	from := 0
	measured, err := interleave(ctx, sides, 1, rounds, func() ([]string, error) {
		work := make([]string, 300)
		for i := range work {
			from++
			work[i] = strconv.Itoa(from)
		}
		return work, nil
	})
	if err != nil {
		return err
	}
	r.title("a question of ten rows, one at a time: %d policies and %d groups (few), %d and %d (plenty)", few.policies, few.groups, plenty.policies, plenty.groups)
	r.sides(sides, measured)
	r.target("time, plenty / few", measured.ratio(plenty.name, few.name, medianOf), " ×", 1.5)
	r.target("CPU, plenty / few", measured.ratio(plenty.name, few.name, cpuOf), " ×", 1.5)

	ran, err := goBenchmark(ctx, "BenchmarkDecide", "./internal/access", 10_000)
	if err != nil {
		return err
	}
	var ratio []float64
	a, b := ran.of(fmt.Sprintf("%d_policies,_%d_groups", few.policies, few.groups), "ns/op"), ran.of(fmt.Sprintf("%d_policies,_%d_groups", plenty.policies, plenty.groups), "ns/op")
	for i := range min(len(a), len(b)) {
		ratio = append(ratio, b[i]/a[i])
	}
	if len(ratio) == 0 {
		return errors.New("the benchmark of the decision does not say what it took")
	}
	r.line("the decision alone: %.1f µs and %.1f µs", spreadOf(a).median/1000, spreadOf(b).median/1000)
	r.target("the decision alone, plenty / few", spreadOf(ratio), " ×", 1.5)
	return nil
}
