package query_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/declaration"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
)

// reading is how questions are read that nobody saved.
func reading(t testing.TB) query.ReadQuestion {
	t.Helper()
	asked, err := declaration.NewAskedQuestions()
	if err != nil {
		t.Fatal(err)
	}
	return asked.Read
}

// explored are things with an owner each, and a vault that nothing opens.
var explored = append(slices.Clone(things),
	table{"owners", "owner text, region text, code text", "a,west,r1\nb,east,r2\n"},
	table{"vault", "id bigint, code text", "10,gold\n20,silver\n"},
)

// explore declares models on them, on a source o too that the explorers may run
// on and not explore, and who may what.
func explore(t *testing.T, s *sample) {
	t.Helper()
	in := func(table string) oriel.TableRef { return oriel.TableRef{Source: "s", Table: table} }
	to := func(model, column string) *oriel.ForeignKey {
		return &oriel.ForeignKey{Model: model, Column: column}
	}
	d := s.declared
	other := d.Sources[0]
	other.Key = "o"
	d.Sources = append(d.Sources, other)
	d.Policies = append(slices.Clone(thingsPolicies),
		oriel.Policy{Table: in("owners"), Shared: true}, oriel.Policy{Table: in("owners"), Columns: map[string]oriel.Mask{"code": oriel.MaskHidden}},
		oriel.Policy{Table: oriel.TableRef{Source: "o", Table: "things"}, Shared: true},
	)
	d.Models = []oriel.Model{
		{Key: "things", Name: "Things", Description: "What there is", Table: in("things"), TimeColumn: "at", Columns: []oriel.ModelColumn{
			{Name: "owner", Label: "Owned by", ForeignKey: to("owners", "owner")},
			{Name: "name", ForeignKey: to("owners", "code")}, // hidden there
			{Name: "n", ForeignKey: to("vault", "id"), Format: oriel.ColumnFormat{Style: "number"}},
			{Name: "secret", Label: "Secret", ForeignKey: to("owners", "owner")},
		}},
		{Key: "owners", Name: "Owners", Table: in("owners")},
		{Key: "vault", Name: "Vault", Table: in("vault"), Columns: []oriel.ModelColumn{{Name: "id"}}},
		{Key: "elsewhere", Name: "Elsewhere", Table: oriel.TableRef{Source: "o", Table: "things"}},
	}
	grant := func(key oriel.GroupKey, on oriel.SourceGrant) oriel.Group {
		return oriel.Group{
			Key: key, Collections: map[string]oriel.CollectionGrant{"c": "view"},
			Sources: map[string]oriel.SourceGrant{"s": on, "o": oriel.GrantRun}, Download: oriel.DownloadFull,
		}
	}
	d.Groups = []oriel.Group{grant("explorers", oriel.GrantExplore), grant("readers", oriel.GrantRun), grant("writers", oriel.GrantNative)}
	d.Providers = []oriel.Provider{{ID: "prv_1"}, {ID: "prv_2", Native: true}}
}

func owning(owner string, kind oriel.SessionKind, groups ...oriel.GroupKey) oriel.Principal {
	return oriel.NewPrincipal(oriel.User{
		ID: "usr_" + oriel.UserID(owner), Active: true, Attributes: oriel.Attributes{"owner": oriel.Text(owner)}, Groups: groups,
	}, kind)
}

func explorer(owner string) oriel.Principal { return owning(owner, oriel.SessionEmbed, "explorers") }

func writer(owner string) oriel.Principal {
	return owning(owner, oriel.SessionInteractive, "writers")
}

// asking runs a question that nobody saved and tells its values, row by row, or
// how it was refused.
func asking(t *testing.T, s *sample, p oriel.Principal, question, parameters string) (rows string, err error) {
	t.Helper()
	var settings map[string]any
	if err := json.Unmarshal([]byte(question), &settings); err != nil {
		t.Fatalf("%s: %v", question, err)
	}
	_, result, err := s.queries.RunUnsaved(t.Context(), p, settings, given(t, parameters))
	if err != nil {
		return "", err
	}
	var lines []string
	for row := range result.RowCount {
		var line []string
		for _, column := range result.Values {
			line = append(line, string(column[row]))
		}
		lines = append(lines, strings.Join(line, " "))
	}
	return strings.Join(lines, "\n"), nil
}

