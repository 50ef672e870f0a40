package declaration

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
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

// nearest is the candidate that name was probably meant to be, or "".
func nearest(name string, candidates []string) string {
	best, distance := "", len(name)/3+2
	for _, c := range candidates {
		if d := editDistance(strings.ToLower(name), strings.ToLower(c)); d < distance {
			best, distance = c, d
		}
	}
	return best
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

// editDistance counts insertions, deletions, replacements and swaps of
// neighbours (optimal string alignment) between two short texts.
func editDistance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
