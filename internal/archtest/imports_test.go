package archtest

import (
	"path"
	"slices"
	"strings"
	"testing"
)

// room is what one package may import, and why no more.
type room struct {
	folder  string   // from the root; may hold *
	ours    []string // packages of this module, below internal/ unless they begin with a slash
	theirs  []string // modules of others, by the beginning of the path
	banned  []string // of the standard library
	because string
}

// edge are standard packages that only the edges of the house need.
var edge = []string{"net/http", "database/sql", "os/exec", "log"}

// rooms is architecture.md §1, first match wins. "*" in ours lets all in.
var rooms = []room{
	{folder: "internal/oriel", banned: append([]string{"os", "io/fs", "log/slog"}, edge...),
		because: "everything imports the vocabulary; whatever it imported, everything would"},
	{folder: "internal/spelling", banned: append([]string{"os", "io/fs", "log/slog"}, edge...),
		because: "it compares names, whoever's they are"},
	{folder: "internal/config", ours: []string{"oriel", "spelling"}, theirs: []string{"go.yaml.in/yaml/"}, banned: edge,
		because: "the configuration is read once at the start and knows nothing of what it configures"},
	{folder: "internal/audit", ours: []string{"oriel", "access"}, banned: edge,
		because: "every capability records what happened, so the records may know none of them; who may read them is decided where all is"},
	{folder: "internal/limit", theirs: []string{"golang.org/x/time/"}, banned: append([]string{"os", "io/fs", "log/slog"}, edge...),
		because: "it counts, and does not know what"},
	{folder: "internal/access", ours: []string{"oriel"}, banned: append([]string{"os", "io/fs", "log/slog"}, edge...),
		because: "decisions are pure: given the same principal and policies they are the same, so they reach no store, engine or clock"},
	{folder: "internal/directory", ours: []string{"oriel", "access", "audit"}, banned: edge,
		because: "people and providers are used by signing in, and must not depend on it"},
	{folder: "internal/session", ours: []string{"oriel", "access", "audit"}, banned: edge,
		because: "whether a session stands is asked on every request and depends on the store's answer alone"},
	{folder: "internal/signin", ours: []string{"oriel", "directory", "session", "audit", "limit"}, banned: edge,
		because: "arrival takes an identity that somebody verified; it must work for every protocol and know none"},
	{folder: "internal/fetch", ours: []string{"oriel"}, banned: []string{"database/sql", "os", "os/exec", "log", "log/slog"},
		because: "addresses that settings name are dialled here and nowhere else, under the rules of one place; what is fetched is not its business"},
	{folder: "internal/signin/jwt", ours: []string{"oriel"}, theirs: []string{"github.com/go-jose/go-jose/v4"}, banned: append([]string{"os"}, edge...),
		because: "a verifier turns bytes into an identity and can do nothing else, and no protocol may lean on another"},
	{folder: "internal/signin/saml", ours: []string{"oriel"},
		theirs: []string{"github.com/beevik/etree", "github.com/russellhaering/goxmldsig", "github.com/russellhaering/gosaml2/types", "github.com/mattermost/xml-roundtrip-validator"},
		banned: append([]string{"os"}, edge...), because: "a verifier turns bytes into an identity and can do nothing else, and no protocol may lean on another"},
	{folder: "internal/signin/saml/samltest", because: "it runs identity providers of other makes for tests, and knows none of ours"},
	{folder: "internal/signin/idp", ours: []string{"oriel", "signin/saml"}, banned: append([]string{"os"}, edge...),
		because: "it decides which certificates are taken unasked, and fetches nothing by itself"},
	{folder: "internal/signin/jwks", ours: []string{"oriel", "fetch", "signin/jwt"}, banned: append([]string{"os"}, edge...),
		because: "it keeps keys for one verifier and makes no connection but through fetch"},
	{folder: "internal/catalog", ours: []string{"oriel", "access", "audit"}, banned: edge,
		because: "what there is to view is decided without running anything"},
	{folder: "internal/source", ours: []string{"oriel", "access", "spelling"}, banned: edge,
		because: "the interface knows no engine"},
	{folder: "internal/source/sourcetest", ours: []string{"oriel", "access", "source"}, theirs: []string{"github.com/google/go-cmp/", "pgregory.net/rapid"},
		because: "one suite holds for every engine, so it knows none"},
	{folder: "internal/source/sourcetest/pgserver", theirs: []string{"github.com/jackc/pgx/v5"},
		because: "it runs a server for tests and knows nothing of what they ask"},
	{folder: "internal/source/postgres", ours: []string{"oriel", "access", "source"},
		theirs:  []string{"github.com/jackc/pgx/v5", "github.com/wasilibs/go-pgquery/parser", "google.golang.org/protobuf/encoding/protowire"},
		banned:  []string{"net/http", "database/sql", "os", "os/exec"},
		because: "an engine gets decisions and a query; whose they are is not its business"},
	{folder: "internal/source/duckdb", ours: []string{"oriel", "access", "source"},
		theirs: []string{"github.com/duckdb/duckdb-go/", "github.com/duckdb/duckdb-go-bindings"}, banned: []string{"net/http", "os/exec"},
		because: "an engine gets decisions and a query; whose they are is not its business"},
	{folder: "internal/source/kinds", ours: []string{"oriel", "source/duckdb", "source/postgres"}, banned: []string{"net/http", "database/sql"},
		because: "where it makes no difference which engine it is, one place asks them; it runs no question"},
	{folder: "internal/query", ours: []string{"oriel", "access", "source", "audit"}, theirs: []string{"golang.org/x/sync/", "golang.org/x/time/"}, banned: edge,
		because: "a run goes through access.Decide and the engine's Narrow for every kind of engine alike"},
	{folder: "internal/declaration", ours: []string{"oriel", "spelling", "signin/jwt", "signin/saml"},
		theirs: []string{"go.yaml.in/yaml/", "github.com/santhosh-tekuri/jsonschema/"}, banned: edge,
		because: "a declaration is read and found valid by itself, before anything is changed"},
	{folder: "internal/store", ours: []string{"oriel", "store/*"},
		theirs: []string{"modernc.org/sqlite", "github.com/pressly/goose/v3"}, banned: []string{"net/http", "os/exec"},
		because: "the store keeps what capabilities decide and decides nothing, so it knows none of them"},
	{folder: "internal/store/*", ours: []string{"oriel", "store", "store/*"}, banned: []string{"net/http", "os/exec"},
		because: "the store keeps what capabilities decide and decides nothing, so it knows none of them"},
	{folder: "internal/httpapi", ours: []string{"oriel", "access", "audit", "config", "directory", "limit", "signin", "session", "catalog", "query"},
		theirs: []string{"github.com/oapi-codegen/runtime"}, banned: []string{"database/sql", "os/exec"},
		because: "every read and write passes a capability that takes the principal; with the store or an engine at hand one could be left out"},
	{folder: "internal/doctor", ours: []string{"oriel", "audit", "directory", "session", "signin", "store"}, banned: []string{"database/sql", "os", "os/exec", "log"},
		because: "it walks the whole way of a sign-in from outside, by the code that signs in; nothing may depend on it, and it opens nothing itself"},
	{folder: "internal/archtest", because: "it has no code of its own"},
	{folder: "cmd/oriel", ours: []string{"*"}, theirs: []string{"github.com/alecthomas/kong", "golang.org/x/term"},
		because: "main wires everything and decides nothing"},
	{folder: "hostauth", theirs: []string{"github.com/go-jose/go-jose/v4"},
		because: "other people's products import it: standard library and JOSE only"},
	{folder: "examples/apron", ours: []string{"/hostauth"},
		because: "the example shows what a host needs, and that is the public package alone"},
	{folder: "console", because: "it embeds the built web app and nothing else"},
	{folder: "benchmarks", ours: []string{"*"}, theirs: []string{"*"}, because: "a comparison needs both sides"},
	{folder: "benchmarks/*", ours: []string{"*"}, theirs: []string{"*"}, because: "a comparison needs both sides"},
	{folder: "tests/*", ours: []string{"*"}, theirs: []string{"*"}, because: "tests may look everywhere"},
	{folder: "scripts", because: "scripts stand by themselves"},
	{folder: "scripts/*", because: "scripts stand by themselves"},
}