func TestUnsaved_givesThePrincipalsOwnRows(t *testing.T) {
	onBoth(t, explored, func(t *testing.T, s *sample) {
		explore(t, s)
		for _, c := range []struct {
			p                          oriel.Principal
			question, parameters, want string
		}{
			{explorer("a"), `{"structured":{"model":"things","aggregations":[{"function":"count","as":"n"}]}}`, `{}`, "3"},
			{explorer("b"), `{"structured":{"model":"things","aggregations":[{"function":"count","as":"n"}]}}`, `{}`, "2"},
			{explorer("a"), `{"structured":{"model":"things","columns":["id"],"filters":[{"column":"n","op":">","value":10}],"sort":[{"by":"id","descending":true}],"limit":1}}`, `{}`, "3"},
			{explorer("a"), `{"structured":{"model":"things","columns":["id"],"filters":[{"column":"name","op":"in","value":["one","' or true --"]}]}}`, `{}`, "1\n3"},
			{explorer("a"), `{"structured":{"model":"things","columns":["id"],"filters":[{"column":"day","op":"between","parameter":"d"}]},"parameters":{"d":{"type":"date_range"}}}`, `{"d":{"from":"2001-01-02"}}`, "2\n3"},
			{explorer("b"), `{"structured":{"model":"things","joins":[{"column":"owner"}],"breakouts":[{"column":"owner.region"}],"aggregations":[{"function":"sum","column":"n","as":"n"}]}}`, `{}`, `"east" 109`},
			{explorer("a"), `{"structured":{"model":"things","breakouts":[{"column":"n","bin":{"width":20}}],"aggregations":[{"function":"count","as":"c"}],"having":[{"column":"c","op":">","value":1}]}}`, `{}`, "20 2"},
			{explorer(""), `{"structured":{"model":"things","columns":["id"]}}`, `{}`, ""},
			{writer("a"), `{"source":"s","sql":"select id from things order by id"}`, `{}`, "1\n2\n3"},
			{writer("b"), `{"source":"s","sql":"select id from things where {{f}} [[ and n > {{n}} ]]","parameters":{"f":{"type":"column","table":"things","column":"name"},"n":{"type":"number"}}}`, `{"f":"one"}`, "5"},
			{writer("b"), `{"source":"s","sql":"select '${file:x}${env:HOME}$$' as a"}`, `{}`, `"${file:x}${env:HOME}$$"`},
			{writer("b"), `{"structured":{"model":"things","columns":["id"],"filters":[{"column":"name","op":"!=","value":"${env:HOME} \r\n\u0085 |\t"}]}}`, `{}`, "4\n5"},
		} {
			got, err := asking(t, s, c.p, c.question, c.parameters)
			if err != nil && string(oriel.CodeOf(err)) != c.want || err == nil && got != c.want {
				t.Errorf("%s: got %q (%v), want %q", c.question, got, err, c.want)
			}
		}
	})
}

