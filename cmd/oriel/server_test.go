package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/oriel-bi/oriel/internal/source/sourcetest/pgserver"
)

// serverURLs reach a customer's PostgreSQL server as somebody who may do
// everything there, and as somebody who may do nothing.
type serverURLs struct{ super, nobody string }

// servers is the one PostgreSQL server of this binary's tests, which the first
// that needs it starts.
var servers struct {
	once    sync.Once
	started *pgserver.Server
	err     error
}

func postgresServer(t *testing.T) *pgserver.Server {
	t.Helper()
	servers.once.Do(func() { servers.started, servers.err = pgserver.Start(context.Background()) })
	if servers.err != nil {
		t.Fatal(servers.err)
	}
	return servers.started
}

// tests stops that server when all have run.
type tests struct{ *testing.M }

func (m tests) Run() int {
	code := m.M.Run()
	if servers.started == nil {
		return code
	}
	if err := servers.started.Stop(); err != nil {
		fmt.Fprintf(os.Stderr, "stop the PostgreSQL server of the tests: %v\n", err)
		return 1
	}
	return code
}

// customersServer is a server with a schema erp.
func customersServer(t *testing.T) serverURLs {
	t.Helper()
	server := postgresServer(t)
	server.Exec(t, "postgres", `CREATE SCHEMA erp`, `CREATE TABLE erp.orders (id bigint, customer text, ordered_at timestamptz)`)
	return serverURLs{super: server.URL("postgres"), nobody: server.URLAs(server.Login(t), "postgres")}
}
