package httpapi

import (
	"encoding/json"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

func TestWireChart_tellsWhatAMissingStepMeans(t *testing.T) {
	q := oriel.Question{
		Structured: &oriel.Structured{
			Breakouts:    []oriel.Breakout{{Column: "departed_at", Unit: "day", As: "day"}},
			Aggregations: []oriel.Aggregation{{Function: "count", As: "n"}, {Function: "avg", Column: "delay", As: "delay"}},
		},
		Chart: oriel.Chart{Kind: "line", X: "day", Y: []string{"n"}},
	}
	if c := wireChart(q); c.Step != ChartStepDay || c.Missing != ChartMissingZero {
		t.Errorf("a count: %q, %q", c.Step, c.Missing)
	}
	q.Chart.Y = []string{"delay"}
	if c := wireChart(q); c.Step != ChartStepDay || c.Missing != ChartMissingGap {
		t.Errorf("an average: %q, %q", c.Step, c.Missing)
	}
	q.Structured = nil
	if c := wireChart(q); c.Step != "" || c.Missing != "" {
		t.Errorf("a SQL text: %q, %q", c.Step, c.Missing)
	}
}

func TestEncodeSession_isWhatTheDescriptionSays(t *testing.T) {
	u := oriel.User{
		ID: "usr_1", Email: "dana@apron.example", FirstName: "Dana \"<D>\"", Tenant: "acme", Groups: []oriel.GroupKey{"all-users"},
		Attributes: oriel.Attributes{"airports": oriel.TextList("DFW", "ORD"), "none": oriel.TextList()},
	}
	user, err := encodeUser(u)
	if err != nil {
		t.Fatal(err)
	}
	info := SessionInfo{Kind: SessionInfoKindEmbed, ExpiresIn: -1, ExpiresAt: 1795650000, ServerTime: 1795650001}
	got := encodeSession(info, user)
	info.User = wireUser(u)
	if want, err := json.Marshal(info); err != nil || string(got) != string(want) {
		t.Errorf("%s is not %s (%v)", got, want, err)
	}
}