// Who may run what is saved may not ask, and who may ask may not write SQL.
func TestUnsaved_isForWhoMayAsk(t *testing.T) {
	const tree, sql = `{"structured":{"model":"things","columns":["id"]}}`, `{"source":"s","sql":"select id from things"}`
	onBoth(t, explored, func(t *testing.T, s *sample) {
		explore(t, s)
		groups := func(group oriel.GroupKey) oriel.User {
			return oriel.User{Attributes: oriel.Attributes{"owner": oriel.Text("a")}, Groups: []oriel.GroupKey{group}}
		}
		person := groups("writers")
		person.ID = "usr_a"
		read := oriel.APIKey{ID: "key_1", Scopes: []oriel.Scope{oriel.ScopeContentRead}}
		for name, c := range map[string]struct {
			p         oriel.Principal
			tree, sql oriel.Code
		}{
			"nobody":                   {oriel.Principal{}, oriel.CodeNotAuthenticated, oriel.CodeNotAuthenticated},
			"who may run":              {owning("a", oriel.SessionInteractive, "readers"), oriel.CodeForbidden, oriel.CodeForbidden},
			"who is in no group":       {owning("a", oriel.SessionInteractive), oriel.CodeForbidden, oriel.CodeForbidden},
			"an explorer":              {owning("a", oriel.SessionInteractive, "explorers"), "", oriel.CodeForbidden},
			"an explorer's embed":      {explorer("a").VouchedBy("prv_2"), "", oriel.CodeForbidden},
			"a writer":                 {writer("a"), "", ""},
			"a writer's embed":         {owning("a", oriel.SessionEmbed, "writers").VouchedBy("prv_1"), "", oriel.CodeForbidden},
			"a writer's backend":       {owning("a", oriel.SessionBackend, "writers").VouchedBy("prv_1"), "", oriel.CodeForbidden},
			"an embed of no provider":  {owning("a", oriel.SessionEmbed, "writers"), "", oriel.CodeForbidden},
			"a writer's allowed embed": {owning("a", oriel.SessionEmbed, "writers").VouchedBy("prv_2"), "", ""},
			"who looks as a writer":    {owning("a", oriel.SessionViewAs, "writers"), "", oriel.CodeForbidden},
			"who looks as a reader":    {owning("a", oriel.SessionViewAs, "readers"), oriel.CodeForbidden, oriel.CodeForbidden},
			"a key of a writer":        {oriel.NewKeyPrincipal(person, read, false), "", ""},
			"a key that doesn't read":  {oriel.NewKeyPrincipal(person, oriel.APIKey{ID: "key_1"}, false), oriel.CodeScopeDenied, oriel.CodeScopeDenied},
			"a key of a group":         {oriel.NewKeyPrincipal(groups("writers"), read, false), oriel.CodeAPIKeyNotForProduction, oriel.CodeAPIKeyNotForProduction},
		} {
			for question, want := range map[string]oriel.Code{tree: c.tree, sql: c.sql} {
				// Somebody who sees the same has asked before.
				if _, err := asking(t, s, writer("a"), question, `{}`); err != nil {
					t.Fatal(err)
				}
				rows, err := asking(t, s, c.p, question, `{}`)
				if oriel.CodeOf(err) != want || err == nil && rows != "1\n2\n3" {
					t.Errorf("%s asks %s: got %q, %v, want %q", name, question, rows, err, want)
				}
			}
		}
	})
}

// candidates are what DuckDB says that a name may have meant: the names that are
// the most like it, of those that are seen.
var candidates = regexp.MustCompile(`(?: Candidate bindings: )?"(?:id|owner|name|n|ok|x|at|day|Odd""Name)"(?:, )?`)

// failure is all that a principal reads of an error, without the name.
func failure(err error, name string) string {
	var e *oriel.Error
	if !errors.As(err, &e) {
		return fmt.Sprint(err)
	}
	text := strings.ReplaceAll(fmt.Sprint(oriel.CodeOf(err), e.Message, e.Words, e.Fields), name, "NAME")
	return candidates.ReplaceAllString(text, "")
}

