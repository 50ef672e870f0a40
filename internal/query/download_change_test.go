package query_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
	"github.com/oriel-bi/oriel/internal/source"
)

// changingSales is more rows than an engine gives at once, of ann and gus in turn.
const changingSales = 60_000

var salesTable = oriel.TableRef{Source: "s", Table: "sales"}

// onChangingSales runs a test on the rows of the sales, of which everybody may
// take all that they see.
func onChangingSales(t *testing.T, test func(t *testing.T, s *sample)) {
	t.Helper()
	var rows strings.Builder
	for n := range changingSales {
		fmt.Fprintf(&rows, "%s,%d\n", []string{"ann", "gus"}[n%2], n)
	}
	onBoth(t, []table{{"sales", "owner text, n integer", rows.String()}}, func(t *testing.T, s *sample) {
		s.declared.Groups[0].Download = oriel.DownloadFull
		s.declared.Policies = []oriel.Policy{{Table: salesTable, Rows: "owner = user.attr.owner"}}
		s.declared.Questions = []oriel.Question{{Key: "all", Collection: "c", Source: "s", SQL: "select owner, n from sales"}}
		test(t, s)
	})
}

// taking are the owners and the number of the rows that a download gives.
type taking struct {
	rows   int
	owners []string
}

func (g *taking) take(part oriel.Result) error {
	g.rows += part.RowCount
	for _, owner := range part.Values[0] {
		if !slices.Contains(g.owners, string(owner)) {
			g.owners = append(g.owners, string(owner))
		}
	}
	return nil
}

func (g *taking) is(rows int, owners ...string) bool {
	slices.Sort(g.owners)
	return g.rows == rows && slices.Equal(g.owners, owners)
}

// What held when a download began holds for all of it, whatever is changed before
// its last row; each that begins later, also while the first is under way, is held
// to what has changed.
func TestDownload_holdsToWhatHeldWhenItBegan(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*oriel.Declaration)
		rows   int
		owners []string
		code   oriel.Code
	}{
		"another policy": {change: func(d *oriel.Declaration) { d.Policies = []oriel.Policy{{Table: salesTable, Rows: "owner = 'gus'"}} }, rows: changingSales / 2, owners: []string{`"gus"`}},
		"a wider one":    {change: func(d *oriel.Declaration) { d.Policies = []oriel.Policy{{Table: salesTable, Shared: true}} }, rows: changingSales, owners: []string{`"ann"`, `"gus"`}},
		"no policy":      {change: func(d *oriel.Declaration) { d.Policies = nil }, code: oriel.CodeQueryRefused},
		"no download":    {change: func(d *oriel.Declaration) { d.Groups[0].Download = "" }, code: oriel.CodeForbidden},
		"no collection":  {change: func(d *oriel.Declaration) { d.Groups[0].Collections = nil }, code: oriel.CodeNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			onChangingSales(t, func(t *testing.T, s *sample) {
				var first, second taking
				parts, later := 0, error(nil)
				err := s.queries.Download(t.Context(), reader("ann"), "all", nil, query.Rows{
					Begin: func(oriel.Question, int) error { return nil },
					Part: func(part oriel.Result) error {
						if parts++; parts == 1 {
							s.change(t, func(d *oriel.Declaration) {
								d.Groups = slices.Clone(d.Groups)
								c.change(d)
							})
							later = s.queries.Download(t.Context(), reader("ann"), "all", nil, query.Rows{
								Begin: func(oriel.Question, int) error { return nil }, Part: second.take,
							})
						}
						return first.take(part)
					},
				})
				if err != nil || parts < 2 || !first.is(changingSales/2, `"ann"`) {
					t.Errorf("the one that had begun: %d rows of %v in %d parts, %v", first.rows, first.owners, parts, err)
				}
				if oriel.CodeOf(later) != c.code || !second.is(c.rows, c.owners...) {
					t.Errorf("the later one: %d rows of %v, %v", second.rows, second.owners, later)
				}
			})
		})
	}
}

// A change that comes between the first look at what is declared and the policies'
// decision is no part of the request either: grants and policies are of one state.
func TestDownload_isOfOneState(t *testing.T) {
	onChangingSales(t, func(t *testing.T, s *sample) {
		next := clone(t, *s.declared)
		next.Policies = []oriel.Policy{{Table: salesTable, Shared: true}}
		next.Groups = slices.Clone(next.Groups)
		next.Groups[0].Download = ""
		var looks atomic.Int32
		queries := query.New(query.Options{
			Declared: func() *oriel.Declaration {
				if looks.Add(1) == 1 {
					return s.declared
				}
				return &next
			},
			Engines: map[oriel.SourceKind]source.Engine{s.declared.Sources[0].Kind: s.engine},
		})
		var got taking
		err := queries.Download(t.Context(), reader("ann"), "all", nil, query.Rows{Begin: func(oriel.Question, int) error { return nil }, Part: got.take})
		if err != nil || !got.is(changingSales/2, `"ann"`) {
			t.Errorf("%d rows of %v, %v", got.rows, got.owners, err)
		}
	})
}
