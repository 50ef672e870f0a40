package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

func administerPromises() map[string]func(t *testing.T, d *database) {
	return map[string]func(t *testing.T, d *database){
		"audit entries go by retention, and only then":      auditGoesByRetention,
		"an entry tells whom a key acted as":                auditTellsActing,
		"a person's change is told to other nodes":          personChangeIsTold,
		"a tenant's own origins reach other nodes":          tenantOriginsReachOthers,
		"a declaration replaces a group as a whole":         declarationReplacesGroup,
		"a group's deletion takes memberships and keys":     groupDeletionTakesAll,
		"an erased user leaves entries and nothing of them": erasedUserLeavesEntries,
	}
}

func keepEntry(t *testing.T, s *store.Store, e oriel.AuditEntry) {
	t.Helper()
	mustWrite(t, s, func(tx *store.Tx) error { return tx.InsertAuditEntry(e) })
}

func auditGoesByRetention(t *testing.T, d *database) {
	options := d.options()
	options.AuditKept = 24 * time.Hour
	s, err := store.Open(t.Context(), options)
	must(t, err)
	defer mustClose(t, s)
	u := user(1)
	insertUser(t, s, u)
	for _, hours := range []int{23, 25} {
		keepEntry(t, s, oriel.AuditEntry{
			At: began().Add(-time.Duration(hours) * time.Hour), Who: "operator", Action: "updated", Kind: "user", Key: fmt.Sprint(hours),
			Of: u.ID, PersonalTo: `{"first_name":"Ann"}`,
		})
	}
	must(t, s.Sweep(t.Context()))
	list, err := s.ListAudit(t.Context(), oriel.AuditFilter{}, 10)
	must(t, err)
	if len(list) != 1 || list[0].Key != "23" || list[0].PersonalTo == "" {
		t.Errorf("left are %+v", list)
	}
	d.wantCount(t, `SELECT count(*) FROM audit_values`, 1)
}

func auditTellsActing(t *testing.T, d *database) {
	s := d.open(t)
	must(t, firstApply(t, s))
	u := user(1)
	insertUser(t, s, u)
	must(t, s.CreateAPIKey(t.Context(), "operator", oriel.APIKey{ID: "key_u", User: u.ID, Created: began()}, digest("u")))
	must(t, s.CreateAPIKey(t.Context(), "operator", oriel.APIKey{ID: "key_g", Group: "operators", Created: began()}, digest("g")))
	for who, want := range map[string]string{"key_u": string(u.ID), "key_g": "group operators", "operator": ""} {
		keepEntry(t, s, oriel.AuditEntry{At: began(), Who: who, Action: "tried", Kind: "x", Key: who})
		list, err := s.ListAudit(t.Context(), oriel.AuditFilter{Action: "tried", Key: who}, 10)
		must(t, err)
		if len(list) != 1 || list[0].Acting != want || list[0].Who != who {
			t.Errorf("%s: %+v", who, list)
		}
	}
	list, err := s.ListAudit(t.Context(), oriel.AuditFilter{Who: string(u.ID)}, 10)
	must(t, err)
	if len(list) != 1 || list[0].Who != "key_u" {
		t.Errorf("by whom a key acted as: %+v", list)
	}
}

func personChangeIsTold(t *testing.T, d *database) {
	nodes := d.nodes(t)
	must(t, firstApply(t, nodes[0]))
	u := user(1)
	insertUser(t, nodes[0], u)
	value := oriel.Text("DFW")
	change := func(c oriel.UserChange) func() error {
		return func() error { return nodes[0].ChangeUser(t.Context(), "operator", u.ID, c, began()) }
	}
	inactive := false
	for name, step := range map[string]func() error{
		"an attribute": change(oriel.UserChange{Attributes: oriel.AttributeChange{"airport": &value}}),
		"activity":     change(oriel.UserChange{Active: &inactive}),
		"a membership": func() error {
			return nodes[0].SetMembership(t.Context(), "operator", u.ID, "operators", true, began())
		},
	} {
		told := watching(t, nodes[1])
		must(t, step())
		wantTold(t, told, name, oriel.Notice{Kind: oriel.NoticeUser, Key: string(u.ID)})
	}
	told := watching(t, nodes[1])
	must(t, nodes[0].EraseUser(t.Context(), "operator", u.ID, began()))
	wantTold(t, told, "erasing", oriel.Notice{Kind: oriel.NoticeUserSessions, Key: string(u.ID)})
}

// watching gives the notices that a node passes on from now on.
func watching(t *testing.T, s *store.Store) <-chan oriel.Notice {
	t.Helper()
	must(t, s.Confirm(t.Context()))
	told := make(chan oriel.Notice, 100)
	s.Watch(func(notices []oriel.Notice) {
		for _, n := range notices {
			select {
			case told <- n:
			default:
			}
		}
	})
	return told
}

