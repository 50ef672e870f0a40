package query

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// template is an analyst's text, cut at its {{parameters}} and its optional
// parts [[ … ]]. Reading it guards against mistakes, not against malice: what
// may run is for the engine to decide, over the text that comes out.
type template struct {
	text  string
	parts []part
}

// part is a plain text, a value, or an optional part.
type part struct {
	at       int // in the template, in bytes
	text     string
	value    *placeholder
	optional []part
}

// placeholder is one {{name}}; end is from or to of a date range.
type placeholder struct {
	name, end string
	kind      oriel.ParameterType
	// column is how the text of a column filter names its column, quoted.
	column     string
	columnType oriel.ColumnType
}

// parseTemplate reads a text for a kind of source against the parameters that a
// question declares. Errors: query_refused with line and column, for the analyst.
func parseTemplate(text string, parameters []oriel.Parameter, kind oriel.SourceKind) (template, error) {
	r := &templateReader{text: text, parameters: parameters, kind: kind, used: map[string]bool{}}
	parts, err := r.parts(len(text), false)
	if err != nil {
		return template{}, err
	}
	for _, p := range parameters {
		if !r.used[p.Name] {
			return template{}, oriel.E(oriel.CodeQueryRefused, "the parameter %q stands nowhere in the text: write {{%s}} or remove it", p.Name, p.Name)
		}
	}
	return template{text: text, parts: parts}, nil
}

type templateReader struct {
	text       string
	at         int
	parameters []oriel.Parameter
	kind       oriel.SourceKind
	used       map[string]bool
}

// parts reads up to end; inside tells that it is within an optional part.
func (r *templateReader) parts(end int, inside bool) ([]part, error) {
	var parts []part
	begin := r.at
	plain := func() {
		if r.at > begin {
			parts = append(parts, part{at: begin, text: r.text[begin:r.at]})
		}
	}
	for r.at < end {
		rest := r.text[r.at:end]
		switch {
		case strings.HasPrefix(rest, "{{"):
			plain()
			at := r.at
			value, err := r.placeholder(end)
			if err != nil {
				return nil, err
			}
			if !inside && !r.certain(value) {
				return nil, r.refuse(at, "{{%s}} may be missing: put the condition into [[ … ]], make the parameter required or give it a default", value.name)
			}
			parts = append(parts, part{at: at, value: &value})
			begin = r.at
		case strings.HasPrefix(rest, "[["):
			close, holds, err := r.optionalEnd(end)
			if err != nil {
				return nil, err
			}
			if !holds { // a list of lists, in which no parameter stands, or [[ alone
				r.at = end
				if close > 0 {
					r.at = close + 2
				}
				continue
			}
			if inside {
				return nil, r.refuse(r.at, "an optional part stands in another: write them one after the other")
			}
			plain()
			at := r.at
			r.at += 2
			optional, err := r.parts(close, true)
			if err != nil {
				return nil, err
			}
			parts = append(parts, part{at: at, optional: optional})
			r.at = close + 2
			begin = r.at
		default:
			if err := r.skip(end); err != nil {
				return nil, err
			}
		}
	}
	plain()
	return parts, nil
}

// certain tells whether something stands there in every run.
func (r *templateReader) certain(value placeholder) bool {
	return value.kind == oriel.ParameterColumn ||
		slices.ContainsFunc(r.parameters, func(p oriel.Parameter) bool { return p.Name == value.name && p.Certain() })
}

// placeholder reads {{name}} or {{name.from}}.
func (r *templateReader) placeholder(end int) (placeholder, error) {
	close := strings.Index(r.text[r.at:end], "}}")
	if close < 0 {
		return placeholder{}, r.refuse(r.at, "{{ is not closed: write {{name}}")
	}
	name := strings.TrimSpace(r.text[r.at+2 : r.at+close])
	name, edge, dotted := strings.Cut(name, ".")
	at := slices.IndexFunc(r.parameters, func(p oriel.Parameter) bool { return p.Name == name })
	if at < 0 {
		return placeholder{}, r.refuse(r.at, "there is no parameter %q: declare it under parameters", name)
	}
	p := r.parameters[at]
	isRange := p.Type == oriel.ParameterDateRange
	if isRange && edge != "from" && edge != "to" {
		return placeholder{}, r.refuse(r.at, "%q is a date_range: write {{%s.from}} or {{%s.to}}", name, name, name)
	}
	if !isRange && dotted {
		return placeholder{}, r.refuse(r.at, "%q is a %s, which has no .%s: write {{%s}}", name, p.Type, edge, name)
	}
	value := placeholder{name: name, end: edge, kind: p.Type}
	if p.Type == oriel.ParameterColumn {
		if p.Column == nil {
			return placeholder{}, r.refuse(r.at, "%q says no column to filter by", name)
		}
		// Without a type it is not there for who asks: then no value fits it, and
		// the condition is true.
		value.column, value.columnType = quoted(*p.Column, r.kind), p.ColumnType
	}
	r.used[name] = true
	r.at += close + 2
	return value, nil
}

