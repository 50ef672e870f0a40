package storetest

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

func recordPromises() map[string]func(t *testing.T, d *database) {
	return map[string]func(t *testing.T, d *database){
		"a record is read back as it was kept":          recordIsReadBack,
		"records are found by what they tell":           recordsAreFound,
		"pages neither repeat nor miss while more come": recordsArePaged,
		"records of a batch are kept together":          recordsOfABatch,
	}
}

func keepRecords(t *testing.T, s *store.Store, records ...oriel.SignInRecord) {
	t.Helper()
	must(t, s.InsertSignInRecords(t.Context(), records))
}

func listRecords(t *testing.T, s *store.Store, f oriel.SignInFilter, limit int) []oriel.SignInRecord {
	t.Helper()
	list, err := s.ListSignIns(t.Context(), f, limit)
	must(t, err)
	return list
}

func references(records []oriel.SignInRecord) string {
	all := make([]string, 0, len(records))
	for _, r := range records {
		all = append(all, r.Reference)
	}
	return strings.Join(all, " ")
}

func recordIsReadBack(t *testing.T, d *database) {
	nodes := d.nodes(t)
	want := oriel.SignInRecord{
		Reference: "XK7-4QF", At: began(), Provider: "apron", Method: "jwt", Origin: "https://a.example", ClientIP: "192.0.2.1",
		User: "usr_1", Outcome: oriel.CodeTokenExpired, ClockSkew: -1500 * time.Millisecond, Dropped: []string{"nested"}, Attempts: 3,
		Checks: []oriel.Check{{Name: "key", Outcome: oriel.CheckPassed}, {Name: "time", Outcome: oriel.CheckFailed, Expected: "a", Received: `"b"`}},
	}
	keepRecords(t, nodes[0], want)
	list := listRecords(t, nodes[1], oriel.SignInFilter{}, 10)
	if len(list) != 1 || list[0].ID == 0 {
		t.Fatalf("got %+v", list)
	}
	list[0].ID = 0
	if !reflect.DeepEqual(list[0], want) {
		t.Errorf("got %+v, want %+v", list[0], want)
	}
}

func recordsAreFound(t *testing.T, d *database) {
	s := d.open(t)
	keepRecords(t, s,
		oriel.SignInRecord{Reference: "A", At: began(), Provider: "apron", User: "usr_1"},
		oriel.SignInRecord{Reference: "B", At: began(), Provider: "apron", User: "usr_1", Outcome: oriel.CodeTokenExpired},
		oriel.SignInRecord{Reference: "C", At: began(), Provider: "other", User: "usr_2"},
		oriel.SignInRecord{Reference: "D", At: began(), Outcome: oriel.CodeTokenMalformed, Attempts: 9},
		oriel.SignInRecord{Reference: "E", At: began(), Provider: "other", User: "usr_1", Outcome: oriel.CodeTokenReplayed},
	)
	for f, want := range map[oriel.SignInFilter]string{
		{}:                               "E D C B A",
		{Reference: "C"}:                 "C",
		{Reference: "c"}:                 "",
		{User: "usr_1"}:                  "E B A",
		{Provider: "apron"}:              "B A",
		{Outcome: oriel.OutcomeAccepted}: "C A",
		{Outcome: oriel.OutcomeRefused}:  "E D B",
		{Outcome: string(oriel.CodeTokenReplayed)}:                        "E",
		{User: "usr_1", Outcome: oriel.OutcomeRefused, Provider: "apron"}: "B",
		{User: "usr_2", Outcome: oriel.OutcomeRefused}:                    "",
		{Reference: "A' OR '1' = '1"}:                                     "",
	} {
		if got := references(listRecords(t, s, f, 10)); got != want {
			t.Errorf("%+v: %q, want %q", f, got, want)
		}
	}
	if got := listRecords(t, s, oriel.SignInFilter{Reference: "A"}, 10)[0].Attempts; got != 1 {
		t.Errorf("a record stands for %d attempts, want 1", got)
	}
}

func recordsArePaged(t *testing.T, d *database) {
	nodes := d.nodes(t)
	keep := func(i int) {
		r := oriel.SignInRecord{Reference: fmt.Sprint("r", i), At: began(), Provider: "apron"} // all at one moment
		if i%2 == 1 {
			r.Provider = "other"
		}
		keepRecords(t, nodes[i%2], r)
	}
	for i := range 10 {
		keep(i)
	}
	var pages []string
	f := oriel.SignInFilter{Provider: "apron"}
	for next := 10; next < 20; next++ {
		page := listRecords(t, nodes[0], f, 2)
		if len(page) == 0 {
			break
		}
		pages = append(pages, references(page))
		f.Before = page[len(page)-1].ID
		keep(next)
	}
	if got, want := strings.Join(pages, "|"), "r8 r6|r4 r2|r0"; got != want {
		t.Errorf("pages %q, want %q", got, want)
	}
}

func recordsOfABatch(t *testing.T, d *database) {
	s := d.open(t)
	err := s.Write(t.Context(), func(tx *store.Tx) error {
		if err := tx.InsertSignInRecord(oriel.SignInRecord{Reference: "A", At: began()}); err != nil {
			return err
		}
		return oriel.E(oriel.CodeTokenReplayed, "refused")
	})
	wantCode(t, err, oriel.CodeTokenReplayed)
	keepRecords(t, s, oriel.SignInRecord{Reference: "B", At: began()}, oriel.SignInRecord{Reference: "C", At: began()})
	if got := references(listRecords(t, s, oriel.SignInFilter{}, 10)); got != "C B" {
		t.Errorf("records %q, want those that were written", got)
	}
}
