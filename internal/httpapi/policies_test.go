package httpapi_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
)

const flightsPolicies = "/api/v1/policies?table=airports.flights"

// TestPolicies_holdFromTheNextRequest: replaced and deleted, each with an entry
// that tells from what to what.
func TestPolicies_holdFromTheNextRequest(t *testing.T) {
	s := newSite(t)
	admin, dana := s.admin(oriel.ScopeAdminAccess), s.signIn("dana", "DFW")
	put := func(path, body string, want int) reply {
		t.Helper()
		r := s.with(admin, "PUT", path, body)
		if r.status != want {
			t.Fatalf("%s: %d %s", body, r.status, r.body)
		}
		return r
	}
	if s.departures(dana) != "2" {
		t.Fatalf("%s rows at first", s.departures(dana))
	}
	put(flightsPolicies, `{"policies":[{"rows":"origin = user.attr.airport"},{"rows":"destination = 'LAX'"}]}`, 200)
	if s.departures(dana) != "1" {
		t.Errorf("narrowed: %s rows", s.departures(dana))
	}
	put("/api/v1/policies?model=flights", `{"policies":[{"rows":"distance_miles < 1000"}]}`, 200)
	if s.departures(dana) != "0" {
		t.Errorf("by the model too: %s rows", s.departures(dana))
	}
	listed := read[httpapi.PolicyList](t, s.with(admin, "GET", "/api/v1/policies", ""), 200)
	one := read[httpapi.PolicyList](t, s.with(admin, "GET", flightsPolicies, ""), 200)
	if len(listed.Items) != 2 || len(one.Items) != 1 || *one.Items[0].Table != "airports.flights" || len(one.Items[0].Policies) != 2 || one.Items[0].Policies[1].Rows != "destination = 'LAX'" {
		t.Errorf("listed: %+v", listed)
	}
	if r := s.with(admin, "DELETE", "/api/v1/policies?model=flights", ""); r.status != 204 || s.departures(dana) != "1" {
		t.Errorf("the model's deleted: %d %s", r.status, r.body)
	}
	if r := s.with(admin, "DELETE", flightsPolicies, ""); r.status != 204 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if r := s.as(dana, "POST", "/api/v1/questions/departures/run", ""); r.status == 200 {
		t.Errorf("a table without a policy is open: %s", r.body)
	}
	refused(t, "again", s.with(admin, "DELETE", flightsPolicies, ""), "not_found", "")
	entries := s.texts(`SELECT action || ' ' || key || ' ' || (before <> '') || ' ' || (after <> '') FROM audit_entries WHERE kind = 'policies' AND who LIKE 'key_%' ORDER BY id`)
	want := []string{"updated airports.flights 1 1", "created model flights 0 1", "deleted model flights 1 0", "deleted airports.flights 1 0"}
	if strings.Join(entries, ", ") != strings.Join(want, ", ") {
		t.Errorf("entries: %q", entries)
	}
}

