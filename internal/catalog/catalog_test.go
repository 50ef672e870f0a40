package catalog_test

import (
	"encoding/base64"
	"fmt"
	"testing"

	"github.com/oriel-bi/oriel/internal/catalog"
	"github.com/oriel-bi/oriel/internal/oriel"
)

func declared() *oriel.Declaration {
	d := &oriel.Declaration{
		Groups: []oriel.Group{
			{Key: "staff", Collections: map[string]oriel.CollectionGrant{"open": oriel.GrantView}},
			{Key: "editors", Collections: map[string]oriel.CollectionGrant{"inner": oriel.GrantCurate}},
		},
		Collections: []oriel.Collection{{Key: "open", Name: "The open one"}, {Key: "inner", Name: "Inner"}, {Key: "closed", Name: "Closed"}},
		Dashboards:  []oriel.Dashboard{{Key: "d1", Name: "Day", Description: "Sunlit hours", Collection: "open"}, {Key: "d2", Name: "Night", Collection: "inner"}},
	}
	for i := range 7 {
		collection := "open"
		if i%2 == 1 {
			collection = "inner"
		}
		d.Questions = append(d.Questions, oriel.Question{Key: fmt.Sprintf("q%d", i), Name: []string{"beta", "Alpha", "alpha", "Beta", "gamma", "alpha", "Gamma"}[i], Collection: collection})
	}
	return d
}

// brief is keys and names.
func brief(items []catalog.Item) []string {
	out := []string{}
	for _, item := range items {
		out = append(out, fmt.Sprintf("{%s %s}", item.ID, item.Name))
	}
	return out
}

func in(groups ...oriel.GroupKey) oriel.Principal {
	return oriel.NewPrincipal(oriel.User{ID: "usr_1", Groups: groups, Active: true}, oriel.SessionEmbed)
}

func TestQuestions_listsOnlyWhatMayBeViewedByName(t *testing.T) {
	c := catalog.New(declared)
	tests := map[string]struct {
		principal oriel.Principal
		want      string
	}{
		"staff":            {in("staff"), "[{q2 alpha} {q0 beta} {q6 Gamma} {q4 gamma}]"},
		"editors":          {in("editors"), "[{q1 Alpha} {q5 alpha} {q3 Beta}]"},
		"both add up":      {in("staff", "editors"), "[{q1 Alpha} {q2 alpha} {q5 alpha} {q3 Beta} {q0 beta} {q6 Gamma} {q4 gamma}]"},
		"neither":          {in("all-users"), "[]"},
		"the command line": {oriel.Operator(), "[]"},
	}
	for name, tt := range tests {
		page, err := c.Questions(t.Context(), tt.principal, catalog.Filter{}, "", 50)
		if err != nil || fmt.Sprint(brief(page.Items)) != tt.want || page.Next != "" || page.Items == nil {
			t.Errorf("%s: %v\n got %v %q\nwant %s", name, err, page.Items, page.Next, tt.want)
		}
	}
}

func TestQuestions_pagesHoldEachItemOnce(t *testing.T) {
	c := catalog.New(declared)
	p := in("staff", "editors")
	for limit := 1; limit <= 8; limit++ {
		var seen []catalog.Item
		cursor := ""
		for {
			page, err := c.Questions(t.Context(), p, catalog.Filter{}, cursor, limit)
			if err != nil || len(page.Items) > limit {
				t.Fatal(err, page)
			}
			seen = append(seen, page.Items...)
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		if got := fmt.Sprint(brief(seen)); got != "[{q1 Alpha} {q2 alpha} {q5 alpha} {q3 Beta} {q0 beta} {q6 Gamma} {q4 gamma}]" {
			t.Errorf("limit %d: %s", limit, got)
		}
	}
}

func TestQuestions_badCursorAndLimitAreRefused(t *testing.T) {
	c := catalog.New(declared)
	hidden := base64.RawURLEncoding.EncodeToString([]byte("q1")) // a question of another collection must not be probed
	for _, cursor := range []string{"!", "AAAA", hidden} {
		if _, err := c.Questions(t.Context(), in("staff"), catalog.Filter{}, cursor, 10); oriel.CodeOf(err) != oriel.CodeInvalidRequest {
			t.Errorf("cursor %q: %v", cursor, err)
		}
	}
	for _, limit := range []int{-1, 0, 201} {
		if _, err := c.Questions(t.Context(), in("staff"), catalog.Filter{}, "", limit); oriel.CodeOf(err) != oriel.CodeInvalidRequest {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
}

func TestCatalog_nobodyGetsNothing(t *testing.T) {
	c := catalog.New(declared)
	var nobody oriel.Principal
	_, list := c.Questions(t.Context(), nobody, catalog.Filter{}, "", 10)
	_, dashboards := c.Dashboards(t.Context(), nobody, catalog.Filter{}, "", 10)
	_, collections := c.Collections(t.Context(), nobody)
	for _, err := range []error{list, dashboards, collections} {
		if oriel.CodeOf(err) != oriel.CodeNotAuthenticated {
			t.Errorf("got %v", err)
		}
	}
}
