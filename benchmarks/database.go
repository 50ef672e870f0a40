package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/oriel-bi/oriel/internal/source/sourcetest/pgserver"
)

// reader is the login that the server and the plain driver ask PostgreSQL as.
const reader = "reader"

// startDatabase starts a PostgreSQL server of its own, reached by a socket in its
// folder alone. The reader may read what the superuser fills in.
func startDatabase(ctx context.Context, fill func(*pgx.Conn) error) (_ *pgserver.Server, err error) {
	database, err := pgserver.Start(ctx)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, database.Stop())
		}
	}()
	conn, err := pgx.Connect(ctx, database.URL("postgres"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	if _, err := conn.Exec(ctx, "CREATE ROLE "+reader+" LOGIN PASSWORD '"+strings.ReplaceAll(pgserver.Password, "'", "''")+"'"); err != nil {
		return nil, err
	}
	if err := fill(conn); err != nil {
		return nil, err
	}
	_, err = conn.Exec(ctx, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO "+reader)
	return database, err
}

// fillFacts copies the file into a table, with an index on what the policy and
// one on what the questions compare.
func fillFacts(ctx context.Context, folder string) func(*pgx.Conn) error {
	return func(conn *pgx.Conn) (err error) {
		columns := make([]string, len(factsColumns))
		for i, c := range factsColumns {
			columns[i] = c.Name + " " + c.server
		}
		if _, err := conn.Exec(ctx, fmt.Sprintf("CREATE TABLE %s (%s)", factsTable, strings.Join(columns, ", "))); err != nil {
			return err
		}
		file, err := os.Open(filepath.Join(folder, factsTable+".csv"))
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		if _, err := conn.PgConn().CopyFrom(ctx, file, "COPY "+factsTable+" FROM STDIN WITH (FORMAT csv, HEADER)"); err != nil {
			return err
		}
		for _, statement := range []string{"CREATE INDEX ON %s (origin)", "CREATE INDEX ON %s (id)", "VACUUM ANALYZE %s"} {
			if _, err := conn.Exec(ctx, fmt.Sprintf(statement, factsTable)); err != nil {
				return err
			}
		}
		return nil
	}
}