// TestPolicies_areTypedWhenSaved: what does not fit is told with its place, and
// nothing changes.
func TestPolicies_areTypedWhenSaved(t *testing.T) {
	s := newSite(t)
	admin, dana := s.admin(oriel.ScopeAdmin), s.signIn("dana", "DFW")
	for policies, want := range map[string]string{
		`[{"rows":"origin = 'DFW' and dest = 'LAX'"}]`:               `policies.0: position 20: there is no column`,
		`[{"rows":"true = true"},{"rows":"distance_miles = 'far'"}]`: `policies.1: position 18`,
		`[{"rows":"origin ="}]`:                                      `policies.0: position 9`,
		`[{"columns":{"nosuch":"hidden"}}]`:                          `policies.0: there is no column`,
		`[{"columns":{"departed_at":"hash"}}]`:                       `policies.0: the column`,
		`[{"row":"origin = 'DFW'"}]`:                                 `unknown key`,
		`[{"rows":"origin = 'DFW'","exempt":["nosuch"]}]`:            `policies.0.exempt.0: there is no group`,
		`[{"rows":"origin = 'DFW'","shared":true}]`:                  `policies.0 needs either`,
		`[{"rows":7}]`: `policies.0.rows must be a text`,
		`[{"rows":"origin = 'DFW'","table":"airports.other"}]`: `policies.0.table: the address says already`,
		`[{"rows":"origin = 'DFW'","model":"flights"}]`:        `policies.0.model: the address says already`,
		`[7]`:  `policies.0 must be a mapping`,
		`[]`:   `at least one policy`,
		`null`: ``,
		`{}`:   ``,
	} {
		r := s.with(admin, "PUT", flightsPolicies, `{"policies":`+policies+`}`)
		if r.status != 400 || !strings.Contains(string(r.body), want) {
			t.Errorf("%s: %d %s", policies, r.status, r.body)
		}
	}
	for path, code := range map[string]string{
		"/api/v1/policies": "invalid_request", "/api/v1/policies?table=flights": "invalid_request", "/api/v1/policies?table=airports.flights&model=flights": "invalid_request",
		"/api/v1/policies?table=airports.none": "not_found", "/api/v1/policies?table=none.flights": "not_found", "/api/v1/policies?model=none": "not_found",
	} {
		refused(t, path, s.with(admin, "PUT", path, `{"policies":[{"rows":"true = true"}]}`), code, "")
	}
	refused(t, "tests that are none", s.with(admin, "PUT", flightsPolicies, `{"policies":[{"shared":true}],"tests":{}}`), "invalid_request", "tests")
	refused(t, "a test of nothing", s.with(admin, "PUT", flightsPolicies, `{"policies":[{"shared":true}],"tests":[{"name":"a","as":{}}]}`), "invalid_request", "")
	if s.departures(dana) != "2" {
		t.Errorf("%s rows after refusals", s.departures(dana))
	}
	if entries := s.texts(`SELECT key FROM audit_entries WHERE kind LIKE 'polic%' AND who LIKE 'key_%'`); len(entries) > 0 {
		t.Errorf("entries of what did not happen: %q", entries)
	}
}

// TestPolicies_nobodyGivesAnExemptionThatTheyLack: neither by name, nor by
// writing the policy in another way, nor where nothing was open to them.
func TestPolicies_nobodyGivesAnExemptionThatTheyLack(t *testing.T) {
	s := newSite(t)
	s.powers() // the policies exempt seers
	desk := s.person("desk", oriel.GroupAdministrators, "operators")
	seer := s.person("seer", oriel.GroupAdministrators, "seers")
	lacking, holding := s.issueKey(apiKeyFor(desk, oriel.ScopeAdminAccess)).Secret, s.issueKey(apiKeyFor(seer, oriel.ScopeAdminAccess)).Secret
	const kept = `{"rows":"origin = user.attr.airport","exempt":["seers"]}`
	if r := s.with(lacking, "PUT", flightsPolicies, `{"policies":[`+kept+`,{"rows":"destination = 'LAX'"}]}`); r.status != 200 {
		t.Fatalf("an exemption that is there stays: %d %s", r.status, r.body)
	}
	for what, policies := range map[string]string{
		"one's own group":             `{"rows":"origin = user.attr.airport","exempt":["seers","operators"]}`,
		"another policy's group":      kept + `,{"rows":"destination = 'LAX'","exempt":["seers"]}`,
		"written in another way":      `{"rows":"(origin = user.attr.airport)","exempt":["operators"]}`,
		"beside one that stays":       kept + `,{"rows":"origin = 'DFW'","exempt":["operators"]}`,
		"with a mask that is new":     `{"rows":"origin = user.attr.airport","columns":{"destination":"hidden"},"exempt":["seers"]}`,
		"everybody":                   `{"rows":"origin = user.attr.airport","exempt":["all-users"]}`,
		"for columns that were whole": kept + `,{"columns":{"destination":"hidden"},"exempt":["operators"]}`,
	} {
		refused(t, what, s.with(lacking, "PUT", flightsPolicies, `{"policies":[`+policies+`]}`), "scope_denied", "")
	}
	// Who is exempt from one policy of two isn't from the other.
	refused(t, "exempt from one alone", s.with(holding, "PUT", flightsPolicies, `{"policies":[{"rows":"destination = 'LAX'","exempt":["seers"]}]}`), "scope_denied", "")
	if r := s.with(lacking, "PUT", flightsPolicies, `{"policies":[`+kept+`]}`); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if r := s.with(holding, "PUT", flightsPolicies, `{"policies":[{"rows":"origin = 'DFW'","exempt":["seers","operators"]}]}`); r.status != 200 {
		t.Errorf("who has it gives it: %d %s", r.status, r.body)
	}
	if r := s.with(lacking, "DELETE", flightsPolicies, ""); r.status != 204 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	refused(t, "where nothing was open", s.with(lacking, "PUT", flightsPolicies, `{"policies":[{"rows":"origin = 'DFW'","exempt":["operators"]}]}`), "scope_denied", "")
	if r := s.with(s.admin(oriel.ScopeAdmin), "PUT", flightsPolicies, `{"policies":[{"rows":"origin = 'DFW'","exempt":["operators"]}]}`); r.status != 200 {
		t.Errorf("who may do everything: %d %s", r.status, r.body)
	}
}

