package postgres

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// withoutValues is the engine's error that tells the log what went wrong without
// the value that it went wrong with: its code, of the list that PostgreSQL
// publishes, and the constraint of its words that are never a value.
type withoutValues struct{ err *pgconn.PgError }

func (w withoutValues) Unwrap() error { return w.err }

func (w withoutValues) Error() string { return "PostgreSQL says error " + w.err.Code }

// failed turns what the engine said into our error.
func (t *texts) failed(query *narrowed, err error) error {
	var ours *oriel.Error
	if errors.As(err, &ours) {
		return err
	}
	var engine *pgconn.PgError
	if !errors.As(err, &engine) {
		return unavailable(query.source, errors.New("the connection was lost"))
	}
	if isDown(engine.Code) {
		return unavailable(query.source, withoutValues{engine})
	}
	return &oriel.Error{Code: oriel.CodeQueryFailed, Message: "This chart can't be shown.", Err: t.faultOf(query, engine)}
}

// faultOf is what the engine said of a query. It has words for an SQL question
// alone, and not for what stands in the selects of permitted rows: those are
// texts of ours, which name what is hidden. What is said with a place when names
// and types are resolved (class 42) is about the text and what exists for the
// principal; of a value that can't be computed with (class 22) the value is left
// out. What a function of the customer's raises, with a context, has no words.
func (t *texts) faultOf(query *narrowed, engine *pgconn.PgError) *source.Fault {
	fault := &source.Fault{At: -1, Err: withoutValues{engine}}
	if query.statement.tree == nil || engine.Where != "" {
		return fault
	}
	at := t.origin(query, int(engine.Position))
	switch class := engine.Code[:min(len(engine.Code), 2)]; {
	case class == "42" && at >= 0:
		fault.Words, fault.At = sentence(engine), at
	case class == "22":
		fault.Words, fault.At = source.WithoutValues(engine.Message), at
	default:
		fault.Words = fault.Err.Error()
	}
	return fault
}

// sentence is what the engine says, with its hint.
func sentence(engine *pgconn.PgError) string {
	words, _, _ := strings.Cut(engine.Message, "\n")
	if hint, _, _ := strings.Cut(engine.Hint, "\n"); hint != "" {
		words += ": " + strings.TrimSuffix(hint, ".")
	}
	return words
}

// origin finds the place in a question's own text, in bytes, of a place in what
// was printed of it, in characters from 1; -1 when it isn't known, or was not in
// the question.
func (t *texts) origin(query *narrowed, position int) int {
	if position < 1 {
		return -1
	}
	printed := 0 // in bytes
	for range position - 1 {
		if printed >= len(query.text) {
			return -1
		}
		_, size := utf8.DecodeRuneInString(query.text[printed:])
		printed += size
	}
	tree, err := t.tree(query.text)
	if err != nil || len(tree.list("from")) != 1 {
		return -1
	}
	p := places{wanted: printed, at: -1}
	p.visit(query.statement.tree, tree.list("from")[0].node("query"))
	return p.at
}

// places walks a question's tree beside that of what was printed of it, for the
// last node that begins no later than what is wanted.
type places struct{ wanted, nearest, at int }

func (p *places) visit(asked, printed *node) {
	if asked == nil || printed == nil {
		return
	}
	if asked.kind == "RangeVar" && printed.kind == "RangeSubselect" {
		p.within(printed)
		return
	}
	p.see(printed, asked.at)
	for name, part := range asked.parts {
		switch v := part.(type) {
		case *node:
			p.visit(v, printed.node(name))
		case []*node:
			list := printed.list(name)
			for i := range min(len(v), len(list)) {
				p.visit(v[i], list[i])
			}
		}
	}
}

// within sees the nodes of permitted rows, which stand nowhere in the question.
func (p *places) within(n *node) {
	p.see(n, -1)
	for _, child := range n.children() {
		p.within(child)
	}
}

func (p *places) see(printed *node, at int) {
	if printed.at >= 0 && printed.at <= p.wanted && printed.at >= p.nearest {
		p.nearest, p.at = printed.at, at
	}
}

// isDown tells the codes of a server that can't be used from those of a query
// that failed: connections, logins, a database or role that is missing, a
// server that goes down.
func isDown(code string) bool {
	switch code {
	case "57P01", "57P02", "57P03", "57P04", "57P05", "53300":
		return true
	}
	return strings.HasPrefix(code, "08") || strings.HasPrefix(code, "28") || strings.HasPrefix(code, "3D") || strings.HasPrefix(code, "0P")
}

func unavailable(src oriel.Source, err error) error {
	return &oriel.Error{Code: oriel.CodeSourceUnavailable,
		Message: "The data source " + src.Key + " is not available.", Err: err}
}
