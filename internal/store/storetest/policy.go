package storetest

import (
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

func policyPromises() map[string]func(t *testing.T, d *database) {
	return map[string]func(t *testing.T, d *database){
		"policies are changed on the state on which they were tried": policiesOnTheirState,
		"a policy test knows its user by id":                         policyTestKnowsID,
	}
}

func policiesOnTheirState(t *testing.T, d *database) {
	nodes := d.nodes(t)
	must(t, firstApply(t, nodes[0]))
	table := oriel.TableRef{Source: "airports", Table: "flights"}
	change := oriel.PolicyChange{
		Table: table, Policies: []oriel.Policy{{Table: table, Shared: true}}, Revision: nodes[0].Declared().Revision, Untested: []string{"a"},
	}
	// Another node changes something that the tests may read.
	must(t, nodes[1].Confirm(t.Context()))
	must(t, nodes[1].CreateGroup(t.Context(), "operator", oriel.Group{Key: "crew", Name: "Crew"}))
	entries := d.Count(t, auditEntries)
	if err := nodes[0].ChangePolicies(t.Context(), "key_1", change); oriel.CodeOf(err) != oriel.CodeConflict {
		t.Errorf("changed on an older state: %v", err)
	}
	stale := oriel.Declaration{Policies: change.Policies, Revision: change.Revision}
	if _, err := nodes[0].Apply(t.Context(), stale); oriel.CodeOf(err) != oriel.CodeConflict {
		t.Errorf("applied on an older state: %v", err)
	}
	d.wantCount(t, auditEntries, entries)
	within(t, "the change of the other node is known", func() bool {
		return nodes[0].Confirm(t.Context()) == nil && nodes[0].Declared().Revision > change.Revision
	})
	change.Revision = nodes[0].Declared().Revision
	must(t, nodes[0].ChangePolicies(t.Context(), "key_1", change))
	for _, p := range nodes[0].Declared().Policies {
		if p.Model == "" && p.Table == table && !p.Shared {
			t.Errorf("an old policy holds: %+v", p)
		}
	}
	list, err := nodes[0].ListAudit(t.Context(), oriel.AuditFilter{Who: "key_1", Kind: "policies"}, 10)
	must(t, err)
	if len(list) != 2 || list[0].Action != "changed without tests" || list[0].To != `["a"]` || list[1].From == "" || !strings.Contains(list[1].To, "shared") {
		t.Errorf("entries: %+v", list)
	}
	gone := oriel.PolicyChange{Table: table, Revision: nodes[0].Declared().Revision}
	must(t, nodes[0].ChangePolicies(t.Context(), "key_1", gone))
	gone.Revision = nodes[0].Declared().Revision
	if err := nodes[0].ChangePolicies(t.Context(), "key_1", gone); oriel.CodeOf(err) != oriel.CodeNotFound {
		t.Errorf("deleted twice: %v", err)
	}
}

func policyTestKnowsID(t *testing.T, d *database) {
	s := d.open(t)
	must(t, firstApply(t, s))
	u := user(1)
	insertUser(t, s, u)
	count := 0
	test := oriel.PolicyTest{Name: "one", User: u.Email, Count: &count, Table: oriel.TableRef{Source: "airports", Table: "flights"}}
	mustApply(t, s, oriel.Declaration{PolicyTests: []oriel.PolicyTest{test}})
	if kept := s.Declared().PolicyTests; len(kept) != 1 || kept[0].User != string(u.ID) {
		t.Errorf("kept as %+v", kept)
	}
	if changes := mustApply(t, s, oriel.Declaration{PolicyTests: []oriel.PolicyTest{test}}); len(changes) > 0 {
		t.Errorf("the second time changed %v", changes)
	}
	test.User = "nobody@example.com"
	if _, err := s.Apply(t.Context(), oriel.Declaration{PolicyTests: []oriel.PolicyTest{test}}); oriel.CodeOf(err) != oriel.CodeInvalidRequest {
		t.Errorf("of nobody: %v", err)
	}
	must(t, s.EraseUser(t.Context(), "key_1", u.ID, began()))
	if kept := s.Declared().PolicyTests; len(kept) > 0 {
		t.Errorf("left are %+v", kept)
	}
	d.wantCount(t, auditEntries+` WHERE kind = 'policy_test' AND action = 'deleted' AND who = 'key_1'`, 1)
	d.wantCount(t, auditEntries+` WHERE before || after LIKE '%'||'`+u.Email+`'||'%'`, 0)
}
