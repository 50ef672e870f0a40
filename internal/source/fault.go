package source

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/oriel-bi/oriel/internal/spelling"
)

// Fault is what is wrong with a query, for those who may edit it: whatever an
// engine says about rows is not in it.
type Fault struct {
	// Words is a sentence. It holds no value of a row.
	Words string
	// At is the place in the query's SQL text, in bytes; -1 when it isn't known.
	At int
	// Err is the cause, for the log.
	Err error
}

// Error is the cause's, for logs; without one, the place.
func (f *Fault) Error() string {
	if f.Err != nil {
		return f.Err.Error()
	}
	return fmt.Sprintf("at byte %d of the query", f.At)
}

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Err }

// NoFunction says that a text may not call a function, and which it may have
// meant.
func NoFunction(name string, known ...map[string]bool) string {
	var names []string
	for _, set := range known {
		for candidate := range set {
			if unicode.IsLetter(rune(candidate[0])) {
				names = append(names, candidate)
			}
		}
	}
	slices.Sort(names)
	words := "the function " + name + " is not allowed"
	if meant := spelling.Nearest(name, names, 2); meant != "" {
		words += ": did you mean " + meant + "?"
	}
	return words
}

// TooLong is the fault of a query that the clock ended.
func TooLong(most time.Duration) *Fault {
	words := fmt.Sprintf("the query took longer than %s", most)
	return &Fault{Words: words, At: -1, Err: errors.New(words)}
}

// WithoutValues keeps what an engine says about rows up to where a value may
// begin: letters in words, and nothing after a colon. Engines put values in
// quotes, in brackets, or behind a colon.
func WithoutValues(words string) string {
	end := strings.IndexFunc(words, func(r rune) bool {
		return !unicode.IsLetter(r) && r != ' ' && r != '-' && r != ','
	})
	if end < 0 {
		return words
	}
	// A word that the cut goes through might be a value's.
	kept := words[:end]
	if r := words[end]; r != ' ' && r != ':' && r != '.' && r != '!' {
		kept = kept[:strings.LastIndexByte(kept, ' ')+1]
	}
	kept = strings.TrimRight(kept, " ,-")
	if kept == "" || strings.TrimRight(words[end:], ".!: ") == "" {
		return kept
	}
	return kept + " …"
}
