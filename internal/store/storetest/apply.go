package storetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

func applyPromises() map[string]func(t *testing.T, d *database) {
	return map[string]func(t *testing.T, d *database){
		"it is read back as declared":                    readBackAsDeclared,
		"twice changes nothing":                          twiceChangesNothing,
		"it says what it did and audits it":              saysWhatItDid,
		"what is not named stays":                        whatIsNotNamedStays,
		"origins and a table's policies are replaced":    replacedAsAWhole,
		"a provider keeps its id":                        providerKeepsItsID,
		"it happens as a whole":                          happensAsAWhole,
		"another node heeds it within a second":          anotherNodeHeeds,
		"an origin that no longer holds is left out":     originThatNoLongerHolds,
		"what is declared never goes back under writers": neverGoesBack,
	}
}

const auditEntries = `SELECT count(*) FROM audit_entries`

func readBackAsDeclared(t *testing.T, d *database) {
	s := d.open(t)
	want := declaration(t)
	mustApply(t, s, want)
	for name, got := range map[string]oriel.Declaration{"at once": *s.Declared(), "after another start": *d.open(t).Declared()} {
		if got.Revision == 0 {
			t.Errorf("%s: no revision", name)
		}
		got.Revision = 0
		p := &got.Providers[0]
		if !strings.HasPrefix(p.ID, "prv_") {
			t.Errorf("%s: provider id %q", name, p.ID)
		}
		p.ID = ""
		for i := range p.Keys {
			if p.Keys[i].Serial == 0 || !p.Keys[i].Created.Equal(began()) {
				t.Errorf("%s: key %s has no serial or another time", name, p.Keys[i].ID)
			}
			p.Keys[i].Serial, p.Keys[i].Created = 0, time.Time{}
		}
		got.Sources = slices.Clone(got.Sources) // the store's own keeps its key
		if len(got.Sources[0].MaskKey) != 32 || !bytes.Equal(got.Sources[0].MaskKey, s.MaskKey("airports")) || bytes.Equal(got.Sources[0].MaskKey, s.MaskKey("airport")) {
			t.Errorf("%s: the key for masks is not the source's own", name)
		}
		if text := fmt.Sprintf("%v %+v %#v %s %x", got.Sources, got.Sources, got.Sources, got.Sources[0].MaskKey, got.Sources[0].MaskKey); strings.Contains(text, fmt.Sprintf("%x", []byte(s.MaskKey("airports")))) || strings.Contains(text, fmt.Sprint([]byte(s.MaskKey("airports")))) {
			t.Errorf("%s: the key for masks is printed", name)
		}
		got.Sources[0].MaskKey = nil
		got.Groups = got.Groups[3:] // by key, after the built-in ones
		// Policies are read table by table.
		wanted := want
		wanted.Policies = []oriel.Policy{want.Policies[3], want.Policies[2], want.Policies[0], want.Policies[1]}
		if !reflect.DeepEqual(got, wanted) {
			t.Errorf("%s: got\n%+v\nwant\n%+v", name, got, wanted)
		}
	}
}

func twiceChangesNothing(t *testing.T, d *database) {
	s := d.open(t)
	mustApply(t, s, declaration(t))
	entries, before := d.Count(t, auditEntries), s.Declared()
	if changes := mustApply(t, s, declaration(t)); len(changes) != 0 {
		t.Errorf("the second time changed %v", changes)
	}
	d.wantCount(t, auditEntries, entries)
	if s.Declared() != before {
		t.Error("what is declared was read again")
	}
}

func saysWhatItDid(t *testing.T, d *database) {
	s := d.open(t)
	changes := mustApply(t, s, declaration(t))
	want := []oriel.Change{
		{Kind: "origins", Key: "instance", Action: "created"},
		{Kind: "group", Key: "operators", Action: "created"},
		{Kind: "provider", Key: "apron", Action: "created"},
		{Kind: "key", Key: "apron/one", Action: "created"},
		{Kind: "key", Key: "apron/two", Action: "created"},
		{Kind: "key", Key: "apron/three", Action: "created"},
		{Kind: "source", Key: "airports", Action: "created"},
		{Kind: "model", Key: "flights", Action: "created"},
		{Kind: "policies", Key: "airports.flights", Action: "created"},
		{Kind: "policies", Key: "airports.airports", Action: "created"},
		{Kind: "policies", Key: "model flights", Action: "created"},
		{Kind: "collection", Key: "operations", Action: "created"},
		{Kind: "question", Key: "departures", Action: "created"},
		{Kind: "dashboard", Key: "operations", Action: "created"},
	}
	if !reflect.DeepEqual(changes, want) {
		t.Errorf("got %v, want %v", changes, want)
	}
	d.wantCount(t, auditEntries+` WHERE who = 'operator'`, len(want))
}

func whatIsNotNamedStays(t *testing.T, d *database) {
	s := d.open(t)
	mustApply(t, s, declaration(t))
	before, err := json.Marshal(s.Declared())
	must(t, err)
	if changes := mustApply(t, s, oriel.Declaration{}); len(changes) != 0 {
		t.Errorf("the empty declaration changed %v", changes)
	}
	if after, err := json.Marshal(s.Declared()); err != nil || !bytes.Equal(before, after) {
		t.Error("something is gone")
	}
}