func wantTold(t *testing.T, told <-chan oriel.Notice, what string, want oriel.Notice) {
	t.Helper()
	within(t, what+" is told to other nodes", func() bool {
		for {
			select {
			case n := <-told:
				if n == want {
					return true
				}
			default:
				return false
			}
		}
	})
}

func tenantOriginsReachOthers(t *testing.T, d *database) {
	nodes := d.nodes(t)
	must(t, nodes[0].CreateTenant(t.Context(), "operator", oriel.Tenant{Slug: "acme", Name: "Acme", Active: true}, began()))
	origins := []oriel.Origin{origin(t, "http://127.0.0.1:7430")}
	must(t, nodes[0].UpdateTenant(t.Context(), "operator", "acme", oriel.TenantChange{Origins: &origins}, began()))
	within(t, "the other node knows the origins", func() bool { return len(nodes[1].Declared().Tenants) > 0 })
	if got := nodes[1].Declared().Tenants; len(got) != 1 || got[0].Slug != "acme" || len(got[0].Origins) != 1 {
		t.Errorf("the other node has %+v", got)
	}
	var no []oriel.Origin
	must(t, nodes[0].UpdateTenant(t.Context(), "operator", "acme", oriel.TenantChange{Origins: &no}, began()))
	if got := nodes[0].Declared().Tenants; len(got) != 0 {
		t.Errorf("without own origins: %+v", got)
	}
	zone := oriel.TimeZone("Asia/Kathmandu")
	must(t, nodes[0].UpdateTenant(t.Context(), "operator", "acme", oriel.TenantChange{TimeZone: &zone}, began()))
	within(t, "the other node knows the time zone and of no origins", func() bool {
		got := nodes[1].Declared().Tenants
		return len(got) == 1 && got[0].TimeZone == zone && got[0].Origins == nil
	})
}

func declarationReplacesGroup(t *testing.T, d *database) {
	s := d.open(t)
	must(t, firstApply(t, s))
	full := oriel.DownloadFull
	must(t, s.UpdateGroup(t.Context(), "operator", "operators", oriel.GroupChange{
		Collections: map[string]oriel.CollectionGrant{"other": oriel.GrantCurate, "operations": ""}, Download: &full,
	}))
	must(t, s.UpdateGroup(t.Context(), "operator", oriel.GroupAllUsers, oriel.GroupChange{Download: &full}))
	must(t, firstApply(t, s))
	for _, g := range s.Declared().Groups {
		switch g.Key {
		case "operators":
			if g.Download != "" || len(g.Collections) != 1 || g.Collections["operations"] != oriel.GrantView {
				t.Errorf("the declared one is %+v", g)
			}
		case oriel.GroupAllUsers:
			if g.Download != full {
				t.Errorf("one that no file names is %+v", g)
			}
		}
	}
}

func groupDeletionTakesAll(t *testing.T, d *database) {
	s := d.open(t)
	must(t, s.CreateGroup(t.Context(), "operator", oriel.Group{Key: "crew", Name: "Crew"}))
	u := user(1)
	insertUser(t, s, u)
	must(t, s.SetMembership(t.Context(), "operator", u.ID, "crew", true, began()))
	must(t, s.CreateAPIKey(t.Context(), "operator", oriel.APIKey{ID: "key_g", Group: "crew", Created: began()}, digest("g")))
	must(t, s.DeleteGroup(t.Context(), "operator", "crew"))
	d.wantCount(t, `SELECT count(*) FROM group_members`, 0)
	d.wantCount(t, `SELECT count(*) FROM api_keys`, 0)
	wantCode(t, s.SetMembership(t.Context(), "operator", u.ID, "crew", true, began()), oriel.CodeNotFound)
	wantCode(t, s.DeleteGroup(t.Context(), "operator", "crew"), oriel.CodeNotFound)
}

func erasedUserLeavesEntries(t *testing.T, d *database) {
	s := d.open(t)
	u := user(1)
	must(t, s.CreateUser(t.Context(), "operator", u, began()))
	d.wantCount(t, `SELECT count(*) FROM audit_values`, 1)
	must(t, s.EraseUser(t.Context(), "operator", u.ID, began()))
	d.wantCount(t, `SELECT count(*) FROM users`, 0)
	d.wantCount(t, `SELECT count(*) FROM audit_values`, 0)
	d.wantCount(t, `SELECT count(*) FROM audit_entries WHERE key = 'usr_1'`, 2)
	wantCode(t, s.EraseUser(t.Context(), "operator", u.ID, began()), oriel.CodeNotFound)
}