// positions are where the name of a column can stand.
var positions = map[string]string{
	"columns":          `{"structured":{"model":"things","columns":["NAME"]}}`,
	"filter":           `{"structured":{"model":"things","columns":["id"],"filters":[{"column":"NAME","op":"=","value":"red"}]}}`,
	"filter, is null":  `{"structured":{"model":"things","columns":["id"],"filters":[{"column":"NAME","op":"is_null"}]}}`,
	"filter, given":    `{"structured":{"model":"things","columns":["id"],"filters":[{"column":"NAME","op":"=","parameter":"p"}]},"parameters":{"p":{"type":"text","default":"red"}}}`,
	"breakout":         `{"structured":{"model":"things","breakouts":[{"column":"NAME"}]}}`,
	"breakout as":      `{"structured":{"model":"things","breakouts":[{"column":"NAME","as":"x"}],"sort":[{"by":"x"}]}}`,
	"aggregation":      `{"structured":{"model":"things","aggregations":[{"function":"max","column":"NAME","as":"x"}]}}`,
	"distinct":         `{"structured":{"model":"things","aggregations":[{"function":"distinct","column":"NAME","as":"x"}]}}`,
	"having":           `{"structured":{"model":"things","breakouts":[{"column":"id"}],"aggregations":[{"function":"min","column":"NAME","as":"x"}],"having":[{"column":"x","op":"=","value":"red"}]}}`,
	"where":            `{"structured":{"model":"things","aggregations":[{"function":"share","where":[{"column":"NAME","op":"=","value":"red"}],"as":"x"}]}}`,
	"joined":           `{"structured":{"model":"things","joins":[{"column":"owner","as":"of"}],"columns":["of.NAME"]}}`,
	"joined filter":    `{"structured":{"model":"things","joins":[{"column":"owner","as":"of"}],"columns":["id"],"filters":[{"column":"of.NAME","op":"=","value":"r1"}]}}`,
	"SQL":              `{"source":"s","sql":"select \"NAME\" from things"}`,
	"SQL, where":       `{"source":"s","sql":"select id from things where \"NAME\" = 'red'"}`,
	"SQL, a star's":    `{"source":"s","sql":"select x.\"NAME\" from (select * from things) as x"}`,
	"SQL, a parameter": `{"source":"s","sql":"select id from things where {{p}}","parameters":{"p":{"type":"column","table":"things","column":"NAME"}}}`,
	"SQL, as":          `{"source":"s","sql":"select id from things as t where {{p}}","parameters":{"p":{"type":"column","table":"things","column":"NAME","as":"t.\"NAME\""}}}`,
}

// A hidden column is told of like one that isn't there, wherever it stands.
func TestUnsaved_hiddenColumnsAreNotThere(t *testing.T) {
	onBoth(t, explored, func(t *testing.T, s *sample) {
		explore(t, s)
		for where, question := range positions {
			visible, hidden := "name", "secret"
			if strings.HasPrefix(where, "joined") {
				visible, hidden = "region", "code"
			}
			parameters := `{}`
			if strings.Contains(question, `"p":`) {
				parameters = `{"p":"red"}`
			}
			ask := func(name string) error {
				_, err := asking(t, s, writer("a"), strings.ReplaceAll(question, "NAME", name), parameters)
				return err
			}
			if err := ask(visible); err != nil {
				t.Errorf("%s: what is seen is refused: %v", where, err)
			}
			none := "nosuch"
			got, want := failure(ask(hidden), hidden), failure(ask(none), none)
			if got != want || !strings.Contains(got, "query_refused") && !strings.Contains(got, "query_failed") && !strings.Contains(got, "invalid_request") {
				t.Errorf("%s: a hidden column is told of as %s, one that isn't there as %s", where, got, want)
			}
		}
	})
}

