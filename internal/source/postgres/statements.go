package postgres

import (
	"github.com/oriel-bi/oriel/internal/source"
)

// Statements tells what Run would execute within its transaction: the text, and
// what is bound beside it. Error: query_refused for another engine's query.
func (e *Engine) Statements(n source.Narrowed) ([]source.Statement, error) {
	query, ok := n.Engine().(*narrowed)
	if !ok {
		return nil, refuse("the query was not narrowed by this engine")
	}
	statements := []source.Statement{{Text: query.text, Arguments: query.arguments}}
	if query.native == nil {
		return statements, nil
	}
	told, err := tellStatement(*query.native)
	if err != nil {
		return nil, err
	}
	return append([]source.Statement{told}, statements...), nil
}
