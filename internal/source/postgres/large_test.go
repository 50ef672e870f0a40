package postgres_test

import (
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source/postgres"
)

// A text of ten megabytes is one value like others: whole in a result as long as
// that may be so large, and never more than a few at once in a stream.
func TestRun_textsOfManyMegabytes(t *testing.T) {
	database := server.Database(t)
	server.Exec(t, database, `CREATE TABLE public.texts AS SELECT i AS id, repeat('ten bytes ', 1 << 20) AS text FROM generate_series(1, 6) i`)
	b := openSource(t, oriel.Source{Key: "s", Kind: oriel.SourcePostgres, URL: server.URL(database), Schema: "public"}, postgres.Options{})
	d := decide(t, someone(""), b.source, sharedWith(b.source))
	r, err := b.ask(d, "select text from texts where id = 1")
	if err != nil || len(r.Values[0][0]) != 10<<20+2 {
		t.Errorf("one: %v", err)
	}
	if _, err := b.ask(d, "select text from texts"); oriel.CodeOf(err) != oriel.CodeTooLarge {
		t.Errorf("six in a result: %v", err)
	}
	narrowed, err := b.engine.Narrow(t.Context(), sqlQuery("select text from texts"), d)
	if err != nil {
		t.Fatal(err)
	}
	rows, most := 0, 0
	err = b.engine.Stream(t.Context(), narrowed, func(part oriel.Result) error {
		rows += part.RowCount
		most = max(most, part.RowCount)
		return nil
	})
	if err != nil || rows != 6 || most != 1 {
		t.Errorf("%d in a stream, %d of them at once: %v", rows, most, err)
	}
}