// optionalEnd finds the ]] of the [[ at hand, and whether a parameter stands
// between: without one it is a list of lists.
func (r *templateReader) optionalEnd(end int) (close int, holds bool, err error) {
	begin := r.at
	defer func() { r.at = begin }()
	r.at += 2
	for r.at < end {
		switch rest := r.text[r.at:end]; {
		case strings.HasPrefix(rest, "]]"):
			return r.at, holds, nil
		case strings.HasPrefix(rest, "{{"):
			holds = true
			r.at += 2
		case strings.HasPrefix(rest, "[["):
			inner, nested, err := r.optionalEnd(end)
			switch {
			case err != nil:
				return 0, false, err
			case nested:
				return 0, false, r.refuse(r.at, "an optional part stands in another: write them one after the other")
			}
			if inner == 0 { // what doesn't end in there doesn't end around it
				r.at = end
				continue
			}
			r.at = inner + 2 // past a list of lists
		default:
			if err := r.skip(end); err != nil {
				return 0, false, err
			}
		}
	}
	if holds {
		return 0, false, r.refuse(begin, "[[ is not closed: write [[ … ]]")
	}
	return 0, false, nil
}

// skip moves past one character, or past a whole quoted text or comment, in
// which nothing may look like a parameter.
func (r *templateReader) skip(end int) error {
	rest := r.text[r.at:end]
	switch {
	case rest[0] == '\'':
		return r.quoted(end, "'", r.at > 0 && (r.text[r.at-1] == 'e' || r.text[r.at-1] == 'E') && (r.at == 1 || !isWord(r.text[r.at-2])))
	case rest[0] == '"':
		return r.quoted(end, `"`, false)
	case strings.HasPrefix(rest, "--"):
		length := strings.IndexByte(rest, '\n')
		if length < 0 {
			length = len(rest)
		}
		return r.pass(length, "a comment")
	case strings.HasPrefix(rest, "/*"):
		return r.comment(end)
	case rest[0] == '$':
		return r.dollar(end)
	case rest[0] == '?':
		return r.refuse(r.at, "? is no parameter here: write {{name}}")
	}
	r.at++
	return nil
}

// quoted passes a quoted text; a doubled quote is one inside, and with escapes
// a backslash takes the next character.
func (r *templateReader) quoted(end int, quote string, escapes bool) error {
	rest := r.text[r.at:end]
	for i := 1; i < len(rest); i++ {
		switch {
		case escapes && rest[i] == '\\':
			i++
		case rest[i] != quote[0]:
		case i+1 < len(rest) && rest[i+1] == quote[0]:
			i++
		default:
			return r.pass(i+1, "a quoted text")
		}
	}
	return r.refuse(r.at, "%s is not closed", quote)
}

func (r *templateReader) comment(end int) error {
	rest := r.text[r.at:end]
	depth := 0
	for i := 0; i+1 < len(rest); i++ {
		switch rest[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			depth--
			i++
			if depth == 0 {
				return r.pass(i+1, "a comment")
			}
		}
	}
	return r.refuse(r.at, "/* is not closed")
}

// dollar passes a text between $tag$ and $tag$; any other $ would be a
// placeholder of the engine's own.
func (r *templateReader) dollar(end int) error {
	rest := r.text[r.at:end]
	length := 1
	for length < len(rest) && isWord(rest[length]) {
		length++
	}
	isTag := length < len(rest) && rest[length] == '$' && (length == 1 || rest[1] < '0' || rest[1] > '9')
	if !isTag {
		return r.refuse(r.at, "$ is no parameter here: write {{name}}")
	}
	tag := rest[:length+1]
	close := strings.Index(rest[len(tag):], tag)
	if close < 0 {
		return r.refuse(r.at, "%s is not closed", tag)
	}
	return r.pass(close+2*len(tag), "a quoted text")
}

func isWord(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= utf8.RuneSelf
}

