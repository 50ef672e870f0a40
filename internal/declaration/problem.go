package declaration

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/oriel-bi/oriel/internal/spelling"
)

// maxProblems is how many problems one error tells; more help nobody.
const maxProblems = 10

// Problem is one thing that is wrong with a file.
type Problem struct {
	File    string // as it was given to [Load]
	Line    int    // from 1; 0 when the file as a whole is meant
	Message string
}

// String is the problem as "file:line: message".
func (p Problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message)
}

// Error is why files could not be read, by file and line.
type Error struct{ Problems []Problem }

// Error is one line for each problem.
func (e *Error) Error() string {
	lines := make([]string, 0, len(e.Problems))
	for i, p := range e.Problems {
		if i == maxProblems {
			lines = append(lines, fmt.Sprintf("… and %d more", len(e.Problems)-maxProblems))
			break
		}
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}

// problems collects what is wrong while reading goes on.
type problems []Problem

func (p problems) err() error {
	if len(p) == 0 {
		return nil
	}
	sorted := slices.Clone(p)
	slices.SortStableFunc(sorted, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return &Error{Problems: slices.CompactFunc(sorted, func(a, b Problem) bool { return a == b })}
}

// nearest is the candidate that name was probably meant to be, or "". Longer
// names may be further away.
func nearest(name string, candidates []string) string {
	return spelling.Nearest(name, candidates, len(name)/3+1)
}

// suggest ends a sentence about an unknown name: with the nearest known one,
// or with all that are known.
func suggest(name string, candidates []string) string {
	candidates = slices.Sorted(slices.Values(candidates))
	if n := nearest(name, candidates); n != "" {
		return fmt.Sprintf("did you mean %q?", n)
	}
	switch {
	case len(candidates) == 0:
		return "there are none"
	case len(candidates) > 24:
		return fmt.Sprintf("there are %d others", len(candidates))
	}
	return "known are " + strings.Join(candidates, ", ")
}
