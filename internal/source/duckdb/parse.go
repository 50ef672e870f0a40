package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"

	driver "github.com/duckdb/duckdb-go/v2"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// maxTextBytes bounds a question's text before any parser sees it.
const maxTextBytes = 16 << 10

// maxParsed bounds how many texts are remembered with what was found in them.
const maxParsed = 1024

// parser turns texts into trees on an instance that holds nothing.
type parser struct {
	db *sql.DB

	mu     sync.Mutex
	parsed map[string]parsed
}

// parsed is what a text was found to be: what it reads, or why it is refused.
type parsed struct {
	statement statement
	err       error
}

func newParser() (*parser, error) {
	connector, err := driver.NewConnector("?"+emptySettings().Encode(), nil)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(2)
	return &parser{db: db, parsed: map[string]parsed{}}, nil
}

func (p *parser) close() error { return p.db.Close() }

// parse gives what a valid text reads. It depends on the text alone, so the
// answer is remembered. Errors: query_refused.
func (p *parser) parse(ctx context.Context, text string) (statement, error) {
	if len(text) > maxTextBytes {
		return statement{}, refuse("the query has %d bytes; %d are allowed", len(text), maxTextBytes)
	}
	if strings.ContainsRune(text, 0) {
		return statement{}, refuse("the query holds a NUL character")
	}
	p.mu.Lock()
	known, found := p.parsed[text]
	p.mu.Unlock()
	if found {
		return known.statement, known.err
	}
	tree, err := p.serialize(ctx, text)
	if err == nil {
		known.statement, err = validate(text, tree)
	}
	if err == nil {
		err = p.confirm(ctx, text, known.statement)
	}
	if known.err = err; err != nil && oriel.CodeOf(err) != oriel.CodeQueryRefused {
		return statement{}, err // of this call, not of the text
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.parsed) >= maxParsed {
		clear(p.parsed)
	}
	p.parsed[text] = known
	return known.statement, known.err
}

// serialized is what json_serialize_sql answers.
type serialized struct {
	Error      bool              `json:"error"`
	Kind       string            `json:"error_type"`
	Message    string            `json:"error_message"`
	Position   string            `json:"position"`
	Statements []json.RawMessage `json:"statements"`
}

// serialize gives the tree of the one SELECT that the text is.
func (p *parser) serialize(ctx context.Context, text string) (any, error) {
	var answer string
	err := p.db.QueryRowContext(ctx,
		`select json_serialize_sql($1::varchar, skip_null := true, skip_empty := true, skip_default := true)::varchar`, text).Scan(&answer)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, &oriel.Error{Code: oriel.CodeQueryRefused, Message: "The query can't be parsed.", Err: err}
	}
	decoder := json.NewDecoder(strings.NewReader(answer))
	decoder.UseNumber()
	var result serialized
	if err := decoder.Decode(&result); err != nil {
		return nil, &oriel.Error{Code: oriel.CodeQueryRefused, Message: "The query's tree can't be read.", Err: err}
	}
	switch {
	case result.Error && result.Kind == "parser":
		offset, err := strconv.Atoi(result.Position)
		if err != nil {
			return nil, refuse("%s", result.Message)
		}
		return nil, refuseAt(text, offset, "%s", result.Message)
	case result.Error:
		return nil, refuse("only a SELECT is run")
	case len(result.Statements) == 0:
		return nil, refuse("the text holds no SELECT")
	case len(result.Statements) != 1:
		return nil, refuse("there are %d statements; exactly one SELECT is run", len(result.Statements))
	}
	decoder = json.NewDecoder(strings.NewReader(string(result.Statements[0])))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return nil, &oriel.Error{Code: oriel.CodeQueryRefused, Message: "The query's tree can't be read.", Err: err}
	}
	return tree, nil
}

// refuse makes a query_refused for the analyst.
func refuse(format string, args ...any) error {
	return oriel.E(oriel.CodeQueryRefused, format, args...)
}

// refuseAt says also where, by line and column (in characters, from 1).
func refuseAt(text string, offset int, format string, args ...any) error {
	if offset < 0 || offset > len(text) {
		return refuse(format, args...)
	}
	words := fmt.Sprintf(format, args...)
	before := text[:offset]
	line := strings.Count(before, "\n") + 1
	column := len([]rune(before[strings.LastIndexByte(before, '\n')+1:])) + 1
	return &oriel.Error{
		Code: oriel.CodeQueryRefused, Message: fmt.Sprintf("line %d, column %d: %s", line, column, words), Err: &source.Fault{Words: words, At: offset},
	}
}
