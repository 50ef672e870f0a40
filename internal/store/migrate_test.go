package store_test

import (
	"os"
	"testing"

	"github.com/pressly/goose/v3"

	"github.com/oriel-bi/oriel/internal/store"
)

// A host's logouts hold across the step that gives their table another form: a token
// from before one would make a session again.
func TestMigrate_keepsLogouts(t *testing.T) {
	path := newPath(t)
	db := outside(t, path)
	steps, err := goose.NewProvider(goose.DialectSQLite3, db, os.DirFS("migrations"), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := steps.UpTo(t.Context(), 8); err != nil {
		t.Fatal(err)
	}
	mustExec(t, db, `INSERT INTO host_logouts (provider_id, kind, value, not_before, until) VALUES ('prv_1', 'sub', 'dana', 7, 4102444800000000), ('prv_1', 'sid', 's-1', 9, 4102444800000000)`)
	s := open(t, path)
	err = s.Write(t.Context(), func(tx *store.Tx) error {
		for subject, sid := range map[string]string{"dana": "", "other": "s-1"} {
			until, err := tx.RevokedUntil("prv_1", subject, sid, nil, "", 0)
			if err != nil {
				return err
			}
			if until.IsZero() {
				t.Errorf("the logout of %q, %q is gone", subject, sid)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
