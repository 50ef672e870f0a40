package duckdb_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// TestStatements_areWhatRuns: on a plain connection to the same file they give
// what the engine gives.
func TestStatements_areWhatRuns(t *testing.T) {
	b := openPeople(t)
	policies := append([]oriel.Policy{
		onPeople(oriel.Policy{Rows: "owner = user.attr.airport or owner in (lookup owners.name where region != 'south') and born > date '2001-01-01'"}),
		{Table: oriel.TableRef{Source: "s", Table: "owners"}, Rows: "rank < 3"},
	}, everyMask...)
	decisions := decide(t, someone("b"), b.source, policies)
	files, err := filepath.Glob(filepath.Join(b.folder, "sources", "*"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	for what, query := range map[string]source.Query{
		"SQL": {SQL: &source.SQLQuery{
			Text: "select id, phone, card, name from people join owners on true where id > $1 order by id, name", Arguments: []oriel.Scalar{oriel.IntegerScalar(1)}, Limit: 10,
		}},
		"structured": {Structured: &source.StructuredQuery{Table: "people", Limit: 10, Tree: oriel.Structured{Columns: []string{"id", "phone", "card"}}}},
	} {
		narrowed, err := b.engine.Narrow(t.Context(), query, decisions)
		if err != nil {
			t.Fatal(err)
		}
		statements, err := b.engine.Statements(narrowed)
		if err != nil {
			t.Fatal(err)
		}
		result, err := b.engine.Run(t.Context(), narrowed)
		if err != nil || result.RowCount == 0 {
			t.Fatal(result.RowCount, err)
		}
		if got := plainly(t, files[0], statements); !cmp.Equal(got, cells(result)) {
			t.Errorf("%s: %s", what, cmp.Diff(cells(result), got))
		}
		for _, statement := range statements {
			if strings.Contains(statement.Text, "'b'") || strings.Contains(statement.Text, "2001-01-01") {
				t.Errorf("%s: a value stands in %s", what, statement.Text)
			}
		}
	}
	if _, err := b.engine.Statements(source.NewNarrowed("another engine's", 1)); oriel.CodeOf(err) != oriel.CodeQueryRefused {
		t.Errorf("got %v", err)
	}
}

// plainly runs statements on a file that is attached as s, and gives the rows
// of the last one as JSON.
func plainly(t *testing.T, file string, statements []source.Statement) [][]string {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	for _, text := range []string{"attach '" + file + "' as s (read_only)", "use s"} {
		if _, err := conn.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	last := len(statements) - 1
	for _, statement := range statements[:last] {
		if _, err := conn.ExecContext(t.Context(), statement.Text, bound(statement)...); err != nil {
			t.Fatalf("%s: %v", statement.Text, err)
		}
	}
	rows, err := conn.QueryContext(t.Context(), "select to_json(columns(*))::text from ("+statements[last].Text+")", bound(statements[last])...)
	if err != nil {
		t.Fatalf("%s: %v", statements[last].Text, err)
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var all [][]string
	for rows.Next() {
		row, into := make([]sql.NullString, len(names)), make([]any, len(names))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		texts := make([]string, 0, len(row))
		for _, one := range row {
			if !one.Valid {
				one.String = "null"
			}
			texts = append(texts, one.String)
		}
		all = append(all, texts)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func bound(statement source.Statement) []any {
	var values []any
	for _, v := range statement.Arguments {
		if at, ok := v.Value.(time.Time); ok && v.Type == oriel.TypeDate {
			values = append(values, at.Format(time.DateOnly))
			continue
		}
		values = append(values, v.Value)
	}
	return values
}
