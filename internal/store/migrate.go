package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrateAttempts is how often a migration is tried that another process may
// be making at the same moment.
const migrateAttempts = 5

// migrate brings the schema forward, each step in its own transaction, and
// refuses a schema that is newer than this program.
func (s *Store) migrate(ctx context.Context) error {
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	steps, err := goose.NewProvider(goose.DialectSQLite3, s.write, folder, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	for attempt := 1; ; attempt++ {
		err := s.migrateOnce(ctx, steps)
		if err == nil || attempt == migrateAttempts {
			return err
		}
		if current, target, failure := steps.GetVersions(ctx); failure == nil && current >= target {
			continue // another process was quicker, or it is too new: say which
		}
		select {
		case <-time.After(time.Duration(attempt) * 100 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *Store) migrateOnce(ctx context.Context, steps *goose.Provider) error {
	current, target, err := steps.GetVersions(ctx)
	if err != nil {
		return notWritable(s.path, fmt.Errorf("read its schema version: %w", err))
	}
	if current > target {
		return fmt.Errorf("the store %s has schema version %d and this oriel knows versions up to %d: run the newer oriel that made it, or restore a backup", s.path, current, target)
	}
	if _, err := steps.Up(ctx); err != nil {
		return fmt.Errorf("bring the store %s from schema version %d to %d: %w", s.path, current, target, err)
	}
	return nil
}
