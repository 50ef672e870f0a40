package httpapi_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// grant gives the operators a grant on the data source.
func (s *site) grant(grant string) {
	s.t.Helper()
	r := s.with(s.admin(oriel.Scopes()...), "PATCH", "/api/v1/permissions/operators", `{"sources":{"airports":"`+grant+`"}}`)
	if r.status != 200 {
		s.t.Fatalf("granting %s answers %d %s", grant, r.status, r.body)
	}
}

// allowNative lets SQL be written in the embed sessions of the provider.
func (s *site) allowNative() {
	s.t.Helper()
	admin := s.admin(oriel.Scopes()...)
	var provider map[string]any
	r := s.with(admin, "GET", "/api/v1/providers/apron", "")
	if err := json.Unmarshal(r.body, &provider); err != nil {
		s.t.Fatal(err)
	}
	settings, _ := provider["settings"].(map[string]any)
	if settings == nil {
		settings = provider
	}
	for _, name := range []string{"slug", "id", "keys", "native"} {
		delete(settings, name)
	}
	settings["native"] = true
	if r := s.with(admin, "PUT", "/api/v1/providers/apron", body(s.t, settings)); r.status != 200 {
		s.t.Fatalf("allowing native answers %d %s", r.status, r.body)
	}
}

const (
	unsavedRun      = "/api/v1/questions/run"
	unsavedDownload = "/api/v1/questions/download"
)

func TestRunUnsaved_showsTheOwnRowsAlone(t *testing.T) {
	s := newSite(t)
	s.grant("explore")
	for airport, want := range map[string]string{"DFW": "2", "ORD": "1", "LAX": "0", "": "0"} {
		session := s.signIn("person-"+airport, airport)
		r := s.as(session, "POST", unsavedRun, `{"question":{"structured":{"model":"flights","filters":[{"column":"departed_at","op":"between","parameter":"date"}],
			"aggregations":[{"function":"count","as":"departures"}]},"parameters":{"date":{"type":"date_range"}},"columns":{"departures":{"label":"All"}}},
			"chart":{"kind":"number","y":["departures"]},"parameters":{"date":{"from":"2001-01-01","to":"2001-01-02"}}}`)
		var got httpapi.UnsavedQuestionRun
		var values struct {
			Result struct{ Values [][]json.RawMessage }
		}
		if json.Unmarshal(r.body, &values) != nil || r.status != 200 || json.Unmarshal([]byte(strings.Replace(string(r.body), `"values":`, `"v":`, 1)), &got) != nil {
			t.Fatalf("%d %s", r.status, r.body)
		}
		if string(values.Result.Values[0][0]) != want || got.Chart.Kind != "number" || got.Result.Columns[0].Label != "All" || len(got.Parameters) != 1 {
			t.Errorf("%q sees %s, want %s", airport, r.body, want)
		}
		if r := s.as(session, "POST", unsavedDownload, `{"question":{"structured":{"model":"flights","columns":["origin"]}}}`); r.status != 200 || strings.Count(string(r.body), "\n") != 1+int(want[0]-'0') {
			t.Errorf("%q downloads %d %s", airport, r.status, r.body)
		}
	}
}