func replacedAsAWhole(t *testing.T, d *database) {
	s := d.open(t)
	mustApply(t, s, declaration(t))
	flights := oriel.TableRef{Source: "airports", Table: "flights"}
	changes := mustApply(t, s, oriel.Declaration{
		Origins:  []oriel.Origin{origin(t, "https://other.example.com")},
		Policies: []oriel.Policy{{Table: flights, Shared: true}},
	})
	if len(changes) != 2 {
		t.Errorf("changed %v", changes)
	}
	now := s.Declared()
	if len(now.Origins) != 1 || now.Origins[0].String() != "https://other.example.com" {
		t.Errorf("origins %v", now.Origins)
	}
	// Those of the model on that table are another list, which wasn't named.
	if len(now.Policies) != 3 || now.Policies[0].Model != "flights" || !now.Policies[1].Shared || !now.Policies[2].Shared || now.Policies[2].Table != flights {
		t.Errorf("policies %+v", now.Policies)
	}
	// Those of two models, and of a table of a model's name, are apart.
	mustApply(t, s, oriel.Declaration{Policies: []oriel.Policy{{Model: "other", Rows: "origin = 'a'"}}})
	mustApply(t, s, oriel.Declaration{Policies: []oriel.Policy{{Table: oriel.TableRef{Source: "other", Table: "flights"}, Shared: true}}})
	if now := s.Declared(); len(now.Policies) != 5 {
		t.Errorf("policies %+v", now.Policies)
	}
	mustApply(t, s, oriel.Declaration{Origins: []oriel.Origin{}})
	if len(s.Declared().Origins) != 0 {
		t.Error("an empty list of origins did not empty it")
	}
}

func providerKeepsItsID(t *testing.T, d *database) {
	s := d.open(t)
	declared := declaration(t)
	mustApply(t, s, declared)
	before := s.Declared().Providers[0]
	declared.Providers[0].Issuer = "https://other.example.com"
	declared.Providers[0].Keys = []oriel.ProviderKey{
		{ID: "two", Kind: oriel.KeyEdDSA, Public: []byte("other material")},
		{ID: "three", Kind: oriel.KeyJWKS, URL: "https://host.example/keys"},
		{ID: "four", Kind: oriel.KeyHS256, Secret: bytes.Repeat([]byte{4}, 32)},
	}
	want := []oriel.Change{
		{Kind: "provider", Key: "apron", Action: "updated"},
		{Kind: "key", Key: "apron/two", Action: "deleted"}, {Kind: "key", Key: "apron/two", Action: "created"},
		{Kind: "key", Key: "apron/four", Action: "created"}, {Kind: "key", Key: "apron/one", Action: "deleted"},
	}
	if changes := mustApply(t, s, declared); !reflect.DeepEqual(changes, want) {
		t.Errorf("changed %v, want %v", changes, want)
	}
	after := s.Declared().Providers[0]
	if after.ID != before.ID {
		t.Error("the provider has another id")
	}
	serials := make(map[string]int64)
	for _, key := range after.Keys {
		serials[key.ID] = key.Serial
	}
	if serials["two"] <= before.Keys[2].Serial || serials["three"] != before.Keys[2].Serial {
		t.Errorf("serials %v after %+v: other material under a known kid is another key, and a serial is never used again", serials, before.Keys)
	}
}

func happensAsAWhole(t *testing.T, d *database) {
	s := d.open(t)
	declared := declaration(t)
	declared.Dashboards[0].Key = ""
	if _, err := s.Apply(t.Context(), declared); err == nil {
		t.Fatal("it was applied")
	}
	d.wantCount(t, auditEntries, 0)
	d.wantCount(t, `SELECT count(*) FROM origins`, 0)
	if now := s.Declared(); len(now.Origins)+len(now.Providers) != 0 {
		t.Error("half a declaration is in force")
	}
}

func anotherNodeHeeds(t *testing.T, d *database) {
	server, command := d.open(t), d.open(t)
	mustApply(t, command, declaration(t))
	within(t, "the server reads what the command applied", func() bool { return len(server.Declared().Providers) == 1 })
	mustApply(t, command, oriel.Declaration{Origins: []oriel.Origin{}})
	within(t, "the server reads the second change", func() bool { return len(server.Declared().Origins) == 0 })
}

// A loopback origin was saved for a demo; the site then got a public address.
func originThatNoLongerHolds(t *testing.T, d *database) {
	mustApply(t, d.open(t), declaration(t))
	options := d.options()
	options.Origins.SiteURL = "https://bi.example.com"
	s, err := store.Open(t.Context(), options)
	must(t, err)
	defer mustClose(t, s)
	now := s.Declared()
	if len(now.Origins) != 1 || now.Origins[0].String() != "https://*.example.com" {
		t.Errorf("origins %v", now.Origins)
	}
	if now.Providers[0].Configured() {
		t.Error("a provider whose origins are all gone may be used from any")
	}
}

// Whoever has its answer finds its own change in force on its node, and never
// an older state again.
func neverGoesBack(t *testing.T, d *database) {
	nodes := d.nodes(t)
	origins := make([]oriel.Origin, 20)
	for i := range origins {
		origins[i] = origin(t, fmt.Sprintf("https://p%d.example.com", i))
	}
	for _, err := range atOnce(len(origins), func(i int) error {
		s := nodes[i%2]
		if _, err := s.AddOrigin(t.Context(), "operator", origins[i]); err != nil {
			return err
		}
		for range 20 {
			if !slices.Contains(s.Declared().Origins, origins[i]) {
				return fmt.Errorf("%s was added, and is not in force", origins[i])
			}
		}
		return nil
	}) {
		if err != nil {
			t.Error(err)
		}
	}
	for _, s := range nodes {
		within(t, "both nodes have all origins", func() bool { return len(s.Declared().Origins) == len(origins) })
	}
}
