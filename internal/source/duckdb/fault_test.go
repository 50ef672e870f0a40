package duckdb

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

func faultIn(t *testing.T, err error) *source.Fault {
	t.Helper()
	var fault *source.Fault
	if !errors.As(err, &fault) {
		t.Fatalf("%v has no fault", err)
	}
	return fault
}

// A fault of the engine's own with a text is no source that is down, and the
// source is there for the next text.
func TestFailed_aFaultOfTheEngineIsAFailedQuery(t *testing.T) {
	engine, decisions := guarded(t)
	inst, err := engine.acquire(context.Background(), decisions.Source)
	if err != nil {
		t.Fatal(err)
	}
	defer inst.release()
	said := engineError("INTERNAL Error: Failed to bind column reference \"origin\" [3.0]\nThis error signals an assertion failure within DuckDB.")
	query := &narrowed{text: boundedBefore + "select 1", filtered: true}
	err = engine.failed(decisions.Source, inst, said, query)
	if oriel.CodeOf(err) != oriel.CodeQueryFailed {
		t.Errorf("%v, want query_failed", err)
	}
	if words := faultIn(t, err).Words; words != "INTERNAL Error: Failed to bind column reference …" {
		t.Errorf("an editor reads %q", words)
	}
	if log := err.Error(); !strings.Contains(log, "INTERNAL Error: Failed to bind") || strings.Contains(log, "origin") {
		t.Errorf("the log says %q", log)
	}
	if words := sentence("INTERNAL Error: x"); !strings.Contains(words, "write it another way (INTERNAL Error: x)") {
		t.Errorf("whoever saves it reads %q", words)
	}
	engine.mu.Lock()
	kept := engine.instances[decisions.Source.Key]
	engine.mu.Unlock()
	if kept == inst {
		t.Error("the instance that failed is kept")
	}
	if again, err := unchecked(engine, decisions, allOrigins+"flights", true); err != nil || origins(again) != `"DFW"` {
		t.Errorf("the next query: %v, %v", again.Values, err)
	}
}

// What runs for a structured question, and what makes the views, is of ours and
// names what is hidden: the engine's words about it are for nobody but the log.
func TestFailed_wordsAboutTextsOfOursAreForNobody(t *testing.T) {
	engine, decisions := guarded(t)
	inst, err := engine.acquire(context.Background(), decisions.Source)
	if err != nil {
		t.Fatal(err)
	}
	defer inst.release()
	said := engineError(`Binder Error: Referenced column "hidden_owner" not found in FROM clause!`)
	for name, query := range map[string]*narrowed{"a view": nil, "a structured question": {text: "select 1"}} {
		if words := faultIn(t, engine.failed(decisions.Source, inst, said, query)).Words; words != "" {
			t.Errorf("%s: %q", name, words)
		}
	}
	if words := faultIn(t, engine.failed(decisions.Source, inst, said, &narrowed{text: boundedBefore + "x", filtered: true})).Words; words == "" {
		t.Error("of a question's own text nothing is told")
	}
}

func TestPlaceOf(t *testing.T) {
	long := "select a from t where " + strings.Repeat("a = 'aaaaaaaaaaaaaaaaaaaa' and ", 9) + "bad = 1 and " + strings.Repeat("a = 'b' and ", 20) + "true"
	for _, c := range []struct{ text, message, at string }{
		{"select bad from t", "Binder Error: x\n\nLINE 1: select bad from t\n               ^", "bad from t"},
		{"select\n\t bad", "Binder Error: x\n\nLINE 2: \t bad\n         ^", "bad"},
		{"select 'äöü', bad", "Binder Error: x\n\nLINE 1: select 'äöü', bad\n                      ^", "bad"},
		{"select '日本', bad", "Binder Error: x\n\nLINE 1: select '日本', bad\n                       ^", "bad"},
		{long, "Binder Error: x\n\nLINE 1: ...aaaaaaaaaaa' and bad = 1 and a = 'b'...\n                            ^", "bad = 1 and"},
		{"...x", "Binder Error: x\n\nLINE 1: ...x\n           ^", "x"},
		{"a\nb", "Binder Error: x\n\nLINE 2: other\n        ^", "b"},
		{"select bad", "Conversion Error: '\n\nLINE 9: lies\n        ^'\n\nLINE 1: select bad\n               ^", "bad"},
		{"select bad", "Binder Error: x", "-"}, {"select bad", "Binder Error: x\n\nLINE 7: bad\n        ^", "-"}, {"select bad", "Binder Error: x\n\nLINE 1: bad", "-"},
		{"select bad", "Binder Error: x\n\nLINE 1: bad\n^", "-"}, {"select bad", "Binder Error: x\n\nLINE one: bad\n        ^", "-"},
	} {
		at := placeOf(c.text, c.message)
		got := "-"
		if at >= 0 {
			got = c.text[at:]
		}
		if !strings.HasPrefix(got, c.at) {
			t.Errorf("%q: %q, want %q", c.message, got, c.at)
		}
	}
}
