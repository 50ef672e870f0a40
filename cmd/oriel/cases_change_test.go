package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// What is changed holds under load for every request that begins later on the
// node that changed it, and within a second on every other (access §3).

// policyLine is how resultsContent narrows its one table.
const policyLine = `  - {table: data.flights, rows: "origin = user.attr.airport"}`

// loadPaths are asked under load, by so many at once on each node.
var loadPaths = map[string]int{
	"POST /api/v1/questions/origins/run": 4, "POST /api/v1/questions/rows/run": 1, "POST /api/v1/dashboards/all/run": 2,
	"GET /api/v1/dashboards/all/parameters/airport/values": 2, "POST /api/v1/questions/rows/download?format=csv": 1,
}

// nodesHouse is two nodes on one store, and a host that signs people in.
type nodesHouse struct {
	*resultsHouse
	key   string
	nodes []*node
}

func onTwoNodes(t *testing.T, test func(t *testing.T, h *nodesHouse)) {
	onEachEngine(t, func(t *testing.T, open func(*testing.T, ...string) *resultsHouse) {
		h := &nodesHouse{resultsHouse: open(t)}
		h.key = h.administrator()
		h.nodes = []*node{startNode(t, h.environ), startNode(t, h.environ)}
		test(t, h)
	})
}

// on asks one of the nodes for a change.
func (h *nodesHouse) on(n *node, method, path, body string) {
	h.Helper()
	request, err := http.NewRequestWithContext(h.Context(), method, n.address+path, strings.NewReader(body))
	if err != nil {
		h.Fatal(err)
	}
	request.Header.Set("X-API-Key", h.key)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		h.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode/100 != 2 {
		var words bytes.Buffer
		_, _ = words.ReadFrom(response.Body)
		h.Fatalf("%s %s: %s %s", method, path, response.Status, words.String())
	}
}

// applies has another process apply the house's file with other policies.
func (h *nodesHouse) applies(policies string) {
	h.Helper()
	path := filepath.Join(h.folder, "changed.yaml")
	if err := os.WriteFile(path, []byte(strings.Replace(resultsFile(h.source), policyLine, policies, 1)), 0o600); err != nil {
		h.Fatal(err)
	}
	if words, err := program(h.T, h.environ, "apply", path).CombinedOutput(); err != nil {
		h.Fatalf("oriel apply: %v: %s", err, words)
	}
}

// answersAll waits until each node has answered each path: one that just started
// may still be compiling its parser, which takes a while with the race detector.
func (h *nodesHouse) answersAll(person caseSession) {
	h.Helper()
	for _, n := range h.nodes {
		one := requests{}
		for path := range loadPaths {
			one.ask(h.Context(), http.DefaultClient, n.address, path, person.Token)
		}
		if len(one.asked) != len(loadPaths) {
			h.Fatalf("%s: only %d of %d were answered", n.address, len(one.asked), len(loadPaths))
		}
	}
}

func TestChanges_holdUnderLoad(t *testing.T) {
	onTwoNodes(t, func(t *testing.T, h *nodesHouse) {
		number := 0
		for name, c := range map[string]struct {
			// before settles what is changed, for a person; after is the change.
			policies string
			before   func(p caseSession)
			change   func(p caseSession)
			// marks are what only those see who see what was before.
			marks  string
			byFile bool
		}{
			"left a group": {
				policies: policyLine[:len(policyLine)-1] + `, exempt: [planners]}`, marks: "LAX",
				before: func(p caseSession) {
					h.on(h.nodes[0], "PUT", "/api/v1/users/"+p.User.ID+"/groups/planners", "")
				},
				change: func(p caseSession) {
					h.on(h.nodes[0], "DELETE", "/api/v1/users/"+p.User.ID+"/groups/planners", "")
				},
			},
			"attribute": {
				policies: policyLine, marks: "DFW",
				change: func(p caseSession) {
					h.on(h.nodes[0], "PATCH", "/api/v1/users/"+p.User.ID, `{"attributes":{"airport":"ORD"}}`)
				},
			},
			"tenant's attribute": {
				policies: `  - {table: data.flights, rows: "origin in tenant.attr.airports"}`, marks: "LAX",
				before: func(caseSession) {
					h.on(h.nodes[0], "PATCH", "/api/v1/tenants/acme", `{"attributes":{"airports":["LAX","DFW"]}}`)
				},
				change: func(caseSession) {
					h.on(h.nodes[0], "PATCH", "/api/v1/tenants/acme", `{"attributes":{"airports":["DFW"]}}`)
				},
			},
			"collection's grant": {
				policies: policyLine, marks: "DFW",
				change: func(caseSession) {
					h.on(h.nodes[0], "PATCH", "/api/v1/permissions/operators", `{"collections":{"ops":"none"}}`)
				},
			},
			"source's grant": {
				policies: policyLine, marks: "DFW",
				change: func(caseSession) {
					h.on(h.nodes[0], "PATCH", "/api/v1/permissions/operators", `{"sources":{"data":"none"}}`)
				},
			},
			"policy": {
				policies: policyLine, marks: "DFW", byFile: true,
				change: func(caseSession) {
					h.applies(`  - {table: data.flights, rows: "origin = user.attr.airport and origin != 'DFW'"}`)
				},
			},
			"exemption": {
				policies: policyLine[:len(policyLine)-1] + `, exempt: [operators]}`, marks: "LAX", byFile: true,
				change: func(caseSession) { h.applies(policyLine) },
			},
			"shared": {
				policies: `  - {table: data.flights, shared: true}`, marks: "LAX", byFile: true,
				change: func(caseSession) { h.applies(policyLine) },
			},
			"closed": {
				policies: policyLine, marks: "DFW", byFile: true,
				change: func(caseSession) { h.applies(`  - {table: data.flights, columns: {n: empty}}`) },
			},
		} {
			number++
			// What each change does to a decision has nothing to do with the engine.
			if name != "attribute" && name != "policy" && h.served.store.Declared().Sources[0].Kind == oriel.SourcePostgres {
				continue
			}
			t.Run(name, func(t *testing.T) {
				h.applies(c.policies)
				h.on(h.nodes[0], "PATCH", "/api/v1/permissions/operators", `{"collections":{"ops":"view"},"sources":{"data":"run"},"download":"full"}`)
				person := h.person(fmt.Sprintf("p%d", number), "DFW", "tenant", "acme")
				if c.before != nil {
					c.before(person)
				}
				h.answersAll(person)
				time.Sleep(1100 * time.Millisecond) // for what was just settled to hold on both nodes
				under := bear(t, []string{h.nodes[0].address, h.nodes[1].address}, person.Token, loadPaths)
				under.each(t, h.nodes, func(a asked) bool { return a.shows(c.marks) })
				began := time.Now()
				c.change(person)
				answered := time.Now()
				under.each(t, h.nodes, func(a asked) bool { return a.begun.After(answered.Add(time.Second)) })
				judge(t, h.nodes, under.end(), c.marks, began, answered, c.byFile)
			})
		}
	})
}