// What is closed, hidden, of another source or behind a closed key is told of
// like what isn't there, and nothing is suggested that is not seen.
func TestUnsaved_closedThingsAreNotThere(t *testing.T) {
	onBoth(t, explored, func(t *testing.T, s *sample) {
		explore(t, s)
		for what, c := range map[string]struct {
			question, hidden, none string
			code                   oriel.Code
		}{
			"a closed model":           {`{"structured":{"model":"NAME","columns":["id"]}}`, "vault", "none", oriel.CodeNotFound},
			"another source's model":   {`{"structured":{"model":"NAME","columns":["id"]}}`, "elsewhere", "none", oriel.CodeNotFound},
			"a closed table":           {`{"source":"s","sql":"select id from NAME"}`, "vault", "nosuch", oriel.CodeQueryRefused},
			"a closed table's column":  {`{"source":"s","sql":"select id from things where {{p}}","parameters":{"p":{"type":"column","table":"NAME","column":"id"}}}`, "vault", "nosuch", oriel.CodeInvalidRequest},
			"another source's SQL":     {`{"source":"NAME","sql":"select id from things"}`, "o", "x", oriel.CodeForbidden},
			"a key of a closed model":  {`{"structured":{"model":"things","joins":[{"column":"NAME","as":"j"}],"columns":["id"]}}`, "n", "id", oriel.CodeInvalidRequest},
			"a key of a hidden column": {`{"structured":{"model":"things","joins":[{"column":"NAME","as":"j"}],"columns":["id"]}}`, "name", "id", oriel.CodeInvalidRequest},
			"a hidden key":             {`{"structured":{"model":"things","joins":[{"column":"NAME","as":"j"}],"columns":["id"]}}`, "secret", "nosuch", oriel.CodeInvalidRequest},
		} {
			ask := func(name string) string {
				_, err := asking(t, s, writer("a"), strings.ReplaceAll(c.question, "NAME", name), `{}`)
				if oriel.CodeOf(err) != c.code {
					t.Errorf("%s %s: got %v, want %s", what, name, err, c.code)
				}
				return failure(err, `"`+name+`"`)
			}
			got, want := ask(c.hidden), ask(c.none)
			if got != want {
				t.Errorf("%s is told of as %s, what isn't there as %s", what, got, want)
			}
			for _, name := range []string{"vault", "secret", "code", "elsewhere"} {
				if name != c.hidden && strings.Contains(got, name) {
					t.Errorf("%s: the answer names %s: %s", what, name, got)
				}
			}
		}
	})
}

func TestModels_areThoseOfWhoMayExplore(t *testing.T) {
	onBoth(t, explored, func(t *testing.T, s *sample) {
		explore(t, s)
		keys := func(p oriel.Principal) string {
			models, err := s.queries.Models(t.Context(), p)
			if err != nil {
				return string(oriel.CodeOf(err))
			}
			var names []string
			for _, m := range models {
				names = append(names, m.Key)
			}
			return strings.Join(names, " ")
		}
		for name, c := range map[string]struct {
			p    oriel.Principal
			want string
		}{
			"an explorer": {explorer("a"), "owners things"},
			"a writer":    {writer("a"), "owners things"},
			"a reader":    {reader("a"), ""},
			"nobody":      {oriel.Principal{}, "not_authenticated"},
		} {
			if got := keys(c.p); got != c.want {
				t.Errorf("%s sees %q, want %q", name, got, c.want)
			}
			for _, key := range []string{"things", "vault", "elsewhere", "none"} {
				_, err := s.queries.Model(t.Context(), c.p, key)
				seen := slices.Contains(strings.Fields(c.want), key)
				if (err == nil) != seen || !seen && oriel.CodeOf(err) != oriel.CodeNotFound && c.want != "not_authenticated" {
					t.Errorf("%s asks for the model %s: %v", name, key, err)
				}
			}
		}
		model, err := s.queries.Model(t.Context(), explorer("a"), "things")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range model.Described() {
			text := c.Name + " " + c.Label + " " + string(c.Type)
			if c.ForeignKey != nil {
				text += " → " + c.ForeignKey.Model + "." + c.ForeignKey.Column
			}
			got = append(got, text)
		}
		text := strings.Join(got, ", ")
		for _, hidden := range []string{"secret", "Secret", "vault", "code"} {
			if strings.Contains(text, hidden) {
				t.Errorf("a model tells of %s: %s", hidden, text)
			}
		}
		if !strings.Contains(text, "owner Owned by text → owners.owner, name Name text, ") || !strings.HasSuffix(text, "at At timestamp") || model.TimeColumn != "at" {
			t.Errorf("a model is %s, by %s", text, model.TimeColumn)
		}
		// A mask changes what type is seen, and a hidden column is not the time's.
		changed := *s.declared
		changed.Policies = append(slices.Clone(changed.Policies), oriel.Policy{Model: "things", Columns: map[string]oriel.Mask{"at": oriel.MaskHidden, "n": oriel.MaskLast4}})
		s.declared = &changed
		if model, err = s.queries.Model(t.Context(), explorer("a"), "things"); err != nil || model.TimeColumn != "" {
			t.Errorf("a hidden column is the time's: %q %v", model.TimeColumn, err)
		}
	})
}

