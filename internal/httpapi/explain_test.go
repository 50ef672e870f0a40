package httpapi_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
	"github.com/oriel-bi/oriel/internal/source"
	"github.com/oriel-bi/oriel/internal/source/duckdb"
	"github.com/oriel-bi/oriel/internal/store"
)

var flightsTable = oriel.TableRef{Source: "airports", Table: "flights"}

// declareMore changes what is declared.
func (s *site) declareMore(change func(*oriel.Declaration)) {
	s.t.Helper()
	next := *s.store.Declared()
	next.Policies, next.Groups = slices.Clone(next.Policies), slices.Clone(next.Groups)
	next.Questions, next.Dashboards = slices.Clone(next.Questions), slices.Clone(next.Dashboards)
	change(&next)
	if _, err := s.store.Apply(s.t.Context(), next); err != nil {
		s.t.Fatal(err)
	}
}

// narrowMore adds policies that exempt, mask and hide, and a question of SQL.
func narrowMore(d *oriel.Declaration) {
	d.Groups = append(d.Groups, oriel.Group{Key: "leads", Name: "Leads"}, oriel.Group{
		Key: "others", Name: "Others", Collections: map[string]oriel.CollectionGrant{"operations": oriel.GrantCurate},
		Sources: map[string]oriel.SourceGrant{"airports": oriel.GrantNative},
	})
	d.Policies[0].Exempt = []oriel.GroupKey{"leads"}
	d.Policies = append(d.Policies,
		oriel.Policy{Table: flightsTable, Columns: map[string]oriel.Mask{"destination": oriel.MaskHash, "distance_miles": oriel.MaskHidden}},
		oriel.Policy{Model: "flights", Rows: "delay_minutes > 0"})
	d.Questions = append(d.Questions, oriel.Question{
		Key: "by-sql", Name: "By SQL", Collection: "operations", Source: "airports",
		SQL:        "select count(*) as n from flights where delay_minutes > {{least}} and destination <> '' [[and destination = {{to}}]]",
		Parameters: []oriel.Parameter{{Name: "least", Type: oriel.ParameterNumber, Required: true}, {Name: "to", Type: oriel.ParameterText}},
		Chart:      oriel.Chart{Kind: "table"},
	}, oriel.Question{
		Key: "far", Name: "Far", Collection: "operations", Source: "airports",
		Structured: &oriel.Structured{Model: "flights", Columns: []string{"distance_miles"}}, Chart: oriel.Chart{Kind: "table"},
	})
}

func (s *site) explain(key, user string, about ...string) reply {
	s.t.Helper()
	values := url.Values{"user": {user}}
	for i := 0; i < len(about); i += 2 {
		values.Set(about[i], about[i+1])
	}
	return s.with(key, "GET", "/api/v1/explain/access?"+values.Encode(), "")
}

func (s *site) explained(key, user string, about ...string) httpapi.AccessExplanation {
	s.t.Helper()
	return read[httpapi.AccessExplanation](s.t, s.explain(key, user, about...), 200)
}

