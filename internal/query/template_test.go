package query

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// Every text is read against these parameters; those that it doesn't name are
// left out of the declaration.
func parametersIn(text string) []oriel.Parameter {
	all := []oriel.Parameter{
		{Name: "date", Type: oriel.ParameterDateRange}, {Name: "list", Type: oriel.ParameterList}, {Name: "t", Type: oriel.ParameterText},
		{Name: "n", Type: oriel.ParameterNumber}, {Name: "must", Type: oriel.ParameterText, Required: true}, {Name: "flag", Type: oriel.ParameterBoolean},
		{Name: "on", Type: oriel.ParameterDate},
	}
	var used []oriel.Parameter
	for _, p := range all {
		if strings.Contains(text, "{{"+p.Name) || strings.Contains(text, "{{ "+p.Name) {
			used = append(used, p)
		}
	}
	return used
}

func TestTemplate_rendersWhatWasBrought(t *testing.T) {
	text := func(v string) source.ParameterValue {
		s := oriel.TextScalar(v)
		return source.ParameterValue{Scalar: &s}
	}
	number := oriel.NumberScalar(1.5)
	whole := oriel.IntegerScalar(7)
	truth := oriel.BooleanScalar(true)
	from := oriel.DateScalar(time.Date(2001, 1, 2, 0, 0, 0, 0, time.UTC))
	list := source.ParameterValue{List: []oriel.Scalar{oriel.TextScalar("a"), oriel.TextScalar("b")}}
	tests := []struct {
		name, text string
		values     map[string]source.ParameterValue
		want       string
		arguments  string
	}{
		{"plain", "select 1", nil, "select 1", "[]"},
		{"required", "x = {{must}}", map[string]source.ParameterValue{"must": text("v")}, "x = CAST($1 AS VARCHAR)", "[v]"},
		{"blanks", "x = {{ must }}", map[string]source.ParameterValue{"must": text("v")}, "x = CAST($1 AS VARCHAR)", "[v]"},
		{"a value stays out of the text", "x = {{must}}", map[string]source.ParameterValue{"must": text("' or 1=1 --{{t}}[[")}, "x = CAST($1 AS VARCHAR)", "[' or 1=1 --{{t}}[[]"},
		{"left out", "a[[ where x = {{t}}]] b", nil, "a b", "[]"},
		{"kept", "a[[ where x = {{t}}]] b", map[string]source.ParameterValue{"t": text("v")}, "a where x = CAST($1 AS VARCHAR) b", "[v]"},
		{"lines stay", "a\n[[ where\n x = {{t}}\n]]\nb", nil, "a\n\n\n\nb", "[]"},
		{"all values of a part are needed", "[[ {{t}} {{n}} ]]", map[string]source.ParameterValue{"t": text("v")}, "", "[]"},
		{"types", "[[{{n}}]] [[{{flag}}]] [[{{on}}]]", map[string]source.ParameterValue{"n": {Scalar: &number}, "flag": {Scalar: &truth}, "on": {Scalar: &from}},
			"CAST($1 AS DOUBLE PRECISION) CAST($2 AS BOOLEAN) CAST($3 AS DATE)", "[1.5 true 2001-01-02 00:00:00 +0000 UTC]"},
		{"a whole number", "[[{{n}}]]", map[string]source.ParameterValue{"n": {Scalar: &whole}}, "CAST($1 AS BIGINT)", "[7]"},
		{"one end of a range", "[[ >= {{date.from}}]][[ <= {{date.to}}]]", map[string]source.ParameterValue{"date": {From: &from}}, " >= CAST($1 AS DATE)", "[2001-01-02 00:00:00 +0000 UTC]"},
		{"a list", "[[in {{list}}]]", map[string]source.ParameterValue{"list": list}, "in (CAST($1 AS VARCHAR), CAST($2 AS VARCHAR))", "[a b]"},
		{"the same value twice", "{{must}} [[{{list}} {{list}}]] {{must}}", map[string]source.ParameterValue{"must": text("v"), "list": list},
			"CAST($1 AS VARCHAR) (CAST($2 AS VARCHAR), CAST($3 AS VARCHAR)) (CAST($2 AS VARCHAR), CAST($3 AS VARCHAR)) CAST($1 AS VARCHAR)", "[v a b]"},
		{"a list of lists is no optional part", "select [[1, 2], [3]] [[{{t}}]]", nil, "select [[1, 2], [3]] ", "[]"},
		{"a list of lists within an optional part", "[[ x in [[1], [2]] and {{t}} ]]!", map[string]source.ParameterValue{"t": text("v")}, " x in [[1], [2]] and CAST($1 AS VARCHAR) !", "[v]"},
		{"an index is no optional part", "select a[[1][1]]", nil, "select a[[1][1]]", "[]"},
		{"quotes, comments and brackets within", "select '[[', \"]]\", '''' -- [[ ]]\n/* [[ /* ]] */ */, $$ [[ $$, $a$ $$ ]] $a$, e'\\'[[' [[ {{t}} ]]", nil,
			"select '[[', \"]]\", '''' -- [[ ]]\n/* [[ /* ]] */ */, $$ [[ $$, $a$ $$ ]] $a$, e'\\'[[' ", "[]"},
		{"a backslash ends no ordinary text", `select '\' [[ {{t}} ]]`, nil, `select '\' `, "[]"},
		{"a name that ends in e is no escape", `select note'\' [[ {{t}} ]]`, nil, `select note'\' `, "[]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			template, err := parseTemplate(tt.text, parametersIn(tt.text), oriel.SourceDuckDB)
			if err != nil {
				t.Fatal(err)
			}
			out, err := template.render(tt.values)
			got, arguments := out.text, out.arguments
			if err != nil || got != tt.want {
				t.Errorf("%v\n got %q\nwant %q", err, got, tt.want)
			}
			values := make([]any, 0, len(arguments))
			for _, a := range arguments {
				values = append(values, a.Value)
			}
			if s := fmt.Sprint(values); s != tt.arguments {
				t.Errorf("arguments %s, want %s", s, tt.arguments)
			}
		})
	}
}

