package main

import (
	"bytes"
	"crypto/rand"
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/signin/saml"
	"github.com/oriel-bi/oriel/internal/store"
)

// The key before goes on signing until the new one's time has come; both stand in
// our metadata meanwhile.
func TestSAMLKeys_whichSigns(t *testing.T) {
	now := time.Now()
	clock := func() time.Time { return now }
	kept, err := store.Open(t.Context(), store.Options{
		URL: "sqlite://" + filepath.Join(t.TempDir(), "oriel.db"), InstanceKey: []byte("an instance key of a test, long enough"), Clock: clock, Random: rand.Reader,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = kept.Close() }()
	protocol := newProtocol(kept, clock)
	signs := func() []byte {
		t.Helper()
		pair, err := protocol.Signing()
		if err != nil {
			t.Fatal(err)
		}
		return pair.Certificate[0]
	}
	first := signs() // made when it is first needed
	next, err := saml.NewOwnKey(now)
	if err != nil {
		t.Fatal(err)
	}
	next.SignsFrom = now.Add(time.Hour)
	if _, err := kept.AddSAMLKey(t.Context(), "operator", next, false); err != nil {
		t.Fatal(err)
	}
	all, err := protocol.Keys()
	if err != nil || len(all) != 2 || !bytes.Equal(all[0].Certificate[0], next.Certificate) {
		t.Fatalf("%d keys, %v", len(all), err)
	}
	if !bytes.Equal(signs(), first) {
		t.Error("the new key signs before its time")
	}
	now = now.Add(time.Hour)
	if !bytes.Equal(signs(), next.Certificate) {
		t.Error("the new key does not sign when its time has come")
	}
}