func TestExplain_tellsGrantsPoliciesValuesColumnsRowsAndSQL(t *testing.T) {
	s := newSite(t)
	s.declareMore(narrowMore)
	session := s.signIn("dana", "DFW")
	user, admin := s.userOf(session), s.admin(oriel.ScopeAdmin, oriel.ScopeAdminPeople)
	x := s.explained(admin, user, "question", "departures")
	if !x.Visible || !x.Active || x.User != user || *x.Provider != "apron" || len(x.Questions) != 1 || len(x.Tables) != 1 {
		t.Fatalf("%+v", x)
	}
	want := []httpapi.AccessGrant{
		{Group: "operators", Kind: "collection", Key: "operations", Grant: "view"},
		{Group: "operators", Kind: "source", Key: "airports", Grant: "run"},
	}
	if !slices.Equal(x.Grants, want) {
		t.Errorf("grants %+v", x.Grants)
	}
	table := x.Tables[0]
	if table.Model != "flights" || *table.Seen != 1 || *table.Of != 3 || len(table.Policies) != 3 {
		t.Fatalf("%+v", table)
	}
	first := table.Policies[0]
	if !first.Holds || first.Declared != "origin = user.attr.airport" || len(first.Values) != 1 ||
		first.Values[0].From != "sign_in" || !slices.Equal(first.Values[0].Values, []string{"DFW"}) {
		t.Errorf("%+v", first)
	}
	masks := map[string]string{}
	for _, c := range table.Columns {
		masks[c.Name] = string(c.Mask)
	}
	if masks["destination"] != "hash" || masks["distance_miles"] != "hidden" || masks["origin"] != "none" {
		t.Errorf("columns %v", masks)
	}
	if table.Policies[2].On != "model flights" || !table.Policies[2].Holds {
		t.Errorf("%+v", table.Policies[2])
	}
	statement := x.Questions[0].Statements[0]
	if !strings.Contains(statement.SQL, `"origin" = CAST($`) || strings.Contains(statement.SQL, "DFW") || strings.Contains(statement.SQL, "distance") {
		t.Errorf("the text is %s", statement.SQL)
	}
	// What is told is what is seen.
	latest := s.as(session, "POST", "/api/v1/questions/latest/run", "")
	if latest.status != 200 || strings.Count(string(latest.body), "2001-01-0") != *table.Seen {
		t.Errorf("%d %s", latest.status, latest.body)
	}
	// An administrator's value comes before that of the sign-in.
	if r := s.with(admin, "PATCH", "/api/v1/users/"+user, `{"attributes":{"airport":"ORD"}}`); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	table = s.explained(admin, user, "question", "departures").Tables[0]
	if v := table.Policies[0].Values[0]; v.From != "administrator" || v.Values[0] != "ORD" || *table.Seen != 1 {
		t.Errorf("%+v, %d seen", v, *table.Seen)
	}
	// Whoever is exempt sees all, and it is said by which group.
	if err := s.store.SetMembership(t.Context(), "operator", oriel.UserID(user), "leads", true, s.clock()); err != nil {
		t.Fatal(err)
	}
	table = s.explained(admin, user, "question", "departures").Tables[0]
	if p := table.Policies[0]; p.Holds || !slices.Equal(p.ExemptBy, []string{"leads"}) || *table.Seen != 2 {
		t.Errorf("%+v, %d seen", p, *table.Seen)
	}
}

func TestExplain_dashboardTellsOfEachCard(t *testing.T) {
	s := newSite(t)
	s.declareMore(func(d *oriel.Declaration) {
		cards := slices.Clone(d.Dashboards[0].Cards)
		d.Dashboards[0].Cards = append(cards, oriel.Card{Key: "hidden", Question: "hidden", Y: 30, W: 1, H: 1})
	})
	x := s.explained(s.admin(oriel.ScopeAdmin), s.userOf(s.signIn("dana", "DFW")), "dashboard", "operations")
	seen := map[string]bool{}
	for _, q := range x.Questions {
		seen[q.ID] = q.Visible
		if q.ID == "hidden" && (len(q.Statements) > 0 || !slices.Equal(q.Missing, []string{"None of the user's groups may view the collection internal."})) {
			t.Errorf("%+v", q)
		}
	}
	if !x.Visible || len(seen) != 4 || !seen["departures"] || !seen["latest"] || !seen["broken"] || seen["hidden"] || len(x.Tables) != 2 {
		t.Errorf("%v, %d tables", seen, len(x.Tables))
	}
}

