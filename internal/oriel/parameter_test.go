package oriel_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-bi/oriel/internal/oriel"
)

func TestParseIdentifiers(t *testing.T) {
	one := func(name string) oriel.Identifier { return oriel.Identifier{Name: name} }
	quoted := func(name string) oriel.Identifier { return oriel.Identifier{Name: name, Quoted: true} }
	for text, want := range map[string][]oriel.Identifier{
		"delay":                {one("delay")},
		"f.delay":              {one("f"), one("delay")},
		"F._d1":                {one("F"), one("_d1")},
		`f."Delay (min)"`:      {one("f"), quoted("Delay (min)")},
		`"a""b"."c.d"`:         {quoted(`a"b`), quoted("c.d")},
		`"; drop table x; --"`: {quoted("; drop table x; --")},
	} {
		got, err := oriel.ParseIdentifiers(text)
		if err != nil || !cmp.Equal(got, want) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", ".", "f.", ".delay", "a.b.c", "1a", "delay ", " delay", "f .delay", "delay or true", "delay)", "delay--", "délai", "delay;", "a-b",
		`"`, `""`, `"a`, `"a"b`, `"a" . "b"`, `"a".`, "\"a\x00b\"", "\"a\nb\"", "\"\xff\"", "`a`", "[a]", "'a'", "$1", "{{a}}",
		strings.Repeat("a", 129), `"` + strings.Repeat("a", 129) + `"`,
	} {
		if got, err := oriel.ParseIdentifiers(text); oriel.CodeOf(err) != oriel.CodeInvalidRequest {
			t.Errorf("%q was taken as %v", text, got)
		}
	}
}

func TestParameter_isCertainWhenEachRunHasAValue(t *testing.T) {
	for _, c := range []struct {
		p    oriel.Parameter
		want bool
	}{
		{oriel.Parameter{Type: "text"}, false},
		{oriel.Parameter{Type: "text", Required: true}, true},
		{oriel.Parameter{Type: "text", Default: json.RawMessage(`"a"`)}, true},
		{oriel.Parameter{Type: "date_range", Required: true}, true},
		{oriel.Parameter{Type: "date_range"}, false},
		{oriel.Parameter{Type: "date_range", Default: json.RawMessage(`{"from":"2001-01-01"}`)}, false},
		{oriel.Parameter{Type: "date_range", Default: json.RawMessage(`{"from":"2001-01-01","to":null}`)}, false},
		{oriel.Parameter{Type: "date_range", Default: json.RawMessage(`{"from":"2001-01-01","to":"2001-01-31"}`)}, true},
	} {
		if got := c.p.Certain(); got != c.want {
			t.Errorf("%+v: %v", c.p, got)
		}
	}
}

func TestDeclaration_givesColumnFiltersTheirTypes(t *testing.T) {
	d := oriel.Declaration{
		Sources: []oriel.Source{{Key: "s", Tables: []oriel.SourceTable{{Name: "flights", Columns: []oriel.SourceColumn{{Name: "delay", Type: oriel.TypeInteger}}}}}},
		Questions: []oriel.Question{{Key: "q", Source: "s", Parameters: []oriel.Parameter{
			{Name: "a", Type: oriel.ParameterColumn, Column: &oriel.FilteredColumn{Table: "flights", Name: "delay"}},
			{Name: "b", Type: oriel.ParameterColumn, Column: &oriel.FilteredColumn{Table: "flights", Name: "Delay"}},
		}}},
	}
	q, _ := d.Question("q")
	if q.Parameters[0].ColumnType != oriel.TypeInteger || q.Parameters[1].ColumnType != "" {
		t.Errorf("%+v", q.Parameters)
	}
	if d.Questions[0].Parameters[0].ColumnType != "" {
		t.Error("what is declared was changed")
	}
}
