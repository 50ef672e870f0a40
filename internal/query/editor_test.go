package query_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
)

// editors may change what is in the collection c and write SQL for the source s.
var editors = oriel.Group{
	Key: "editors", Collections: map[string]oriel.CollectionGrant{"c": oriel.GrantCurate}, Sources: map[string]oriel.SourceGrant{"s": oriel.GrantNative},
}

// in is somebody who owns what a owns, in the groups.
func in(kind oriel.SessionKind, groups ...oriel.GroupKey) oriel.Principal {
	return oriel.NewPrincipal(oriel.User{ID: "usr_e", Active: true, Attributes: oriel.Attributes{"owner": oriel.Text("a")}, Groups: groups}, kind)
}

// wordsOf are an engine's, as far as the principal is told.
func wordsOf(t *testing.T, s *sample, p oriel.Principal, sql string) string {
	t.Helper()
	changed := *s.declared
	changed.Questions = []oriel.Question{{Key: "q", Collection: "c", Source: "s", SQL: sql}}
	s.declared = &changed
	_, _, err := s.queries.RunQuestion(t.Context(), p, "q", nil)
	return told1(t, sql, err)
}

func told1(t *testing.T, sql string, err error) string {
	t.Helper()
	var e *oriel.Error
	if !errors.As(err, &e) {
		t.Fatalf("%s: %v carries no code", sql, err)
	}
	if e.Message != "This chart can't be shown." {
		t.Errorf("%s: the message is %q", sql, e.Message)
	}
	return e.Words
}

// Who may not edit a question reads nothing of what the engine says.
func TestRun_tellsTheEnginesWordsToEditorsAlone(t *testing.T) {
	onBoth(t, things, func(t *testing.T, s *sample) {
		s.declared.Policies = thingsPolicies
		s.declared.Providers = []oriel.Provider{{ID: "prv_1"}, {ID: "prv_2", Native: true}}
		half := func(key oriel.GroupKey, c oriel.CollectionGrant, on oriel.SourceGrant) oriel.Group {
			return oriel.Group{Key: key, Collections: map[string]oriel.CollectionGrant{"c": c}, Sources: map[string]oriel.SourceGrant{"s": on}}
		}
		s.declared.Groups = append(s.declared.Groups, editors, half("curators", oriel.GrantCurate, oriel.GrantExplore), half("writers", oriel.GrantView, oriel.GrantNative),
			half(oriel.GroupAdministrators, oriel.GrantView, oriel.GrantRun))
		for name, c := range map[string]struct {
			p   oriel.Principal
			yes bool
		}{
			"a reader":                               {reader("a"), false},
			"a reader at the site":                   {in(oriel.SessionInteractive, "readers"), false},
			"an editor":                              {in(oriel.SessionInteractive, "editors"), true},
			"an editor in an embed":                  {in(oriel.SessionEmbed, "editors"), false},
			"an editor in another provider's embed":  {in(oriel.SessionEmbed, "editors").VouchedBy("prv_1"), false},
			"an editor where the provider allows it": {in(oriel.SessionEmbed, "editors").VouchedBy("prv_2"), true},
			"a reader where the provider allows it":  {in(oriel.SessionEmbed, "readers").VouchedBy("prv_2"), false},
			"who is looked at as an editor":          {in(oriel.SessionViewAs, "editors"), false},
			"who curates and may not write SQL":      {in(oriel.SessionInteractive, "curators"), false},
			"who writes SQL and may not curate":      {in(oriel.SessionInteractive, "writers"), false},
			"an administrator":                       {in(oriel.SessionAdmin, oriel.GroupAdministrators), true},
			"an administrator in an embed":           {in(oriel.SessionEmbed, oriel.GroupAdministrators).VouchedBy("prv_2"), false},
		} {
			for _, sql := range []string{"select\n  nothing from things", "select\n  cast(name as integer) from things", "select\n  sleep(1)", "select\n  * from nothing"} {
				words := wordsOf(t, s, c.p, sql)
				if c.yes != strings.HasPrefix(words, "line 2, column ") && !(c.yes && strings.Contains(sql, "cast") && words != "") || !c.yes && words != "" {
					t.Errorf("%s, %q: %q", name, sql, words)
				}
			}
		}
	})
}