// TestPolicies_areHeldToTheirTests: of the table, of a model on it and of a
// question that reads it, not of others.
func TestPolicies_areHeldToTheirTests(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminAccess)
	const policies = `"policies":[{"rows":"origin = user.attr.airport"}]`
	dallas := `{"name":%q,"as":{"attributes":{"airport":"DFW"},"groups":["operators"]},%s}`
	tests := []string{
		fmt.Sprintf(dallas, "the table", `"table":"airports.flights","only":"origin = 'DFW'","count":2`),
		fmt.Sprintf(dallas, "a model on it", `"model":"flights","only":"origin = 'DFW'"`),
		fmt.Sprintf(dallas, "a question", `"question":"latest","count":2`),
	}
	wrong := fmt.Sprintf(dallas, "a wrong one", `"table":"airports.flights","count":7`)
	r := s.with(admin, "PUT", flightsPolicies, `{`+policies+`,"tests":[`+strings.Join(tests, ",")+","+wrong+`]}`)
	if r.code() != "conflict" || !strings.Contains(string(r.body), `a wrong one`) || len(s.store.Declared().PolicyTests) > 0 {
		t.Errorf("with a test that fails: %d %s", r.status, r.body)
	}
	r = s.with(admin, "PUT", flightsPolicies, `{`+policies+`,"tests":[`+strings.Join(tests, ",")+`]}`)
	if r.status != 200 || len(read[httpapi.PolicyTestList](t, s.with(admin, "GET", "/api/v1/policy-tests", ""), 200).Items) != 3 {
		t.Fatalf("with tests that pass: %d %s", r.status, r.body)
	}
	for _, name := range []string{"the table", "a model on it", "a question"} {
		r := s.with(admin, "PUT", flightsPolicies, `{"policies":[{"shared":true}]}`)
		if r.code() != "conflict" || !strings.Contains(string(r.body), `policy test \"`+name+`\"`) {
			t.Errorf("%s does not guard: %d %s", name, r.status, r.body)
		}
		if r := s.with(admin, "DELETE", "/api/v1/policy-tests?name="+strings.ReplaceAll(name, " ", "%20"), ""); r.status != 204 {
			t.Fatalf("%d %s", r.status, r.body)
		}
	}
	if r := s.with(admin, "PUT", flightsPolicies, `{"policies":[{"shared":true}]}`); r.status != 200 {
		t.Errorf("without any: %d %s", r.status, r.body)
	}
	results := read[httpapi.PolicyTestResults](t, s.with(admin, "POST", "/api/v1/policy-tests/run", ""), 200)
	if len(results.Items) != 0 {
		t.Errorf("results: %+v", results)
	}
}

