package declaration

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// schemaText is the JSON Schema (2020-12) of the format, as published.
//
//go:embed schema.json
var schemaText []byte

// shape is the compiled schema and its text as a tree, for the sentences.
type shape struct {
	compiled *jsonschema.Schema
	tree     any
}

func newShape() (*shape, error) {
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaText))
	if err != nil {
		return nil, fmt.Errorf("read the declaration schema: %w", err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("declaration.json", tree); err != nil {
		return nil, fmt.Errorf("read the declaration schema: %w", err)
	}
	compiled, err := compiler.Compile("declaration.json")
	if err != nil {
		return nil, fmt.Errorf("compile the declaration schema: %w", err)
	}
	return &shape{compiled: compiled, tree: tree}, nil
}

// check notes in d whatever of the value the schema does not take.
func (s *shape) check(d *document, value any) {
	var invalid *jsonschema.ValidationError
	err := s.compiled.Validate(value)
	if err != nil && !errors.As(err, &invalid) {
		d.fail(1, "cannot be checked against the schema: write plain texts, numbers, lists and mappings")
		return
	}
	found := leaves(invalid)
	mistyped := map[string]bool{} // what an unknown key was probably meant to be
	for _, e := range found {
		if k, is := e.ErrorKind.(*kind.AdditionalProperties); is {
			for _, name := range k.Properties {
				mistyped[join(pathOf(e), nearest(name, s.properties(e.SchemaURL)))] = true
			}
		}
	}
	for _, e := range found {
		s.tell(d, e, mistyped)
	}
}

// leaves are the parts of an error that have no cause: each is one thing to
// mend. The name of a property is one, whatever is wrong with it.
func leaves(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if e == nil {
		return nil
	}
	if _, is := e.ErrorKind.(*kind.PropertyNames); is || len(e.Causes) == 0 {
		return []*jsonschema.ValidationError{e}
	}
	var out []*jsonschema.ValidationError
	for _, c := range e.Causes {
		out = append(out, leaves(c)...)
	}
	return out
}

func pathOf(e *jsonschema.ValidationError) string {
	path := ""
	for _, token := range e.InstanceLocation {
		path = join(path, token)
	}
	return path
}

func (s *shape) tell(d *document, e *jsonschema.ValidationError, mistyped map[string]bool) {
	path := pathOf(e)
	switch k := e.ErrorKind.(type) {
	case *kind.PropertyNames:
		for _, at := range misnamed(d, e.SchemaURL, k.Property) {
			d.at(at, "%q is not %s", k.Property, s.propertyNames(e.SchemaURL))
		}
	case *kind.AdditionalProperties:
		known := s.properties(e.SchemaURL)
		for _, name := range k.Properties {
			hint := suggest(name, known)
			if strings.HasSuffix(e.SchemaURL, "/dashboard_parameter") && (name == "table" || name == "column") {
				hint = `a dashboard's filter names its column under "values", as values: {model: MODEL, column: COLUMN}`
			}
			d.at(join(path, name), "unknown key %q%s: %s", name, in(path), hint)
		}
	case *kind.Required:
		for _, name := range k.Missing {
			if !mistyped[join(path, name)] {
				d.at(path, "%s needs %q: add it", subject(path), name)
			}
		}
	default:
		d.at(path, "%s %s", subject(path), s.sentence(d, path, e))
	}
}

// misnamed finds where a key stands that the schema doesn't take. The library
// says of which mapping by the schema's location alone (in v6.0.3 the
// instance's is overwritten): its last name is that of the mapping.
func misnamed(d *document, url, name string) []string {
	mapping := ""
	if parts := strings.Split(url, "/"); len(parts) > 1 {
		mapping = parts[len(parts)-2]
	}
	var found []string
	for at := range d.keys {
		parts := strings.Split(at, "/")
		if n := len(parts); n > 1 && at == join(strings.Join(parts[:n-1], "/"), name) && parts[n-2] == mapping {
			found = append(found, at)
		}
	}
	return found
}

func (s *shape) sentence(d *document, path string, e *jsonschema.ValidationError) string {
	switch k := e.ErrorKind.(type) {
	case *kind.Type:
		return "must be " + typeNames(k.Want) + ", not " + typeNames([]string{k.Got})
	case *kind.Enum:
		return "must be " + oneOf(k.Want) + s.received(d, path, k.Got, k.Want)
	case *kind.Pattern:
		text, _ := s.at(e.SchemaURL)["description"].(string)
		if d.referred[path] {
			return "must be " + text
		}
		return fmt.Sprintf("must be %s, not %q", text, k.Got)
	case *kind.MinLength:
		return "is empty: fill it in or remove it"
	case *kind.MaxLength:
		return fmt.Sprintf("is longer than %d characters: shorten it", k.Want)
	case *kind.MinItems:
		return fmt.Sprintf("needs at least %d", k.Want)
	case *kind.MaxItems:
		return fmt.Sprintf("has %d entries and may have %d: remove some", k.Got, k.Want)
	case *kind.Minimum:
		return "must be at least " + number(k.Want)
	case *kind.Maximum:
		return "must be at most " + number(k.Want)
	case *kind.ExclusiveMinimum:
		return "must be more than " + number(k.Want) + s.below(e)
	case *kind.ExclusiveMaximum:
		return "must be less than " + number(k.Want) + s.above(e)
	}
	return "is not as the format wants it: see docs/reference/declarations.md"
}

// below and above tell the other end of a range, so that one sentence has both.
func (s *shape) below(e *jsonschema.ValidationError) string {
	if most, found := s.bound(e.SchemaURL, "exclusiveMaximum"); found {
		return " and less than " + most
	}
	return ""
}

func (s *shape) above(e *jsonschema.ValidationError) string {
	if least, found := s.bound(e.SchemaURL, "exclusiveMinimum"); found {
		return " and more than " + least
	}
	return ""
}

func (s *shape) bound(url, name string) (string, bool) {
	value, found := s.at(url)[name]
	return fmt.Sprint(value), found
}

func (s *shape) received(d *document, path string, got any, want []any) string {
	text, isText := got.(string)
	if d.referred[path] || !isText {
		return ""
	}
	names := make([]string, 0, len(want))
	for _, w := range want {
		names = append(names, fmt.Sprint(w))
	}
	if n := nearest(text, names); n != "" {
		return fmt.Sprintf(", not %q: did you mean %q?", text, n)
	}
	return fmt.Sprintf(", not %q", text)
}

// at finds the part of the schema that an error's URL points to.
func (s *shape) at(url string) map[string]any {
	_, fragment, _ := strings.Cut(url, "#")
	node := s.tree
	for token := range strings.SplitSeq(strings.TrimPrefix(fragment, "/"), "/") {
		if token == "" {
			continue
		}
		token = strings.NewReplacer("~1", "/", "~0", "~", "%24", "$").Replace(token)
		parent, _ := node.(map[string]any)
		node = parent[token]
	}
	found, _ := node.(map[string]any)
	return found
}

func (s *shape) properties(url string) []string {
	found, _ := s.at(url)["properties"].(map[string]any)
	return slices.Collect(maps.Keys(found))
}

// propertyNames is the description of what a mapping's names must be.
func (s *shape) propertyNames(url string) string {
	part := s.at(url)
	if ref, found := part["$ref"].(string); found {
		part = s.at(ref)
	}
	text, _ := part["description"].(string)
	return strings.TrimSuffix(text, ".")
}

// subject names the value on a path: `"name" of questions.departures`.
func subject(path string) string {
	if path == "" {
		return "the file"
	}
	return dotted(path)
}

func in(path string) string {
	if path == "" {
		return ""
	}
	return " in " + dotted(path)
}

func dotted(path string) string {
	return strings.ReplaceAll(strings.ReplaceAll(path, "/", "."), "~1", "/")
}

func oneOf(values []any) string {
	texts := make([]string, 0, len(values))
	for _, v := range values {
		texts = append(texts, fmt.Sprint(v))
	}
	if len(texts) == 1 {
		return texts[0]
	}
	return "one of " + strings.Join(texts, ", ")
}

func typeNames(types []string) string {
	plain := map[string]string{"string": "a text", "number": "a number", "integer": "a whole number", "boolean": "true or false", "array": "a list", "object": "a mapping", "null": "empty"}
	out := make([]string, 0, len(types))
	for _, t := range types {
		out = append(out, plain[t])
	}
	return strings.Join(out, " or ")
}

func number(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	return r.FloatString(2)
}

// normal is a constant as JSON decodes it, so that a declaration is the same
// before and after it was stored.
func normal(value any) (any, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("encode a constant: %w", err)
	}
	var out any
	if err := json.Unmarshal(text, &out); err != nil {
		return nil, fmt.Errorf("decode a constant: %w", err)
	}
	return out, nil
}
