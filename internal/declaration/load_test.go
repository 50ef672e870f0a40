package declaration_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/declaration"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// write puts files into a new folder and gives the path of each.
func write(t *testing.T, files map[string]string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for name, content := range files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// base is a small declaration that is right. Each bad one changes one line.
const base = `version: 1
sources:
  s: {kind: duckdb, files: [trips.csv]}
policies:
  - {table: s.trips, rows: "owner = user.attr.owner"}
groups:
  staff: {collections: {c: view}, sources: {s: run}}
collections:
  c: {name: Things}
models:
  trips: {name: Trips, table: s.trips}
questions:
  q:
    name: How many
    collection: c
    structured:
      model: trips
      filters:
        - {column: day, op: between, parameter: date}
      aggregations:
        - {function: count, as: n}
      sort: [{by: n}]
    parameters:
      date: {type: date_range}
    chart: {kind: number, y: [n]}
  r:
    name: Which
    collection: c
    source: s
    sql: select 1 as one
    chart: {kind: table}
dashboards:
  d:
    name: Both
    collection: c
    parameters:
      date: {type: date_range}
    cards:
      - {question: q, x: 0, y: 0, w: 12, h: 4, parameters: {date: date}}
      - {question: r, x: 12, y: 0, w: 12, h: 4}
`

const provider = `providers:
  p:
    kind: jwt
    issuer: https://host.example
    sign_in_uri: https://host.example/sso
    keys: [{kind: hs256, secret: "${env:SECRET}"}]
`

func loadText(t *testing.T, text string) (oriel.Declaration, error) {
	t.Helper()
	folder := write(t, map[string]string{"d.yaml": text, "secret.txt": "a-secret-in-a-file-of-32-bytes-or-more\n", "sub/x.txt": "sub"})
	t.Chdir(folder)
	return declaration.Load([]string{"d.yaml"}, options(t, map[string]string{"SECRET": "a-secret-of-more-than-32-bytes-in-all", "SHORT": "hush", "EMPTY": "", "PEM": ed25519PEM(t)}))
}

func ed25519PEM(t *testing.T) string {
	t.Helper()
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return publicPEM(t, public)
}

func publicPEM(t *testing.T, public any) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func TestLoad_takesKeysOfEveryKind(t *testing.T) {
	curves := map[string]elliptic.Curve{"es256": elliptic.P256(), "es384": elliptic.P384()}
	texts := map[string]string{"eddsa": ed25519PEM(t)}
	for kind, curve := range curves {
		private, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		texts[kind] = publicPEM(t, private.Public())
	}
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"rs256", "rs384", "rs512"} {
		texts[kind] = publicPEM(t, private.Public())
	}
	modulus := base64.RawURLEncoding.EncodeToString(private.N.Bytes())
	texts["ps256"] = `{"kty":"RSA","alg":"PS256","use":"sig","key_ops":["verify"],"kid":"any","e":"AQAB","n":"` + modulus + `"}`
	for kind, text := range texts {
		keys := mustLoadKeys(t, "{kind: "+kind+", public: "+strconv.Quote(text)+"}")
		if want := []oriel.ProviderKey{{ID: "key-1", Kind: oriel.KeyKind(kind), Public: []byte(text)}}; !reflect.DeepEqual(keys, want) {
			t.Errorf("%s: keys %+v", kind, keys)
		}
	}
	for _, kind := range []string{"hs256", "hs384", "hs512"} {
		keys := mustLoadKeys(t, "{kind: "+kind+`, secret: "${env:SECRET}${env:SECRET}"}`)
		if len(keys) != 1 || keys[0].Kind != oriel.KeyKind(kind) || len(keys[0].Secret) != 74 || len(keys[0].Public) != 0 {
			t.Errorf("%s: keys %+v", kind, keys)
		}
	}
}

func mustLoadKeys(t *testing.T, key string) []oriel.ProviderKey {
	t.Helper()
	d, err := loadText(t, base+strings.Replace(provider, `{kind: hs256, secret: "${env:SECRET}"}`, key, 1))
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	return d.Providers[0].Keys
}

func TestLoad_takesTheBase(t *testing.T) {
	if _, err := loadText(t, base+provider); err != nil {
		t.Fatal(err)
	}
}