// TestPolicies_whatIsTriedIsKept: tests run as whoever they say, so that what they
// come to tells of rows which the one who tries may not see. A try that changed
// nothing is in the audit like a change, and how many rows there are is told to
// who may do everything.
func TestPolicies_whatIsTriedIsKept(t *testing.T) {
	s := newSite(t)
	everything, access := s.admin(oriel.ScopeAdmin), s.admin(oriel.ScopeAdminAccess)
	const guess = `{"policies":[{"rows":"origin = user.attr.airport"}],"tests":[{"name":"guess","as":{"attributes":{"airport":"DFW"}},"table":"airports.flights","only":"delay_minutes = 5","count":7}]}`
	for i, c := range []struct{ key, told, secret string }{
		{everything, "2 rows are seen, not 7", "more or fewer"}, {everything, "1 of 2 rows don't fulfil delay_minutes = 5", "some rows"},
		{access, "more or fewer rows are seen than 7", "2 rows"}, {access, "some rows don't fulfil delay_minutes = 5", "of 2"},
	} {
		r := s.with(c.key, "PUT", flightsPolicies, guess)
		if r.code() != "conflict" || !strings.Contains(string(r.body), c.told) || strings.Contains(string(r.body), c.secret) {
			t.Errorf("%d %s, want %s", r.status, r.body, c.told)
		}
		entries := s.texts(`SELECT key || ' ' || "after" FROM audit_entries WHERE kind = 'policies' AND action = 'refused by tests' AND who LIKE 'key_%'`)
		if len(entries) != i+1 || !strings.Contains(entries[i], "airports.flights ") || !strings.Contains(entries[i], "delay_minutes = 5") || !strings.Contains(entries[i], "origin = user.attr.airport") {
			t.Errorf("after %d tries the audit has %q", i+1, entries)
		}
	}
	if r := s.with(access, "PUT", flightsPolicies, strings.Replace(guess, "}]}", `}],"without_tests":true}`, 1)); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	for key, counted := range map[string]bool{everything: true, access: false} {
		if r := s.with(key, "POST", "/api/v1/policy-tests/run", ""); r.status != 200 || strings.Contains(string(r.body), "2 rows") != counted {
			t.Errorf("counted is to be %v: %d %s", counted, r.status, r.body)
		}
	}
}

