package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/oriel-bi/oriel/internal/oriel"
)

const declaredRevisionSQL = `SELECT value FROM facts WHERE name = 'declared_revision'`

// declared is one reading of all that is declared.
type declared struct {
	revision    int64
	declaration *oriel.Declaration
}

// Declared is what is declared now: after Apply at once, after another
// process's apply within 1 s. Never nil; nobody may change it. Providers have
// their ids and opened secrets.
func (s *Store) Declared() *oriel.Declaration { return s.declared.Load().declaration }

// followAttempts is how often a reading follows an instance key that is changed
// again and again while it reads.
const followAttempts = 20

// refresh reads what is declared when its revision is another than the one in
// memory. When the instance key was changed meanwhile, it goes on with the new
// one.
func (s *Store) refresh(ctx context.Context) error {
	for attempt := 1; ; attempt++ {
		err := s.refreshUnderKey(ctx)
		if !errors.Is(err, errOtherKey) || attempt == followAttempts {
			return err
		}
		// The key may change once more between its check value and its file.
		if err := s.followKey(ctx); err != nil && (s.options.KeyFile == "" || !errors.Is(err, errKeyChanged) || attempt == followAttempts-1) {
			return err
		}
	}
}

func (s *Store) refreshUnderKey(ctx context.Context) (err error) {
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return failed("read what is declared", err)
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	var revision int64
	if err := tx.QueryRowContext(ctx, declaredRevisionSQL).Scan(&revision); err != nil {
		return failed("read what is declared", err)
	}
	if current := s.declared.Load(); current != nil && current.revision >= revision {
		return nil
	}
	d, err := s.readDeclaration(ctx, tx)
	if err != nil {
		return fmt.Errorf("read what is declared: %w", err)
	}
	d.Revision = revision
	s.adopt(&declared{revision: revision, declaration: d})
	return nil
}

// adopt keeps the newer of two readings, whoever comes last.
func (s *Store) adopt(next *declared) {
	for {
		current := s.declared.Load()
		if current != nil && current.revision >= next.revision {
			return
		}
		if s.declared.CompareAndSwap(current, next) {
			return
		}
	}
}

func (s *Store) readDeclaration(ctx context.Context, tx *sql.Tx) (*oriel.Declaration, error) {
	d := &oriel.Declaration{}
	var err error
	read := func(step func() error) {
		if err == nil {
			err = step()
		}
	}
	read(func() (err error) { d.Origins, err = s.readOrigins(ctx, tx); return })
	read(func() (err error) { d.Providers, err = s.readProviders(ctx, tx); return })
	read(func() (err error) { d.Groups, err = readDocuments[oriel.Group](ctx, tx, groupNoun); return })
	read(func() (err error) { d.Tenants, err = s.readOwnTenants(ctx, tx); return })
	read(func() (err error) { d.Sources, err = s.readSources(ctx, tx); return })
	read(func() (err error) { d.Models, err = readDocuments[oriel.Model](ctx, tx, modelNoun); return })
	read(func() (err error) { d.Policies, err = readPolicies(ctx, tx); return })
	read(func() (err error) {
		d.PolicyTests, err = readDocuments[oriel.PolicyTest](ctx, tx, policyTestNoun)
		return
	})
	read(func() (err error) {
		d.Collections, err = readDocuments[oriel.Collection](ctx, tx, collectionNoun)
		return
	})
	read(func() (err error) { d.Questions, err = readDocuments[oriel.Question](ctx, tx, questionNoun); return })
	read(func() (err error) { d.Dashboards, err = readDocuments[oriel.Dashboard](ctx, tx, dashboardNoun); return })
	return d, err
}

// MaskKey is the key under which policies hash values of a source. It is
// derived from the instance key and kept nowhere.
func (s *Store) MaskKey(source string) oriel.MaskKey { return s.seal.now.Load().maskKey(source) }

// readDocuments reads all things of a noun, by key.
func readDocuments[T any](ctx context.Context, tx *sql.Tx, n noun) ([]T, error) {
	var all []T
	err := eachRow(ctx, tx, n.all, func(rows *sql.Rows) error {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		var one T
		if err := json.Unmarshal([]byte(text), &one); err != nil {
			return fmt.Errorf("a stored %s: %w", n.kind, err)
		}
		all = append(all, one)
		return nil
	})
	return all, err
}

func eachRow(ctx context.Context, tx *sql.Tx, text string, read func(*sql.Rows) error) (err error) {
	rows, err := tx.QueryContext(ctx, text)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := read(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
