package declaration_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/declaration"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// The place of each value is written for who made a mistake: a body of 60 KB with
// one long name, or deep, around thousands of values must not become gigabytes.
func TestAsked_aLongNameAroundManyValuesCostsLittle(t *testing.T) {
	asked, err := declaration.NewAskedQuestions()
	if err != nil {
		t.Fatal(err)
	}
	many := func() map[string]any {
		all := map[string]any{}
		for i := range 3900 {
			all[fmt.Sprintf("%x", i)] = 1.0
		}
		return all
	}
	within := map[string]any{"structured": map[string]any{"model": "m"}, "parameters": map[string]any{strings.Repeat("/", 460): many()}}
	if took, err := read(asked, within); err == nil || strings.Contains(err.Error(), "the names around") || took > 128 {
		t.Errorf("names as long as they may be: %d MiB were allocated, %.200v", took, err)
	}
	deep := any(many())
	for range 90 {
		deep = map[string]any{"abcdefghijklmnop": deep}
	}
	for name, settings := range map[string]map[string]any{
		"a name of a parameter": {"structured": map[string]any{"model": "m"}, "parameters": map[string]any{strings.Repeat("/", 28_000): many()}},
		"a name in the tree":    {"structured": map[string]any{"model": "m", strings.Repeat("k", 30_000): many()}},
		"deep":                  {"structured": deep},
	} {
		took, err := read(asked, settings)
		if err == nil || !strings.Contains(err.Error(), "the names around a value have") {
			t.Errorf("%s: %.200v", name, err)
		}
		if took > 4 {
			t.Errorf("%s: %d MiB were allocated", name, took)
		}
	}
}

// read tells, beside the error, how many MiB reading allocated.
func read(asked *declaration.AskedQuestions, settings map[string]any) (took uint64, err error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = asked.Read(settings, &oriel.Declaration{})
	runtime.ReadMemStats(&after)
	return (after.TotalAlloc - before.TotalAlloc) >> 20, err
}
