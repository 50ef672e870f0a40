package main

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// Two who see the same share a result, and nobody else does (access §3).
func TestResults_areSharedByThoseWhoSeeTheSameAlone(t *testing.T) {
	onEachEngine(t, func(t *testing.T, open func(*testing.T, ...string) *resultsHouse) {
		h := open(t)
		ann, bob := h.person("ann", "DFW"), h.person("bob", "DFW", "shoe", "42", "groups", []string{"operators", "planners"})
		carl, none := h.person("carl", "ORD"), h.person("none", "")
		for _, c := range []struct {
			who   caseSession
			rows  string
			kept  bool
			reach int
		}{
			{ann, "[DFW]", false, 1}, {bob, "[DFW]", true, 0}, {ann, "[DFW]", true, 0},
			{carl, "[ORD]", false, 1}, {none, "[]", false, 1}, {carl, "[ORD]", true, 0}, {bob, "[DFW]", true, 0}, {none, "[]", true, 0},
		} {
			if rows, kept := h.runs(c.who, "origins", ""); rows != c.rows || kept != c.kept {
				t.Errorf("%s sees %s, kept %v; want %s, %v", c.who.User.Email, rows, kept, c.rows, c.kept)
			}
			h.reached(c.reach)
		}
		// Another value of a parameter is another result; the same is shared.
		for i, reach := range []int{1, 0} {
			if rows, _ := h.runs([]caseSession{ann, bob}[i], "origins", `{"parameters":{"least":2}}`); rows != "[DFW]" {
				t.Errorf("with a parameter %s", rows)
			}
			h.reached(reach)
		}
		// A filter's choices go the same way.
		values := func(who caseSession, want string, reach int) {
			t.Helper()
			if r := h.asks(who, "GET", "/api/v1/dashboards/all/parameters/airport/values", ""); strings.TrimSpace(r.body) != fmt.Sprintf(`{"items":[{"label":%q,"value":%q}],"next":null}`, want, want) {
				t.Errorf("%s is offered %d %s", who.User.Email, r.status, r.body)
			}
			h.reached(reach)
		}
		values(ann, "DFW", 1)
		values(bob, "DFW", 0)
		values(carl, "ORD", 1)
		// And a dashboard's cards.
		for i, who := range []caseSession{ann, bob, carl} {
			cards, failures := h.asks(who, "POST", "/api/v1/dashboards/all/run", `{"parameters":{"airport":["DFW","ORD"]}}`).lines(t)
			want := []string{"[[DFW] [3]] [[3]]", "[[DFW] [3]] [[3]]", "[[ORD] [2]] [[2]]"}[i]
			if got := fmt.Sprint(cards["origins"].Values, " ", cards["filtered"].Values); got != want || len(failures) > 0 {
				t.Errorf("%s sees %s, want %s: %v", who.User.Email, got, want, failures)
			}
			h.reached([]int{1, 0, 1}[i]) // the other card is kept
		}
	})
}

// The same, when all ask at once.
func TestResults_areAskedForOnceAtATime(t *testing.T) {
	onEachEngine(t, func(t *testing.T, open func(*testing.T, ...string) *resultsHouse) {
		h := open(t)
		var here, there []caseSession
		for i := range 10 {
			here = append(here, h.person(fmt.Sprint("dfw", i), "DFW"))
		}
		for i := range 2 {
			there = append(there, h.person(fmt.Sprint("ord", i), "ORD"))
		}
		hold := make(chan struct{})
		release := sync.OnceFunc(func() { close(hold) })
		t.Cleanup(release)
		h.engine.hold.Store(&hold)
		var all sync.WaitGroup
		ask := func(who caseSession, want string) {
			all.Go(func() {
				if rows, _ := h.runs(who, "origins", ""); rows != want {
					t.Errorf("%s sees %s, want %s", who.User.Email, rows, want)
				}
			})
		}
		for i := range 50 {
			ask(here[i%len(here)], "[DFW]")
			if i < 6 {
				ask(there[i%len(there)], "[ORD]")
			}
		}
		h.comes("both queries are not under way", func() bool { return h.engine.runs.Load() == 2 })
		time.Sleep(200 * time.Millisecond) // for the rest to come, were each to have its own
		release()
		all.Wait()
		h.reached(2)
	})
}

