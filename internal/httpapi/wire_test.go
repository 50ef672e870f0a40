package httpapi

import (
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
