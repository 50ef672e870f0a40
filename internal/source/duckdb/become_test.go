package duckdb

import (
	"context"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// changing is an engine that keeps one connection, for two who see flights by the
// same shape.
type changing struct {
	engine        *Engine
	inst          *instance
	first, second access.Decisions
}

func openChanging(t *testing.T) changing {
	t.Helper()
	engine, decisions := guarded(t)
	inst, err := engine.acquire(t.Context(), decisions.Source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(inst.release)
	inst.pool.limit = 1
	of := func(airport string) access.Decisions {
		return onFlights(t, decisions, oriel.Policy{Rows: "origin = '" + airport + "'"})
	}
	return changing{engine, inst, of("DFW"), of("ORD")}
}

// held is the connection of the first, which the second has to do with.
func (c changing) held(t *testing.T) (*connection, poolKey) {
	t.Helper()
	key := poolKey{filtered: true, fingerprint: c.first.Fingerprint}
	conn, err := c.engine.connection(t.Context(), c.inst, key, &narrowed{decisions: c.first, filtered: true})
	if err != nil {
		t.Fatal(err)
	}
	return conn, key
}

const departing = "select distinct origin from flights"

func (c changing) sees(t *testing.T, who access.Decisions) string {
	t.Helper()
	whole, err := c.engine.Narrow(t.Context(), source.Query{SQL: &source.SQLQuery{Text: departing, Limit: 10}}, who)
	if err != nil {
		t.Fatal(err)
	}
	result, err := c.engine.Run(t.Context(), whole)
	if err != nil {
		t.Fatal(err)
	}
	seen := ""
	for _, value := range result.Values[0] {
		seen += string(value)
	}
	return seen
}

// Where the values that somebody sees by can't be set, the connection is not
// theirs: they get one of their own.
func TestConnection_whoseValuesAreGoneIsNobodys(t *testing.T) {
	c := openChanging(t)
	for _, harm := range []string{"delete from TABLE", "insert into TABLE select * from TABLE", "drop table TABLE"} {
		conn, key := c.held(t)
		text := strings.ReplaceAll(harm, "TABLE", "temp.main."+quoteName(conn.valuesName))
		if _, err := conn.ExecContext(context.Background(), text); err != nil {
			t.Fatal(err)
		}
		c.inst.pool.put(key, conn)
		if seen := c.sees(t, c.second); seen != `"ORD"` {
			t.Errorf("after %s: somebody else sees %s", text, seen)
		}
	}
}

// What was planned for somebody may rest on their values.
func TestConnection_thatBecomesSomebodyElsesPlansAnew(t *testing.T) {
	c := openChanging(t)
	if seen := c.sees(t, c.first); seen != `"DFW"` {
		t.Fatalf("the first sees %s", seen)
	}
	conn, _ := c.held(t)
	defer conn.close()
	if len(conn.prepared) != 1 {
		t.Fatalf("%d texts are prepared for the first", len(conn.prepared))
	}
	_, values, err := shapeOf(c.second)
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.become(t.Context(), values); err != nil || len(conn.prepared) != 0 {
		t.Errorf("%d texts are prepared for the second, %v", len(conn.prepared), err)
	}
}

// Whoever finds a connection of their own leaves those of others alone, and only
// those who see by the same views get another's.
func TestPool_givesAnothersConnectionToTheSameShapeAlone(t *testing.T) {
	c := openChanging(t)
	conn, key := c.held(t)
	c.inst.pool.put(key, conn)
	seen, _, err := shapeOf(c.second)
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := shapeOf(changed(c.second, func(d *access.Decision) { d.Columns = d.Columns[1:] }))
	if err != nil {
		t.Fatal(err)
	}
	masked, _, err := shapeOf(changed(c.second, func(d *access.Decision) { d.Columns[0].Mask = oriel.MaskEmpty }))
	if err != nil {
		t.Fatal(err)
	}
	typed, _, err := shapeOf(changed(c.second, func(d *access.Decision) {
		d.Rows = access.Compare{Column: d.Columns[0].SourceColumn, Op: access.Equal, Value: oriel.IntegerScalar(1)}
	}))
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []shape{other, masked, typed, {}} {
		if c.inst.pool.takeShape(wrong) != nil {
			t.Error("a connection is given to who sees by other views")
		}
	}
	c.inst.pool.limit = 2
	if c.inst.pool.takeShape(seen) != nil {
		t.Error("a connection is taken from somebody while there is room for another")
	}
	c.inst.pool.limit = 1
	if taken := c.inst.pool.takeShape(seen); taken != conn {
		t.Errorf("the connection of the same shape is %p, not %p", taken, conn)
	}
	conn.close()
}
