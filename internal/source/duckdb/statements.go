package duckdb

import (
	"github.com/oriel-bi/oriel/internal/source"
)

// Statements tells what Run would execute: one SELECT for a structured query;
// for SQL the table of the policies' values, the filtered views, and the text
// over those. Two names are not the real ones: the table of values has one that
// nobody can guess, and the file's own name is the source's key here. Errors: query_refused for another engine's query;
// as Run for a policy that it can't write.
func (e *Engine) Statements(n source.Narrowed) ([]source.Statement, error) {
	query, ok := n.Engine().(*narrowed)
	if !ok {
		return nil, refuse("the query was not narrowed by this engine")
	}
	own := source.Statement{Text: query.text, Arguments: query.arguments}
	if !query.filtered {
		return []source.Statement{own}, nil
	}
	v := views{
		database: query.decisions.Source.Key, maskKey: query.decisions.Source.MaskKey,
		valuesName: "oriel_values", alias: "t",
	}
	definitions, err := v.definitions(query.decisions)
	if err != nil {
		return nil, err
	}
	var all []source.Statement
	if len(v.values) > 0 {
		create, insert := v.valuesTable()
		all = append(all, source.Statement{Text: create}, source.Statement{Text: insert, Arguments: v.values})
	}
	for _, definition := range definitions {
		all = append(all, source.Statement{Text: definition})
	}
	return append(all, own), nil
}