// Each mistake is one problem, on the line where it stands, in a sentence that
// says what to do.
func TestLoad_tellsFileLineAndWhatToDo(t *testing.T) {
	tests := []struct {
		name, old, new string // in base + provider, one replacement
		want           string // "line: part of the message"
	}{
		{"not YAML", "version: 1", "version: [1", "is not YAML"},
		{"another version", "version: 1", "version: 2", "1: version must be 1"},
		{"no version", "version: 1\n", "", `1: the file needs "version": add it`},
		{"unknown key at the top", "groups:", "group:", `6: unknown key "group": did you mean "groups"?`},
		{"unknown key within", "collection: c\n    structured", "colection: c\n    structured", `15: unknown key "colection" in questions.q: did you mean "collection"?`},
		{"unknown key far from all", "name: Both", "name: Both\n    zzzzzzzzzzzz: 1", `35: unknown key "zzzzzzzzzzzz" in dashboards.d: known are cards`},
		{"a key twice", "name: Which", "name: Which\n    name: What", `28: "name" stands here a second time (first on line 27): remove one`},
		{"a thing twice", "  r:\n", "  q:\n", `26: "q" stands here a second time (first on line 13)`},
		{"a wrong type", "name: Both", "name: 12", "34: dashboards.d.name must be a text, not a number"},
		{"a list for a mapping", "chart: {kind: table}", "chart: [table]", "31: questions.r.chart must be a mapping, not a list"},
		{"nothing", "name: Both", "name:", "34: dashboards.d.name must be a text, not empty"},
		{"an empty text", "name: Both", `name: ""`, "34: dashboards.d.name is empty"},
		{"a percentile in percent", "{function: count, as: n}", "{function: percentile, column: n, at: 90, as: n}", "structured.aggregations.0.at must be less than 1 and more than 0"},
		{"a percentile of nothing", "{function: count, as: n}", "{function: percentile, column: n, at: 0, as: n}", "structured.aggregations.0.at must be more than 0 and less than 1"},
		{"a dashboard's filter that names its column as a question's does", "      date: {type: date_range}\n    cards", "      date: {type: column, column: day}\n    cards", `37: unknown key "column" in dashboards.d.parameters.date: a dashboard's filter names its column under "values"`},
		{"a wrong word", "kind: table", "kind: tabel", `31: questions.r.chart.kind must be one of number, bar, row, line, scatter, table, not "tabel": did you mean "table"?`},
		{"a bad key", "  staff:", "  Staff:", `7: "Staff" is not a key: small letters`},
		{"a bad table", "table: s.trips}", "table: trips}", `11: models.trips.table must be a table written as SOURCE.TABLE, not "trips"`},
		{"too far right", "x: 12, y: 0, w: 12", "x: 13, y: 0, w: 12", "40: dashboards.d.cards.1 reaches beyond the 24 columns"},
		{"too high a number", "x: 12, y", "x: 24, y", "40: dashboards.d.cards.1.x must be at most 23"},
		{"overlapping cards", "x: 12, y: 0", "x: 11, y: 3", "40: dashboards.d.cards.1 lies over cards.0"},
		{"an alias", "name: Both", "name: &a Both", "34: anchors and aliases"},
		{"a merge key", "c: {name: Things}", "c: {<<: {name: Things}}", "9: a key must be a plain text"},
		{"a tag", "name: Both", "name: !!binary aGk=", "34: !!binary is not a value that is taken"},
		{"not a number", "x: 12, y", "x: .nan, y", `40: ".nan" is not a number that is taken: write one with digits`},
		{"two documents", "version: 1", "version: 1\n---\nversion: 1", "more than one document"},
		{"too deep", "name: Both", "name: " + strings.Repeat("[", 40) + strings.Repeat("]", 40), "34: is nested more than 32 deep"},

		{"no such collection", "collection: c\n    source", "collection: cc\n    source", `28: questions.r.collection: there is no collection "cc": did you mean "c"?`},
		{"no such source", "source: s\n", "source: x\n", `29: questions.r.source: there is no source "x"`},
		{"no such model", "model: trips", "model: trip", `17: questions.q.structured.model: there is no model "trip": did you mean "trips"?`},
		{"no such question", "question: r,", "question: rr,", `40: dashboards.d.cards.1.question: there is no question "rr"`},
		{"no such table of a policy", "{table: s.trips, rows", "{table: s.trip, rows", `5: policies.0.table: the source "s" has no table "trip": did you mean "trips"?`},
		{"no such source of a model", "{name: Trips, table: s.trips}", "{name: Trips, table: x.trips}", `11: models.trips.table: there is no source "x"`},
		{"no such collection of a group", "{c: view}", "{d: view}", `7: groups.staff.collections.d: there is no collection "d"`},
		{"no such source of a group", "{s: run}", "{x: run}", `7: groups.staff.sources.x: there is no source "x"`},
		{"no such group", `attr.owner"}`, `attr.owner", exempt: [stuff]}`, `5: policies.0.exempt.0: there is no group "stuff": did you mean "staff"?`},
		{"no such parameter of a filter", "op: between, parameter: date", "op: between, parameter: dat", `19: questions.q.structured.filters.0: the question has no parameter "dat"`},
		{"an operator that doesn't fit", "op: between, parameter", "op: in, parameter", `19: questions.q.structured.filters.0: a date_range can't be compared with "in": use [between]`},
		{"a parameter that filters nothing", "{column: day, op: between, parameter: date}", "{column: day, op: is_null}", "24: questions.q.parameters.date filters nothing"},
		{"no such parameter of a dashboard", "{date: date}", "{day: date}", `39: dashboards.d.cards.0.parameters.day: the dashboard has no parameter "day"`},
		{"no such parameter of a card's question", "{date: date}", "{date: day}", `39: dashboards.d.cards.0.parameters.date: the question "q" has no parameter "day"`},
		{"types that differ", "      date: {type: date_range}\n    cards", "      date: {type: list}\n    cards", `39: dashboards.d.cards.0.parameters.date: "date" is a list here and a date_range in the question "q"`},
		{"choices of a filter that has none", "      date: {type: date_range}\n    cards", "      date: {type: date, values: {model: trips, column: day}}\n    cards", "37: dashboards.d.parameters.date.values belongs to types text, list, date_range and column: remove it"},
		{"no such model of a range", "      date: {type: date_range}\n    cards", "      date: {type: date_range, values: {model: trip, column: day}}\n    cards", `37: dashboards.d.parameters.date.values.model: there is no model "trip": did you mean "trips"?`},
		{"a dashboard's filter without cards", ", parameters: {date: date}}", "}", "37: dashboards.d.parameters.date filters no card"},
		{"a required parameter that isn't fed", "w: 12, h: 4, parameters: {date: date}}", "w: 12, h: 4}", "dashboards.d.parameters.date filters no card"},
		{"sort by nothing", "{by: n}", "{by: m}", `22: questions.q.structured.sort.0.by: there is no result column "m": did you mean "n"?`},
		{"a chart of nothing", "y: [n]", "y: [m]", `25: questions.q.chart.y.0: there is no result column "m"`},
		{"a chart without axes", "{kind: table}", "{kind: bar}", `31: questions.r.chart of kind bar needs "x" and "y"`},
		{"a column filter of nothing", "sql: select 1 as one", "sql: select 1 as one\n    parameters: {p: {type: column}}", `questions.r.parameters.p of type column needs "table" and "column"`},
		{"a column filter of no table", "sql: select 1 as one", "sql: select 1 as one\n    parameters: {p: {type: column, table: trip, column: day}}", `questions.r.parameters.p.table: the source "s" has no table "trip": did you mean "trips"?`},
		{"a column filter whose name is no name", "sql: select 1 as one", "sql: select 1 as one\n    parameters: {p: {type: column, table: trips, column: day, as: day or true}}", `questions.r.parameters.p.as: "day or true" is no name of a column`},
		{"a column of another type's parameter", "sql: select 1 as one", "sql: select 1 as one\n    parameters: {p: {type: date, table: trips, column: day}}", `questions.r.parameters.p: "table", "column" and "as" belong to type column`},
		{"a default of what is required", "sql: select 1 as one", "sql: select 1 as one\n    parameters: {p: {type: text, required: true, default: a}}", `questions.r.parameters.p.default: what is required has no default`},
		{"a default of another type", "sql: select 1 as one", "sql: select 1 as one\n    parameters: {p: {type: date_range, default: today}}", `questions.r.parameters.p.default of type date_range: write {from:`},
		{"a default that is an empty list", "sql: select 1 as one", "sql: select 1 as one\n    parameters: {p: {type: list, default: []}}", `questions.r.parameters.p.default of type list: write a list of texts`},
		{"a column filter of a structured question", "    parameters:\n      date: {type: date_range}\n    chart", "    parameters:\n      date: {type: column, table: trips, column: day}\n    chart", "type column belongs to sql"},
		{"a column filter of a dashboard without its column", "      date: {type: date_range}\n    cards", "      date: {type: column}\n    cards", `37: dashboards.d.parameters.date of type column needs "values"`},
		{"a cache of no length", "sql: select 1 as one", "sql: select 1 as one\n    cache: {stale: 5}", `questions.r.cache needs "seconds"`},
		{"a cache of less than nothing", "sql: select 1 as one", "sql: select 1 as one\n    cache: {seconds: -1}", `questions.r.cache.seconds must be at least 0`},
		{"a cache for too long", "sql: select 1 as one", "sql: select 1 as one\n    cache: {seconds: 86401}", `questions.r.cache.seconds must be at most 86400`},
		{"a cache in words", "sql: select 1 as one", "sql: select 1 as one\n    cache: {seconds: 1m}", `questions.r.cache.seconds must be`},
		{"stale of nothing", "sql: select 1 as one", "sql: select 1 as one\n    cache: {seconds: 0, stale: 5}", `questions.r.cache.stale: with "seconds: 0" nothing is kept`},
		{"a foreign key that is none", "{name: Trips, table: s.trips}", "{name: Trips, table: s.trips, columns: {to: {foreign_key: places}}}", `11: models.trips.columns.to.foreign_key must be a model's column written as MODEL.COLUMN`},
		{"a foreign key of no model", "{name: Trips, table: s.trips}", "{name: Trips, table: s.trips, columns: {to: {foreign_key: trip.id}}}", `11: models.trips.columns.to.foreign_key: there is no model "trip": did you mean "trips"?`},
		{"a foreign key of a result", "sql: select 1 as one", "sql: select 1 as one\n    columns: {one: {foreign_key: trips.id}}", `31: unknown key "foreign_key" in questions.r.columns.one`},
		{"a join of no foreign key", "model: trips", "model: trips\n      joins: [{column: to}]", `18: questions.q.structured.joins.0.column: the model "trips" has no column "to" with a "foreign_key": there are none`},
		{"too many joins", "model: trips", "model: trips\n      joins: [{column: a}, {column: b}, {column: c}, {column: d}, {column: e}, {column: f}, {column: g}, {column: h}, {column: i}]", `18: questions.q.structured.joins has 9 entries and may have 8`},
		{"a join by a name with a dot", "model: trips", "model: trips\n      joins: [{column: to, as: a.b}]", `18: questions.q.structured.joins.0.as must be a name`},
		{"a filter's join of no foreign key", "      date: {type: date_range}\n    cards", "      date: {type: date_range, values: {model: trips, column: to.day, joins: [{column: to}]}}\n    cards", `37: dashboards.d.parameters.date.values.joins.0.column: the model "trips" has no column "to"`},
		{"two queries", "sql: select 1 as one", "sql: select 1 as one\n    structured: {model: trips, columns: [a]}", `26: questions.r needs either "structured" or "sql"`},
		{"sql without a source", "    source: s\n", "", `26: questions.r needs "source"`},
		{"a filter without a value", "op: between, parameter: date", "op: between", `19: questions.q.structured.filters.0 needs either "value" or "parameter"`},
		{"between one value", "op: between, parameter: date", `op: between, value: ["2001-01-01"]`, "19: questions.q.structured.filters.0: between needs value: [low, high]"},
		{"a function without its column", "{function: count, as: n}", "{function: avg, as: n}", `21: questions.q.structured.aggregations.0: count and share take no "column"`},
		{"share without where", "{function: count, as: n}", "{function: share, as: n}", `21: questions.q.structured.aggregations.0: share needs "where"`},
		{"a policy of nothing", `, rows: "owner = user.attr.owner"`, "", `5: policies.0 needs either "rows" or "shared: true"`},
		{"a policy not shared", `, rows: "owner = user.attr.owner"`, ", shared: false", "5: policies.0.shared must be true"},
		{"the administrators", "  staff:", "  administrators:", "7: groups.administrators is built in"},
		{"a file elsewhere", "[trips.csv]", "[../trips.csv]", `3: sources.s.files.0: "../trips.csv" leaves the declaration's folder`},
		{"an absolute file", "[trips.csv]", "[/etc/trips.csv]", "leaves the declaration's folder"},
		{"a file of another kind", "[trips.csv]", "[trips.xlsx]", `3: sources.s.files.0: "trips.xlsx" can't be read: only files that end with .csv, .parquet, .json, .ndjson, .jsonl can`},
		{"two tables of one name", "[trips.csv]", "[trips.csv, sub/Trips.csv]", `3: sources.s.files.1: two files make the table "Trips"`},

		{"an unset variable", "${env:SECRET}", "${env:NOSUCH}", "46: ${env:NOSUCH} is not set: set the environment variable NOSUCH"},
		{"an empty variable", "${env:SECRET}", "${env:EMPTY}", "46: ${env:EMPTY} is not set"},
		{"a file that isn't there", "${env:SECRET}", "${file:nosuch}", "46: ${file:nosuch} cannot be read (no such file or directory)"},
		{"a file outside", "${env:SECRET}", "${file:../secret}", "46: ${file:../secret} leaves the declaration's folder"},
		{"a file at the root", "${env:SECRET}", "${file:/etc/hostname}", "46: ${file:/etc/hostname} leaves the declaration's folder"},
		{"a reference of no kind", "${env:SECRET}", "${vault:x}", "46: ${vault:x} is no reference"},
		{"a reference left open", "${env:SECRET}", "${env:SECRET", "46: a ${ is not closed"},
		{"a short secret", "${env:SECRET}", "${env:SHORT}", "46: providers.p.keys.0: the secret is shorter than 32 bytes"},
		{"a secret in the file", "${env:SECRET}", "a-secret-of-more-than-32-bytes-in-all", `46: providers.p.keys.0.secret stands in the file`},
		{"a key of the other kind", "kind: hs256, secret", "kind: eddsa, secret", `46: providers.p.keys.0 of kind eddsa needs "public" and no "secret" or "url"`},
		{"no PEM", "kind: hs256, secret", "kind: eddsa, public", "46: providers.p.keys.0: the public key is neither PEM nor JWK"},
		{"a secret shorter than its hash", "kind: hs256, secret", "kind: hs512, secret", "46: providers.p.keys.0: the secret is shorter than 64 bytes"},
		{"a public key as secret", `kind: hs256, secret: "${env:SECRET}"`, `kind: hs256, secret: "${env:PEM}"`, "46: providers.p.keys.0: the secret is a public key or a PEM text"},
		{"a secret for RSA", "kind: hs256, secret", "kind: rs256, secret", `46: providers.p.keys.0 of kind rs256 needs "public" and no "secret" or "url"`},
		{"a public key for HS384", `kind: hs256, secret: "${env:SECRET}"`, `kind: hs384, public: "${env:PEM}"`, `46: providers.p.keys.0 of kind hs384 needs "secret" and no "public" or "url"`},
		{"a key of another family", `kind: hs256, secret: "${env:SECRET}"`, `kind: rs256, public: "${env:PEM}"`, "46: providers.p.keys.0: the public key is not an RSA key (kind rs256)"},
		{"a key on another curve", `kind: hs256, secret: "${env:SECRET}"`, `kind: es384, public: "${env:PEM}"`, "46: providers.p.keys.0: the public key is not an EC key on the curve P-384 (kind es384)"},
		{"a private JWK", `kind: hs256, secret: "${env:SECRET}"`, `kind: eddsa, public: '{"kty":"OKP","crv":"Ed25519","x":"AA","d":"AA"}'`, `46: providers.p.keys.0: the JWK has the private member "d"`},
		{"a JWK for another algorithm", `kind: hs256, secret: "${env:SECRET}"`, `kind: ps256, public: '{"kty":"RSA","alg":"RS256"}'`, `46: providers.p.keys.0: the JWK's "alg" is not PS256`},
		{"a kind that is none", "kind: hs256, secret", "kind: rs265, secret", `46: providers.p.keys.0.kind must be one of hs256, hs384`},
		{"a compat key of another kind", "    issuer: https://host.example\n    sign_in_uri: https://host.example/sso\n    keys: [{kind: hs256, secret: \"${env:SECRET}\"}]",
			"    profile: compat\n    sign_in_uri: https://host.example/sso\n    keys: [{kind: eddsa, public: \"${env:PEM}\"}]", "46: providers.p.keys.0: profile compat takes hs256 keys only"},
		{"an address beside a secret", `"${env:SECRET}"}`, `"${env:SECRET}", url: "https://host.example/keys"}`, `46: providers.p.keys.0 of kind hs256 needs "secret" and no "public" or "url"`},
		{"a secret at an address", "kind: hs256, secret", "kind: jwks, secret", `46: providers.p.keys.0 of kind jwks needs "url" and no "secret" or "public"`},
		{"keys that come unprotected", `kind: hs256, secret: "${env:SECRET}"`, `kind: jwks, url: "http://host.example/keys"`, "46: providers.p.keys.0: the address begins with \"http://\""},
		{"keys at no address", `kind: hs256, secret: "${env:SECRET}"`, `kind: jwks, url: "file:///etc/keys"`, "46: providers.p.keys.0: the address does not begin with"},
		{"published keys of a compat host", "    issuer: https://host.example\n    sign_in_uri: https://host.example/sso\n    keys: [{kind: hs256, secret: \"${env:SECRET}\"}]",
			"    profile: compat\n    sign_in_uri: https://host.example/sso\n    keys: [{kind: jwks, url: \"https://host.example/keys\"}]", "46: providers.p.keys.0: profile compat takes hs256 keys only"},
		{"a legacy way in of a strict host", "    issuer:", "    legacy_exchange: true\n    issuer:", "providers.p.legacy_exchange is for hosts of profile compat"},
		{"an own tenant among any", "    issuer:", "    tenants: {own: acme, any: true}\n    issuer:", `providers.p.tenants has "own" beside "any" or "listed"`},
		{"an own tenant among others", "    issuer:", "    tenants: {own: acme, listed: [other]}\n    issuer:", `providers.p.tenants has "own" beside "any" or "listed"`},
		{"an own tenant that is no slug", "    issuer:", "    tenants: {own: Acme}\n    issuer:", "providers.p.tenants.own"},
		{"two keys without ids", `"${env:SECRET}"}]`, `"${env:SECRET}"}, {kind: hs256, id: b, secret: "${env:SECRET}"}]`, `46: providers.p.keys.0 needs "id"`},
		{"strict without an issuer", "    issuer: https://host.example\n", "", `42: providers.p needs "issuer" with profile strict`},
		{"an address that is none", "https://host.example/sso", "host.example/sso", "45: providers.p.sign_in_uri must be an absolute http or https address"},
		{"a built-in group by claim", "    kind: jwt", "    groups: {mode: by-name, opened: [administrators]}\n    kind: jwt", `43: providers.p.groups.opened.0: a claim can't put anybody into the built-in group "administrators"`},
		{"opened without its mode", "    kind: jwt", "    groups: {mode: off, opened: [staff]}\n    kind: jwt", `43: providers.p.groups: "opened" and mode by-name go together`},
		{"a bad origin", "version: 1", `version: 1` + "\norigins: [\"https://x.example/path\"]", "2: origins.0:"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(base+provider, tt.old, tt.new, 1)
			if text == base+provider {
				t.Fatal("nothing was replaced")
			}
			_, err := loadText(t, text)
			var failure *declaration.Error
			if !errors.As(err, &failure) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if got := err.Error(); !strings.HasPrefix(got, "d.yaml:") || !strings.Contains(got, tt.want) {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
			if len(failure.Problems) != 1 {
				t.Errorf("one mistake makes %d problems:\n%v", len(failure.Problems), err)
			}
		})
	}
}

