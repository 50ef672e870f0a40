package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
)

// constrain prints what it takes to constrain a text of fifty lines under twenty
// policies, which the engines' own benchmarks measure.
func constrain(ctx context.Context, r report, _, _ string) error {
	for _, engine := range engines {
		ran, err := goBenchmark(ctx, "BenchmarkConstrain", "./internal/source/"+engine, 100)
		if err != nil {
			return err
		}
		r.title("a text of 50 lines under 20 policies, constrained for %s", engine)
		for _, target := range []struct {
			name, what string
			most       float64
		}{
			{"known", "known text, for somebody who asked before", 1},
			{"somebody-else", "known text, for somebody who did not", 1},
			{"new-text", "new text", 5},
			{"new-text-for-somebody-else", "new text, for somebody who did not ask before", 5},
		} {
			took := ran.of(target.name, "ns/op")
			if len(took) == 0 {
				return fmt.Errorf("the benchmark of %s does not say what it took: %s", engine, target.what)
			}
			for i := range took {
				took[i] /= 1e6
			}
			r.target(target.what, spreadOf(took), " ms", target.most)
			r.line("%-52s %.3g ms", "  CPU of that, with what collects its garbage", spreadOf(ran.of(target.name, "cpu-µs/op")).median/1000)
		}
	}
	return nil
}

// benchmarked is what go test printed of a benchmark's parts, round by round.
type benchmarked []string

// goBenchmark runs a benchmark of a package, each part so many times a round.
func goBenchmark(ctx context.Context, name, folder string, times int) (benchmarked, error) {
	out, err := output(ctx, nil, "go", "test", "-run", "^$", "-bench", "^"+name+"$", "-benchtime", strconv.Itoa(times)+"x", "-count", strconv.Itoa(rounds), folder)
	if err != nil {
		return nil, err
	}
	var ran benchmarked
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), name+"/") {
			ran = append(ran, lines.Text())
		}
	}
	return ran, lines.Err()
}

// of gives the figures of a part in a unit.
func (b benchmarked) of(part, unit string) []float64 {
	var figures []float64
	for _, line := range b {
		name, _, _ := strings.Cut(line, "\t")
		_, name, _ = strings.Cut(strings.TrimSpace(name), "/")
		if at := strings.LastIndexByte(name, '-'); at >= 0 && name[:at] == part { // what follows is how many CPUs
			if figure, found := metric([]byte(line), unit); found {
				figures = append(figures, figure)
			}
		}
	}
	return figures
}
