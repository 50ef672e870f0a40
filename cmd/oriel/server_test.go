package main

import (
	"testing"

	"github.com/oriel-bi/oriel/internal/source/sourcetest/pgserver"
)

// serverURLs reach a customer's PostgreSQL server as somebody who may do
// everything there, and as somebody who may do nothing.
type serverURLs struct{ super, nobody string }

// customersServer runs a server with a schema erp.
func customersServer(t *testing.T) serverURLs {
	t.Helper()
	server, err := pgserver.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	server.Exec(t, "postgres", `CREATE SCHEMA erp`, `CREATE TABLE erp.orders (id bigint, customer text, ordered_at timestamptz)`)
	return serverURLs{super: server.URL("postgres"), nobody: server.URLAs(server.Login(t), "postgres")}
}
