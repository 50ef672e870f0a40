package duckdb

import "strings"

// withoutValues is an engine's error that tells the log what went wrong without the
// value that it went wrong with.
type withoutValues struct{ err error }

func (g withoutValues) Unwrap() error { return g.err }

// Error keeps the engine's words up to where a value may begin: a quote, a
// digit, a bracket, or what follows a second colon.
func (g withoutValues) Error() string {
	line := firstLine(g.err)
	end := len(line)
	if at := strings.IndexAny(line, "'\"`(0123456789"); at >= 0 {
		end = at
	}
	if kind, rest, found := strings.Cut(line, ": "); found {
		if at := strings.Index(rest, ":"); at >= 0 {
			end = min(end, len(kind)+len(": ")+at)
		}
	}
	if end == len(line) {
		return line
	}
	return strings.TrimRight(line[:end], " :") + " …"
}
