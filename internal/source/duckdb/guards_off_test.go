package duckdb

import (
	"context"
	"crypto/rand"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

func refusedByNarrow(t *testing.T, engine *Engine, decisions access.Decisions, text string) {
	t.Helper()
	if _, err := engine.Narrow(context.Background(), source.Query{SQL: &source.SQLQuery{Text: text, Limit: 1}}, decisions); oriel.CodeOf(err) != oriel.CodeQueryRefused {
		t.Errorf("with the guard: %s: %v", text, err)
	}
}

// changed are decisions in which one table's was changed by hand.
func changed(decisions access.Decisions, change func(*access.Decision)) access.Decisions {
	tables := maps.Clone(decisions.Tables)
	flights := tables["flights"]
	flights.Columns = slices.Clone(flights.Columns)
	change(&flights)
	tables["flights"] = flights
	return access.NewDecisions(decisions.Source, tables, nil)
}

func onFlights(t *testing.T, decisions access.Decisions, policies ...oriel.Policy) access.Decisions {
	t.Helper()
	for i := range policies {
		policies[i].Table = oriel.TableRef{Source: "airports", Table: "flights"}
	}
	user := oriel.User{ID: "usr_1", Attributes: oriel.Attributes{"state": oriel.Text("TX")}}
	decided, err := access.Decide(oriel.NewPrincipal(user, oriel.SessionEmbed), decisions.Source, policies)
	if err != nil {
		t.Fatal(err)
	}
	return decided
}

func TestGuards_withoutTheParsersOneSelectAnotherStatementChangesTheViews(t *testing.T) {
	engine, decisions := guarded(t)
	inst, err := engine.acquire(context.Background(), decisions.Source)
	if err != nil {
		t.Fatal(err)
	}
	defer inst.release()
	replace := "create or replace temp view flights as select * from " + quoteName(inst.name) + ".main.flights"
	for _, text := range []string{replace, replace + "; " + allOrigins + "flights"} {
		refusedByNarrow(t, engine, decisions, text)
	}
	if _, err := unchecked(engine, decisions, replace, true); err != nil {
		t.Fatal(err)
	}
	if result, err := unchecked(engine, decisions, allOrigins+"flights", true); err != nil || !strings.Contains(origins(result), "ORD") {
		t.Errorf("without: %v, %v", result.Values, err)
	}
}

func TestGuards_withoutTheMasksGuessesAreAnswered(t *testing.T) {
	engine, decisions := guarded(t)
	decisions.Source.MaskKey = []byte(strings.Repeat("k", 32))
	const guess = "select count(*) from flights where destination = 'LAX'"
	for _, mask := range []oriel.Mask{oriel.MaskEmpty, oriel.MaskHash, oriel.MaskLast4} {
		masked := onFlights(t, decisions, oriel.Policy{Shared: true, Columns: map[string]oriel.Mask{"destination": mask}})
		if result, err := unchecked(engine, masked, guess, true); err != nil || origins(result) != "0" {
			t.Errorf("%s: with the guard: %v, %v", mask, result.Values, err)
		}
		bare := changed(masked, func(d *access.Decision) {
			for i := range d.Columns {
				d.Columns[i].Mask = oriel.MaskNone
			}
		})
		if result, err := unchecked(engine, bare, guess, true); err != nil || origins(result) == "0" {
			t.Errorf("%s: without: %v, %v", mask, result.Values, err)
		}
	}
	hidden := onFlights(t, decisions, oriel.Policy{Shared: true, Columns: map[string]oriel.Mask{"destination": oriel.MaskHidden}})
	if _, err := unchecked(engine, hidden, guess, true); oriel.CodeOf(err) != oriel.CodeQueryFailed {
		t.Errorf("with the guard: %v", err)
	}
	if result, err := unchecked(engine, hidden, guess, false); err != nil || origins(result) == "0" {
		t.Errorf("without: %v, %v", result.Values, err)
	}
}

func TestGuards_withoutTheLookupHiddenRowsShow(t *testing.T) {
	engine, decisions := guarded(t)
	lookup := onFlights(t, decisions, oriel.Policy{Rows: "origin in (lookup airports.iata where state = user.attr.state)"})
	if result, err := unchecked(engine, lookup, allOrigins+"flights", true); err != nil || !strings.Contains(origins(result), "DFW") || strings.Contains(origins(result), "ORD") {
		t.Errorf("with the guard: %v, %v", result.Values, err)
	}
	const fails = "select count(*) from flights where case when origin = 'ORD' then cast(origin as integer) else 1 end > 0"
	if _, err := unchecked(engine, lookup, fails, true); err != nil {
		t.Errorf("with the guard: %v", err)
	}
	bare := changed(lookup, func(d *access.Decision) { d.Rows = access.True{} })
	if result, err := unchecked(engine, bare, allOrigins+"flights", true); err != nil || !strings.Contains(origins(result), "ORD") {
		t.Errorf("without: %v, %v", result.Values, err)
	}
	if _, err := unchecked(engine, bare, fails, true); oriel.CodeOf(err) != oriel.CodeQueryFailed {
		t.Errorf("without: %v", err)
	}
}

func TestGuards_withoutTheBoundOfReplacementsALetterBecomesMegabytes(t *testing.T) {
	engine, decisions := guarded(t)
	text := "'a'"
	for range 5 {
		text = "replace(" + text + ", 'a', 'aaaaaaaaaaaaaaaaaaaa')"
	}
	text = "select length(" + text + ")"
	refusedByNarrow(t, engine, decisions, text)
	if result, err := unchecked(engine, decisions, text, true); err != nil || origins(result) != "3200000" {
		t.Errorf("without: %v, %v", result.Values, err)
	}
}

func TestGuards_withoutTheFenceConditionsMoveBelowTheLookup(t *testing.T) {
	engine, decisions := guarded(t)
	ctx := context.Background()
	lookup := onFlights(t, decisions, oriel.Policy{Rows: "origin in (lookup airports.iata where state = user.attr.state)"})
	inst, err := engine.acquire(ctx, decisions.Source)
	if err != nil {
		t.Fatal(err)
	}
	defer inst.release()
	conn, err := inst.db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := createViews(ctx, conn, inst.name, lookup, rand.Reader); err != nil {
		t.Fatal(err)
	}
	// The plan is drawn from the last step to the first.
	below := func() bool {
		t.Helper()
		var kind, plan string
		if err := conn.QueryRowContext(ctx, `explain select count(*) from flights where destination = 'LAX'`).Scan(&kind, &plan); err != nil {
			t.Fatal(err)
		}
		return strings.Index(plan, "LAX") > strings.Index(plan, "SEMI")
	}
	if below() {
		t.Error("with the guard the question's condition is below the lookup")
	}
	var definition string
	if err := conn.QueryRowContext(ctx, "select sql from duckdb_views() where view_name = 'flights'").Scan(&definition); err != nil {
		t.Fatal(err)
	}
	bare := strings.Replace(strings.Replace(definition, "LIMIT 9223372036854775807", "", 1), "CREATE", "CREATE OR REPLACE", 1)
	if _, err := conn.ExecContext(ctx, bare); err != nil {
		t.Fatal(err)
	}
	if !below() {
		t.Error("without the guard it is not: the fence may have become needless")
	}
}