// TestRunUnsaved_takesNothingElse: what is no question of the described shape is
// refused before anything is asked of a data source, and in few words.
func TestRunUnsaved_takesNothingElse(t *testing.T) {
	s := newSite(t)
	s.grant("native")
	s.allowNative()
	session := s.signIn("dana", "DFW")
	tree := func(rest string) string {
		return `{"question":{"structured":{"model":"flights","columns":["origin"]` + rest + `}}}`
	}
	question := func(rest string) string {
		return `{"question":{"structured":{"model":"flights","columns":["origin"]}` + rest + `}}`
	}
	many := func(n int, item string) string { return strings.TrimSuffix(strings.Repeat(item+",", n), ",") }
	var names []string
	for i := range 4000 {
		names = append(names, fmt.Sprintf(`"%d":1`, i))
	}
	huge := "{" + strings.Join(names, ",") + "}"
	for name, body := range map[string]string{
		"nothing":                    ``,
		"null":                       `null`,
		"no question":                `{}`,
		"a null question":            `{"question":null}`,
		"a list of questions":        `{"question":[{"structured":{"model":"flights"}}]}`,
		"an empty question":          `{"question":{}}`,
		"both kinds":                 question(`,"source":"airports","sql":"select 1"`),
		"a tree and a source":        question(`,"source":"airports"`),
		"SQL without a source":       `{"question":{"sql":"select 1 as a"}}`,
		"SQL that is no text":        `{"question":{"source":"airports","sql":{"a":1}}}`,
		"a source that is no text":   `{"question":{"source":["airports"],"sql":"select 1"}}`,
		"empty SQL":                  `{"question":{"source":"airports","sql":""}}`,
		"long SQL":                   `{"question":{"source":"airports","sql":"select '` + strings.Repeat("ü", 8<<10) + `'"}}`,
		"a question twice":           `{"question":{"structured":{"model":"flights","columns":["origin"]}},"question":{"source":"airports","sql":"select 1"}}`,
		"a model twice":              `{"question":{"structured":{"model":"none","model":"flights","columns":["origin"]}}}`,
		"an escaped model twice":     `{"question":{"structured":{"model":"none","mod\u0065l":"flights","columns":["origin"]}}}`,
		"another case":               `{"Question":{"structured":{"model":"flights","columns":["origin"]}}}`,
		"another case within":        `{"question":{"structured":{"Model":"flights","columns":["origin"]}}}`,
		"a collection":               question(`,"collection":"operations"`),
		"a name":                     question(`,"name":"x"`),
		"a cache":                    question(`,"cache":{"seconds":1}`),
		"a chart within":             question(`,"chart":{"kind":"table"}`),
		"an unknown field":           `{"question":{"structured":{"model":"flights","columns":["origin"]}},"limit":1}`,
		"an unknown part":            tree(`,"union":[]`),
		"no model":                   `{"question":{"structured":{"columns":["origin"]}}}`,
		"a model that is no text":    `{"question":{"structured":{"model":{"a":1},"columns":["origin"]}}}`,
		"null columns":               `{"question":{"structured":{"model":"flights","columns":null}}}`,
		"an unknown function":        `{"question":{"structured":{"model":"flights","aggregations":[{"function":"pg_sleep","column":"origin","as":"x"}]}}}`,
		"an unknown operator":        tree(`,"filters":[{"column":"origin","op":"like","value":"%"}]`),
		"a filter without a value":   tree(`,"filters":[{"column":"origin","op":"="}]`),
		"a filter by a mapping":      tree(`,"filters":[{"column":"origin","op":"=","value":{"$ne":""}}]`),
		"a filter by lists of lists": tree(`,"filters":[{"column":"origin","op":"in","value":[["DFW"]]}]`),
		"an unknown parameter":       tree(`,"filters":[{"column":"origin","op":"=","parameter":"p"}]`),
		"a parameter for nothing":    question(`,"parameters":{"p":{"type":"text"}}`),
		"a sort by no column":        tree(`,"sort":[{"by":"1; drop"}]`),
		"a limit of zero":            tree(`,"limit":0`),
		"a limit that is large":      tree(`,"limit":2001`),
		"a limit that is a fraction": tree(`,"limit":1.5`),
		"a number beyond all":        tree(`,"limit":1e999`),
		"a chart that is no object":  `{"question":{"structured":{"model":"flights","columns":["origin"]}},"chart":"table"}`,
		"an unknown chart":           `{"question":{"structured":{"model":"flights","columns":["origin"]}},"chart":{"kind":"pie"}}`,
		"a chart of no column":       `{"question":{"structured":{"model":"flights","columns":["origin"]}},"chart":{"kind":"number","y":["x"]}}`,
		"a value that is not taken":  `{"question":{"structured":{"model":"flights","columns":["origin"]}},"parameters":{"p":1}}`,
		"values as a list":           `{"question":{"structured":{"model":"flights","columns":["origin"]}},"parameters":[1]}`,
		"deep nesting":               tree(`,"filters":` + strings.Repeat("[", 500) + strings.Repeat("]", 500)),
		"many filters":               tree(`,"filters":[` + many(51, `{"column":"origin","op":"is_null"}`) + `]`),
		"many values":                tree(`,"filters":[{"column":"origin","op":"in","value":[` + many(201, `"DFW"`) + `]}]`),
		"many values in all":         tree(`,"filters":[` + many(45, `{"column":"origin","op":"in","value":[`+many(100, `"D"`)+`]}`) + `]`),
		"many columns":               `{"question":{"structured":{"model":"flights","columns":[` + many(101, `"origin"`) + `]}}}`,
		"one column twice":           `{"question":{"structured":{"model":"flights","columns":["origin","origin"]}}}`,
		"many parameters":            question(`,"parameters":` + huge),
		"many labels":                question(`,"columns":` + huge),
		"many unknown parts":         tree(`,` + strings.TrimSuffix(strings.TrimPrefix(huge, "{"), "}")),
		"some unknown parts":         tree(`,` + strings.Join(names[:3000], ",")),
		"a long name":                tree(`,"` + strings.Repeat("x", 50<<10) + `":1`),
		"a long operator":            tree(`,"filters":[{"column":"origin","op":"` + strings.Repeat("x", 50<<10) + `"}]`),
	} {
		for _, path := range []string{unsavedRun, unsavedDownload} {
			r := s.as(session, "POST", path, body)
			if r.code() != "invalid_request" || r.status != 400 {
				t.Errorf("%s to %s: got %d %.300s", name, path, r.status, r.body)
			}
			if len(r.body) > 8<<10 {
				t.Errorf("%s to %s: the answer has %d bytes", name, path, len(r.body))
			}
		}
	}
	if r := s.as(session, "POST", unsavedRun, tree(`,"x":"`+strings.Repeat("x", 70<<10)+`"`)); r.code() != "too_large" {
		t.Errorf("a huge body: got %d", r.status)
	}
	if r := s.as(session, "POST", unsavedRun+"?sql=select+1", tree("")); r.code() != "invalid_request" {
		t.Errorf("a query: got %d %s", r.status, r.body)
	}
	if r := s.ask("POST", unsavedRun, tree(""), "Content-Type", "text/plain", "Authorization", "Bearer "+session, "Origin", origin); r.code() != "invalid_request" {
		t.Errorf("as text/plain: got %d %s", r.status, r.body)
	}
}

