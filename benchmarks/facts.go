package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// The rows that the cards are about: so many that the policy lets one airport
// see, and a quarter more of others.
const (
	factRows   = 1_000_000
	otherRows  = factRows / 4
	factsTable = "facts"
)

// factsColumns are those of the table, and what they are in PostgreSQL.
var factsColumns = []struct {
	oriel.SourceColumn
	server string
}{
	{oriel.SourceColumn{Name: "id", Type: oriel.TypeInteger}, "bigint"},
	{oriel.SourceColumn{Name: "departed", Type: oriel.TypeTimestamp}, "timestamp"},
	{oriel.SourceColumn{Name: "origin", Type: oriel.TypeText}, "text"},
	{oriel.SourceColumn{Name: "destination", Type: oriel.TypeText}, "text"},
	{oriel.SourceColumn{Name: "distance", Type: oriel.TypeInteger}, "bigint"},
	{oriel.SourceColumn{Name: "delay", Type: oriel.TypeInteger}, "bigint"},
	{oriel.SourceColumn{Name: "cost", Type: oriel.TypeNumber}, "double precision"},
}

// engines are the kinds of data source, and the names of those over the facts.
var engines = []string{"duckdb", "postgres"}

const (
	factsPolicy = "origin = user.attr.airport"
	factsAsked  = "select id, departed, destination, distance, delay, cost from facts where id >= %s limit %d"
)

// providerDeclaration is the sample's provider, whose claim names its groups by
// way of %s.
const providerDeclaration = `version: 1
origins: ["${env:APRON_URL}"]
providers:
  apron:
    kind: jwt
    profile: strict
    issuer: "${env:APRON_BACKEND_URL}"
    sign_in_uri: "${env:APRON_BACKEND_URL}/sso/oriel"
    keys: [{kind: eddsa, public: "${env:APRON_PUBLIC_KEY}"}]
    provisioning: {create: true}
    groups: %s
`

// cards are the questions of the dashboard of eight, by an airport's rows.
var cards = []string{
	"select count(*) as departures from facts",
	"select avg(delay) as average_delay from facts",
	"select max(delay) as worst_delay from facts where distance > 1000",
	"select destination, count(*) as departures from facts group by destination order by departures desc, destination limit 10",
	"select destination, avg(delay) as average_delay from facts group by destination order by average_delay desc, destination limit 10",
	"select cast(departed as date) as day, count(*) as departures from facts group by cast(departed as date) order by day",
	"select cast(departed as date) as day, sum(cost) as cost from facts group by cast(departed as date) order by day",
	"select id, departed, destination, distance, delay, cost from facts order by id limit 200",
}

// factsDeclaration is the sample's provider with the table on each engine, its
// questions, and a dashboard of eight cards. Each question takes a number that is
// another in every run, so that nothing which was kept is given.
func factsDeclaration() string {
	var text strings.Builder
	fmt.Fprintf(&text, providerDeclaration, "{mode: by-name, opened: [operators]}")
	text.WriteString("sources:\n  duckdb: {kind: duckdb, files: [facts.csv]}\n  postgres: {kind: postgres, url: \"${env:BENCH_SERVER_URL}\"}\npolicies:\n")
	for _, engine := range engines {
		fmt.Fprintf(&text, "  - {table: %s.facts, rows: %q}\n", engine, factsPolicy)
	}
	text.WriteString("groups:\n  operators: {collections: {bench: view}, sources: {duckdb: run, postgres: run}, download: full}\ncollections:\n  bench: {name: Bench}\nquestions:\n")
	question := func(key, engine, parameters, sql string) {
		fmt.Fprintf(&text, "  %s: {name: %s, collection: bench, source: %s, chart: {kind: table}, parameters: {%s}, sql: %q}\n", key, key, engine, parameters, sql)
	}
	for _, engine := range engines {
		for _, rows := range []int{10, 10_000, factRows} {
			question(fmt.Sprintf("%s-%d", engine, rows), engine, "from: {type: number, required: true}", fmt.Sprintf(factsAsked, "{{from}}", rows))
		}
		for i, sql := range cards {
			question(fmt.Sprintf("%s-card-%d", engine, i), engine, "", sql)
		}
	}
	text.WriteString("dashboards:\n")
	for _, engine := range engines {
		fmt.Fprintf(&text, "  eight-%s:\n    name: Eight\n    collection: bench\n    cards:\n", engine)
		for i := range cards {
			fmt.Fprintf(&text, "      - {question: %s-card-%d, x: 0, y: %d, w: 8, h: 3}\n", engine, i, 3*i)
		}
	}
	return text.String()
}

// writeFacts writes the table and its declaration into the folder.
func writeFacts(folder string) (declaration string, err error) {
	file, err := os.Create(filepath.Join(folder, factsTable+".csv"))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	to := bufio.NewWriterSize(file, 1<<20)
	names := make([]string, len(factsColumns))
	for i, c := range factsColumns {
		names[i] = c.Name
	}
	fmt.Fprintln(to, strings.Join(names, ","))
	for i := range factRows + otherRows {
		origin := "DFW"
		if i%5 == 4 {
			origin = "ORD"
		}
		fmt.Fprintf(to, "%d,2001-%02d-%02dT%02d:%02d:00,%s,A%02d,%d,%d,%d.%02d\n",
			i, i%12+1, i%28+1, i%24, i%60, origin, i%97, i%3000, i%200-20, i%500, i%100)
	}
	declaration = filepath.Join(folder, "facts.yaml")
	return declaration, errors.Join(to.Flush(), os.WriteFile(declaration, []byte(factsDeclaration()), 0o600))
}
