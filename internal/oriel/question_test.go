package oriel_test

import (
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

func TestQuestion_step(t *testing.T) {
	perDay := func(change func(*oriel.Question)) oriel.Question {
		q := oriel.Question{
			Structured: &oriel.Structured{
				Breakouts:    []oriel.Breakout{{Column: "departed_at", Unit: "day", As: "day"}},
				Aggregations: []oriel.Aggregation{{Function: "count", As: "n"}, {Function: "avg", Column: "delay", As: "delay"}},
			},
			Chart: oriel.Chart{Kind: "line", X: "day", Y: []string{"n"}},
		}
		change(&q)
		return q
	}
	for name, c := range map[string]struct {
		question oriel.Question
		unit     oriel.Unit
		zero     bool
	}{
		"a count is 0 where no row is": {perDay(func(*oriel.Question) {}), "day", true},
		"an average is unknown":        {perDay(func(q *oriel.Question) { q.Chart.Y = []string{"delay"} }), "day", false},
		"one average among counts":     {perDay(func(q *oriel.Question) { q.Chart.Y = []string{"n", "delay"} }), "day", false},
		"days left out by HAVING":      {perDay(func(q *oriel.Question) { q.Structured.Having = []oriel.Filter{{Column: "n"}} }), "day", false},
		"days left out by LIMIT":       {perDay(func(q *oriel.Question) { q.Structured.Limit = 10 }), "day", false},
		"hours come again each day":    {perDay(func(q *oriel.Question) { q.Structured.Breakouts[0].Unit = "hour_of_day" }), "", false},
		"another column is the axis":   {perDay(func(q *oriel.Question) { q.Chart.X = "n" }), "", false},
		"a second group shares the days": {perDay(func(q *oriel.Question) {
			q.Structured.Breakouts = append(q.Structured.Breakouts, oriel.Breakout{Column: "x"})
		}), "", false},
		"nobody knows what a SQL text does": {perDay(func(q *oriel.Question) { q.Structured, q.SQL = nil, "select 1" }), "", false},
	} {
		if unit, zero := c.question.Step(); unit != c.unit || zero != c.zero {
			t.Errorf("%s: got %q, %v; want %q, %v", name, unit, zero, c.unit, c.zero)
		}
	}
}
