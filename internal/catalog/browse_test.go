package catalog_test

import (
	"fmt"
	"testing"

	"github.com/oriel-bi/oriel/internal/catalog"
	"github.com/oriel-bi/oriel/internal/oriel"
)

func TestCollections_tellsOnlyWhatMayBeViewed(t *testing.T) {
	c := catalog.New(declared)
	tests := map[string]struct {
		principal oriel.Principal
		want      string
	}{
		"staff":            {in("staff"), "[{open The open one}]"},
		"both, by name":    {in("staff", "editors"), "[{inner Inner} {open The open one}]"},
		"neither":          {in("all-users"), "[]"},
		"the command line": {oriel.Operator(), "[]"},
	}
	for name, tt := range tests {
		got, err := c.Collections(t.Context(), tt.principal)
		if err != nil || got == nil || fmt.Sprint(got) != tt.want {
			t.Errorf("%s: %v\n got %v\nwant %s", name, err, got, tt.want)
		}
	}
}

func TestQuestions_filtersNarrowWhatMayBeViewed(t *testing.T) {
	c := catalog.New(declared)
	both := in("staff", "editors")
	tests := map[string]struct {
		principal oriel.Principal
		filter    catalog.Filter
		want      string
	}{
		"one collection":            {both, catalog.Filter{Collection: "inner"}, "[{q1 Alpha} {q5 alpha} {q3 Beta}]"},
		"in any case":               {both, catalog.Filter{Search: " BET "}, "[{q3 Beta} {q0 beta}]"},
		"both":                      {both, catalog.Filter{Collection: "open", Search: "bet"}, "[{q0 beta}]"},
		"nothing like it":           {both, catalog.Filter{Search: "delta"}, "[]"},
		"not what is hidden":        {in("staff"), catalog.Filter{Search: "beta"}, "[{q0 beta}]"},
		"no collection's own name":  {both, catalog.Filter{Search: "inner"}, "[]"},
		"a percent sign is literal": {both, catalog.Filter{Search: "%"}, "[]"},
	}
	for name, tt := range tests {
		page, err := c.Questions(t.Context(), tt.principal, tt.filter, "", 50)
		if got := fmt.Sprint(brief(page.Items)); err != nil || got != tt.want {
			t.Errorf("%s: %v\n got %s\nwant %s", name, err, got, tt.want)
		}
	}
	day, err := c.Dashboards(t.Context(), in("staff"), catalog.Filter{Search: "sunlit"}, "", 50)
	if want := "[{d1 Day Sunlit hours {open The open one}}]"; err != nil || fmt.Sprint(day.Items) != want {
		t.Errorf("by description: %v %v, want %s", err, day.Items, want)
	}
}

// A collection that one may not view is spoken of as one that isn't there.
func TestQuestions_hiddenCollectionIsSpokenOfAsMissing(t *testing.T) {
	c := catalog.New(declared)
	ask := func(collection string) string {
		_, err := c.Questions(t.Context(), in("staff"), catalog.Filter{Collection: collection}, "", 50)
		return fmt.Sprint(oriel.CodeOf(err), err)
	}
	if hidden, missing := ask("inner"), ask("nosuch"); hidden != missing || ask("open") == missing {
		t.Errorf("hidden %q, missing %q", hidden, missing)
	}
}

// With a filter a cursor still pages through each item once.
func TestQuestions_pagesOfASearchHoldEachItemOnce(t *testing.T) {
	c := catalog.New(declared)
	p, f := in("staff", "editors"), catalog.Filter{Search: "a"}
	var seen []catalog.Item
	cursor := ""
	for range 20 {
		page, err := c.Questions(t.Context(), p, f, cursor, 2)
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, page.Items...)
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if got := fmt.Sprint(brief(seen)); got != "[{q1 Alpha} {q2 alpha} {q5 alpha} {q3 Beta} {q0 beta} {q6 Gamma} {q4 gamma}]" {
		t.Errorf("got %s", got)
	}
}
