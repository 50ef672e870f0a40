package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
	"github.com/oriel-bi/oriel/internal/source/postgres"
)

// openSecured is a table of a customer who narrows it by row security of their
// own, which reads what Oriel tells it; Oriel's own policy opens all of it.
func openSecured(t *testing.T, native bool) bench {
	t.Helper()
	database := server.Database(t)
	login := server.Login(t)
	reader := pgx.Identifier{login}.Sanitize()
	server.Exec(t, database,
		`CREATE TABLE public.orders (id bigint, customer text)`,
		`INSERT INTO public.orders VALUES (1, 'acme'), (2, 'acme'), (3, 'umbrella'), (4, ''), (5, '{"acme"}'), (6, '["acme"]')`,
		`ALTER TABLE public.orders ENABLE ROW LEVEL SECURITY`,
		`CREATE POLICY own ON public.orders FOR SELECT USING (customer = ANY (ARRAY(
			SELECT jsonb_array_elements_text(current_setting('oriel.attributes', true)::jsonb -> 'customer'))))`,
		`CREATE VIEW public.who WITH (security_invoker = true) AS SELECT current_setting('oriel.user_id', true) AS id, current_setting('oriel.user_email', true) AS email,
			current_setting('oriel.tenant', true) AS tenant, current_setting('oriel.groups', true) AS groups, current_setting('oriel.attributes', true) AS attributes,
			current_setting('oriel.tenant_attributes', true) AS tenant_attributes, current_setting('role') AS role, current_setting('statement_timeout') AS timeout`,
		`GRANT USAGE ON SCHEMA public TO `+reader, `GRANT SELECT ON public.orders, public.who TO `+reader)
	return openSource(t, oriel.Source{
		Key: "erp", Kind: oriel.SourcePostgres, URL: server.URLAs(login, database), Schema: "public", NativeSecurity: native,
	}, postgres.Options{Connections: 1}) // one, so that whatever is left of somebody would be found by the next
}

func sharedWith(src oriel.Source) []oriel.Policy {
	var all []oriel.Policy
	for _, table := range src.Tables {
		all = append(all, oriel.Policy{Table: oriel.TableRef{Source: src.Key, Table: table.Name}, Shared: true})
	}
	return all
}

func personOf(id oriel.UserID, attributes oriel.Attributes) oriel.Principal {
	return oriel.NewPrincipal(oriel.User{
		ID: id, Email: string(id) + "@example.com", Tenant: "acme", Groups: []oriel.GroupKey{"operators", "all-users"}, Attributes: attributes,
		AttributesFrom: oriel.AttributeSets{Tenant: oriel.Attributes{"plan": oriel.Text("gold")}},
	}, oriel.SessionEmbed)
}

func (b bench) orders(t *testing.T, p oriel.Principal) string {
	t.Helper()
	decisions := decide(t, p, b.source, sharedWith(b.source))
	bySQL, err := b.ask(decisions, "select id from orders order by id")
	if err != nil {
		t.Fatal(err)
	}
	tree, err := b.run(decisions, source.Query{Structured: &source.StructuredQuery{
		Table: "orders", Tree: oriel.Structured{Columns: []string{"id"}, Sort: []oriel.Sort{{By: "id"}}}, Limit: 100,
	}})
	if err != nil {
		t.Fatal(err)
	}
	narrowed, err := b.engine.Narrow(t.Context(), sqlQuery("select id from orders order by id"), decisions)
	if err != nil {
		t.Fatal(err)
	}
	streamed := ""
	err = b.engine.Stream(t.Context(), narrowed, func(part oriel.Result) error {
		streamed += fmt.Sprint(cells(part))
		return nil
	})
	if err != nil || streamed != fmt.Sprint(cells(bySQL)) || streamed != fmt.Sprint(cells(tree)) {
		t.Fatalf("SQL sees %v, a tree %v, a download %s: %v", cells(bySQL), cells(tree), streamed, err)
	}
	return streamed
}

