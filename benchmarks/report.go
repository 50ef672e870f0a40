package main

import (
	"fmt"
	"io"
)

// report prints what was measured.
type report struct{ out io.Writer }

func (r report) title(format string, arguments ...any) {
	fmt.Fprintf(r.out, "\n"+format+"\n", arguments...)
}

func (r report) line(format string, arguments ...any) {
	fmt.Fprintf(r.out, "  "+format+"\n", arguments...)
}

// sides prints what each side took.
func (r report) sides(sides []side, measured results) {
	r.line("%-10s %26s %26s %26s", "", "CPU for each, µs", "median time, µs", "99 of 100 within, µs")
	for _, s := range sides {
		r.line("%-10s %26s %26s %26s", s.name,
			measured.of(s.name, cpuOf), measured.of(s.name, medianOf), measured.of(s.name, slowOf))
	}
}

// target prints a figure beside what it is to be at most.
func (r report) target(name string, measured spread, unit string, most float64) {
	verdict := "met"
	if measured.median > most {
		verdict = fmt.Sprintf("missed by %.3g%s (%.0f %% over)", measured.median-most, unit, 100*(measured.median/most-1))
	}
	r.line("%-52s %.3g%s (%.3g to %.3g), target at most %.3g%s: %s", name, measured.median, unit, measured.least, measured.greatest, most, unit, verdict)
}

// String is the median, with the least and the greatest of the rounds.
func (s spread) String() string {
	return fmt.Sprintf("%.0f (%.0f to %.0f)", s.median, s.least, s.greatest)
}