// TestExplain_tellsOfEachJoinedTable with the policies of the model by which it
// is joined, and that nothing runs without it.
func TestExplain_tellsOfEachJoinedTable(t *testing.T) {
	s := newSite(t)
	placesTable := oriel.TableRef{Source: "airports", Table: "places"}
	s.declareMore(func(d *oriel.Declaration) {
		d.Models = slices.Clone(d.Models)
		at := slices.IndexFunc(d.Models, func(m oriel.Model) bool { return m.Key == "flights" })
		d.Models[at].Columns = []oriel.ModelColumn{{Name: "destination", ForeignKey: &oriel.ForeignKey{Model: "places", Column: "code"}}}
		d.Models = append(d.Models, oriel.Model{Key: "places", Name: "Places", Table: placesTable})
		d.Questions = append(d.Questions, oriel.Question{
			Key: "cities", Name: "Cities", Collection: "operations", Source: "airports", Chart: oriel.Chart{Kind: "table"},
			Structured: &oriel.Structured{Model: "flights", Joins: []oriel.Join{{Column: "destination"}}, Columns: []string{"destination.city"}},
		})
		d.Policies = append(d.Policies, oriel.Policy{Table: placesTable, Shared: true}, oriel.Policy{Model: "places", Rows: "city != 'Chicago'"})
	})
	admin, user := s.admin(oriel.ScopeAdmin), s.userOf(s.signIn("dana", "DFW"))
	x := s.explained(admin, user, "question", "cities")
	reads := []httpapi.AccessRead{{Table: "airports.flights", Model: "flights"}, {Table: "airports.places", Model: "places"}}
	if !x.Visible || !slices.Equal(x.Questions[0].Reads, reads) || len(x.Tables) != 2 || len(x.Questions[0].Statements) != 1 {
		t.Fatalf("%+v", x)
	}
	if joined := x.Tables[1]; joined.Model != "places" || *joined.Seen != 1 || *joined.Of != 2 || len(joined.Policies) != 2 || joined.Rows != `"city" != 'Chicago'` {
		t.Errorf("%+v", joined)
	}
	s.declareMore(func(d *oriel.Declaration) {
		d.Policies = slices.DeleteFunc(d.Policies, func(p oriel.Policy) bool { return p.Table == placesTable })
		d.Policies = append(d.Policies, oriel.Policy{Table: placesTable, Columns: map[string]oriel.Mask{"city": oriel.MaskEmpty}}) // opens nothing
	})
	if x := s.explained(admin, user, "question", "cities"); x.Visible || !slices.Equal(x.Missing, []string{"No policy opens the table airports.places."}) || len(x.Questions[0].Statements) > 0 {
		t.Errorf("a closed joined table: %+v", x)
	}
}

// TestExplain_bindsWhatItTells: a value is in no text, whichever it is.
func TestExplain_bindsWhatItTells(t *testing.T) {
	const hostile = `x' OR "origin" <> $1 --`
	s := newSite(t)
	s.declareMore(narrowMore)
	user, admin := s.userOf(s.signIn("dana", hostile)), s.admin(oriel.ScopeAdmin)
	for _, about := range [][2]string{{"question", "departures"}, {"question", "by-sql"}, {"table", "airports.flights"}} {
		x := s.explained(admin, user, about[0], about[1])
		statements := x.Tables[0].Statements
		if about[0] == "question" {
			statements = x.Questions[0].Statements
		}
		bound := 0
		for _, statement := range statements {
			if strings.Contains(statement.SQL, "x' OR") || strings.Contains(statement.SQL, "x'' OR") {
				t.Errorf("%v: the text holds the value: %s", about, statement.SQL)
			}
			for _, v := range statement.Values {
				if v.Value != nil && *v.Value == hostile {
					bound++
				}
			}
		}
		if bound != 1 || *x.Tables[0].Seen != 0 || *x.Tables[0].Of != 3 {
			t.Errorf("%v: bound %d times in %+v", about, bound, statements)
		}
		if about[1] == "by-sql" && !slices.Equal(x.Questions[0].Examples, []string{"least"}) {
			t.Errorf("examples %v", x.Questions[0].Examples)
		}
	}
}

// TestExplain_tellsNoKey: the hash of a column is made with a key that is in no
// answer, nor what is made of it.
func TestExplain_tellsNoKey(t *testing.T) {
	s := newSite(t)
	s.declareMore(narrowMore)
	src, _ := s.store.Declared().Source("airports")
	inner, outer, err := source.HashBlocks(src.MaskKey)
	if err != nil {
		t.Fatal(err)
	}
	user, admin := s.userOf(s.signIn("dana", "DFW")), s.admin(oriel.ScopeAdmin)
	for _, about := range [][2]string{{"question", "departures"}, {"question", "by-sql"}, {"table", "airports.flights"}, {"dashboard", "operations"}} {
		r := s.explain(admin, user, about[0], about[1])
		for _, secret := range []string{
			inner.Value.(string), outer.Value.(string), hex.EncodeToString(src.MaskKey), base64.StdEncoding.EncodeToString(src.MaskKey), admin,
		} {
			if strings.Contains(string(r.body), secret[:32]) {
				t.Errorf("%v tells a secret", about)
			}
		}
		if r.status != 200 || strings.Count(string(r.body), `"value":null`) < 2 || strings.Contains(string(r.body), strings.Repeat("36", 32)) {
			t.Errorf("%v: %d %s", about, r.status, r.body)
		}
	}
	if strings.Contains(s.log.String(), inner.Value.(string)) {
		t.Error("the log holds a secret")
	}
}

// keyWatcher is the engine, and looks at what it is to tell statements of.
type keyWatcher struct {
	source.Engine
	last *oriel.Source
	told *[]oriel.Source
}