func TestTemplate_refusals(t *testing.T) {
	tests := map[string]string{
		"select '{{must}}'":        "line 1, column 9: {{ stands in a quoted text",
		"select\n  \"{{must}}\"":   "line 2, column 4: {{ stands in a quoted text",
		"select 1 -- {{must}}":     "line 1, column 13: {{ stands in a comment",
		"select 1 /* {{must}} */":  "line 1, column 13: {{ stands in a comment",
		"select $$ {{must}} $$":    "line 1, column 11: {{ stands in a quoted text",
		"select $x$ {{must}} $x$":  "line 1, column 12: {{ stands in a quoted text",
		`select e'\' {{must}} '`:   "{{ stands in a quoted text",
		"[[ '{{t}}' ]]":            "{{ stands in a quoted text",
		"select ü {{nosuch}}":      `line 1, column 10: there is no parameter "nosuch"`,
		"select {{must":            "{{ is not closed",
		"select {{}}":              "there is no parameter",
		"select {{t}}":             "{{t}} may be missing",
		"[[ {{date}} ]]":           "is a date_range: write {{date.from}}",
		"[[ {{date.since}} ]]":     "is a date_range: write {{date.from}}",
		"select {{must.from}}":     "which has no .from",
		"[[ {{t}} [[ {{n}} ]] ]]":  "an optional part stands in another",
		"[[ {{t}} ":                "[[ is not closed",
		"select $1":                "$ is no parameter here",
		"select $name":             "$ is no parameter here",
		"select ?":                 "? is no parameter here",
		"select 'a":                "' is not closed",
		"select \"a":               "\" is not closed",
		"select /* a":              "/* is not closed",
		"select /* /* */ {{must}}": "/* is not closed",
		"select $$ a":              "$$ is not closed",
		"select $1$ {{must}} $1$":  "$ is no parameter here",
		"[[ {{t}} ' ]] x":          "' is not closed",
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			_, err := parseTemplate(text, parametersIn(text), oriel.SourceDuckDB)
			if oriel.CodeOf(err) != oriel.CodeQueryRefused || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want query_refused with %q", err, want)
			}
		})
	}
	if _, err := parseTemplate("select 1", []oriel.Parameter{{Name: "t", Type: oriel.ParameterText}}, oriel.SourceDuckDB); oriel.CodeOf(err) != oriel.CodeQueryRefused {
		t.Errorf("a parameter that stands nowhere was taken: %v", err)
	}
}

// Whatever a text is, reading it ends, and what comes out holds no value and
// no parameter of ours outside a quoted text.
func FuzzTemplate(f *testing.F) {
	for _, seed := range []string{"[[ {{t}} ]]", "select '{{must}}'", "[[[[1]]]]", "e'\\'' {{must}}", "$a$ $b$ $a$", "/*/**/*/", "[[{{list}}]]]]", "\xff[[{{t}}\x00]]"} {
		f.Add(seed, "value-7f3a")
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		template, err := parseTemplate(text, parametersIn(text), oriel.SourceDuckDB)
		if err != nil {
			return
		}
		secret := oriel.TextScalar(value + "-7f3a91")
		values := map[string]source.ParameterValue{
			"t": {Scalar: &secret}, "must": {Scalar: &secret}, "n": {Scalar: &secret}, "flag": {Scalar: &secret}, "on": {Scalar: &secret},
			"list": {List: []oriel.Scalar{secret}}, "date": {From: &secret, To: &secret},
		}
		made, err := template.render(values)
		out, arguments := made.text, made.arguments
		if err != nil {
			t.Fatalf("all values were brought: %v", err)
		}
		if strings.Contains(out, secret.Value.(string)) && !strings.Contains(text, secret.Value.(string)) {
			t.Fatalf("the value is in the text: %q", out)
		}
		if most := strings.Count(out, "CAST($"); len(arguments) > most {
			t.Fatalf("%d arguments for %d placeholders: %q", len(arguments), most, out)
		}
	})
}

// Brackets in brackets are read once, however many there are: anybody who may
// write SQL sends a text, and nothing stops its reading.
func TestTemplate_bracketsAreReadOnce(t *testing.T) {
	const n = 4096 // of a text of 16 KiB
	for _, text := range []string{strings.Repeat("[[", 2*n), strings.Repeat("[[ ]", n), strings.Repeat("[[", n) + strings.Repeat("]]", n), strings.Repeat("[[ [", n/2) + "]]"} {
		template, err := parseTemplate(text, nil, oriel.SourceDuckDB)
		if err != nil {
			t.Fatal(err)
		}
		if made, err := template.render(nil); err != nil || made.text != text {
			t.Errorf("%.20s…: got %.20s…, %v", text, made.text, err)
		}
	}
}