// pass moves past length bytes, which hold no parameter.
func (r *templateReader) pass(length int, what string) error {
	if at := strings.Index(r.text[r.at:r.at+length], "{{"); at >= 0 {
		return r.refuse(r.at+at, "{{ stands in %s, where a value can't be bound: take it out of there", what)
	}
	r.at += length
	return nil
}

// refuse tells the analyst where.
func (r *templateReader) refuse(at int, format string, args ...any) error {
	return oriel.E(oriel.CodeQueryRefused, "%s: %s", lineAndColumn(r.text, at), fmt.Sprintf(format, args...))
}

// lineAndColumn is a place in a text; columns count characters.
func lineAndColumn(text string, at int) string {
	before := text[:at]
	line := strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return fmt.Sprintf("line %d, column %d", line, column)
}

// render puts $1, $2, … where values stand. An optional part stays only when
// each of its values was brought; its lines stay, so that the text has those of
// the template.
func (t template) render(values map[string]source.ParameterValue) (rendered, error) {
	w := &templateWriter{values: values, bound: map[string]int{}}
	for _, p := range t.parts {
		if p.optional == nil {
			if err := w.write(p); err != nil {
				return rendered{}, err
			}
			continue
		}
		if !w.brought(p.optional) {
			for _, inner := range p.optional {
				w.out.WriteString(strings.Repeat("\n", strings.Count(inner.text, "\n")))
			}
			continue
		}
		for _, inner := range p.optional {
			if err := w.write(inner); err != nil {
				return rendered{}, err
			}
		}
	}
	return rendered{text: w.out.String(), arguments: w.arguments, origin: origin{t.text, w.spans}}, nil
}

type templateWriter struct {
	values    map[string]source.ParameterValue
	out       strings.Builder
	arguments []oriel.Scalar
	bound     map[string]int // of each value, its first $n
	spans     []span
}

func (w *templateWriter) brought(parts []part) bool {
	return !slices.ContainsFunc(parts, func(p part) bool { return p.value != nil && len(w.scalars(*p.value)) == 0 })
}

// scalars are what stands for a placeholder: several for a list, none when the
// run brought no value.
func (w *templateWriter) scalars(p placeholder) []oriel.Scalar {
	value := w.values[p.name]
	if p.kind == oriel.ParameterColumn {
		return scalarsOf(value)
	}
	one := value.Scalar
	switch p.end {
	case "from":
		one = value.From
	case "to":
		one = value.To
	}
	if p.kind == oriel.ParameterList {
		return value.List
	}
	if one == nil {
		return nil
	}
	return []oriel.Scalar{*one}
}

func (w *templateWriter) write(p part) error {
	w.spans = append(w.spans, span{out: w.out.Len(), at: p.at, length: len(p.text)})
	if p.value == nil {
		w.out.WriteString(p.text)
		return nil
	}
	if p.value.kind == oriel.ParameterColumn {
		text, err := w.condition(*p.value)
		w.out.WriteString(text)
		return err
	}
	scalars := w.scalars(*p.value)
	if len(scalars) == 0 {
		return oriel.E(oriel.CodeQueryRefused, "{{%s}} has no value and stands in no optional part", p.value.name)
	}
	text := w.bind(p.value.name+"."+p.value.end, scalars...)
	if p.value.kind == oriel.ParameterList {
		text = "(" + text + ")"
	}
	w.out.WriteString(text)
	return nil
}

// bind gives the places of values. The same value twice is the same $n twice, so
// that an expression that is selected and grouped by is one expression.
func (w *templateWriter) bind(key string, values ...oriel.Scalar) string {
	first, found := w.bound[key]
	if !found {
		first = len(w.arguments) + 1
		w.bound[key] = first
		w.arguments = append(w.arguments, values...)
	}
	texts := make([]string, 0, len(values))
	for i, s := range values {
		texts = append(texts, "CAST($"+strconv.Itoa(first+i)+" AS "+standardType(s.Type)+")")
	}
	return strings.Join(texts, ", ")
}

// standardType is a parameter's type as SQL names it.
func standardType(t oriel.ColumnType) string {
	switch t {
	case oriel.TypeInteger, oriel.TypeInteger64:
		return "BIGINT"
	case oriel.TypeNumber:
		return "DOUBLE PRECISION"
	case oriel.TypeDecimal:
		return "DECIMAL(38, 10)" // what access lets a condition hold
	case oriel.TypeBoolean:
		return "BOOLEAN"
	case oriel.TypeDate:
		return "DATE"
	case oriel.TypeTimestamp:
		return "TIMESTAMP"
	case oriel.TypeText:
	}
	return "VARCHAR"
}