func TestRun_tellsTheWordsOnDashboardsAndDownloads(t *testing.T) {
	onBoth(t, things, func(t *testing.T, s *sample) {
		group := editors
		group.Download = oriel.DownloadFull
		s.declared.Policies, s.declared.Groups = thingsPolicies, []oriel.Group{group}
		s.declared.Questions = []oriel.Question{{
			Key: "q", Collection: "c", Source: "s", SQL: "select 1 as a\nfrom things\n[[ where {{n}} ]]\norder by nothing", Parameters: []oriel.Parameter{byColumn("n", "n", "")},
		}}
		s.declared.Dashboards = []oriel.Dashboard{{Key: "d", Collection: "c", Cards: []oriel.Card{{Key: "k", Question: "q"}}}}
		p := in(oriel.SessionInteractive, "editors")
		err := s.queries.RunDashboard(t.Context(), p, "d", nil, query.Lines{
			Layout: func(oriel.Dashboard, []query.DashboardCard) error { return nil },
			Card: func(_ string, _ oriel.Result, err error) error {
				if words := told1(t, "a card", err); !strings.HasPrefix(words, "line 4, column 10: ") {
					t.Errorf("a card: %q", words)
				}
				return nil
			},
		})
		if err != nil {
			t.Error(err)
		}
		err = s.queries.Download(t.Context(), p, "q", given(t, `{"n":10}`), query.Rows{
			Begin: func(oriel.Question, int) error { return nil }, Part: func(oriel.Result) error { return nil },
		})
		if words := told1(t, "a download", err); !strings.HasPrefix(words, "line 4, column 10: ") {
			t.Errorf("a download: %q", words)
		}
	})
}

// failing are texts that go wrong with rows of their author's own.
var failing = []string{
	"select cast(name as integer) from things",
	"select cast(name as date) from things order by id",
	"select id from things where cast(name as integer) = 1",
	"select id from things where 1 / (n - 10) > 0 and cast(name as integer) > 1",
	"select cast(n * 1000000000000 as integer) from things",
	"select n * 9223372036854775807 from things",
	"select id from things where name = (select name from things)",
	"select nothing from things",
	"select secret from things",
	"select things.secret from things",
	"select max(secret) from things",
	"select id from things where secret = 'red'",
	"select id from things order by secret",
	"select name from things group by secret",
	"select * from hidden",
	"select nothing from things join things u using (secret)",
	"select (select secret from things) from things",
}

// What editors read depends on what they see: databases that differ in hidden
// rows and in a hidden column alone say the same, and no value is in it.
func TestRun_theWordsForEditorsTellNothingOfWhatIsHidden(t *testing.T) {
	hidden := table{"hidden", "id bigint, owner text", "1,zed\n"}
	mine := things[0]
	mine.rows = strings.Join(strings.SplitAfter(mine.rows, "\n")[:3], "")
	poisoned := mine
	poisoned.rows = "9,zed,zebra,zulu,0,0.0,true,1999-09-09,1999-09-09 09:09:09,zinc\n" + mine.rows +
		strings.Repeat("8,zed,2001-99-99,zulu,2147483647,1e300,false,1999-09-09,1999-09-09 09:09:09,zinc\n", 3000)
	without := table{"things", strings.TrimSuffix(mine.columns, ", secret text"), ""}
	for line := range strings.Lines(mine.rows) {
		without.rows += line[:strings.LastIndexByte(line, ',')] + "\n"
	}
	answers := map[string]map[string][]string{}
	for name, tables := range map[string][]table{"plain": {mine, hidden}, "poisoned": {poisoned, hidden}, "without": {without}} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, tables, func(t *testing.T, s *sample) {
				kind := string(s.declared.Sources[0].Kind)
				if answers[kind] == nil {
					answers[kind] = map[string][]string{}
				}
				s.declared.Groups = append(s.declared.Groups, editors)
				policy := thingsPolicies[0]
				if name == "without" {
					policy.Columns = nil
				}
				s.declared.Policies = []oriel.Policy{policy}
				for _, sql := range failing {
					words := wordsOf(t, s, in(oriel.SessionInteractive, "editors"), sql)
					if words == "" {
						t.Errorf("%s: nothing is told", sql)
					}
					for _, value := range []string{"zebra", "zulu", "zed", "zinc", "'one'", `"one"`, "or true", "owner =", "2001-99"} {
						if strings.Contains(words, value) {
							t.Errorf("%s: %q holds %q", sql, words, value)
						}
					}
					answers[kind][sql] = append(answers[kind][sql], words)
				}
			})
		})
	}
	for kind, texts := range answers {
		for sql, words := range texts {
			if len(words) != 3 || words[0] != words[1] || words[1] != words[2] {
				t.Errorf("%s: %s: %q", kind, sql, words)
			}
		}
	}
}
