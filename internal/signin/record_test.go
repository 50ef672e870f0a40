package signin_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// checks are the names and outcomes in the record under the reference.
func (h *house) checks(reference string) (checks []string) {
	h.Helper()
	rows, err := h.outside.QueryContext(h.Context(), `SELECT value ->> 'name' || ' ' || (value ->> 'outcome')
		FROM sign_in_records, json_each(document, '$.checks') WHERE reference = ?`, reference)
	if err != nil {
		h.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var check string
		if err := rows.Scan(&check); err != nil {
			h.Fatal(err)
		}
		checks = append(checks, check)
	}
	if err := rows.Err(); err != nil {
		h.Fatal(err)
	}
	return checks
}

func TestRecord_tellsTheChecksInOrder(t *testing.T) {
	p := provider("apron")
	h := newHouse(t, p)
	accepted := h.request(h.token("apron", nil))
	if _, err := h.signin.Exchange(t.Context(), accepted); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"embedding passed", "provider passed", "origin passed", "key passed", "signature passed", "time passed",
		"issuer passed", "audience passed", "replay passed", "tenant passed", "account passed", "groups passed",
	}
	if got := h.checks(accepted.Reference); !slices.Equal(got, want) {
		t.Errorf("accepted: got %v, want %v", got, want)
	}
	replayed := h.request(accepted.Token)
	h.requestIsRefused(oriel.CodeTokenReplayed, replayed)
	want = append(want[:8:8], "replay failed", "tenant skipped", "account skipped", "groups skipped")
	if got := h.checks(replayed.Reference); !slices.Equal(got, want) {
		t.Errorf("replayed: got %v, want %v", got, want)
	}
}

// Whoever reads a record has not the request before them.
func TestRecord_saysWhatCame(t *testing.T) {
	h := newHouse(t, provider("apron"))
	fromNoPage := h.request(h.token("apron", nil))
	fromNoPage.Origin = ""
	h.requestIsRefused(oriel.CodeOriginNotAllowed, fromNoPage)
	once := h.request(h.token("apron", nil))
	if _, err := h.signin.Exchange(t.Context(), once); err != nil {
		t.Fatal(err)
	}
	replayed := h.request(once.Token)
	h.requestIsRefused(oriel.CodeTokenReplayed, replayed)
	for reference, received := range map[string]string{
		fromNoPage.Reference: "the request does not say which page it is from",
		replayed.Reference:   "it was used before",
	} {
		if n := h.count(`SELECT count(*) FROM sign_in_records, json_each(document, '$.checks')
			WHERE reference = ? AND value ->> 'outcome' = 'failed' AND value ->> 'received' = ?`, reference, received); n != 1 {
			t.Errorf("the record does not say that %s", received)
		}
	}
}

func TestRecord_namesTheUserWhenKnown(t *testing.T) {
	h := newHouse(t, provider("apron"))
	u := h.enters("apron", nil).User
	h.exec(`UPDATE users SET active = 0`)
	h.isRefused(oriel.CodeUserDeactivated, "apron", nil)
	if n := h.count(`SELECT count(*) FROM sign_in_records WHERE user_id = ? AND provider = 'apron' AND client_ip = '192.0.2.7' AND origin = ?`,
		string(u.ID), page); n != 2 {
		t.Errorf("%d records name the user, want 2", n)
	}
}

// J24, as far as the store goes: no token and no secret is in any file.
func TestRecord_J24_noTokenIsStored(t *testing.T) {
	h := newHouse(t, provider("apron"))
	good, replayed := h.token("apron", nil), ""
	accepted, err := h.signin.Exchange(t.Context(), h.request(good))
	if err != nil {
		t.Fatal(err)
	}
	replayed = good
	h.requestIsRefused(oriel.CodeTokenReplayed, h.request(replayed))
	forged := sign("apron", h.claims("https://apron.example.com", nil))
	forged = forged[:len(forged)-6] + "AAAAAA"
	h.requestIsRefused(oriel.CodeTokenSignature, h.request(forged))
	garbage := strings.Repeat("garbage-", 20)
	h.requestIsRefused(oriel.CodeTokenMalformed, h.request(garbage))
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(h.path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		for _, canary := range []string{good, forged, garbage, accepted.Session.Token, string(secret("apron"))} {
			for at := 0; at+16 <= len(canary); at++ {
				// The header is the same text in every token.
				if at < strings.IndexByte(canary, '.') {
					continue
				}
				if strings.Contains(string(content), canary[at:at+16]) {
					t.Fatalf("a piece of a token is in oriel.db%s", suffix)
				}
			}
		}
	}
}
