package store_test

import (
	"bytes"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

// A sealed secret opens as it was written, in its own place, and in no other
// way. That the database never has it in the clear is a promise of storetest.
func TestSeal_opensInItsOwnPlaceAlone(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	plain := hostSecret()
	provider := oriel.Provider{Slug: "apron", Enabled: true, Profile: oriel.ProfileStrict, Keys: []oriel.ProviderKey{
		{ID: "one", Kind: oriel.KeyHS256, Secret: plain},
	}}
	if _, err := s.CreateProvider(t.Context(), "operator", provider); err != nil {
		t.Fatal(err)
	}
	var sealed []byte
	if err := outside(t, path).QueryRowContext(t.Context(), `SELECT secret FROM provider_keys WHERE kid = 'one'`).Scan(&sealed); err != nil {
		t.Fatal(err)
	}
	id := s.Declared().Providers[0].ID
	if secret, err := store.SecretOf(s, sealed, id, "one"); err != nil || !bytes.Equal(secret, plain) {
		t.Errorf("it does not open: %v", err)
	}
	for _, place := range [][2]string{{id, "two"}, {"prv_other", "one"}, {id + "/one", ""}} {
		if _, err := store.SecretOf(s, sealed, place[0], place[1]); err == nil {
			t.Errorf("it opens at %v", place)
		}
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		if _, err := store.SecretOf(s, changed, id, "one"); err == nil {
			t.Fatalf("it opens with bit %d changed", i*8)
		}
		if _, err := store.SecretOf(s, sealed[:i], id, "one"); err == nil {
			t.Fatalf("it opens cut at %d", i)
		}
	}
}
