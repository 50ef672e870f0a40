package query_test

import (
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
	"github.com/oriel-bi/oriel/internal/source"
)

// calls are moments in UTC: the first is of 31 March in New York and of 1 April
// in Berlin, the last of another day in Auckland than in both.
var calls = []table{{name: "calls", columns: "id integer, at timestamp, wall timestamp", rows: "1,2001-03-31 22:30:00,2001-03-31 22:30:00\n2,2001-04-01 12:00:00,2001-04-01 12:00:00\n"}}

// ofTenant is a reader who is a tenant's user.
func ofTenant(tenant oriel.TenantSlug) oriel.Principal {
	return oriel.NewPrincipal(oriel.User{ID: "usr_" + oriel.UserID(tenant), Active: true, Tenant: tenant, Groups: []oriel.GroupKey{"readers"}}, oriel.SessionEmbed)
}

func declareCalls(s *sample) {
	perDay := func(key, column string) oriel.Question {
		return oriel.Question{Key: key, Collection: "c", Source: "s", Structured: &oriel.Structured{
			Model: "calls", Breakouts: []oriel.Breakout{{Column: column, Unit: oriel.UnitDay, As: "day"}}, Aggregations: []oriel.Aggregation{{Function: "count", As: "n"}},
		}}
	}
	s.declared.Models = []oriel.Model{{Key: "calls", Table: oriel.TableRef{Source: "s", Table: "calls"}, Columns: []oriel.ModelColumn{{Name: "at", Time: oriel.TimeUTC}}}}
	s.declared.Policies = []oriel.Policy{{Table: oriel.TableRef{Source: "s", Table: "calls"}, Shared: true}}
	s.declared.Questions = []oriel.Question{perDay("moments", "at"), perDay("walls", "wall")}
	s.declared.Tenants = []oriel.Tenant{
		{Slug: "berlin", TimeZone: "Europe/Berlin"}, {Slug: "munich", TimeZone: "Europe/Berlin"}, {Slug: "origins", Origins: []oriel.Origin{}}, {Slug: "york", TimeZone: "America/New_York"},
	}
	s.declared.Dashboards = []oriel.Dashboard{{Key: "d", Collection: "c", Parameters: []oriel.Parameter{
		{Name: "date", Type: oriel.ParameterDateRange, Values: &oriel.ValuesFrom{Model: "calls", Column: "at"}},
	}}}
}

func days(t *testing.T, s *sample, p oriel.Principal, question string) (rows string, kept bool) {
	t.Helper()
	_, r, err := s.queries.RunQuestion(t.Context(), p, question, nil)
	if err != nil {
		t.Fatal(err)
	}
	var cells []string
	for i := range r.RowCount {
		cells = append(cells, string(r.Values[0][i])+" "+string(r.Values[1][i]))
	}
	return strings.Join(cells, " | "), !r.CachedAt.IsZero()
}

const (
	inBerlin = `"2001-04-01" 2`
	inYork   = `"2001-03-31" 1 | "2001-04-01" 1`
)

// TestZone_isTheTenantsAndNotShared: whoever asks first, nobody is shown the
// days of another zone.
func TestZone_isTheTenantsAndNotShared(t *testing.T) {
	onBoth(t, calls, func(t *testing.T, s *sample) {
		declareCalls(s)
		for _, step := range []struct {
			tenant oriel.TenantSlug
			want   string
			kept   bool
		}{
			{"berlin", inBerlin, false}, {"york", inYork, false}, {"", inYork, false}, {"munich", inBerlin, true},
			{"york", inYork, true}, {"elsewhere", inYork, true}, {"origins", inYork, true},
		} {
			if got, kept := days(t, s, ofTenant(step.tenant), "moments"); got != step.want || kept != step.kept {
				t.Errorf("%q is shown %s (kept: %v), want %s", step.tenant, got, kept, step.want)
			}
		}
		// The next request after a change is in the new zone.
		changed := *s.declared
		changed.Tenants = []oriel.Tenant{{Slug: "berlin", TimeZone: "America/New_York"}}
		s.declared = &changed
		if got, _ := days(t, s, ofTenant("berlin"), "moments"); got != inYork {
			t.Errorf("after the tenant moved: %s", got)
		}
	})
}

// TestZone_movesNoWallTime: what is no moment is the same for everybody, and so
// is shared by everybody.
func TestZone_movesNoWallTime(t *testing.T) {
	onBoth(t, calls, func(t *testing.T, s *sample) {
		declareCalls(s)
		for _, step := range []struct {
			tenant oriel.TenantSlug
			kept   bool
		}{{"berlin", false}, {"york", true}, {"", true}} {
			if got, kept := days(t, s, ofTenant(step.tenant), "walls"); got != inYork || kept != step.kept {
				t.Errorf("%q is shown %s (kept: %v)", step.tenant, got, kept)
			}
		}
	})
}

func TestZone_isTheSitesWithoutATenants(t *testing.T) {
	onBoth(t, calls, func(t *testing.T, s *sample) {
		declareCalls(s)
		s.queries = query.New(query.Options{
			Declared: func() *oriel.Declaration { return s.declared }, Engines: map[oriel.SourceKind]source.Engine{s.declared.Sources[0].Kind: s.engine},
			CacheBytes: 1 << 20, CacheFor: time.Hour, Clock: time.Now, TimeZone: "Pacific/Auckland",
		})
		const inAuckland = `"2001-04-01" 1 | "2001-04-02" 1`
		for tenant, want := range map[oriel.TenantSlug]string{"": inAuckland, "elsewhere": inAuckland, "origins": inAuckland, "york": inYork} {
			if got, _ := days(t, s, ofTenant(tenant), "moments"); got != want {
				t.Errorf("%q is shown %s, want %s", tenant, got, want)
			}
		}
	})
}

// TestZone_holdsForFilesAndFilters: what leaves as a file, and the days that a
// filter offers.
func TestZone_holdsForFilesAndFilters(t *testing.T) {
	onBoth(t, calls, func(t *testing.T, s *sample) {
		declareCalls(s)
		s.declared.Groups[0].Download = oriel.DownloadFull
		for tenant, want := range map[oriel.TenantSlug]string{"berlin": "2001-04-01", "york": "2001-03-31"} {
			first := ""
			err := s.queries.Download(t.Context(), ofTenant(tenant), "moments", nil, query.Rows{
				Begin: func(oriel.Question, int) error { return nil },
				Part: func(part oriel.Result) error {
					if first == "" && part.RowCount > 0 {
						first = string(part.Values[0][0])
					}
					return nil
				},
			})
			if err != nil || first != `"`+want+`"` {
				t.Errorf("a file of %s begins with %s: %v", tenant, first, err)
			}
			if ends, err := s.queries.ParameterValues(t.Context(), ofTenant(tenant), "d", "date"); err != nil || len(ends) != 2 || ends[0] != want {
				t.Errorf("%s is offered %v: %v", tenant, ends, err)
			}
		}
	})
}
