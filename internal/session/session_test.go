package session_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
	"github.com/oriel-bi/oriel/internal/store"
)

const page = "https://app.example.com"

// desk issues sessions for one user, on a real database.
type desk struct {
	*testing.T
	*session.Sessions
	path     string
	store    *store.Store
	outside  *sql.DB
	provider oriel.Provider
	now      time.Time
	notices  int
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{T: t, path: filepath.Join(t.TempDir(), "oriel.db"), now: time.Unix(1_790_000_000, 0).UTC()}
	clock := func() time.Time { return d.now }
	var err error
	d.store, err = store.Open(t.Context(), store.Options{
		URL: "sqlite://" + d.path, InstanceKey: bytes.Repeat([]byte{1}, 32), Clock: clock, Random: rand.Reader,
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.store.Close() })
	if d.Sessions, err = session.New(session.Options{Store: d.store, Clock: clock, Random: rand.Reader}); err != nil {
		t.Fatal(err)
	}
	if d.outside, err = sql.Open("sqlite", "file:"+d.path+"?_pragma=busy_timeout(5000)"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.outside.Close() })
	_, err = d.store.Apply(t.Context(), oriel.Declaration{
		Groups: []oriel.Group{{Key: "operators", Name: "Operators"}},
		Providers: []oriel.Provider{{
			Slug: "apron", Enabled: true, Profile: oriel.ProfileStrict, SignInURI: "https://apron.example.com/sso",
			Keys: []oriel.ProviderKey{{ID: "one", Kind: oriel.KeyHS256, Secret: bytes.Repeat([]byte{2}, 32)}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	d.provider = d.store.Declared().Providers[0]
	err = d.store.Write(t.Context(), func(tx *store.Tx) error {
		if err := tx.InsertTenant(oriel.Tenant{Slug: "acme", Active: true}, d.now); err != nil {
			return err
		}
		for _, id := range []oriel.UserID{"usr_danaaaaaaaaaaaaaaaaaaaaaaa", "usr_annaaaaaaaaaaaaaaaaaaaaaaa"} {
			if err := tx.InsertUser(oriel.User{ID: id, Email: string(id) + "@example.com", Tenant: "acme", Active: true}, d.now); err != nil {
				return err
			}
		}
		return tx.SetSignInAttributes("usr_danaaaaaaaaaaaaaaaaaaaaaaa", d.provider.ID, oriel.Attributes{"airport": oriel.Text("DFW")})
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *desk) issue(user oriel.UserID) session.Issued {
	d.Helper()
	var issued session.Issued
	err := d.store.Write(d.Context(), func(tx *store.Tx) (err error) {
		issued, err = d.Issue(tx, session.Grant{
			Kind: oriel.SessionEmbed, User: user, Provider: d.provider.ID, KeyID: "one", KeySerial: d.provider.Keys[0].Serial, Origin: page,
		})
		return err
	})
	if err != nil {
		d.Fatal(err)
	}
	return issued
}

func (d *desk) exec(text string) {
	d.Helper()
	if _, err := d.outside.ExecContext(context.Background(), text); err != nil {
		d.Fatalf("%s: %v", text, err)
	}
	d.notice()
}

// notice makes the store tell that everything may have changed, as each of its
// own methods does for what it changes.
func (d *desk) notice() {
	d.Helper()
	d.notices++
	origin, err := oriel.ParseOrigin(fmt.Sprintf("https://notice-%d.example.com", d.notices), oriel.OriginOptions{})
	if err != nil {
		d.Fatal(err)
	}
	if _, err := d.store.AddOrigin(d.Context(), "operator", origin); err != nil {
		d.Fatal(err)
	}
}

// answers checks with which code a token from an origin is answered; none
// when it is good.
func (d *desk) answers(want oriel.Code, token, origin string) {
	d.Helper()
	p, s, err := d.Authenticate(d.Context(), session.Presented{Token: token, Origin: origin})
	if oriel.CodeOf(err) != want {
		d.Errorf("got %v, want %q", err, want)
	}
	if err != nil && (!p.IsZero() || s != (session.Session{})) {
		d.Error("a refusal came with somebody's session")
	}
}

// K1
func TestSession_K1_otherOriginIsRefused(t *testing.T) {
	d := newDesk(t)
	token := d.issue("usr_danaaaaaaaaaaaaaaaaaaaaaaa").Token
	d.answers("", token, page)
	for _, origin := range []string{"", "null", "https://evil.example.org", page + "/", page + ":443", "HTTPS://app.example.com", page + ".evil.io"} {
		d.answers(oriel.CodeOriginMismatch, token, origin)
	}
}

func TestSession_K1_endsWithItsTime(t *testing.T) {
	d := newDesk(t)
	token := d.issue("usr_danaaaaaaaaaaaaaaaaaaaaaaa").Token
	d.now = d.now.Add(10*time.Minute - time.Microsecond)
	d.answers("", token, page)
	d.now = d.now.Add(time.Microsecond)
	d.answers(oriel.CodeSessionExpired, token, page)
}

func TestSession_K1_endsWithSignOut(t *testing.T) {
	d := newDesk(t)
	mine, other, anns := d.issue("usr_danaaaaaaaaaaaaaaaaaaaaaaa"), d.issue("usr_danaaaaaaaaaaaaaaaaaaaaaaa"), d.issue("usr_annaaaaaaaaaaaaaaaaaaaaaaa")
	p, s, err := d.Authenticate(t.Context(), session.Presented{Token: mine.Token, Origin: page})
	if err != nil {
		t.Fatal(err)
	}
	// Somebody else's is not there for them.
	for _, id := range []string{anns.Session.ID, "ses_unknown", ""} {
		if err := d.End(t.Context(), p, id); oriel.CodeOf(err) != oriel.CodeNotFound {
			t.Errorf("ending %q: %v", id, err)
		}
	}
	if s.ID != mine.Session.ID {
		t.Errorf("the session is told as %s, not %s", s.ID, mine.Session.ID)
	}
	if err := d.End(t.Context(), p, s.ID); err != nil {
		t.Fatal(err)
	}
	d.answers(oriel.CodeSessionRevoked, mine.Token, page)
	d.answers("", other.Token, page)
	d.answers("", anns.Token, page)
	d.now = d.now.Add(time.Hour)
	d.answers(oriel.CodeSessionRevoked, mine.Token, page)
}

func TestSession_whatVouchedForItMustStand(t *testing.T) {
	for name, c := range map[string]struct {
		change string
		code   oriel.Code
	}{
		"key deleted":                     {`DELETE FROM provider_keys`, oriel.CodeSessionRevoked},
		"key replaced under its own name": {`UPDATE provider_keys SET serial = serial + 1`, oriel.CodeSessionRevoked},
		"provider off":                    {`UPDATE providers SET enabled = 0`, oriel.CodeSessionRevoked},
		"provider gone":                   {`DELETE FROM providers`, oriel.CodeSessionRevoked},
		"user deactivated":                {`UPDATE users SET active = 0`, oriel.CodeUserDeactivated},
		"user gone":                       {`PRAGMA foreign_keys = 0; DELETE FROM users`, oriel.CodeSessionInvalid},
		"tenant deactivated":              {`UPDATE tenants SET active = 0`, oriel.CodeTenantDeactivated},
		"tenant gone":                     {`PRAGMA foreign_keys = 0; DELETE FROM tenants`, oriel.CodeTenantDeactivated},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			token := d.issue("usr_danaaaaaaaaaaaaaaaaaaaaaaa").Token
			d.answers("", token, page) // remembered now
			d.exec(c.change)
			d.answers(c.code, token, page)
		})
	}
}

// K6
func TestSession_K6_changesHoldOnTheNextRequest(t *testing.T) {
	d := newDesk(t)
	token := d.issue("usr_danaaaaaaaaaaaaaaaaaaaaaaa").Token
	principal := func() oriel.Principal {
		t.Helper()
		p, _, err := d.Authenticate(t.Context(), session.Presented{Token: token, Origin: page})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := principal()
	if p.In("operators") || !p.In(oriel.GroupAllUsers) || !p.In(oriel.GroupAllTenantUsers) || p.User().Attributes["airport"].Values[0] != "DFW" {
		t.Errorf("at first: %+v", p.User())
	}
	d.exec(`INSERT INTO group_members VALUES ('usr_danaaaaaaaaaaaaaaaaaaaaaaa', 'operators')`)
	d.exec(`UPDATE user_attributes SET attributes = '{"airport":{"values":["ORD"]}}'`)
	if p := principal(); !p.In("operators") || p.User().Attributes["airport"].Values[0] != "ORD" {
		t.Errorf("after the change: %+v", p.User())
	}
	d.exec(`INSERT INTO user_attributes VALUES ('usr_danaaaaaaaaaaaaaaaaaaaaaaa', 'administrator', '{"airport":{"values":["JFK"]}}')`)
	d.exec(`INSERT INTO user_attributes VALUES ('usr_danaaaaaaaaaaaaaaaaaaaaaaa', 'prv_other', '{"airport":{"values":["LAX"]},"team":{"values":["red"]}}')`)
	if a := principal().User().Attributes; len(a) != 1 || a["airport"].Values[0] != "JFK" {
		t.Errorf("set by hand: %v", a)
	}
	d.exec(`DELETE FROM group_members`)
	if principal().In("operators") {
		t.Error("still in the group")
	}
}

func TestSession_unknownAndMalformedTokens(t *testing.T) {
	d := newDesk(t)
	token := d.issue("usr_danaaaaaaaaaaaaaaaaaaaaaaa").Token
	hash := sha256.Sum256([]byte(token))
	d.answers(oriel.CodeNotAuthenticated, "", page)
	last := token[len(token)-1]
	for _, other := range []string{
		"ors_" + strings.Repeat("A", 43), // unknown
		strings.TrimPrefix(token, "ors_"), "ORS_" + token[4:], token + "A", token[:len(token)-1], token + "=", " " + token, token + "\n",
		token[:20] + "\n" + token[20:], token[:len(token)-1] + string(last^1), "ors_", "ors", strings.Repeat("x", 1<<16),
		"ork_" + token[4:], "ors_" + hex.EncodeToString(hash[:]), "ors_" + base64.RawURLEncoding.EncodeToString(hash[:]),
	} {
		d.answers(oriel.CodeSessionInvalid, other, page)
	}
	d.answers("", token, page)
}

// K5
func TestSession_K5_storedRowIsNoToken(t *testing.T) {
	d := newDesk(t)
	issued := d.issue("usr_danaaaaaaaaaaaaaaaaaaaaaaa")
	if len(issued.Token) != 4+43 {
		t.Errorf("the token %q has no 256 bits", issued.Token)
	}
	var hash []byte
	if err := d.outside.QueryRowContext(t.Context(), `SELECT token_hash FROM sessions`).Scan(&hash); err != nil {
		t.Fatal(err)
	}
	if want := sha256.Sum256([]byte(issued.Token)); !bytes.Equal(hash, want[:]) {
		t.Error("what is stored is not the token's SHA-256")
	}
	bits, err := base64.RawURLEncoding.DecodeString(issued.Token[4:])
	if err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(d.path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		for _, canary := range [][]byte{[]byte(issued.Token[4:20]), []byte(issued.Token[20:36]), bits[:16], bits[16:]} {
			if bytes.Contains(content, canary) {
				t.Errorf("a piece of the token is in oriel.db%s", suffix)
			}
		}
	}
	// Every column of the row, presented as a token.
	for _, stored := range []string{string(hash), "ors_" + string(hash), issued.Session.ID, "ors_" + issued.Session.ID} {
		d.answers(oriel.CodeSessionInvalid, stored, page)
	}
}

func TestSession_tokensDiffer(t *testing.T) {
	d := newDesk(t)
	seen := make(map[string]bool)
	for range 20 {
		issued := d.issue("usr_danaaaaaaaaaaaaaaaaaaaaaaa")
		if seen[issued.Token] || seen[issued.Session.ID] {
			t.Fatal("a token or id came twice")
		}
		seen[issued.Token], seen[issued.Session.ID] = true, true
	}
}

func TestSession_withoutOriginIsNotIssued(t *testing.T) {
	d := newDesk(t)
	err := d.store.Write(t.Context(), func(tx *store.Tx) error {
		_, err := d.Issue(tx, session.Grant{Kind: oriel.SessionEmbed, User: "usr_danaaaaaaaaaaaaaaaaaaaaaaa", Provider: d.provider.ID})
		return err
	})
	if oriel.CodeOf(err) != oriel.CodeOriginNotAllowed {
		t.Errorf("got %v", err)
	}
}

func TestNew_lifetimeHasLimits(t *testing.T) {
	for _, lifetime := range []time.Duration{time.Minute - 1, 24*time.Hour + 1, -time.Minute} {
		if _, err := session.New(session.Options{Store: newDesk(t).store, Lifetime: lifetime}); err == nil {
			t.Errorf("%v was taken", lifetime)
		}
	}
	for _, lifetime := range []time.Duration{0, time.Minute, 24 * time.Hour} {
		if _, err := session.New(session.Options{Store: newDesk(t).store, Lifetime: lifetime}); err != nil {
			t.Errorf("%v: %v", lifetime, err)
		}
	}
}

func TestSession_closedStoreIsUnavailable(t *testing.T) {
	d := newDesk(t)
	token := d.issue("usr_danaaaaaaaaaaaaaaaaaaaaaaa").Token
	if err := d.store.Close(); err != nil {
		t.Fatal(err)
	}
	d.answers(oriel.CodeStoreUnavailable, token, page)
}

// What is remembered may be stale once nobody can tell whether others changed
// something (contract §3.5): it is refused, not served from memory.
func TestSession_rememberedIsRefusedWhenChangesCannotBeKnown(t *testing.T) {
	d := newDesk(t)
	token := d.issue("usr_danaaaaaaaaaaaaaaaaaaaaaaa").Token
	for range 2 { // the session, then its user's principal
		d.answers("", token, page)
	}
	if err := d.store.Close(); err != nil {
		t.Fatal(err)
	}
	d.answers(oriel.CodeStoreUnavailable, token, page)
}

// What was made before embedding was switched off is refused while it is, in
// memory or not; what an operator looks at with view-as is not an embed.
func TestSession_embeddingThatIsSwitchedOffRefusesLiveSessions(t *testing.T) {
	d := newDesk(t)
	tokens := map[oriel.SessionKind]string{}
	for _, kind := range []oriel.SessionKind{oriel.SessionEmbed, oriel.SessionBackend, oriel.SessionInteractive} {
		err := d.store.Write(t.Context(), func(tx *store.Tx) error {
			issued, err := d.Issue(tx, session.Grant{
				Kind: kind, User: "usr_danaaaaaaaaaaaaaaaaaaaaaaa", Provider: d.provider.ID, KeyID: "one", KeySerial: d.provider.Keys[0].Serial,
				Origin: map[oriel.SessionKind]string{oriel.SessionEmbed: page}[kind],
			})
			tokens[kind] = issued.Token
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for what, c := range map[string]struct {
		embedding, interactive bool // off
		refused                []oriel.SessionKind
	}{
		"neither":     {false, false, nil},
		"embedding":   {true, false, []oriel.SessionKind{oriel.SessionEmbed, oriel.SessionBackend, oriel.SessionInteractive}},
		"interactive": {false, true, []oriel.SessionKind{oriel.SessionInteractive}},
	} {
		sessions, err := session.New(session.Options{
			Store: d.store, EmbeddingOff: c.embedding, InteractiveOff: c.interactive, Clock: func() time.Time { return d.now }, Random: rand.Reader,
		})
		if err != nil {
			t.Fatal(err)
		}
		for kind, token := range tokens {
			presented := session.Presented{Token: token, Cookie: kind == oriel.SessionInteractive}
			if kind == oriel.SessionEmbed {
				presented.Origin = page
			}
			want := oriel.Code("")
			if slices.Contains(c.refused, kind) {
				want = oriel.CodeEmbeddingDisabled
			}
			for range 2 { // read, then from memory
				if _, _, err := sessions.Authenticate(t.Context(), presented); oriel.CodeOf(err) != want {
					t.Errorf("%s off: a session of kind %s: got %v, want %q", what, kind, err, want)
				}
			}
		}
	}
}
