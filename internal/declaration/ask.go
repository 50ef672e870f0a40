package declaration

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// AskedQuestions reads questions that nobody saved, by the shape and the checks
// of those in a file. It may be used by many at once.
type AskedQuestions struct{ schema *shape }

// NewAskedQuestions makes one; its error is that of the schema within.
func NewAskedQuestions() (*AskedQuestions, error) {
	schema, err := newShape()
	return &AskedQuestions{schema}, err
}

// Bounds on what is read: one question, which anybody may send who may explore.
const (
	maxAskedValues     = 4000 // texts, numbers, lists and mappings, in all
	maxAskedPath       = 500  // bytes of the names around a value, and of their nesting
	maxAskedParameters = 50
	maxAskedColumns    = 100
	maxAskedText       = 16 << 10 // bytes, of SQL
	maxAskedSentence   = 400      // bytes, of what is told of one thing
)

// asked is the key of a question that has none.
const asked = "question"

// Read reads a question under the names that it has in a file: structured, or
// sql and source; parameters, columns, chart. Without a chart it is a table. It
// may name the models and sources of seen and nothing else, so that whatever a
// sentence suggests is in there. Texts are as they stand: nothing refers to the
// server's environment or its files. An error is one sentence for each thing that
// is wrong, which names its place.
func (a *AskedQuestions) Read(settings map[string]any, seen *oriel.Declaration) (oriel.Question, error) {
	for _, name := range []string{"name", "description", "collection", "cache"} {
		if _, found := settings[name]; found {
			return oriel.Question{}, fmt.Errorf("unknown key %q: it belongs to saved questions", name)
		}
	}
	if err := bounded(settings); err != nil {
		return oriel.Question{}, err
	}
	settings = maps.Clone(settings)
	if _, found := settings["chart"]; !found {
		settings["chart"] = map[string]any{"kind": "table"}
	}
	settings["name"], settings["collection"] = "Question", asked
	path := join("questions", asked)
	d := &document{lines: map[string]int{}, keys: map[string]int{}, referred: map[string]bool{}}
	value := map[string]any{"version": 1.0, "questions": map[string]any{asked: settings}}
	keysOfTree(d, value, "")
	a.schema.check(d, value)
	if err := d.spokenOf(path); err != nil {
		return oriel.Question{}, err
	}
	node, err := nodeOf(settings)
	if err != nil {
		return oriel.Question{}, err
	}
	var w wireQuestion
	if err := node.Decode(&w); err != nil {
		return oriel.Question{}, errors.New("the question cannot be read: write plain texts, numbers, true or false, lists and objects")
	}
	b := &builder{origin: map[string]place{path: {doc: d, path: path}}}
	b.out.Questions = []oriel.Question{b.question(d, asked, w)}
	if err := d.spokenOf(path); err != nil {
		return oriel.Question{}, err
	}
	x := indexOf(seen)
	x.collections = []string{asked}
	b.checkQuestion(&b.out.Questions[0], x)
	d.problems = append(d.problems, b.problems...)
	question := b.out.Questions[0]
	question.Key, question.Name, question.Collection = "", "", ""
	return question, d.spokenOf(path)
}

// bounded refuses what is too much to look at in detail.
func bounded(settings map[string]any) error {
	switch n, longest := measure(settings, 0); {
	case n > maxAskedValues:
		return fmt.Errorf("the question has %d values and may have %d: ask for less", n, maxAskedValues)
	case longest > maxAskedPath:
		return fmt.Errorf("the names around a value have %d bytes and may have %d: shorten them, or nest less", longest, maxAskedPath)
	}
	for name, most := range map[string]int{"parameters": maxAskedParameters, "columns": maxAskedColumns} {
		if mapping, is := settings[name].(map[string]any); is && len(mapping) > most {
			return fmt.Errorf("%q has %d entries and may have %d: remove some", name, len(mapping), most)
		}
	}
	if text, is := settings["sql"].(string); is && len(text) > maxAskedText {
		return fmt.Errorf("\"sql\" has %d bytes and may have %d: shorten it", len(text), maxAskedText)
	}
	return nil
}

// levelBytes is what a level of nesting takes in the place of a value, beside its
// name.
const levelBytes = 8

// measure counts the values, and the bytes of the longest place of one, which is
// written for each value below it.
func measure(value any, place int) (n, longest int) {
	n, longest = 1, place
	below := func(item any, name string) {
		more, deepest := measure(item, place+len(name)+levelBytes)
		n, longest = n+more, max(longest, deepest)
	}
	switch value := value.(type) {
	case map[string]any:
		for name, item := range value {
			below(item, name)
		}
	case []any:
		for _, item := range value {
			below(item, "")
		}
	}
	return n, longest
}

// spokenOf is spoken for the first few problems, and the beginning of each: a
// body may have thousands, and a name may be as long as it.
func (d *document) spokenOf(path string) error {
	if len(d.problems) > maxProblems {
		d.problems = d.problems[:maxProblems]
	}
	for i, p := range d.problems {
		if len(p.Message) > maxAskedSentence {
			d.problems[i].Message = strings.ToValidUTF8(p.Message[:maxAskedSentence], "") + "…"
		}
	}
	return d.spoken(path, "the question")
}

// nodeOf is a value as a parsed file has it. No text is written and read again
// on the way, so each stays what it is, byte for byte.
func nodeOf(value any) (*yaml.Node, error) {
	switch value := value.(type) {
	case nil:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, nil
	case string:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: value}, nil
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(value)}, nil
	case float64:
		if value == math.Trunc(value) && math.Abs(value) <= 1<<53 {
			return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.FormatInt(int64(value), 10)}, nil
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!float", Value: strconv.FormatFloat(value, 'g', -1, 64)}, nil
	case []any:
		list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for _, item := range value {
			node, err := nodeOf(item)
			if err != nil {
				return nil, err
			}
			list.Content = append(list.Content, node)
		}
		return list, nil
	case map[string]any:
		mapping := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		for _, name := range slices.Sorted(maps.Keys(value)) {
			node, err := nodeOf(value[name])
			if err != nil {
				return nil, err
			}
			key, _ := nodeOf(name)
			mapping.Content = append(mapping.Content, key, node)
		}
		return mapping, nil
	}
	return nil, fmt.Errorf("a question holds a %T, which JSON has not", value)
}
