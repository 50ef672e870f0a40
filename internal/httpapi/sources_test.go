package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// silentServer takes connections and says nothing, as a server does behind a
// firewall.
func silentServer(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
		}
	}()
	return listener.Addr().String()
}

// ended waits for the end of a sync.
func (s *site) ended(admin, key string) httpapi.Sync {
	s.t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		sync := read[httpapi.Sync](s.t, s.with(admin, "GET", "/api/v1/sources/"+key+"/sync", ""), 200)
		if !oriel.SyncState(sync.State).Live() {
			return sync
		}
	}
	s.t.Fatalf("the sync of %s never ended", key)
	return httpapi.Sync{}
}

const secretURL = "postgres://ann:s3cr%2Ft-pw@127.0.0.1:1/erp"

func TestSources_givesNoSecretBack(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminSources, oriel.ScopeAdminAudit)
	var said []string
	ask := func(method, path, body string, want int) reply {
		t.Helper()
		r := s.with(admin, method, path, body)
		if r.status != want {
			t.Errorf("%s %s: got %d %s", method, path, r.status, r.body)
		}
		said = append(said, string(r.body))
		return r
	}
	ask("POST", "/api/v1/sources", `{"key":"erp","kind":"postgres","url":"`+secretURL+`"}`, 201)
	ask("GET", "/api/v1/sources", "", 200)
	shown := read[httpapi.DataSource](t, ask("GET", "/api/v1/sources/erp", "", 200), 200)
	if shown.Server == nil || !slices.Equal(shown.Server.Hosts, []string{"127.0.0.1:1"}) || shown.Server.Login != "ann" || shown.Settings["url"] != nil {
		t.Errorf("shown as %+v %v", shown.Server, shown.Settings)
	}
	tried := read[httpapi.DataSourceTest](t, ask("POST", "/api/v1/sources/test", `{"key":"erp","kind":"postgres"}`, 200), 200)
	if tried.Ok || !strings.Contains(tried.Message, "refused") {
		t.Errorf("tried: %+v; want the driver's words", tried)
	}
	for _, wrong := range []string{
		`{"key":"a","kind":"postgres","url":"postgres://ann:s3cr/t-pw@h/d"}`, `{"key":"a","kind":"postgres","url":"mysql://ann:s3cr%2Ft-pw@h/d"}`,
		`{"key":"a","kind":"postgres","url":"postgres://ann:s3cr%2Ft-pw@h"}`, `{"key":"a","kind":"postgres","url":"` + secretURL + `?password=s3cr/t-pw"}`,
		`{"key":"a","kind":"postgres","url":"` + secretURL + `","nothing":1}`, `{"key":"A B","kind":"postgres","url":"` + secretURL + `"}`,
		`{"key":"a","kind":"` + secretURL + `","url":"` + secretURL + `"}`, `{"key":"a","kind":"duckdb","files":["t.csv"],"url":"` + secretURL + `"}`,
		`{"key":"a","kind":"postgres","url":["` + secretURL + `"]}`, `{"key":"a","kind":"postgres","url":"` + secretURL + `","schema":5}`,
	} {
		r := ask("POST", "/api/v1/sources", wrong, 400)
		if strings.Contains(wrong, `"kind":"`+secretURL) || strings.Contains(wrong, `["postgres`) {
			said = said[:len(said)-1] // they wrote it where no secret stands
		}
		refused(t, wrong, r, "invalid_request", "")
	}
	ask("PUT", "/api/v1/sources/erp", `{"kind":"postgres","limits":{"rows":7}}`, 200)
	ask("PUT", "/api/v1/sources/erp", `{"kind":"postgres","schema":"sales"}`, 400)
	ask("POST", "/api/v1/sources/test", `{"key":"erp","kind":"postgres","role":"owner"}`, 400)
	if src, _ := s.store.Declared().Source("erp"); src.URL != secretURL || src.Limits.Rows != 7 {
		t.Errorf("an update without a url changed it: %v in %q", src.Limits, src.URL)
	}
	ask("POST", "/api/v1/sources/erp/sync", "", 202)
	if sync := s.ended(admin, "erp"); sync.State != "failed" || !strings.Contains(sync.Message, "refused") {
		t.Errorf("synchronised: %+v", sync)
	}
	ask("GET", "/api/v1/sources/erp/sync", "", 200)
	ask("GET", "/api/v1/audit/export", "", 200)
	ask("DELETE", "/api/v1/sources/erp", "", 204)
	ask("GET", "/api/v1/audit/export", "", 200)
	for _, text := range append(said, s.log.String()) {
		if strings.Contains(text, "s3cr") || strings.Contains(text, "t-pw") {
			t.Errorf("the password is in %s", text)
		}
	}
	if all := said[len(said)-1]; strings.Count(all, `"key":"erp","kind":"source",`) != 3 {
		t.Errorf("the changes are not all in the audit: %s", all)
	}
}