// TestRunUnsaved_sqlNeedsTheProviderToo: a group's native is not enough in an
// embed session.
func TestRunUnsaved_sqlNeedsTheProviderToo(t *testing.T) {
	const sql = `{"question":{"source":"airports","sql":"select origin from flights"}}`
	s := newSite(t)
	session := s.signIn("dana", "DFW")
	for grant, want := range map[string]string{"run": "forbidden", "explore": "forbidden", "native": "forbidden"} {
		s.grant(grant)
		for _, path := range []string{unsavedRun, unsavedDownload} {
			if r := s.as(session, "POST", path, sql); r.code() != want {
				t.Errorf("SQL with %s to %s: got %d %s", grant, path, r.status, r.body)
			}
		}
	}
	s.allowNative()
	s.grant("native")
	if r := s.as(session, "POST", unsavedRun, sql); r.status != 200 || !strings.Contains(string(r.body), `"values":[["DFW","DFW"]]`) {
		t.Errorf("where the provider allows it: got %d %s", r.status, r.body)
	}
	s.grant("explore")
	if r := s.as(session, "POST", unsavedRun, sql); r.code() != "forbidden" {
		t.Errorf("after native was taken back: got %d %s", r.status, r.body)
	}
}

// TestQuestion_treeIsForExplorers: the tree of a saved question is given to those
// alone who may explore its source, and it can be run as it is.
func TestQuestion_treeIsForExplorers(t *testing.T) {
	s := newSite(t)
	session := s.signIn("dana", "DFW")
	read := func() map[string]json.RawMessage {
		t.Helper()
		r := s.as(session, "GET", "/api/v1/questions/departures", "")
		var question map[string]json.RawMessage
		if err := json.Unmarshal(r.body, &question); err != nil || r.status != 200 {
			t.Fatalf("%d %s", r.status, r.body)
		}
		return question
	}
	if tree, found := read()["structured"]; found {
		t.Errorf("who may run reads the tree: %s", tree)
	}
	for _, path := range []string{"/api/v1/questions/departures/run", "/api/v1/dashboards/operations/run"} {
		if r := s.as(session, "POST", path, ""); strings.Contains(string(r.body), "structured") {
			t.Errorf("%s tells the tree: %s", path, r.body)
		}
	}
	s.grant("explore")
	tree := read()["structured"]
	if r := s.as(session, "POST", unsavedRun, `{"question":{"structured":`+string(tree)+`,"parameters":{"destination":{"type":"list"},"date":{"type":"date_range"}}},"parameters":{"destination":["LAX"]}}`); !strings.Contains(string(r.body), `"values":[[1]]`) {
		t.Errorf("the tree %s runs as %d %s", tree, r.status, r.body)
	}
}