func TestNative_aCustomersRowSecurityReadsWhoAsks(t *testing.T) {
	b := openSecured(t, true)
	for _, c := range []struct {
		name       string
		attributes oriel.Attributes
		want       string
	}{
		{"own", oriel.Attributes{"customer": oriel.Text("acme")}, "[[1] [2]]"},
		{"nothing of the one before", nil, "[]"},
		{"another", oriel.Attributes{"customer": oriel.Text("umbrella")}, "[[3]]"},
		{"a list", oriel.Attributes{"customer": oriel.TextList("acme", "umbrella")}, "[[1] [2] [3]]"},
		{"an empty list", oriel.Attributes{"customer": oriel.TextList()}, "[]"},
		{"an empty text", oriel.Attributes{"customer": oriel.Text("")}, "[[4]]"},
		{"a text that looks like an array", oriel.Attributes{"customer": oriel.Text(`{"acme"}`)}, "[[5]]"},
		{"a text that looks like JSON", oriel.Attributes{"customer": oriel.Text(`["acme"]`)}, "[[6]]"},
		{"a text that ends its own", oriel.Attributes{"customer": oriel.Text(`x"], "customer": ["acme`)}, "[]"},
		{"a text that ends the statement", oriel.Attributes{"customer": oriel.Text(`', true), set_config('role', 'postgres`)}, "[]"},
		{"another's name", oriel.Attributes{"Customer": oriel.Text("acme"), "CUSTOMER": oriel.Text("acme"), "customer ": oriel.Text("acme")}, "[]"},
		{"a name that folds to it", oriel.Attributes{"customer": oriel.Text("umbrella"), "Customer": oriel.Text("acme")}, "[[3]]"},
		{"names of settings", oriel.Attributes{
			"role": oriel.Text("postgres"), "row_security": oriel.Text("off"), "oriel.attributes": oriel.Text(`{"customer":["acme"]}`),
			`x', true), set_config('row_security`: oriel.Text("off"), `"},"customer":["acme`: oriel.Text("acme"), "": oriel.Text("acme"),
		}, "[]"},
		{"what is no Unicode", oriel.Attributes{"customer": oriel.Text("acme\xff")}, "[]"},
		{"much", oriel.Attributes{"customer": oriel.TextList(slices.Repeat([]string{strings.Repeat("x", 2000)}, 500)...)}, "[]"},
		{"own again", oriel.Attributes{"customer": oriel.Text("acme")}, "[[1] [2]]"},
	} {
		if got := b.orders(t, personOf("usr_1", c.attributes)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// Row security that can't read what it is told lets nothing through.
func TestNative_aTextThatTheServerCannotHoldFails(t *testing.T) {
	b := openSecured(t, true)
	for _, p := range []oriel.Principal{
		personOf("usr_1", oriel.Attributes{"customer": oriel.Text("acme\x00")}),
		oriel.NewPrincipal(oriel.User{ID: "usr_1", Email: "a\x00b", Attributes: oriel.Attributes{"customer": oriel.Text("acme")}}, oriel.SessionEmbed),
		oriel.NewPrincipal(oriel.User{ID: "usr_1", Email: "a\xff", Attributes: oriel.Attributes{"customer": oriel.Text("acme")}}, oriel.SessionEmbed),
	} {
		r, err := b.ask(decide(t, p, b.source, sharedWith(b.source)), "select id from orders")
		if oriel.CodeOf(err) != oriel.CodeQueryFailed {
			t.Errorf("%v: %v", cells(r), err)
		}
	}
	if got := b.orders(t, personOf("usr_1", oriel.Attributes{"customer": oriel.Text("umbrella")})); got != "[[3]]" {
		t.Errorf("the next sees %s", got)
	}
}

func TestNative_tellsEachThingUnderItsName(t *testing.T) {
	b := openSecured(t, true)
	p := personOf("usr_1", oriel.Attributes{"b": oriel.TextList("2", "3"), "a": oriel.Text(`<"1'>`)})
	r, err := b.ask(decide(t, p, b.source, sharedWith(b.source)), "select id, email, tenant, groups, attributes, tenant_attributes, role from who")
	if err != nil {
		t.Fatal(err)
	}
	want := `[["usr_1" "usr_1@example.com" "acme" "[\"all-users\",\"operators\"]" "{\"a\":[\"\\u003c\\\"1'\\u003e\"],\"b\":[\"2\",\"3\"]}" "{\"plan\":[\"gold\"]}" "none"]]`
	if got := fmt.Sprint(cells(r)); got != want {
		t.Errorf("it is told\n%s, want\n%s", got, want)
	}
	// A group's API key is nobody.
	key := oriel.NewKeyPrincipal(oriel.User{Groups: []oriel.GroupKey{"operators"}}, oriel.APIKey{ID: "key_1"}, false)
	r, err = b.ask(decide(t, key, b.source, sharedWith(b.source)), "select id, email, tenant, groups, attributes, tenant_attributes from who")
	if got := fmt.Sprint(cells(r)); err != nil || got != `[["" "" "" "[\"operators\"]" "{}" "{}"]]` {
		t.Errorf("of a key it is told %s: %v", got, err)
	}
}

func TestNative_isOffUntilItIsSwitchedOn(t *testing.T) {
	b := openSecured(t, false)
	p := personOf("usr_1", oriel.Attributes{"customer": oriel.Text("acme")})
	d := decide(t, p, b.source, sharedWith(b.source))
	if d.Native != nil {
		t.Errorf("the decisions tell %+v", d.Native)
	}
	r, err := b.ask(d, "select coalesce(id, '-') as id, coalesce(attributes, '-') as attributes from who")
	if got := fmt.Sprint(cells(r)); err != nil || got != `[["-" "-"]]` {
		t.Errorf("the server was told %s: %v", got, err)
	}
	// Whom to tell of is never forgotten, nor told where nobody asked for it.
	if _, err := b.ask(d.For(&access.NativeUser{}), "select id from orders"); oriel.CodeOf(err) != oriel.CodeInternal {
		t.Errorf("told without being asked: %v", err)
	}
	on := openSecured(t, true)
	d = decide(t, p, on.source, sharedWith(on.source))
	if _, err := on.ask(d.For(nil), "select id from orders"); oriel.CodeOf(err) != oriel.CodeInternal {
		t.Errorf("not told though it is asked for: %v", err)
	}
}

// No text of an analyst reads or sets what the row security reads.
func TestNative_isOutOfAnAnalystsReach(t *testing.T) {
	b := openSecured(t, true)
	d := decide(t, personOf("usr_1", oriel.Attributes{"customer": oriel.Text("umbrella")}), b.source, sharedWith(b.source))
	own := `{"customer":["acme"]}`
	for _, text := range []string{
		`select set_config('oriel.attributes', '` + own + `', true), id from orders`,
		`select pg_catalog.set_config('oriel.attributes', '` + own + `', false) from orders`,
		`select "set_config"('oriel.attributes', '` + own + `', true)`,
		`select SET_CONFIG('oriel.attributes', '` + own + `', true) as id`,
		`with s as (select set_config('oriel.attributes', '` + own + `', true)) select id from orders, s`,
		`select id from orders where set_config('oriel.attributes', '` + own + `', true) <> ''`,
		`select id from orders order by set_config('oriel.attributes', '` + own + `', true)`,
		`select id from orders limit (select length(set_config('oriel.attributes', '` + own + `', true)))`,
		`select id from (select * from set_config('oriel.attributes', '` + own + `', true)) s, orders`,
		`select id from orders, lateral set_config('oriel.attributes', '` + own + `', true)`,
		`select current_setting('oriel.attributes')`,
		`select current_setting('oriel.attributes', true) from orders`,
		`select id from orders where current_setting('oriel.user_id') = 'usr_1'`,
		`set local oriel.attributes = '` + own + `'`, `set local oriel.attributes = '` + own + `'; select id from orders`,
		`reset oriel.attributes`, `show oriel.attributes`, `discard all`, `set role postgres`,
		`select name, setting from pg_settings`, `select set_config(name, '', true) from pg_settings`,
		`update pg_settings set setting = 'x' where name = 'oriel.attributes'`,
		`do $$ begin perform set_config('oriel.attributes', '', true); end $$`,
	} {
		if r, err := b.ask(d, text); oriel.CodeOf(err) != oriel.CodeQueryRefused {
			t.Errorf("%s: %v, %v", text, cells(r), err)
		}
	}
	if got := b.orders(t, personOf("usr_1", oriel.Attributes{"customer": oriel.Text("umbrella")})); got != "[[3]]" {
		t.Errorf("afterwards they see %s", got)
	}
}

func TestNative_twoWhoAreToldOfApartShareNothing(t *testing.T) {
	b := openSecured(t, true)
	seen := map[[32]byte]string{}
	for name, p := range map[string]oriel.Principal{
		"one": personOf("usr_1", oriel.Attributes{"customer": oriel.Text("acme")}), "two": personOf("usr_2", oriel.Attributes{"customer": oriel.Text("acme")}),
		"another value": personOf("usr_1", oriel.Attributes{"customer": oriel.Text("umbrella")}), "one value more": personOf("usr_1", oriel.Attributes{"customer": oriel.Text("acme"), "shoe": oriel.Text("42")}),
		"nobody": personOf("usr_1", nil),
	} {
		d := decide(t, p, b.source, sharedWith(b.source))
		if other, taken := seen[d.Fingerprint]; taken {
			t.Errorf("%s shares with %s", name, other)
		}
		seen[d.Fingerprint] = name
		if again := decide(t, p, b.source, sharedWith(b.source)); again.Fingerprint != d.Fingerprint {
			t.Errorf("%s does not share with themselves", name)
		}
	}
}

func TestNative_isToldInAnExplanationAndCheckedAsNobody(t *testing.T) {
	b := openSecured(t, true)
	d := decide(t, personOf("usr_1", oriel.Attributes{"customer": oriel.Text("acme")}), b.source, sharedWith(b.source))
	narrowed, err := b.engine.Narrow(t.Context(), sqlQuery("select id from orders"), d)
	if err != nil {
		t.Fatal(err)
	}
	statements, err := b.engine.Statements(narrowed)
	if err != nil || len(statements) != 2 || !strings.Contains(statements[0].Text, "set_config('oriel.attributes', $5, true)") ||
		statements[0].Arguments[4] != oriel.TextScalar(`{"customer":["acme"]}`) || strings.Contains(statements[0].Text, "acme") {
		t.Errorf("%+v: %v", statements, err)
	}
	if err := b.engine.Check(t.Context(), sqlQuery("select id from orders"), b.source); err != nil {
		t.Errorf("a good question: %v", err)
	}
}

func TestSync_warnsWhereRowSecurityNarrowsNothing(t *testing.T) {
	database, login := server.Database(t), server.Login(t)
	reader := pgx.Identifier{login}.Sanitize()
	server.Exec(t, database, `CREATE TABLE public.open (id bigint)`, `CREATE TABLE public.secured (id bigint)`, `CREATE TABLE public.owned (id bigint)`,
		`ALTER TABLE public.secured ENABLE ROW LEVEL SECURITY`, `ALTER TABLE public.owned ENABLE ROW LEVEL SECURITY`, `CREATE VIEW public.seen AS SELECT * FROM public.secured`,
		`GRANT SELECT ON public.open, public.secured, public.seen TO `+reader, `ALTER TABLE public.owned OWNER TO `+reader)
	wanted := oriel.Source{Key: "s", Kind: oriel.SourcePostgres, URL: server.URLAs(login, database), Schema: "public", NativeSecurity: true}
	_, found, err := postgres.Sync(t.Context(), wanted, nil)
	if told := strings.Join(found.Warnings, "\n"); err != nil || !strings.Contains(told, "does not narrow open, owned, seen:") {
		t.Errorf("it warns %q: %v", told, err)
	}
	wanted.NativeSecurity = false
	if _, found, err = postgres.Sync(t.Context(), wanted, nil); err != nil || strings.Contains(strings.Join(found.Warnings, ""), "narrow") {
		t.Errorf("without it: %v %v", found.Warnings, err)
	}
}