// What is kept is nobody's who may not ask.
func TestResults_grantsAreCheckedBeforeWhatIsKept(t *testing.T) {
	onEachEngine(t, func(t *testing.T, open func(*testing.T, ...string) *resultsHouse) {
		h := open(t)
		key := h.administrator()
		ann := h.person("ann", "DFW")
		paths := map[string]string{
			"/api/v1/questions/origins/run": "POST", "/api/v1/dashboards/all/run": "POST",
			"/api/v1/dashboards/all/parameters/airport/values": "GET", "/api/v1/questions/origins/download?format=csv": "POST",
		}
		all := func(state string, want map[string]string) {
			t.Helper()
			for path, method := range paths {
				r := h.asks(ann, method, path, "")
				got := r.code()
				if strings.Contains(r.body, `"type":"layout"`) {
					_, failures := r.lines(t)
					got = failures["origins"]
				}
				if got != want[path] || got != "" && strings.Contains(r.body, "DFW") {
					t.Errorf("%s: %s: %d %s, want %q", state, path, r.status, r.body, want[path])
				}
			}
		}
		grant := func(body string) {
			t.Helper()
			if r := h.manage(key, "PATCH", "/api/v1/permissions/operators", body); r.status != 200 {
				t.Fatalf("%s: %d %s", body, r.status, r.body)
			}
		}
		same := func(code string) map[string]string {
			codes := map[string]string{}
			for path := range paths {
				codes[path] = code
			}
			return codes
		}
		all("at first", same(""))
		all("again", same(""))
		h.engine.runs.Store(0)
		grant(`{"collections":{"ops":"none"}}`)
		all("without the collection", same("not_found"))
		grant(`{"collections":{"ops":"view"},"sources":{"data":"none"}}`)
		all("without the source", same("forbidden"))
		grant(`{"sources":{"data":"run"},"download":"none"}`)
		only := same("")
		only["/api/v1/questions/origins/download?format=csv"] = "forbidden"
		all("without downloads", only)
		h.reached(0)
		grant(`{"download":"limited"}`)
		if r := h.asks(ann, "POST", "/api/v1/questions/rows/download?format=csv", ""); r.status != 200 || r.header.Get("X-Oriel-Row-Limit") != "10000" {
			t.Errorf("a limited download: %d of %s rows", r.status, r.header.Get("X-Oriel-Row-Limit"))
		}
	})
}

// Who views as somebody shares what that one may see and takes nothing away; a
// download is nobody's but the one who asked for it.
func TestResults_viewAsAndDownloadsGoTheSameWay(t *testing.T) {
	onEachEngine(t, func(t *testing.T, open func(*testing.T, ...string) *resultsHouse) {
		h := open(t, "DOWNLOAD_ROWS=2")
		key := h.administrator()
		ann, carl := h.person("ann", "DFW"), h.person("carl", "ORD")
		h.runs(ann, "origins", "")
		h.reached(1)
		for _, c := range []struct {
			of    caseSession
			want  string
			reach int
		}{{ann, "[DFW]", 0}, {carl, "[ORD]", 1}} {
			var viewing struct{ Token string }
			h.manage(key, "POST", "/api/v1/users/"+c.of.User.ID+"/view-as", "").read(t, &viewing)
			h.canary(viewing.Token)
			var seen caseRun
			h.ask("POST", "/api/v1/questions/origins/run", "", "Authorization", "Bearer "+viewing.Token).read(t, &seen)
			if got := fmt.Sprint(seen.Result.Values[0]); got != c.want || (seen.Result.CachedAt != nil) != (c.reach == 0) {
				t.Errorf("as %s: %s of %v", c.of.User.Email, got, seen.Result.CachedAt)
			}
			h.reached(c.reach)
			if r := h.ask("POST", "/api/v1/questions/rows/download?format=csv", "", "Authorization", "Bearer "+viewing.Token); r.status != 403 || strings.Contains(r.body, "DFW") {
				t.Errorf("a download as %s: %d %s", c.of.User.Email, r.status, r.body)
			}
		}
		for who, want := range map[*caseSession]string{&ann: "\"DFW\",1\r\n\"DFW\",2\r\n", &carl: "\"ORD\",4\r\n\"ORD\",5\r\n"} {
			for range 2 {
				r := h.asks(*who, "POST", "/api/v1/questions/rows/download?format=csv", "")
				if r.status != 200 || r.body != "origin,n\r\n"+want || r.header.Get("X-Oriel-Row-Limit") != "2" {
					t.Errorf("%s: %d %q", who.User.Email, r.status, r.body)
				}
			}
		}
		if got := h.engine.streams.Load(); got != 4 {
			t.Errorf("%d downloads reached the engine, want 4", got)
		}
	})
}