// What a stored login is used for is changed by who knows it, or may do
// everything: data sources' administrators may be neither.
func TestSources_aStoredLoginIsUsedForNothingElse(t *testing.T) {
	s := newSite(t)
	admin, all := s.admin(oriel.ScopeAdminSources), s.admin(oriel.ScopeAdmin)
	const was = `{"kind":"postgres","role":"reader","native_security":true,"limits":{"rows":5}}`
	read[httpapi.DataSource](t, s.with(admin, "POST", "/api/v1/sources", `{"key":"erp","url":"`+secretURL+`",`+was[1:]), 201)
	first, _ := s.store.Declared().Source("erp")
	for what, c := range map[string]struct{ settings, field string }{
		"another schema": {`"role":"reader","native_security":true,"schema":"payroll"`, "url"}, "another role": {`"role":"owner","native_security":true`, "url"},
		"no role": {`"native_security":true`, "url"}, "row security no longer told": {`"role":"reader"`, "url"},
		"an empty url": {`"role":"owner","native_security":true,"url":""`, ""}, "null": {`"role":"owner","native_security":true,"url":null`, ""},
	} {
		for method, path := range map[string]string{"PUT": "/api/v1/sources/erp", "POST": "/api/v1/sources/test"} {
			r := s.with(admin, method, path, `{"key":"erp","kind":"postgres",`+c.settings+`}`)
			refused(t, what+": "+method, r, "invalid_request", c.field)
		}
	}
	if now, _ := s.store.Declared().Source("erp"); text(t, now) != text(t, first) {
		t.Errorf("it became %s", text(t, now))
	}
	for _, step := range []struct{ who, settings string }{
		{admin, was}, {admin, `{"kind":"postgres","role":"reader","native_security":true,"schema":"public","tables":["orders"]}`}, // the same use
		{admin, `{"kind":"postgres","role":"owner","url":"` + secretURL + `"}`}, // they know it
		{all, `{"kind":"postgres","role":"other","schema":"sales"}`},            // they may do everything
	} {
		read[httpapi.DataSource](t, s.with(step.who, "PUT", "/api/v1/sources/erp", step.settings), 200)
	}
	if now, _ := s.store.Declared().Source("erp"); now.URL != secretURL || now.Role != "other" || now.Schema != "sales" {
		t.Errorf("it became %s", text(t, now))
	}
}

