package duckdb

import (
	"strings"
	"testing"

	bindings "github.com/duckdb/duckdb-go-bindings"
)

// Another layout than the one that this was written for is found at the start.
func TestOpen_failsWhereTheEnginesValuesAreNotReadAsTheyAre(t *testing.T) {
	parser, err := newParser()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = parser.close() })
	if err := probe(t.Context(), parser.db); err != nil {
		t.Error(err)
	}
	if _, err := handleOf(struct{ conn bindings.Connection }{}); err == nil {
		t.Error("a connection of another kind is taken")
	}
	// The probe has every kind that an answer holds.
	conn, err := parser.db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = conn.Raw(func(raw any) error {
		handle, err := handleOf(raw)
		if err != nil {
			return err
		}
		answer, err := probed(handle)
		if kinds := strings.Fields(strings.Split(answer, "\n")[0]); err != nil || len(kinds) < 15 {
			t.Errorf("%q, %v", answer, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