// Neither two principals nor two questions share what is not the same.
func TestUnsaved_isKeptForWhoeverSeesAndAsksTheSame(t *testing.T) {
	onBoth(t, explored, func(t *testing.T, s *sample) {
		explore(t, s)
		for _, column := range []string{"id", "n"} {
			for owner, want := range map[string]string{"a": map[string]string{"id": "1\n2\n3", "n": "10\n20\n30"}[column], "b": map[string]string{"id": "4\n5", "n": "10\n99"}[column]} {
				for range 2 {
					question := fmt.Sprintf(`{"structured":{"model":"things","columns":[%q]}}`, column)
					if got, err := asking(t, s, explorer(owner), question, `{}`); got != want {
						t.Errorf("%s asks for %s: got %q, %v", owner, column, got, err)
					}
					sql := fmt.Sprintf(`{"source":"s","sql":"select %[1]s from things order by %[1]s"}`, column)
					if got, err := asking(t, s, writer(owner), sql, `{}`); got != want {
						t.Errorf("%s asks for %s by SQL: got %q, %v", owner, column, got, err)
					}
				}
			}
		}
		// Parts of a question that its answer depends on, each alone.
		for _, part := range []string{`"limit":1`, `"limit":2`, `"sort":[{"by":"id","descending":true}]`, `"filters":[{"column":"n","op":">","value":15}]`, `"filters":[{"column":"n","op":">","value":25}]`} {
			got, err := asking(t, s, explorer("a"), `{"structured":{"model":"things","columns":["id"],`+part+`}}`, `{}`)
			want := map[string]string{`"limit":1`: "1", `"limit":2`: "1\n2", `"sort":[{"by":"id","descending":true}]`: "3\n2\n1"}[part]
			if strings.Contains(part, "15") {
				want = "2\n3"
			} else if strings.Contains(part, "25") {
				want = "3"
			}
			if got != want {
				t.Errorf("%s: got %q, %v, want %q", part, got, err, want)
			}
		}
	})
}

// The grants are those of each request, whatever was kept.
func TestUnsaved_grantsAreAskedForBeforeTheCache(t *testing.T) {
	onBoth(t, explored, func(t *testing.T, s *sample) {
		explore(t, s)
		for question, p := range map[string]oriel.Principal{
			`{"structured":{"model":"things","columns":["id"]}}`: explorer("a"), `{"source":"s","sql":"select id from things"}`: writer("a"),
		} {
			if _, err := asking(t, s, p, question, `{}`); err != nil {
				t.Fatal(err)
			}
			before := s.declared
			changed := *before
			changed.Groups = slices.Clone(changed.Groups)
			for i := range changed.Groups {
				changed.Groups[i].Sources = maps.Clone(changed.Groups[i].Sources)
				changed.Groups[i].Sources["s"] = oriel.GrantRun
			}
			s.declared = &changed
			if _, err := asking(t, s, p, question, `{}`); oriel.CodeOf(err) != oriel.CodeForbidden {
				t.Errorf("%s: after the grant was taken back: %v", question, err)
			}
			s.declared = before
		}
	})
}