// TestPolicies_whenATestCantBeRun: the change is refused with the test's name
// and without the engine's words, but for who says that the tests are left out.
func TestPolicies_whenATestCantBeRun(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminAccess)
	test := oriel.PolicyTest{Name: "of a source that is down", As: oriel.User{ID: "usr_a"}, Table: flightsTable, Only: "origin = 'ORD'"}
	if _, err := s.store.Apply(t.Context(), oriel.Declaration{PolicyTests: []oriel.PolicyTest{test}}); err != nil {
		t.Fatal(err)
	}
	s.declareMore(func(d *oriel.Declaration) { d.Sources[0].Database = "sources/gone.duckdb" })
	const next = `{"policies":[{"rows":"origin = 'ORD'"}]`
	r := s.with(admin, "PUT", flightsPolicies, next+`}`)
	if r.code() != "conflict" || !strings.Contains(string(r.body), test.Name) || strings.Contains(string(r.body), "gone.duckdb") {
		t.Errorf("a source that is down: %d %s", r.status, r.body)
	}
	if r := s.with(admin, "PUT", flightsPolicies, next+`,"without_tests":true}`); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	entries := s.texts(`SELECT key || ' ' || after FROM audit_entries WHERE action = 'changed without tests' AND who LIKE 'key_%'`)
	if len(entries) != 1 || entries[0] != `airports.flights ["of a source that is down"]` {
		t.Errorf("entries: %q", entries)
	}
	if r := s.with(admin, "DELETE", flightsPolicies+"&without_tests=true", ""); r.status != 204 {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// TestPolicies_aTestOfAUserReadsTheStore, and knows the user by id.
func TestPolicies_aTestOfAUserReadsTheStore(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminAccess, oriel.ScopeAdminPeople)
	ann := s.person("ann", "operators")
	test := `{"policies":[{"rows":"origin = user.attr.airport"}],"tests":[{"name":"Ann","as":{"user":%q},"table":"airports.flights","count":%d}]}`
	refused(t, "before", s.with(admin, "PUT", flightsPolicies, fmt.Sprintf(test, "ann@example.com", 1)), "conflict", "")
	if r := s.with(admin, "PATCH", "/api/v1/users/"+string(ann), `{"attributes":{"airport":"ORD"}}`); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if r := s.with(admin, "PUT", flightsPolicies, fmt.Sprintf(test, "ann@example.com", 1)); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	refused(t, "nobody", s.with(admin, "PUT", flightsPolicies, fmt.Sprintf(test, "nobody@example.com", 1)), "invalid_request", "")
	kept := read[httpapi.PolicyTestList](t, s.with(admin, "GET", "/api/v1/policy-tests", ""), 200).Items
	if len(kept) != 1 || kept[0].As.User != string(ann) {
		t.Errorf("kept: %+v", kept)
	}
	if all := strings.Join(s.texts(`SELECT before || after FROM audit_entries`), ""); strings.Contains(all, "ann@example.com") {
		t.Error("the audit has an address that no erasing reaches")
	}
	if r := s.with(admin, "DELETE", "/api/v1/users/"+string(ann), ""); r.status != 204 || len(s.store.Declared().PolicyTests) > 0 {
		t.Errorf("%d %s: left %+v", r.status, r.body, s.store.Declared().PolicyTests)
	}
}

// TestPolicies_areKeptOnTheStateThatWasTried: what is changed between the tests
// and the commit is not overlooked.
func TestPolicies_areKeptOnTheStateThatWasTried(t *testing.T) {
	s := newSite(t)
	meanwhile := 0
	racing := directory.NewPolicies(directory.PolicyOptions{
		Declared: s.store.Declared, Store: s.store, Trial: interrupted{func() {
			meanwhile++
			if err := s.store.CreateGroup(t.Context(), "operator", oriel.Group{Key: oriel.GroupKey(fmt.Sprint("g", meanwhile)), Name: "g"}); err != nil {
				t.Fatal(err)
			}
		}}, Read: func(map[string]any, *oriel.Declaration) ([]oriel.Policy, []oriel.PolicyTest, error) {
			return []oriel.Policy{{Table: flightsTable, Shared: true}}, nil, nil
		},
	})
	_, err := racing.Replace(t.Context(), oriel.Operator(), directory.PolicyTarget{Table: flightsTable}, directory.PolicyRequest{Policies: []any{map[string]any{}}})
	if oriel.CodeOf(err) != oriel.CodeConflict || meanwhile != 3 {
		t.Errorf("%v after %d attempts", err, meanwhile)
	}
	for _, p := range s.store.Declared().Policies {
		if p.Shared {
			t.Errorf("kept: %+v", p)
		}
	}
}

// interrupted is a trial during which something else happens.
type interrupted struct{ happen func() }

func (i interrupted) Touched(*oriel.Declaration, *oriel.Declaration) []oriel.PolicyTest { return nil }

func (i interrupted) TestPolicies(_ context.Context, _ *oriel.Declaration, _ []oriel.PolicyTest, _ oriel.FindTester) ([]oriel.PolicyTestResult, error) {
	i.happen()
	return nil, nil
}