// Whoever has the API alone reaches no file of the server but those of the
// folder for sources.
func TestSources_reachNoOtherFileOfTheServer(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminSources)
	outside := t.TempDir()
	write(t, filepath.Join(outside, "secret.csv"), "a\nhidden\n")
	write(t, filepath.Join(s.files, "fine.csv"), "a\n1\n")
	for link, to := range map[string]string{
		"link.csv": filepath.Join(outside, "secret.csv"), "relative.csv": "../../../../../../etc/passwd", "store.csv": filepath.Join(s.folder, "oriel.db"),
		"folder": outside, "proc.csv": "/proc/self/environ",
	} {
		if err := os.Symlink(to, filepath.Join(s.files, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(s.files, "dir.csv"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"../secret.csv", filepath.Join(outside, "secret.csv"), "/etc/passwd.csv", "a/../../secret.csv", "..", ".", "", "fine.csv/../../x.csv",
		"*.csv", "fi?e.csv", "fine.csv\x00.csv", "..\\x.csv", "$HOME.csv", "',x);--.csv", "fine.csv'.csv",
	} {
		r := s.with(admin, "POST", "/api/v1/sources", body(t, map[string]any{"key": "bad", "kind": "duckdb", "files": []string{name}}))
		refused(t, fmt.Sprintf("%q", name), r, "invalid_request", "")
		if _, made := s.store.Declared().Source("bad"); made {
			t.Fatalf("%q is taken", name)
		}
	}
	for i, name := range []string{"link.csv", "relative.csv", "store.csv", "folder/secret.csv", "proc.csv", "dir.csv", "missing.csv", "http://127.0.0.1/x.csv", "s3://bucket/x.csv", "~/x.csv"} {
		settings := map[string]any{"key": fmt.Sprintf("f%d", i), "kind": "duckdb", "files": []string{name}}
		tried := read[httpapi.DataSourceTest](t, s.with(admin, "POST", "/api/v1/sources/test", body(t, settings)), 200)
		if tried.Ok || tried.Message != name+": the file can't be read; it must exist inside the folder of its source" {
			t.Errorf("%s: tried: %+v", name, tried)
		}
		key := settings["key"].(string)
		if r := s.with(admin, "POST", "/api/v1/sources", body(t, settings)); r.status != 201 {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
		if r := s.with(admin, "POST", "/api/v1/sources/"+key+"/sync", ""); r.status != 202 {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
		if sync := s.ended(admin, key); sync.State != "failed" || strings.Contains(sync.Message, outside) || strings.Contains(sync.Message, s.files) {
			t.Errorf("%s: synchronised: %+v", name, sync)
		}
		if src, _ := s.store.Declared().Source(key); len(src.Tables) > 0 {
			t.Errorf("%s was read: %v", name, src.Tables)
		}
	}
	for what, url := range map[string]string{
		"a socket": "postgres://a:b@h/d?host=/run/postgresql", "a certificate": "postgres://a:b@h/d?sslrootcert=/etc/passwd", "a key": "postgres://a:b@h/d?sslcert=/c&sslkey=/k",
		"an abstract socket": "postgres://a:b@h/d?host=@x", "a socket as the second": "postgres://a:b@h/d?host=h,/run",
		"a password file": "postgres://a@h/d?passfile=/etc/passwd", "a service": "postgres://a@h/d?service=x&servicefile=/etc/passwd", "settings": "postgres://a:b@h/d?options=-crole%3Dx",
	} {
		for _, path := range []string{"/api/v1/sources", "/api/v1/sources/test"} {
			refused(t, what, s.with(admin, "POST", path, body(t, map[string]any{"key": "pg", "kind": "postgres", "url": url})), "invalid_request", "url")
		}
	}
}

func TestSync_ofFilesTellsWhatCameAndWent(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminSources)
	write(t, filepath.Join(s.files, "trips.csv"), "who,miles\nann,12\ngus,7\n")
	read[httpapi.DataSource](t, s.with(admin, "POST", "/api/v1/sources", `{"key":"trips","kind":"duckdb","files":["trips.csv"]}`), 201)
	sync := func() httpapi.Sync {
		t.Helper()
		began := read[httpapi.Sync](t, s.with(admin, "POST", "/api/v1/sources/trips/sync", ""), 202)
		if began.State != "running" || began.Who == "" {
			t.Errorf("began as %+v", began)
		}
		return s.ended(admin, "trips")
	}
	first := sync()
	if first.State != "done" || first.Ended == nil || first.Progress != (httpapi.SyncProgress{Phase: "saving", Done: 1, Tables: 1, Rows: 2}) ||
		!slices.Equal(first.Changes, []httpapi.SyncChange{{Table: "trips", Change: "new"}}) {
		t.Errorf("the first: %+v", first)
	}
	shown := read[httpapi.DataSource](t, s.with(admin, "GET", "/api/v1/sources/trips", ""), 200)
	if len(shown.Tables) != 1 || shown.Tables[0].Visible != "closed" || shown.Tables[0].Rows == nil || *shown.Tables[0].Rows != 2 {
		t.Errorf("shown: %+v", shown.Tables)
	}
	if again := sync(); again.State != "done" || len(again.Changes) > 0 {
		t.Errorf("the same again: %+v", again)
	}
	write(t, filepath.Join(s.files, "trips.csv"), "miles,day\nfar,2001-01-02\n")
	if second := sync(); !slices.Equal(second.Changes, []httpapi.SyncChange{
		{Table: "trips", Column: "who", Change: "gone"}, {Table: "trips", Column: "miles", Change: "retyped"}, {Table: "trips", Column: "day", Change: "new"}}) {
		t.Errorf("the second: %+v", second.Changes)
	}
	list := read[httpapi.DataSourceList](t, s.with(admin, "GET", "/api/v1/sources", ""), 200)
	for _, one := range list.Items {
		if one.Key == "trips" && (one.Tables != 1 || one.Closed != 1 || one.Sync == nil) || one.Key == "airports" && (one.Closed == one.Tables || one.Sync != nil) {
			t.Errorf("listed: %+v", one)
		}
	}
	// Files beside a declaration are not the server's to read again.
	read[httpapi.Sync](t, s.with(admin, "POST", "/api/v1/sources/airports/sync", ""), 202)
	if sync := s.ended(admin, "airports"); sync.State != "failed" || !strings.Contains(sync.Message, "run oriel apply") {
		t.Errorf("a declared source: %+v", sync)
	}
}

// One at a time, and its end within the contract's second leaves all as it was.
func TestSync_isCancelledWithinASecondAndChangesNothing(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminSources)
	read[httpapi.DataSource](t, s.with(admin, "POST", "/api/v1/sources", `{"key":"erp","kind":"postgres","url":"postgres://a:b@`+silentServer(t)+`/d?sslmode=disable"}`), 201)
	before, _ := s.store.Declared().Source("erp")
	read[httpapi.Sync](t, s.with(admin, "POST", "/api/v1/sources/erp/sync", ""), 202)
	refused(t, "a second", s.with(admin, "POST", "/api/v1/sources/erp/sync", ""), "conflict", "")
	refused(t, "a change", s.with(admin, "PUT", "/api/v1/sources/erp", `{"kind":"postgres","limits":{"rows":7}}`), "conflict", "")
	refused(t, "a deletion", s.with(admin, "DELETE", "/api/v1/sources/erp", ""), "conflict", "")
	now := read[httpapi.Sync](t, s.with(admin, "GET", "/api/v1/sources/erp/sync", ""), 200)
	if now.State != "running" {
		t.Errorf("it is %s", now.State)
	}
	asked := time.Now()
	if r := read[httpapi.Sync](t, s.with(admin, "DELETE", "/api/v1/sources/erp/sync", ""), 200); r.State != "cancelling" && r.State != "cancelled" {
		t.Errorf("cancelled: %+v", r)
	}
	if last := s.ended(admin, "erp"); last.State != "cancelled" || time.Since(asked) > time.Second {
		t.Errorf("%s after %s", last.State, time.Since(asked))
	}
	after, _ := s.store.Declared().Source("erp")
	if a, b := text(t, before), text(t, after); a != b {
		t.Errorf("the source changed: %s to %s", a, b)
	}
	refused(t, "cancelling again", s.with(admin, "DELETE", "/api/v1/sources/erp/sync", ""), "not_found", "")
	read[httpapi.Sync](t, s.with(admin, "POST", "/api/v1/sources/erp/sync", ""), 202) // and its turn is free again; the server's end cancels it
	s.sources.Close()
	if last := s.ended(admin, "erp"); last.State != "cancelled" {
		t.Errorf("%s after the server's end", last.State)
	}
}

// A sync that is gone without a word keeps no other from running.
func TestSync_whoseProcessIsGoneIsInterrupted(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminSources)
	gone := oriel.Sync{ID: "syn_gone", Source: "airports", Who: "operator", State: oriel.SyncRunning, Started: s.clock()}
	if err := s.store.BeginSync(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	refused(t, "beside it", s.with(admin, "POST", "/api/v1/sources/airports/sync", ""), "conflict", "")
	s.sleep(16 * time.Second)
	if last := read[httpapi.Sync](t, s.with(admin, "GET", "/api/v1/sources/airports/sync", ""), 200); last.State != "interrupted" {
		t.Errorf("it is %s", last.State)
	}
	read[httpapi.Sync](t, s.with(admin, "POST", "/api/v1/sources/airports/sync", ""), 202)
	s.ended(admin, "airports")
	// Should it come back, it changes nothing.
	src, _ := s.store.Declared().Source("airports")
	src.Tables = nil
	if _, err := s.store.EndSync(t.Context(), gone, &src); oriel.CodeOf(err) != oriel.CodeConflict {
		t.Errorf("one that lost its turn: %v", err)
	}
	if src, _ := s.store.Declared().Source("airports"); len(src.Tables) == 0 {
		t.Error("it changed the source")
	}
}

// What a sync takes away under a policy's feet is refused to everybody, and said.
func TestSync_aColumnThatAPolicyReadsGoesAway(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminSources)
	write(t, filepath.Join(s.files, "trips.csv"), "who,miles\nann,12\ngus,7\n")
	read[httpapi.DataSource](t, s.with(admin, "POST", "/api/v1/sources", `{"key":"trips","kind":"duckdb","files":["trips.csv"]}`), 201)
	read[httpapi.Sync](t, s.with(admin, "POST", "/api/v1/sources/trips/sync", ""), 202)
	s.ended(admin, "trips")
	on := oriel.TableRef{Source: "trips", Table: "trips"}
	d := oriel.Declaration{
		Groups: []oriel.Group{{Key: "operators", Name: "Operators", Collections: map[string]oriel.CollectionGrant{"operations": oriel.GrantView},
			Sources: map[string]oriel.SourceGrant{"airports": oriel.GrantRun, "trips": oriel.GrantRun}}},
		Policies: []oriel.Policy{{Table: on, Rows: "who = user.attr.airport"}},
		Models:   []oriel.Model{{Key: "trips", Name: "Trips", Table: on}},
		Questions: []oriel.Question{{Key: "miles", Name: "Miles", Collection: "operations", Source: "trips", SQL: "select sum(miles) as miles from trips",
			Chart: oriel.Chart{Kind: "number", Y: []string{"miles"}}}},
	}
	if _, err := s.store.Apply(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	ann := s.signIn("ann", "ann")
	if r := s.as(ann, "POST", "/api/v1/questions/miles/run", ""); r.status != 200 || !strings.Contains(string(r.body), "12") {
		t.Fatalf("before: %d %s", r.status, r.body)
	}
	write(t, filepath.Join(s.files, "trips.csv"), "name,miles\nann,12\ngus,7\n")
	read[httpapi.Sync](t, s.with(admin, "POST", "/api/v1/sources/trips/sync", ""), 202)
	last := s.ended(admin, "trips")
	if last.State != "done" || !slices.ContainsFunc(last.Broken, func(line string) bool {
		return strings.Contains(line, `policy on trips.trips`) && strings.Contains(line, "who")
	}) {
		t.Errorf("synchronised: %+v", last)
	}
	if r := s.as(ann, "POST", "/api/v1/questions/miles/run", ""); r.status < 400 || strings.Contains(string(r.body), "19") || strings.Contains(string(r.body), "12") {
		t.Errorf("after: %d %s", r.status, r.body)
	}
	shown := read[httpapi.DataSource](t, s.with(admin, "GET", "/api/v1/sources/trips", ""), 200)
	if shown.Tables[0].Visible != "broken" || !strings.Contains(shown.Tables[0].Why, "who") {
		t.Errorf("shown: %+v", shown.Tables)
	}
	if r := s.as(ann, "POST", "/api/v1/questions/departures/run", ""); r.status != 200 {
		t.Errorf("another source: %d %s", r.status, r.body)
	}
}

// Whoever makes another source of a key that was used inherits nothing.
func TestSources_aDeletedOneLeavesNoGrant(t *testing.T) {
	s := newSite(t)
	admin := s.admin(oriel.ScopeAdminSources, oriel.ScopeAdminAccess)
	write(t, filepath.Join(s.files, "trips.csv"), "who\nann\n")
	const wanted = `{"key":"trips","kind":"duckdb","files":["trips.csv"]}`
	read[httpapi.DataSource](t, s.with(admin, "POST", "/api/v1/sources", wanted), 201)
	if r := s.with(admin, "PATCH", "/api/v1/permissions/operators", `{"sources":{"trips":"run"}}`); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if r := s.with(admin, "DELETE", "/api/v1/sources/trips", ""); r.status != 204 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	read[httpapi.DataSource](t, s.with(admin, "POST", "/api/v1/sources", wanted), 201)
	for _, g := range s.store.Declared().Groups {
		if g.Sources["trips"] != "" {
			t.Errorf("%s may %s on it", g.Key, g.Sources["trips"])
		}
	}
	refused(t, "one with content", s.with(admin, "DELETE", "/api/v1/sources/airports", ""), "conflict", "")
}

func text(t *testing.T, value any) string {
	t.Helper()
	out, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