// TestDescription_treeIsThatOfDeclarations: what the API describes of a question
// is what declarations take, name by name.
func TestDescription_treeIsThatOfDeclarations(t *testing.T) {
	doc := description(t)
	var schema struct {
		Defs map[string]struct {
			Properties map[string]json.RawMessage
			Required   []string
			Items      *struct {
				Properties map[string]json.RawMessage
				Required   []string
			}
		} `json:"$defs"`
	}
	text, err := os.ReadFile(filepath.Join("..", "declaration", "schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	for described, declared := range map[string]string{
		"QuestionTree": "structured", "QuestionJoin": "joins", "QuestionFilter": "filter", "ConstantFilter": "constant_filter",
		"QuestionBreakout": "breakout", "QuestionAggregation": "aggregation", "QuestionSort": "sort", "ChartRequest": "chart",
		"ParameterRequest": "question_parameter", "ColumnRequest": "described_column",
	} {
		def, of := schema.Defs[declared], doc.Components.Schemas[described].Value
		properties, required := def.Properties, def.Required
		if def.Items != nil {
			properties, required = def.Items.Properties, def.Items.Required
		}
		if len(properties) == 0 || len(properties) != len(of.Properties) || !slices.Equal(required, of.Required) || of.AdditionalProperties.Has == nil || *of.AdditionalProperties.Has {
			t.Errorf("%s has %d properties and needs %v, %s of declarations %d and %v", described, len(of.Properties), of.Required, declared, len(properties), required)
		}
		for name, raw := range properties {
			property := of.Properties[name]
			if property == nil {
				t.Errorf("%s lacks %s", described, name)
				continue
			}
			var want struct {
				Enum     []any
				MaxItems *uint64
				MinItems uint64
			}
			if err := json.Unmarshal(raw, &want); err != nil {
				t.Fatal(err)
			}
			if !sameEnum(property, want.Enum, described == "ParameterRequest" || name == "op") {
				t.Errorf("%s.%s is one of %v, in declarations of %v", described, name, property.Value.Enum, want.Enum)
			}
			if max := property.Value.MaxItems; max != nil && want.MaxItems != nil && (*max != *want.MaxItems || property.Value.MinItems != want.MinItems) {
				t.Errorf("%s.%s may have %d, in declarations %d", described, name, *max, *want.MaxItems)
			}
		}
	}
}

// sameEnum holds the choices together; those that a declaration has by reference
// are not in it.
func sameEnum(property *openapi3.SchemaRef, want []any, byReference bool) bool {
	if byReference && len(want) == 0 {
		return true
	}
	return slices.Equal(property.Value.Enum, want)
}
