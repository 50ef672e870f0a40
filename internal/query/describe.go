package query

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// describe gives each column of a result its label and format: the question's
// own, else those of the model's column that it shows, else its name in words.
func (s snapshot) describe(question oriel.Question, result oriel.Result) oriel.Result {
	described := map[string]oriel.ModelColumn{}
	if tree := question.Structured; tree != nil {
		model, _ := s.Model(tree.Model)
		described = fromModel(*tree, model, s.follow(model, tree.Joins))
	}
	for _, c := range question.Columns {
		d := described[c.Name]
		if c.Label != "" {
			d.Label = c.Label
		}
		if c.Format.Style != "" {
			d.Format = c.Format
		}
		described[c.Name] = d
	}
	columns := make([]oriel.Column, len(result.Columns))
	for i, c := range result.Columns {
		d := described[c.Name]
		if base, isPrevious := previousOf(question, c.Name); isPrevious {
			d = described[base]
			d.Label = label(d.Label, base) + ", preceding period"
		}
		c.Label, c.Format = label(d.Label, c.Name), d.Format
		columns[i] = c
	}
	result.Columns = columns
	return result
}

// previousOf is the aggregation whose value of the preceding period a result
// column holds.
func previousOf(question oriel.Question, column string) (aggregation string, is bool) {
	if question.Structured == nil || question.Structured.Compare == nil {
		return "", false
	}
	for _, a := range question.Structured.Aggregations {
		if oriel.PreviousColumn(a.As) == column {
			return a.As, true
		}
	}
	return "", false
}

// fromModel finds the models' columns that result columns show as they are, or
// as figures of the same unit.
func fromModel(tree oriel.Structured, model oriel.Model, steps []step) map[string]oriel.ModelColumn {
	out := map[string]oriel.ModelColumn{}
	for _, name := range tree.Columns {
		out[name] = described(model, steps, name)
	}
	for _, b := range tree.Breakouts {
		if b.Unit == "" { // a bin's edge is a value of the column's own unit
			out[b.ResultColumn()] = described(model, steps, b.Column)
		}
	}
	for _, a := range tree.Aggregations {
		switch a.Function {
		case "sum", "avg", "min", "max", "median", "percentile", "running_total":
			out[a.As] = oriel.ModelColumn{Format: described(model, steps, a.Column).Format}
		case "share":
			out[a.As] = oriel.ModelColumn{Format: oriel.ColumnFormat{Style: "percent"}}
		}
	}
	return out
}

// label is the given one, or a name as words: "average_delay" → "Average delay".
func label(given, name string) string {
	if given != "" {
		return given
	}
	words := strings.ReplaceAll(name, "_", " ")
	first, size := utf8.DecodeRuneInString(words)
	return string(unicode.ToUpper(first)) + words[size:]
}
