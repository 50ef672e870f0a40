package postgres

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/wasilibs/go-pgquery/parser"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// maxTextBytes bounds a question's text before any parser sees it.
const maxTextBytes = 16 << 10

// maxParsed bounds how many texts are remembered with what was found in them.
const maxParsed = 1024

// texts turns texts into trees. PostgreSQL's own parser runs in a sandbox, one
// text at a time: every further one at the same time would compile it anew. What
// is remembered has a lock of its own, so that nobody waits for the parser whose
// text is known. It is remembered by all that it was made of, and holds nothing
// of whoever asked: values are bound.
type texts struct {
	parsing sync.Mutex

	mu      sync.Mutex
	parsed  map[string]parsed
	selects map[string]*node  // of permitted rows, by their text; nobody changes one
	prints  map[string]string // what was printed and confirmed, by what it was made of
}

// parsed is what a text was found to be: what it reads, or why it is refused.
type parsed struct {
	statement statement
	err       error
}

func newTexts() *texts {
	return &texts{parsed: map[string]parsed{}, selects: map[string]*node{}, prints: map[string]string{}}
}

// known gives what is remembered, if it is.
func known[V any](t *texts, kept map[string]V, key string) (V, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	v, found := kept[key]
	return v, found
}

// remember keeps at most so many; all go when there are more.
func remember[V any](t *texts, kept map[string]V, key string, v V, most int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(kept) >= most {
		clear(kept)
	}
	kept[key] = v
}

// parse gives what a valid text reads. It depends on the text alone, so the
// answer is remembered. Errors: query_refused.
func (t *texts) parse(query string) (statement, error) {
	if len(query) > maxTextBytes {
		return statement{}, refuse("the query has %d bytes; %d are allowed", len(query), maxTextBytes)
	}
	if strings.ContainsRune(query, 0) || !utf8.ValidString(query) {
		return statement{}, refuse("the query holds a NUL character or is not UTF-8")
	}
	if answer, found := known(t, t.parsed, query); found {
		return answer.statement, answer.err
	}
	var answer parsed
	tree, err := t.tree(query)
	if err == nil {
		answer.statement, err = validate(query, tree)
	}
	if answer.err = err; err != nil && oriel.CodeOf(err) != oriel.CodeQueryRefused {
		return statement{}, err // of this call, not of the text
	}
	remember(t, t.parsed, query, answer, maxParsed)
	return answer.statement, answer.err
}

// tree gives the tree of the one SELECT that a text is. A sandbox that crashed,
// perhaps by another text, is not asked again: a new one is, once.
func (t *texts) tree(query string) (tree *node, err error) {
	t.parsing.Lock()
	defer t.parsing.Unlock()
	for range 2 {
		err = sandboxed(func() (err error) {
			tree, err = read(query)
			return err
		})
		if err == nil {
			return tree, nil
		}
		if !errors.Is(err, errCrashed) {
			return nil, err
		}
	}
	return nil, &oriel.Error{Code: oriel.CodeQueryRefused, Message: "The query makes PostgreSQL's parser crash.", Err: err}
}

// read gives the tree as the parser answers it. Errors: query_refused.
func read(query string) (*node, error) {
	if err := scan(query); err != nil {
		return nil, err
	}
	encoded, err := parser.ParseToProtobuf(query)
	if err != nil {
		return nil, refusedBy(query, err)
	}
	result, err := decode("ParseResult", encoded, 0)
	if err != nil {
		return nil, &oriel.Error{Code: oriel.CodeQueryRefused, Message: "The query's tree can't be read.", Err: err}
	}
	statements := result.list("stmts")
	if len(statements) == 0 {
		return nil, refuse("the text holds no SELECT")
	}
	if len(statements) != 1 {
		return nil, refuse("there are %d statements; exactly one SELECT is run", len(statements))
	}
	tree := statements[0].node("stmt")
	if tree == nil || tree.kind != "SelectStmt" {
		return nil, refuse("only a SELECT is run")
	}
	return tree, nil
}

// refusedBy is the parser's own word about a text.
func refusedBy(query string, err error) error {
	var syntax *parser.Error
	if !errors.As(err, &syntax) {
		return &oriel.Error{Code: oriel.CodeQueryRefused, Message: "The query can't be parsed.", Err: err}
	}
	if syntax.Cursorpos > 0 {
		return refuseAt(query, syntax.Cursorpos-1, "%s", syntax.Message)
	}
	return refuse("%s", syntax.Message)
}

// refuse makes a query_refused for the analyst.
func refuse(format string, args ...any) error {
	return oriel.E(oriel.CodeQueryRefused, format, args...)
}

// refuseAt says also where, by line and column (in characters, from 1).
func refuseAt(query string, offset int, format string, args ...any) error {
	if offset < 0 || offset > len(query) {
		return refuse(format, args...)
	}
	words := fmt.Sprintf(format, args...)
	before := query[:offset]
	line := strings.Count(before, "\n") + 1
	column := len([]rune(before[strings.LastIndexByte(before, '\n')+1:])) + 1
	return &oriel.Error{
		Code: oriel.CodeQueryRefused, Message: fmt.Sprintf("line %d, column %d: %s", line, column, words), Err: &source.Fault{Words: words, At: offset},
	}
}
