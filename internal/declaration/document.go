package declaration

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Bounds on what is read; a declaration is written by hand.
const (
	maxFile  = 1 << 20
	maxDepth = 32
)

// document is one file as a tree that remembers where everything stands.
type document struct {
	name string // as given
	dir  string // absolute, of the file
	root *yaml.Node
	// lines: path → line of the value; keys: path → line of its key. A path
	// is the names and indexes on the way, joined by "/".
	lines map[string]int
	keys  map[string]int
	// referred paths hold text that came by reference; values are what came.
	// It may be secret, so no problem shows it.
	referred map[string]bool
	values   []string
	problems problems
}

// readDocument reads and parses one file and puts its references in.
func readDocument(name string, env func(string) (string, bool)) (*document, any, error) {
	d := &document{name: name, lines: map[string]int{}, keys: map[string]int{}, referred: map[string]bool{}}
	absolute, err := filepath.Abs(name)
	if err != nil {
		return nil, nil, d.whole("its path cannot be made absolute: give an absolute path")
	}
	d.dir = filepath.Dir(absolute)
	content, err := readBounded(absolute, maxFile)
	if err != nil {
		return nil, nil, d.whole("cannot be read (%s): check the path and its permissions", cause(err))
	}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	var node yaml.Node
	if err := decoder.Decode(&node); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil, d.whole(`is empty: begin it with "version: 1"`)
		}
		return nil, nil, d.syntax(err)
	}
	if err := decoder.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return nil, nil, d.whole(`holds more than one document: remove the "---" lines or split the file`)
	}
	d.root = node.Content[0]
	value := d.read(d.root, "", references{dir: d.dir, env: env}, 0)
	return d, value, d.problems.err()
}

// read turns a node into plain values for the schema, in passing resolving
// references in the node itself and noting lines.
func (d *document) read(n *yaml.Node, path string, refs references, depth int) any {
	d.lines[path] = n.Line
	switch {
	case depth > maxDepth:
		d.fail(n.Line, "is nested more than %d deep: flatten it", maxDepth)
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		d.fail(n.Line, "anchors and aliases (& and *) are not taken: write the value out")
	case n.Kind == yaml.MappingNode:
		return d.readMapping(n, path, refs, depth)
	case n.Kind == yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for i, item := range n.Content {
			list = append(list, d.read(item, join(path, i), refs, depth+1))
		}
		return list
	case n.Kind == yaml.ScalarNode:
		return d.readScalar(n, path, refs)
	}
	return nil
}

func (d *document) readMapping(n *yaml.Node, path string, refs references, depth int) any {
	mapping := make(map[string]any, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!merge" {
			d.fail(key.Line, "a key must be a plain text: merge keys (<<) and lists as keys are not taken")
			continue
		}
		at := join(path, key.Value)
		if first, found := d.keys[at]; found {
			d.fail(key.Line, "%q stands here a second time (first on line %d): remove one", key.Value, first)
			continue
		}
		key.Tag, key.Style = "!!str", yaml.DoubleQuotedStyle
		d.keys[at] = key.Line
		mapping[key.Value] = d.read(value, at, refs, depth+1)
	}
	return mapping
}

func (d *document) readScalar(n *yaml.Node, path string, refs references) any {
	switch n.ShortTag() {
	case "!!str", "!!timestamp": // an unquoted 2001-01-31 is text to us
		text, values, err := refs.resolve(n.Value)
		if err != nil {
			d.fail(n.Line, "%s", err)
			return ""
		}
		n.Value, n.Tag, n.Style = text, "!!str", yaml.DoubleQuotedStyle
		d.referred[path] = len(values) > 0
		d.values = append(d.values, values...)
		return text
	case "!!bool":
		var v bool
		if n.Decode(&v) == nil {
			return v
		}
	case "!!int", "!!float":
		var v float64
		if n.Decode(&v) == nil && !math.IsInf(v, 0) && !math.IsNaN(v) {
			return v
		}
		d.fail(n.Line, "%q is not a number that is taken: write one with digits, or a text in quotes", n.Value)
		return nil
	case "!!null":
		return nil
	}
	d.fail(n.Line, "%s is not a value that is taken: write a text, a number, true or false", n.ShortTag())
	return nil
}

// fail notes a problem on a line.
func (d *document) fail(line int, format string, args ...any) {
	d.problems = append(d.problems, Problem{File: d.name, Line: line, Message: d.redact(fmt.Sprintf(format, args...))})
}

// minSecretShown is the shortest value that is worth hiding: a shorter one is
// no secret, and hiding it would garble the sentence.
const minSecretShown = 4

// redact takes what came by reference out of a message, also as it is quoted.
func (d *document) redact(message string) string {
	for _, v := range d.values {
		if len(v) < minSecretShown {
			continue
		}
		quoted := strconv.Quote(v)
		message = strings.ReplaceAll(message, quoted[1:len(quoted)-1], "…")
		message = strings.ReplaceAll(message, v, "…")
	}
	return message
}

// at notes a problem with the value on a path: with its key where it has one.
func (d *document) at(path, format string, args ...any) {
	d.fail(d.line(path), format, args...)
}

// line is where the path, or what of it exists, stands.
func (d *document) line(path string) int {
	for {
		if line, found := d.keys[path]; found {
			return line
		}
		if line, found := d.lines[path]; found {
			return line
		}
		cut := strings.LastIndexByte(path, '/')
		if cut < 0 {
			return 1
		}
		path = path[:cut]
	}
}

func (d *document) whole(format string, args ...any) error {
	return &Error{Problems: []Problem{{File: d.name, Message: fmt.Sprintf(format, args...)}}}
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// syntax tells an error of the YAML parser with its line.
func (d *document) syntax(err error) error {
	first, _, _ := strings.Cut(err.Error(), "\n")
	match := yamlLine.FindStringSubmatch(first)
	if match == nil {
		return d.whole("is not YAML: check indentation, quotes and brackets")
	}
	line, _ := strconv.Atoi(match[1]) // empty: 0, the whole file
	return &Error{Problems: []Problem{{File: d.name, Line: line, Message: fmt.Sprintf("is not YAML (%s): check indentation, quotes and brackets here or just above", match[2])}}}
}

func join(path string, names ...any) string {
	for _, n := range names {
		name := strings.ReplaceAll(fmt.Sprint(n), "/", "~1")
		if path != "" {
			name = path + "/" + name
		}
		path = name
	}
	return path
}

// readBounded reads a whole file that is not larger than limit bytes.
func readBounded(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAll(f, limit)
}
