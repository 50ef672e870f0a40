package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// The rows that the cards are about: so many that the policy lets one airport
// see, and a quarter more of others.
const (
	factRows   = 1_000_000
	otherRows  = factRows / 4
	factsTable = "facts"
)

// factsDeclaration is the sample's provider with one table and its questions.
// Each takes a number that is another in every run, so that nothing which was
// kept is given.
const factsDeclaration = `version: 1
origins: ["${env:APRON_URL}"]
providers:
  apron:
    kind: jwt
    profile: strict
    issuer: "${env:APRON_BACKEND_URL}"
    sign_in_uri: "${env:APRON_BACKEND_URL}/sso/oriel"
    keys: [{kind: eddsa, public: "${env:APRON_PUBLIC_KEY}"}]
    provisioning: {create: true}
    groups: {mode: by-name, opened: [operators]}
sources:
  bench: {kind: duckdb, files: [facts.csv]}
policies:
  - {table: bench.facts, rows: "origin = user.attr.airport"}
groups:
  operators: {collections: {bench: view}, sources: {bench: run}, download: full}
collections:
  bench: {name: Bench}
questions:
  rows-10: {name: Ten, collection: bench, source: bench, chart: {kind: table}, parameters: {from: {type: number, required: true}}, sql: "select id, departed, destination, distance, delay, cost from facts where id >= {{from}} limit 10"}
  rows-10000: {name: Ten thousand, collection: bench, source: bench, chart: {kind: table}, parameters: {from: {type: number, required: true}}, sql: "select id, departed, destination, distance, delay, cost from facts where id >= {{from}} limit 10000"}
  rows-1000000: {name: A million, collection: bench, source: bench, chart: {kind: table}, parameters: {from: {type: number, required: true}}, sql: "select id, departed, destination, distance, delay, cost from facts where id >= {{from}} limit 1000000"}
`

// factsText is the same, constrained, for the driver.
const factsText = `SELECT id, departed, destination, distance, delay, cost FROM facts WHERE origin = ? AND id >= ? LIMIT ?`

// writeFacts writes the table and its declaration into the folder.
func writeFacts(folder string) (declaration string, err error) {
	file, err := os.Create(filepath.Join(folder, factsTable+".csv"))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	to := bufio.NewWriterSize(file, 1<<20)
	fmt.Fprintln(to, "id,departed,origin,destination,distance,delay,cost")
	for i := range factRows + otherRows {
		origin := "DFW"
		if i%5 == 4 {
			origin = "ORD"
		}
		fmt.Fprintf(to, "%d,2001-%02d-%02dT%02d:%02d:00,%s,A%02d,%d,%d,%d.%02d\n",
			i, i%12+1, i%28+1, i%24, i%60, origin, i%97, i%3000, i%200-20, i%500, i%100)
	}
	declaration = filepath.Join(folder, "facts.yaml")
	return declaration, errors.Join(to.Flush(), os.WriteFile(declaration, []byte(factsDeclaration), 0o600))
}
