package source_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// TestFigures_areTheSameToTheLastDigit: percentiles, medians, and means of whole
// numbers on both engines, against Go's own arithmetic.
func TestFigures_areTheSameToTheLastDigit(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	lines := []string{"id,owner,g,x,n,big"}
	const groups, rows = 40, 600
	xs, ns, bigs := make([][]float64, groups), make([][]int64, groups), make([][]int64, groups)
	for i := range rows {
		g, x, n := random.IntN(groups), random.NormFloat64()*1000, random.Int64N(1<<40)-(1<<39)
		xs[g], ns[g] = append(xs[g], x), append(ns[g], n)
		big := random.Int64N(1 << 58) // no double is exact, nor is a sum of doubles
		bigs[g] = append(bigs[g], big)
		lines = append(lines, fmt.Sprintf("%d,a,%d,%s,%d,%d", i, g, strconv.FormatFloat(x, 'g', -1, 64), n, big))
	}
	place := func(sorted []float64, at float64) float64 {
		h := at * float64(len(sorted)-1)
		low := int(h)
		high := low
		if float64(low) < h {
			high++
		}
		between := float64((sorted[high] - sorted[low]) * (h - float64(low))) // no fused multiply-add
		return sorted[low] + between
	}
	tree := oriel.Structured{Breakouts: []oriel.Breakout{{Column: "g"}}, Aggregations: []oriel.Aggregation{
		{Function: "percentile", Column: "x", At: 0.9, As: "p"}, {Function: "median", Column: "x", As: "m"}, {Function: "avg", Column: "n", As: "mean"}, {Function: "sum", Column: "n", As: "sum"}, {Function: "avg", Column: "big", As: "even"},
	}}
	for name, load := range loaders {
		engine, src := load(t, "moments", "id integer, owner text, g integer, x double precision, n bigint, big bigint", strings.Join(lines, "\n")+"\n")
		t.Cleanup(func() {
			if err := engine.Close(); err != nil {
				t.Error(err)
			}
		})
		got := asker{engine, src, "x"}.ask(t, "UTC", tree, nil)
		for g := range groups {
			slices.Sort(xs[g])
			sum, mean := exactly(ns[g])
			_, even := exactly(bigs[g])
			want := []any{g, place(xs[g], 0.9), place(xs[g], 0.5), mean, sum, even}
			var cells []string
			for _, v := range want {
				text, err := json.Marshal(v)
				if err != nil {
					t.Fatal(err)
				}
				cells = append(cells, string(text))
			}
			if g >= len(got) || got[g] != strings.Join(cells, " ") {
				t.Errorf("%s, group %d: got %s, want %v", name, g, got[min(g, len(got)-1)], cells)
			}
		}
	}
}

// exactly adds whole numbers, and divides once.
func exactly(of []int64) (sum int64, mean float64) {
	for _, n := range of {
		sum += n
	}
	return sum, float64(sum) / float64(len(of))
}
