package storetest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

func openPromises() map[string]func(t *testing.T, d *database) {
	return map[string]func(t *testing.T, d *database){
		"nodes that start at once get one store":  nodesStartAtOnce,
		"a newer schema is refused":               newerSchemaIsRefused,
		"another instance key is refused":         anotherInstanceKeyIsRefused,
		"secrets are nowhere in the database":     secretsAreNowhere,
		"a sealed secret moved does not open":     movedSecretDoesNotOpen,
		"a sealed secret cut short does not open": cutSecretDoesNotOpen,
	}
}

// wantRefused opens and fails unless that is refused with these words.
func wantRefused(t *testing.T, options store.Options, words ...string) {
	t.Helper()
	s, err := store.Open(t.Context(), options)
	if err == nil {
		mustClose(t, s)
		t.Error("it opened")
		return
	}
	for _, each := range words {
		if !strings.Contains(err.Error(), each) {
			t.Errorf("got %q, want it to say %q", err, each)
		}
	}
}

func nodesStartAtOnce(t *testing.T, d *database) {
	for _, err := range atOnce(4, func(i int) error {
		s, err := store.Open(t.Context(), d.options())
		if err != nil {
			return err
		}
		if err := insertTenant(t.Context(), s, i); err != nil {
			return err
		}
		return s.Close()
	}) {
		if err != nil {
			t.Error(err)
		}
	}
	d.wantCount(t, tenants, 4)
}

func newerSchemaIsRefused(t *testing.T, d *database) {
	mustClose(t, d.open(t))
	d.Exec(t, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, TRUE)`)
	wantRefused(t, d.options(), "schema version 9999", "newer oriel")
}

func anotherInstanceKeyIsRefused(t *testing.T, d *database) {
	mustClose(t, d.open(t))
	options := d.options()
	options.InstanceKey = bytes.Repeat([]byte{7}, 32)
	wantRefused(t, options, "another instance key")
	options.InstanceKey = d.options().InstanceKey[:31]
	wantRefused(t, options, "needs at least 32")
	d.open(t) // the right one is none the worse for it
}

func secretsAreNowhere(t *testing.T, d *database) {
	s := d.open(t)
	mustApply(t, s, declaration(t))
	insertUser(t, s, user(0))
	must(t, insertKey(t, s, aKey("key_1")))
	insertSession(t, s, oriel.Session{ID: "ses_1", User: user(0).ID, Created: began(), Expires: began().Add(time.Hour)})
	must(t, spend(t, s, "token", began().Add(time.Hour)))
	_, err := s.DeleteKey(t.Context(), "operator", "apron", "one")
	must(t, err)
	_, err = s.CreateKey(t.Context(), "operator", "apron", secretKey("again"))
	must(t, err)
	dump := d.Dump(t)
	if !bytes.Contains(dump, []byte("apron")) {
		t.Fatal("the dump does not have what is in the database")
	}
	for what, secret := range map[string][]byte{"the host's secret": hostSecret(), "the instance key": d.options().InstanceKey} {
		if bytes.Contains(dump, secret) {
			t.Errorf("%s stands in the database", what)
		}
	}
}

// twoSecrets are two keys of one provider, each with its own secret.
func twoSecrets(t *testing.T, d *database) {
	t.Helper()
	s := d.open(t)
	mustApply(t, s, declaration(t))
	other := secretKey("other")
	other.Secret = bytes.Repeat([]byte{9}, 32)
	_, err := s.CreateKey(t.Context(), "operator", "apron", other)
	must(t, err)
	mustClose(t, s)
	mustClose(t, d.open(t)) // it opens as it is
}

func movedSecretDoesNotOpen(t *testing.T, d *database) {
	twoSecrets(t, d)
	d.Exec(t, `UPDATE provider_keys SET secret = (SELECT secret FROM provider_keys WHERE kid = 'other') WHERE kid = 'one'`)
	wantRefused(t, d.options(), "open a secret")
}

func cutSecretDoesNotOpen(t *testing.T, d *database) {
	twoSecrets(t, d)
	for _, length := range []int{45, 30, 21, 9, 1, 0} { // ever shorter
		d.Exec(t, fmt.Sprintf(`UPDATE provider_keys SET secret = substr(secret, 1, %d) WHERE kid = 'one'`, length))
		wantRefused(t, d.options(), "open a secret")
	}
}
