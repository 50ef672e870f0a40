package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	driver "github.com/duckdb/duckdb-go/v2"
)

// instance is one database file, opened read only, with its connections.
type instance struct {
	db       *sql.DB
	name     string // the database's name inside the engine
	revision string
	database string
	memory   int64 // bytes
	pool     pool
}

// openInstance opens a file and locks the settings last.
func openInstance(ctx context.Context, path string, options Options) (*instance, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err // the engine would say so only later
	}
	connector, err := driver.NewConnector(queryDSN(path, options.Memory, options.Threads), nil)
	if err != nil {
		return nil, fmt.Errorf("open the database file: %w", err)
	}
	db := sql.OpenDB(connector)
	// A connection holds one principal's views: none may go back into
	// database/sql's own pool, which knows nothing of principals.
	db.SetMaxIdleConns(-1)
	i := &instance{db: db}
	i.pool.limit = options.Idle
	if err := i.lock(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("lock the database's settings: %w", err), db.Close())
	}
	return i, nil
}

func (i *instance) lock(ctx context.Context) error {
	conn, err := i.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	var locked bool
	err = conn.QueryRowContext(ctx, `select current_database(), current_setting('lock_configuration')::boolean`).Scan(&i.name, &locked)
	if err != nil || locked {
		return err // another engine of this process has the same file open
	}
	for _, statement := range []string{`set temp_directory = ''`, `set enable_external_access = false`, `set lock_configuration = true`} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// hold counts a user of the instance; false once it is retired.
func (i *instance) hold() bool { return i.pool.hold() }

// release ends one hold.
func (i *instance) release() {
	if i.pool.release() {
		_ = i.db.Close() // read only: nothing can be lost
	}
}

// retire closes the instance as soon as nobody holds it.
func (i *instance) retire() error {
	if i.pool.retire() {
		return i.db.Close()
	}
	return nil
}