func roomOf(folder string) (room, bool) {
	for _, r := range rooms {
		if matched, err := path.Match(r.folder, folder); err == nil && matched {
			return r, true
		}
	}
	return room{}, false
}

func (r room) permits(imported string) bool {
	if standard(imported) {
		return !slices.Contains(r.banned, imported)
	}
	if rest, ours := strings.CutPrefix(imported, module+"/"); ours {
		below, within := strings.CutPrefix(rest, "internal/")
		for _, allowed := range r.ours {
			outside, isOutside := strings.CutPrefix(allowed, "/")
			if allowed == "*" || isOutside && outside == rest {
				return true
			}
			if matched, err := path.Match(allowed, below); within && err == nil && matched {
				return true
			}
		}
		return false
	}
	return slices.ContainsFunc(r.theirs, func(allowed string) bool { return allowed == "*" || strings.HasPrefix(imported, allowed) })
}

func TestImports_followThePlan(t *testing.T) {
	for _, f := range readTree(t) {
		r, planned := roomOf(f.folder)
		if !planned {
			t.Errorf("%s: the plan has no room %s; add it to architecture.md §1 and to the table here, with what it may import and why", f.path, f.folder)
			continue
		}
		for _, imported := range f.imports {
			if !r.permits(imported) {
				t.Errorf("%s may not import %s: %s", f.path, imported, r.because)
			}
		}
	}
}

func TestImports_thePlanRefusesWhatItShould(t *testing.T) {
	for _, c := range []struct{ folder, imported string }{
		{"internal/httpapi", module + "/internal/store"},
		{"internal/httpapi", module + "/internal/source/duckdb"},
		{"internal/httpapi", module + "/internal/source"},
		{"internal/access", "os"},
		{"internal/signin", module + "/internal/signin/jwt"},
		{"internal/store", module + "/internal/directory"},
		{"internal/query", module + "/internal/source/duckdb"},
		{"examples/apron", module + "/internal/oriel"},
		{"hostauth", module + "/internal/oriel"},
		{"hostauth", "github.com/alecthomas/kong"},
		{"internal/oriel", "github.com/google/uuid"},
		{"internal/signin/jwt", "net/http"},
		{"internal/signin/jwt", module + "/internal/fetch"},
		{"internal/fetch", module + "/internal/signin/jwt"},
	} {
		r, planned := roomOf(c.folder)
		if !planned || r.permits(c.imported) {
			t.Errorf("the plan lets %s import %s", c.folder, c.imported)
		}
	}
}