// What came from the environment or a file may be a secret, wherever it was put.
func TestLoad_neverShowsWhatWasReferredTo(t *testing.T) {
	for _, line := range []string{
		`questions: {q: {name: a, collection: c, sql: b, source: s, chart: {kind: "${env:SHORT}"}}}`,
		`origins: ["${env:SHORT}"]`,
		`models: {m: {name: a, table: "${env:SHORT}"}}`,
		`questions: {q: {name: a, collection: "${env:SHORT}", sql: b, source: s, chart: {kind: table}}}`,
		`providers: {p: {kind: jwt, issuer: a, sign_in_uri: "${env:SHORT}", keys: [{kind: eddsa, public: "${env:SHORT}"}]}}`,
		`sources: {s: {kind: duckdb, files: ["${env:SHORT}"]}}`,
		`groups: {g: {collections: {c: "${env:SHORT}"}}}`,
	} {
		_, err := loadText(t, "version: 1\n"+line+"\n")
		if err == nil {
			t.Fatalf("%s was taken", line)
		}
		if strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: the value is shown: %v", line, err)
		}
	}
}

func TestLoad_references(t *testing.T) {
	d, err := loadText(t, `version: 1
collections:
  a: {name: "${env:SHORT} and ${file:sub/x.txt}"}
  b: {name: "$${env:SHORT} costs $5"}
  c: {name: '${env:SHORT}${env:SHORT}'}
`)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range d.Collections {
		names = append(names, c.Name)
	}
	if want := []string{"hush and sub", "${env:SHORT} costs $5", "hushhush"}; !reflect.DeepEqual(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}

func TestLoad_symbolicLinkDoesNotLeadOut(t *testing.T) {
	outside := write(t, map[string]string{"secret": "outside"})
	folder := write(t, map[string]string{"d.yaml": "version: 1\ncollections: {c: {name: \"${file:link}\"}}\n"})
	if err := os.Symlink(filepath.Join(outside, "secret"), filepath.Join(folder, "link")); err != nil {
		t.Fatal(err)
	}
	d, err := declaration.Load([]string{filepath.Join(folder, "d.yaml")}, options(t, nil))
	if err == nil {
		t.Fatalf("the link was followed: %v", d.Collections)
	}
}

// What a reference gives is text, not YAML and not another reference.
func TestLoad_referencesAreNotReadAgain(t *testing.T) {
	folder := write(t, map[string]string{"d.yaml": "version: 1\ncollections: {c: {name: \"${env:A}\"}}\n"})
	d, err := declaration.Load([]string{filepath.Join(folder, "d.yaml")}, options(t, map[string]string{"A": "${env:B}, x: {y"}))
	if err != nil || d.Collections[0].Name != "${env:B}, x: {y" {
		t.Errorf("%v %v", d.Collections, err)
	}
}

func TestLoad_severalFilesAreOne(t *testing.T) {
	data, rest, _ := strings.Cut(base, "questions:")
	folder := write(t, map[string]string{"a.yaml": data, "b.yaml": "version: 1\nquestions:" + rest, "c.yaml": "version: 1\ncollections: {c: {name: Again}}\n"})
	path := func(name string) string { return filepath.Join(folder, name) }
	d, err := declaration.Load([]string{path("a.yaml"), path("b.yaml")}, options(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	turned, err := declaration.Load([]string{path("b.yaml"), path("a.yaml")}, options(t, nil))
	if err != nil || !reflect.DeepEqual(d, turned) {
		t.Errorf("the files' order matters: %v", err)
	}
	_, err = declaration.Load([]string{path("a.yaml"), path("b.yaml"), path("c.yaml")}, options(t, nil))
	if err == nil || !strings.Contains(err.Error(), "c.yaml:2: collections.c is declared already on line 9 of "+path("a.yaml")) {
		t.Errorf("got %v", err)
	}
	_, err = declaration.Load([]string{path("a.yaml"), path("nosuch.yaml")}, options(t, nil))
	if err == nil || !strings.Contains(err.Error(), "nosuch.yaml: cannot be read (no such file or directory)") {
		t.Errorf("got %v", err)
	}
}

// The store keeps a declaration as JSON; reading it back must give the same,
// or applying a file twice would seem a change.
func TestLoad_isTheSameAfterItWasStored(t *testing.T) {
	d, err := declaration.Load([]string{filepath.FromSlash("../../sample/apron.yaml")}, options(t, sampleEnv(t)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(d.Questions)
	if err != nil {
		t.Fatal(err)
	}
	var questions []oriel.Question
	if err := json.Unmarshal(text, &questions); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(questions, d.Questions) {
		t.Errorf("questions differ:\n%v\n%v", questions, d.Questions)
	}
	text, err = json.Marshal(d.Dashboards)
	if err != nil {
		t.Fatal(err)
	}
	var dashboards []oriel.Dashboard
	if err := json.Unmarshal(text, &dashboards); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(dashboards, d.Dashboards) {
		t.Errorf("dashboards differ:\n%v\n%v", dashboards, d.Dashboards)
	}
}
