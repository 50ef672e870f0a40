package pgserver_test

import (
	"os"
	"testing"

	"github.com/oriel-bi/oriel/internal/source/sourcetest/pgserver"
)

var server *pgserver.Server

func TestMain(m *testing.M) {
	os.Exit(pgserver.Main(m, func(s *pgserver.Server) { server = s }))
}

func TestServer_comparesTextsByAnotherCollationThanC(t *testing.T) {
	conn := server.Connect(t, server.Database(t))
	var before bool
	if err := conn.QueryRow(t.Context(), `SELECT 'a' < 'B'`).Scan(&before); err != nil || !before {
		t.Errorf("'a' < 'B' is %v, %v", before, err)
	}
}
