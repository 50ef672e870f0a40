package duckdb

import (
	"errors"
	"strconv"
	"strings"
	"unicode"

	driver "github.com/duckdb/duckdb-go/v2"

	"github.com/oriel-bi/oriel/internal/source"
)

// withoutValues is an engine's error that tells the log what went wrong without the
// value that it went wrong with.
type withoutValues struct{ err error }

func (g withoutValues) Unwrap() error { return g.err }

// Error keeps the kind, and the engine's words up to where a value may begin.
func (g withoutValues) Error() string {
	line, _, _ := strings.Cut(g.err.Error(), "\n")
	kind, words, found := strings.Cut(line, ": ")
	if !found {
		return source.WithoutValues(line)
	}
	return kind + ": " + source.WithoutValues(words)
}

// faultOf is what the engine said of a query. It has words for an SQL question
// alone: a structured one runs as a text of ours, which names what is hidden.
// What is said when names and types are bound is about the text and what exists
// for the principal; of all else the values are left out.
func faultOf(err error, query *narrowed) *source.Fault {
	fault := &source.Fault{At: -1, Err: withoutValues{err}}
	var engine *driver.Error
	if !errors.As(err, &engine) || query == nil || !query.filtered {
		return fault
	}
	switch kind, words, _ := strings.Cut(engine.Msg, ": "); kind {
	case "Binder Error", "Parser Error":
		fault.Words = sentence(engine.Msg)
	default:
		line, _, _ := strings.Cut(words, "\n")
		fault.Words = kind + ": " + source.WithoutValues(line)
	}
	if at := placeOf(query.text, engine.Msg); at >= len(boundedBefore) {
		fault.At = at - len(boundedBefore)
	}
	return fault
}

// sentence is what the engine says without its kind, its lists of functions and
// the excerpt of the text. Which columns and tables it could have meant stays.
func sentence(message string) string {
	kind, words, found := strings.Cut(message, ": ")
	if !found || !strings.HasSuffix(kind, " Error") {
		kind, words = "", message
	}
	words, more, _ := strings.Cut(words, "\n")
	next, _, _ := strings.Cut(more, "\n")
	switch {
	case kind == "INTERNAL Error":
		return "the engine has a fault of its own with this text, so write it another way (INTERNAL Error: " + strings.TrimSpace(words+" "+next) + ")"
	case next != "" && !strings.HasPrefix(next, "LINE ") && !unicode.IsSpace(rune(next[0])):
		words = strings.TrimSpace(words) + " " + next
	}
	return strings.TrimSpace(strings.Replace(words, "Values list ", "The table ", 1))
}

// placeOf is the place in a text to which the engine's excerpt points, in bytes;
// -1 without one. The excerpt is a part of one line, and a mark under it.
func placeOf(text, message string) int {
	from := strings.LastIndex(message, "\nLINE ")
	if from < 0 {
		return -1
	}
	number, rest, found := strings.Cut(message[from+len("\nLINE "):], ": ")
	line, err := strconv.Atoi(number)
	excerpt, marked, hasMark := strings.Cut(rest, "\n")
	mark := strings.IndexByte(marked, '^') - len("LINE "+number+": ")
	lines := strings.SplitAfter(text, "\n")
	if !found || err != nil || !hasMark || mark < 0 || line < 1 || line > len(lines) {
		return -1
	}
	begin := 0
	for _, before := range lines[:line-1] {
		begin += len(before)
	}
	whole := lines[line-1]
	shown, cut := strings.CutPrefix(excerpt, "...")
	if cut && !strings.HasPrefix(whole, "...") {
		mark -= len("...")
	} else {
		shown = excerpt
	}
	if !strings.Contains(whole, shown) {
		shown = strings.TrimSuffix(shown, "...")
	}
	at := strings.Index(whole, shown)
	if at < 0 || mark < 0 || strings.Count(whole, shown) > 1 {
		return begin
	}
	return begin + at + width(shown, mark)
}

// width is how many bytes of a text take the columns of a terminal.
func width(text string, columns int) int {
	for at, r := range text {
		switch {
		case columns <= 0:
			return at
		case unicode.IsControl(r) || unicode.Is(unicode.Mn, r):
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) || r >= 0x1F300 && r <= 0x1FAFF:
			columns -= 2
		default:
			columns--
		}
	}
	return len(text)
}