// The settings do what they say: nothing is kept where nobody wants it.
func TestResults_areKeptAsTheServerIsSet(t *testing.T) {
	onEachEngine(t, func(t *testing.T, open func(*testing.T, ...string) *resultsHouse) {
		for setting, reach := range map[string][3]int{
			"LOG_LEVEL=debug": {1, 0, 1}, "CACHE_MEMORY=0": {1, 1, 1}, "CACHE_TIME=0s": {1, 1, 1}, "CACHE_TIME=2m": {1, 0, 0},
		} {
			h := open(t, setting)
			ann := h.person("ann", "DFW")
			for i, want := range reach {
				if i == 2 {
					h.wait(time.Minute)
				}
				h.runs(ann, "origins", "")
				if got := h.engine.runs.Swap(0); got != int32(want) {
					t.Errorf("%s: time %d reached the engine %d times, want %d", setting, i+1, got, want)
				}
			}
		}
	})
}

// A server whose own row security is told who asks: nothing is shared, since
// nobody knows what it reads.
func TestResults_areNobodyElsesWhereTheServersOwnRowSecurityHolds(t *testing.T) {
	server := postgresServer(t)
	h := &resultsHouse{caseHouse: newCase(t, caseFile)}
	text, environ := postgresSource(t, server)
	_, url, _ := strings.Cut(environ, "=")
	database := url[strings.LastIndex(url, "/")+1 : strings.Index(url, "?")]
	server.Exec(t, database, `ALTER TABLE public.flights ENABLE ROW LEVEL SECURITY`, `CREATE POLICY own ON public.flights FOR SELECT USING (
		origin = ANY (ARRAY(SELECT jsonb_array_elements_text(current_setting('oriel.attributes', true)::jsonb -> 'airport'))))`)
	h.source, h.environ = strings.Replace(text, "}\"}", "}\", native_security: true}", 1), append(h.environ, environ)
	h.furnish("postgres")
	h.apply(strings.Replace(resultsFile(h.source), `rows: "origin = user.attr.airport"`, "shared: true", 1))
	h.heeds("the policy is of before", func() bool { return h.served.store.Declared().Policies[0].Shared })
	h.engine.runs.Store(0)
	ann, bob, carl := h.person("ann", "DFW"), h.person("bob", "DFW"), h.person("carl", "ORD")
	for _, c := range []struct {
		who   caseSession
		rows  string
		reach int
	}{{ann, "[DFW]", 1}, {bob, "[DFW]", 1}, {carl, "[ORD]", 1}, {ann, "[DFW]", 0}, {h.person("none", ""), "[]", 1}} {
		if rows, _ := h.runs(c.who, "origins", ""); rows != c.rows {
			t.Errorf("%s sees %s, want %s", c.who.User.Email, rows, c.rows)
		}
		h.reached(c.reach)
		if r := h.asks(c.who, "POST", "/api/v1/questions/rows/download?format=csv", ""); r.status != 200 || strings.Contains(r.body, "LAX") || strings.Contains(r.body, "ORD") != (c.rows == "[ORD]") {
			t.Errorf("%s downloads %d %s", c.who.User.Email, r.status, r.body)
		}
	}
}