// judge holds what was asked to what a change promises. A change by a file is
// another process's for both nodes.
func judge(t *testing.T, nodes []*node, all []asked, marks string, began, answered time.Time, byFile bool) {
	t.Helper()
	for i, n := range nodes {
		holds := answered
		if i > 0 || byFile {
			holds = answered.Add(time.Second)
		}
		before, after, late := map[string]int{}, map[string]int{}, 0
		for _, a := range all {
			if a.node != n.address || a.status == http.StatusTooManyRequests {
				continue
			}
			marked := a.shows(marks)
			switch {
			case a.begun.Before(began):
				if marked {
					before[a.path]++
				}
			case a.begun.After(holds):
				after[a.path]++
				if marked {
					late++
					if late <= 3 {
						t.Errorf("node %d: %s, begun %s after the change was answered, still shows %s: %s", i+1, a.path, a.begun.Sub(answered), marks, a.body)
					}
				}
			}
		}
		for path := range loadPaths {
			_, path, _ := strings.Cut(path, " ")
			if before[path] == 0 || after[path] == 0 {
				t.Errorf("node %d: %s showed %s %d times before, and was asked %d times after: the test shows nothing", i+1, path, marks, before[path], after[path])
			}
		}
		t.Logf("node %d: before %v, after %v", i+1, before, after)
	}
}

// A policy that this node itself takes in holds for its very next request.
func TestChanges_aPolicyHoldsForTheNextRequestOfItsNode(t *testing.T) {
	onEachEngine(t, func(t *testing.T, open func(*testing.T, ...string) *resultsHouse) {
		h := open(t)
		person := h.person("ann", "DFW")
		under := bear(t, []string{h.address}, person.Token, loadPaths)
		this := []*node{{address: h.address}}
		under.each(t, this, func(a asked) bool { return a.shows("DFW") })
		began := time.Now()
		_, err := h.served.store.Apply(t.Context(), oriel.Declaration{Policies: []oriel.Policy{
			{Table: oriel.TableRef{Source: "data", Table: "flights"}, Rows: "origin = user.attr.airport and origin != 'DFW'"},
		}})
		answered := time.Now()
		if err != nil {
			t.Fatal(err)
		}
		under.each(t, this, func(a asked) bool { return a.begun.After(answered) })
		judge(t, this, under.end(), "DFW", began, answered, false)
	})
}

// Nobody joins a query of before, nor is given what it comes to.
func TestChanges_nobodyJoinsWhatBeganBefore(t *testing.T) {
	onEachEngine(t, func(t *testing.T, open func(*testing.T, ...string) *resultsHouse) {
		h := open(t)
		ann, bob := h.person("ann", "DFW"), h.person("bob", "DFW")
		hold := make(chan struct{})
		release := sync.OnceFunc(func() { close(hold) })
		t.Cleanup(release)
		h.engine.hold.Store(&hold)
		answers := [2]string{}
		var all sync.WaitGroup
		ask := func(i int, who caseSession) {
			all.Go(func() { answers[i], _ = h.runs(who, "origins", "") })
			h.comes("the query is not under way", func() bool { return h.engine.runs.Load() == int32(i+1) })
		}
		ask(0, ann)
		if _, err := h.served.store.Apply(t.Context(), oriel.Declaration{Policies: []oriel.Policy{
			{Table: oriel.TableRef{Source: "data", Table: "flights"}, Rows: "origin = user.attr.airport and origin != 'DFW'"},
		}}); err != nil {
			t.Fatal(err)
		}
		ask(1, bob)
		release()
		all.Wait()
		if answers != [2]string{"[DFW]", "[]"} {
			t.Errorf("who asked before sees %s, who asked after %s", answers[0], answers[1])
		}
		if rows, _ := h.runs(ann, "origins", ""); rows != "[]" {
			t.Errorf("who asked before is then given %s", rows)
		}
	})
}