func TestDownloadUnsaved_isForWhoMayDownload(t *testing.T) {
	onBoth(t, explored, func(t *testing.T, s *sample) {
		explore(t, s)
		s.declared.Groups = append(s.declared.Groups, oriel.Group{Key: "lookers", Sources: map[string]oriel.SourceGrant{"s": oriel.GrantExplore}})
		for name, c := range map[string]struct {
			p    oriel.Principal
			code oriel.Code
		}{
			"an explorer":              {explorer("a"), ""},
			"one without a download":   {owning("a", oriel.SessionEmbed, "lookers"), oriel.CodeForbidden},
			"who looks as an explorer": {owning("a", oriel.SessionViewAs, "explorers"), oriel.CodeForbidden},
			"a reader":                 {owning("a", oriel.SessionEmbed, "readers"), oriel.CodeForbidden},
		} {
			rows, limit := 0, 0
			err := s.queries.DownloadUnsaved(t.Context(), c.p, map[string]any{"structured": map[string]any{"model": "things", "columns": []any{"id"}}}, nil, query.Rows{
				Begin: func(_ oriel.Question, most int) error { limit = most; return nil },
				Part:  func(part oriel.Result) error { rows += part.RowCount; return nil },
			})
			if oriel.CodeOf(err) != c.code || c.code == "" && (rows != 3 || limit < 1 || limit == math.MaxInt) || c.code != "" && rows+limit > 0 {
				t.Errorf("%s: %d rows of at most %d, %v", name, rows, limit, err)
			}
		}
	})
}

// The tree of a saved question is for those who could have written it.
func TestTree_isForWhoCouldHaveWrittenIt(t *testing.T) {
	onBoth(t, explored, func(t *testing.T, s *sample) {
		explore(t, s)
		of := func(key string, tree oriel.Structured) oriel.Question {
			return oriel.Question{Key: key, Collection: "c", Source: "s", Structured: &tree}
		}
		by := func(column string) []oriel.Join { return []oriel.Join{{Column: column, As: "j"}} }
		elsewhere := of("elsewhere", oriel.Structured{Model: "elsewhere", Columns: []string{"id"}})
		elsewhere.Source = "o"
		unviewed := of("unviewed", oriel.Structured{Model: "things", Columns: []string{"id"}})
		unviewed.Collection = "d"
		s.declared.Questions = []oriel.Question{
			of("plain", oriel.Structured{Model: "things", Columns: []string{"id"}}),
			of("joined", oriel.Structured{Model: "things", Joins: by("owner"), Columns: []string{"j.region"}}),
			of("hidden", oriel.Structured{Model: "things", Columns: []string{"id"}, Filters: []oriel.Filter{{Column: "secret", Op: "=", Value: "red"}}}),
			of("hidden-there", oriel.Structured{Model: "things", Joins: by("owner"), Columns: []string{"j.code"}}),
			of("by-hidden", oriel.Structured{Model: "things", Joins: by("secret"), Columns: []string{"id"}}),
			of("to-hidden", oriel.Structured{Model: "things", Joins: by("name"), Columns: []string{"id"}}),
			of("to-closed", oriel.Structured{Model: "things", Joins: by("n"), Columns: []string{"id"}}),
			of("closed", oriel.Structured{Model: "vault", Columns: []string{"id"}}),
			elsewhere, unviewed,
			{Key: "sql", Collection: "c", Source: "s", SQL: "select 1 as a"},
		}
		for name, c := range map[string]struct {
			p    oriel.Principal
			seen string
		}{
			"an explorer":              {explorer("a"), "plain joined"},
			"a writer":                 {writer("a"), "plain joined"},
			"who looks as an explorer": {owning("a", oriel.SessionViewAs, "explorers"), "plain joined"},
			"a reader":                 {owning("a", oriel.SessionEmbed, "readers"), ""},
		} {
			for _, q := range s.declared.Questions {
				_, tree, err := s.queries.Question(t.Context(), c.p, q.Key)
				if q.Key == "unviewed" {
					if oriel.CodeOf(err) != oriel.CodeNotFound || tree != nil {
						t.Errorf("%s reads a question that they may not view: %v", name, err)
					}
				} else if (tree != nil) != slices.Contains(strings.Fields(c.seen), q.Key) || err != nil {
					t.Errorf("%s reads the tree of %s: %v, %v", name, q.Key, tree, err)
				}
			}
		}
	})
}
