package store_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// How a server is reached is a secret: it opens for the engine, also under
// another instance key, and stands in no column, change or entry in the clear.
func TestSource_aServersURLIsSealed(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "oriel.db")
	s := openWith(t, inFile(folder))
	apply := func(url string) (kinds string) {
		t.Helper()
		changes, err := s.Apply(t.Context(), oriel.Declaration{Sources: []oriel.Source{{Key: "erp", Kind: oriel.SourcePostgres, URL: url, Schema: "public"}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range changes {
			kinds += c.Action + " " + c.Kind + ";"
		}
		return kinds
	}
	const one, two = "postgres://a:s3cret-one@h/d", "postgres://a:s3cret-two@h/d"
	for _, step := range []struct{ url, changes string }{
		{one, "created source;created source_url;"}, {one, ""}, {two, "updated source_url;"},
	} {
		if got := apply(step.url); got != step.changes {
			t.Errorf("%q changed %q, want %q", step.url, got, step.changes)
		}
		if got := s.Declared().Sources[0].URL; got != step.url {
			t.Errorf("the url is %q", got)
		}
	}
	var sealed []byte
	if err := outside(t, path).QueryRowContext(t.Context(), `SELECT url FROM source_urls WHERE source = 'erp'`).Scan(&sealed); err != nil || bytes.Contains(sealed, []byte("s3cret")) {
		t.Errorf("it is kept as %q, %v", sealed, err)
	}
	var told string
	if err := outside(t, path).QueryRowContext(t.Context(), `SELECT (SELECT group_concat(before || after) FROM audit_entries) || (SELECT group_concat(document) FROM sources)`).Scan(&told); err != nil || strings.Contains(told, "s3cret") {
		t.Errorf("it is told as %q, %v", told, err)
	}
	if _, err := s.RotateKeyFile(t.Context()); err != nil {
		t.Fatal(err)
	}
	var again []byte
	if err := outside(t, path).QueryRowContext(t.Context(), `SELECT url FROM source_urls WHERE source = 'erp'`).Scan(&again); err != nil || bytes.Equal(again, sealed) {
		t.Errorf("under the new key it is kept as before, %v", err)
	}
	if got := apply(two); got != "" || s.Declared().Sources[0].URL != two {
		t.Errorf("under the new key it is %q, and applying changed %q", s.Declared().Sources[0].URL, got)
	}
}