func (e keyWatcher) Narrow(ctx context.Context, q source.Query, d access.Decisions) (source.Narrowed, error) {
	*e.last = d.Source
	return e.Engine.Narrow(ctx, q, d)
}

func (e keyWatcher) Statements(n source.Narrowed) ([]source.Statement, error) {
	*e.told = append(*e.told, *e.last)
	return e.Engine.Statements(n)
}

// TestExplain_handsNoKeyOut to what writes statements, however it binds it.
func TestExplain_handsNoKeyOut(t *testing.T) {
	s := newSite(t)
	s.declareMore(narrowMore)
	user := s.userOf(s.signIn("dana", "DFW"))
	engine, err := duckdb.Open(s.folder, duckdb.Options{Random: rand.Reader, Clock: s.clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	watcher := keyWatcher{engine, &oriel.Source{}, &[]oriel.Source{}}
	queries := query.New(query.Options{Declared: s.store.Declared, Engines: map[oriel.SourceKind]source.Engine{oriel.SourceDuckDB: watcher}})
	for _, key := range []string{"departures", "by-sql"} {
		if _, err := query.NewExplanations(queries, s.store, s.clock).Explain(t.Context(), oriel.Operator(),
			query.ExplainRequest{User: oriel.UserID(user), Question: key}); err != nil {
			t.Fatal(err)
		}
	}
	src, _ := s.store.Declared().Source("airports")
	for _, told := range *watcher.told {
		if bytes.Equal(told.MaskKey, src.MaskKey) || told.URL != "" {
			t.Error("a secret was handed out")
		}
	}
	if len(*watcher.told) != 2 || len(src.MaskKey) == 0 {
		t.Errorf("%d times", len(*watcher.told))
	}
}

func TestExplain_tellsWhatIsMissing(t *testing.T) {
	s := newSite(t)
	s.declareMore(narrowMore)
	admin := s.admin(oriel.ScopeAdmin)
	const noCollection, noSource = "None of the user's groups may view the collection operations.", "None of the user's groups may run questions on the data source airports."
	nothing := func(what string, x httpapi.AccessExplanation, missing ...string) {
		t.Helper()
		if x.Visible || !slices.Equal(x.Missing, missing) {
			t.Errorf("%s: %v, missing %q", what, x.Visible, x.Missing)
		}
		for _, q := range x.Questions {
			if q.Visible || len(q.Statements) > 0 {
				t.Errorf("%s: %+v would run", what, q)
			}
		}
		for _, one := range x.Tables {
			if *one.Seen != 0 || *one.Of != 3 || len(one.Statements) > 0 {
				t.Errorf("%s: %d of %d are seen", what, *one.Seen, *one.Of)
			}
		}
	}
	stranger := s.userOf(s.signIn("gus", "DFW", func(c map[string]any) { c["groups"] = []string{} }))
	nothing("a stranger", s.explained(admin, stranger, "question", "departures"), noCollection, noSource)
	nothing("a stranger's dashboard", s.explained(admin, stranger, "dashboard", "operations"), noCollection)
	nothing("a stranger's table", s.explained(admin, stranger, "table", "airports.flights"), noSource)

	user := s.userOf(s.signIn("dana", "DFW"))
	if q := s.explained(admin, user, "question", "far").Questions[0]; q.Visible || len(q.Statements) > 0 || !strings.Contains(q.Refused, `no column "distance_miles"`) {
		t.Errorf("a hidden column: %+v", q)
	}
	without := s.userOf(s.signIn("ann", ""))
	table := s.explained(admin, without, "question", "departures").Tables[0]
	if v := table.Policies[0].Values[0]; !v.Lacking || v.From != "" || table.Rows == "true" || *table.Seen != 0 {
		t.Errorf("a missing attribute: %+v", table)
	}

	s.declareMore(func(d *oriel.Declaration) {
		d.Policies = slices.DeleteFunc(d.Policies, func(p oriel.Policy) bool { return p.Rows != "" })
	})
	const closed = "No policy opens the table airports.flights."
	nothing("a closed table", s.explained(admin, user, "question", "latest"), closed)
	nothing("a closed table by SQL", s.explained(admin, user, "question", "by-sql"), closed)
	nothing("a closed table by itself", s.explained(admin, user, "table", "airports.flights"), closed)
	// Administrators see closed tables in their own sessions, not in a host's.
	root := string(s.person("root", oriel.GroupAdministrators, "operators"))
	nothing("an administrator", s.explained(admin, root, "question", "latest"), closed)
	every := map[string]oriel.Mask{}
	for _, c := range s.explained(admin, user, "table", "airports.flights").Tables[0].Columns {
		every[c.Name] = oriel.MaskHidden
	}
	s.declareMore(func(d *oriel.Declaration) {
		d.Policies = []oriel.Policy{{Table: flightsTable, Shared: true}, {Table: flightsTable, Columns: every}}
	})
	nothing("no columns", s.explained(admin, user, "table", "airports.flights"), "Policies hide every column of the table airports.flights.")
}

// TestExplain_whoCantSignInSeesNothing whatever the grants are.
func TestExplain_whoCantSignInSeesNothing(t *testing.T) {
	s := newSite(t)
	s.tenant("acme")
	admin := s.admin(oriel.ScopeAdmin, oriel.ScopeAdminPeople)
	session := s.signIn("dana", "DFW", func(c map[string]any) { c["tenant"] = "acme" })
	user := s.userOf(session)
	if x := s.explained(admin, user, "question", "latest"); !x.Visible || *x.Tables[0].Seen != 2 {
		t.Fatalf("%+v", x)
	}
	for path, missing := range map[string]string{"/api/v1/users/" + user: "The user is deactivated.", "/api/v1/tenants/acme": "The tenant acme is deactivated."} {
		if r := s.with(admin, "PATCH", path, `{"active":false}`); r.status != 200 {
			t.Fatalf("%d %s", r.status, r.body)
		}
		x := s.explained(admin, user, "question", "latest")
		if x.Visible || x.Active || !slices.Equal(x.Missing, []string{missing}) || *x.Tables[0].Seen != 0 || len(x.Questions[0].Statements) > 0 {
			t.Errorf("%s: %+v", path, x)
		}
		if x := s.explained(admin, user, "table", "airports.flights"); x.Visible || *x.Tables[0].Seen != 0 || len(x.Tables[0].Statements) > 0 {
			t.Errorf("%s: %+v", path, x)
		}
		if x := s.explained(admin, user, "dashboard", "operations"); x.Visible {
			t.Errorf("%s: the dashboard is seen", path)
		}
		if r := s.with(admin, "PATCH", path, `{"active":true}`); r.status != 200 {
			t.Fatalf("%d %s", r.status, r.body)
		}
	}
}

// TestExplain_readsTheAttributesOfOneProvider: those of another one's sign-in
// are none of its sessions'.
func TestExplain_readsTheAttributesOfOneProvider(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdmin, oriel.ScopeAdminAuthentication)
	user := s.userOf(s.signIn("dana", "DFW"))
	if r := s.with(admin, "POST", "/api/v1/providers", body(t, gate(nil))); r.status != 201 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	x := s.explained(admin, user, "question", "latest", "provider", "gate")
	if *x.Provider != "gate" || *x.Tables[0].Seen != 0 || !x.Tables[0].Policies[0].Values[0].Lacking {
		t.Errorf("%+v", x.Tables[0])
	}
	if x := s.explained(admin, user, "question", "latest", "provider", "apron"); *x.Tables[0].Seen != 2 {
		t.Errorf("%+v", x.Tables[0])
	}
	refused(t, "no provider", s.explain(admin, user, "question", "latest", "provider", "none"), "invalid_request", "provider")
}

func TestExplain_takesOneThingThatIsThere(t *testing.T) {
	s := newSite(t)
	admin, user := s.admin(oriel.ScopeAdmin), string(s.person("somebody"))
	refused(t, "nothing", s.explain(admin, user), "invalid_request", "")
	refused(t, "two things", s.explain(admin, user, "question", "latest", "dashboard", "operations"), "invalid_request", "")
	refused(t, "no source", s.explain(admin, user, "table", "flights"), "invalid_request", "table")
	refused(t, "another word", s.explain(admin, user, "question", "latest", "sql", "select 1"), "invalid_request", "sql")
	for _, about := range [][2]string{{"question", "none"}, {"dashboard", "none"}, {"table", "airports.none"}, {"table", "none.flights"}} {
		refused(t, about[1], s.explain(admin, user, about[0], about[1]), "not_found", "")
	}
	refused(t, "nobody", s.explain(admin, "usr_none", "question", "latest"), "not_found", "")
	refused(t, "no id", s.explain(admin, "", "question", "latest"), "not_found", "")
}

// failingKeeper is a store that can't keep who asked.
type failingKeeper struct{ *store.Store }

var errNotKept = errors.New("not kept")

func (failingKeeper) KeepExplained(context.Context, string, oriel.UserID, string, string, time.Time) error {
	return errNotKept
}

// TestExplain_keepsWhoAskedAboutWhom before anything is told, and no value.
func TestExplain_keepsWhoAskedAboutWhom(t *testing.T) {
	var queries *query.Queries
	s := newSite(t, func(p *parts) { queries, _ = p.queries.(*query.Queries) })
	user, issued := s.userOf(s.signIn("dana", "DFW")), s.admin(oriel.ScopeAdminAccess)
	entries := func() []string {
		return s.texts(`SELECT action || ' ' || kind || ' ' || key || ' ' || after FROM audit_entries WHERE who LIKE 'key_%' ORDER BY rowid`)
	}
	s.explained(issued, user, "question", "latest")
	s.explained(issued, user, "table", "airports.flights")
	s.explained(issued, user, "dashboard", "operations")
	s.explain(issued, user, "question", "none")
	s.explain(s.admin(oriel.ScopeAdminAudit), user, "question", "latest")
	begin := "explained access user " + user + " "
	want := []string{begin + `{"question":"latest"}`, begin + `{"table":"airports.flights"}`, begin + `{"dashboard":"operations"}`}
	if got := entries(); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	told, err := query.NewExplanations(queries, failingKeeper{s.store}, s.clock).Explain(t.Context(), oriel.Operator(),
		query.ExplainRequest{User: oriel.UserID(user), Question: "latest"})
	if !errors.Is(err, errNotKept) || told.User.ID != "" {
		t.Errorf("%v: told %+v", err, told)
	}
}

// TestExplain_howManyRowsAreHiddenIsForWhoSeesThemAll: neither the scope nor an
// exemption from one policy of two is enough.
func TestExplain_howManyRowsAreHiddenIsForWhoSeesThemAll(t *testing.T) {
	s := newSite(t)
	s.powers() // seers are exempt from the rows' policy
	user := s.userOf(s.signIn("dana", "DFW"))
	counted := func(key string) bool {
		t.Helper()
		table := s.explained(key, user, "table", "airports.flights").Tables[0]
		if (table.Seen == nil) != (table.Of == nil) || table.Of != nil && (*table.Seen != 2 || *table.Of != 3) {
			t.Errorf("%v of %v", table.Seen, table.Of)
		}
		return table.Of != nil
	}
	bound, seer := s.person("bound", oriel.GroupAdministrators), s.person("seer", oriel.GroupAdministrators, "seers")
	everything := s.admin(oriel.ScopeAdmin)
	boundKey, seersKey := s.issueKey(apiKeyFor(bound, oriel.ScopeAdminAccess)).Secret, s.issueKey(apiKeyFor(seer, oriel.ScopeAdminAccess)).Secret
	if counted(boundKey) || !counted(seersKey) || !counted(everything) {
		t.Errorf("bound %v, exempt %v, everything %v", counted(boundKey), counted(seersKey), counted(everything))
	}
	s.declareMore(func(d *oriel.Declaration) {
		d.Policies = append(d.Policies, oriel.Policy{Table: flightsTable, Rows: "delay_minutes < 100"})
	})
	if counted(seersKey) {
		t.Error("exempt from one of two")
	}
	s.declareMore(func(d *oriel.Declaration) { d.Policies = nil })
	if s.explained(boundKey, user, "table", "airports.flights").Tables[0].Of != nil {
		t.Error("of a closed table")
	}
}

// TestExplain_whoViewsAsSomebodyIsToldNothing, though the viewer may ask.
func TestExplain_whoViewsAsSomebodyIsToldNothing(t *testing.T) {
	s := newSite(t)
	user, admin := s.userOf(s.signIn("dana", "DFW")), s.admin(oriel.ScopeAdminAccess, oriel.ScopeAdminViewAs)
	token := read[struct{ Token string }](t, s.with(admin, "POST", "/api/v1/users/"+user+"/view-as", ""), 201).Token
	r := s.ask("GET", "/api/v1/explain/access?question=latest&user="+user, "", "Authorization", "Bearer "+token)
	if r.status != 403 || strings.Contains(string(r.body), "DFW") {
		t.Errorf("%d %s", r.status, r.body)
	}
}
