package postgres_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
	"github.com/oriel-bi/oriel/internal/source/postgres"
)

// faultIn is what somebody who may edit the question would read, and where.
func faultIn(t *testing.T, err error) *source.Fault {
	t.Helper()
	var fault *source.Fault
	if !errors.As(err, &fault) {
		t.Fatalf("%v has no fault", err)
	}
	return fault
}

func TestRun_tellsWhereInTheQuestionsOwnText(t *testing.T) {
	b := openSample(t, postgres.Options{})
	decisions := decide(t, someone("DFW"), b.source, samplePolicies)
	for _, text := range []string{
		"select ^nothing from flights",
		"select f.origin, 'äöü', ^f.nothing from flights f join airports a on a.iata = f.origin",
		"select origin from flights where delay_minutes ^+ origin = 1",
		"with x as (select origin as o from flights)\nselect o, ^origin from x",
		"select (select max(iata) from airports where ^nothing = 1) from flights",
		"select case when delay_minutes > 5 then ^lower(1) end from flights",
		"select origin from flights union select ^delay_minutes from flights",
		"select a.iata from airports a, flights f where a.iata in (select origin from flights group by ^nothing)",
		"select count(*) over (partition by ^nothing) from flights order by 1",
		"select cast(^'abc' as integer) from flights",
	} {
		at := strings.IndexByte(text, '^')
		_, err := b.ask(decisions, strings.Replace(text, "^", "", 1))
		if fault := faultIn(t, err); fault.At != at || fault.Words == "" {
			t.Errorf("%s: at %d, %q", text, fault.At, fault.Words)
		}
	}
}

// The selects of permitted rows are texts of ours: what the engine says of them
// names columns that are hidden. So may what a function of the customer's raises.
func TestRun_tellsNothingOfWhatIsNotInTheQuestion(t *testing.T) {
	src, database := declared(t, "CREATE TABLE t (id bigint, secret_owner text)", "INSERT INTO t VALUES (1, 'a')",
		`CREATE FUNCTION loud() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'secret words' USING ERRCODE = '42703'; END $$`)
	b := openSource(t, src, postgres.Options{})
	policies := []oriel.Policy{{Table: oriel.TableRef{Source: "s", Table: "t"}, Rows: "secret_owner = user.attr.airport", Columns: map[string]oriel.Mask{"secret_owner": oriel.MaskHidden}}}
	decisions := decide(t, someone("a"), b.source, policies)
	quiet := func(what string) {
		t.Helper()
		_, err := b.ask(decisions, "select id from t")
		if fault := faultIn(t, err); strings.Contains(fault.Words, "secret") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %q, %v", what, fault.Words, err)
		}
	}
	server.Exec(t, database, "ALTER TABLE t RENAME COLUMN secret_owner TO other")
	quiet("a column that went")
	server.Exec(t, database, "ALTER TABLE t RENAME COLUMN other TO secret_owner", "ALTER TABLE t RENAME TO secret_t", "CREATE VIEW t AS SELECT id, secret_owner FROM secret_t WHERE loud()")
	quiet("what a function raises as a name that is not there")
	server.Exec(t, database, `CREATE OR REPLACE FUNCTION loud() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'secret words' USING ERRCODE = '22000'; END $$`)
	quiet("what a function raises as a value that is wrong")
	server.Exec(t, database, "DROP VIEW t", "CREATE VIEW t AS SELECT id, secret_owner FROM secret_t", "ALTER VIEW t OWNER TO "+server.Login(t))
	quiet("a table that the view may not read")
}
