package pgserver

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Database makes an empty database for one test and gives its name.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := "t_" + strings.ToLower(rand.Text())
	s.Exec(t, "postgres", "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
	return name
}

// Login makes a login that may do nothing and gives its name.
func (s *Server) Login(t testing.TB) string {
	t.Helper()
	name := "l_" + strings.ToLower(rand.Text())
	s.Exec(t, "postgres", "CREATE ROLE "+pgx.Identifier{name}.Sanitize()+" LOGIN PASSWORD '"+strings.ReplaceAll(Password, "'", "''")+"'")
	return name
}

// Exec runs statements as the superuser.
func (s *Server) Exec(t testing.TB, database string, statements ...string) {
	t.Helper()
	ctx := context.Background()
	conn := s.Connect(t, database)
	for _, text := range statements {
		if _, err := conn.Exec(ctx, text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	if err := conn.Close(ctx); err != nil {
		t.Fatal(err)
	}
}

// Connect gives the superuser's connection; it is closed when the test ends at
// the latest.
func (s *Server) Connect(t testing.TB, database string) *pgx.Conn {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, s.URL(database))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(ctx) })
	return conn
}
