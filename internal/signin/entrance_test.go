package signin_test

import (
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin"
)

// open has every way in, and says so.
func open(slug string) oriel.Provider {
	p := compat(slug)
	p.BackendSessions, p.LegacyExchange = true, true
	return p
}

// at is a request on an entrance.
func (h *house) at(e signin.Entrance, origin string, slug string, changed map[string]any) signin.Request {
	r := h.request(h.token(slug, changed))
	r.Entrance, r.Origin = e, origin
	return r
}

// Each refused attempt leaves exactly one record and nothing else, on whichever
// way it came.
func TestEntrance_refusalsLeaveOneRecord(t *testing.T) {
	shut, strict := compat("shut"), provider("strict")
	strict.BackendSessions = true
	h := newHouse(t, open("wide"), shut, strict)
	const foreign = "https://evil.example.org"
	for _, c := range []struct {
		entrance signin.Entrance
		slug     string
		origin   string
		changed  map[string]any
		code     oriel.Code
	}{
		{signin.EntranceEmbed, "wide", "", nil, oriel.CodeOriginNotAllowed},
		{signin.EntranceEmbed, "wide", foreign, nil, oriel.CodeOriginNotAllowed},
		// Whoever has no page learns nothing of the token either.
		{signin.EntranceEmbed, "wide", "", map[string]any{"exp": 1}, oriel.CodeOriginNotAllowed},
		{signin.EntranceBackend, "wide", page, nil, oriel.CodeOriginNotAllowed},
		{signin.EntranceBackend, "wide", foreign, nil, oriel.CodeOriginNotAllowed},
		{signin.EntranceBackend, "shut", "", nil, oriel.CodeAuthMethodUnavailable},
		{signin.EntranceBackend, "wide", "", map[string]any{"exp": 1}, oriel.CodeTokenExpired},
		{signin.EntranceLegacy, "wide", foreign, nil, oriel.CodeOriginNotAllowed},
		{signin.EntranceLegacy, "shut", "", nil, oriel.CodeAuthMethodUnavailable},
		{signin.EntranceLegacy, "shut", page, nil, oriel.CodeAuthMethodUnavailable},
		{signin.EntranceLegacy, "strict", "", nil, oriel.CodeAuthMethodUnavailable},
		{signin.EntranceLanding, "wide", foreign, nil, oriel.CodeOriginNotAllowed},
		{signin.EntranceLanding, "strict", "", nil, oriel.CodeCrossSiteRequest},
		{signin.EntranceLanding, "wide", "", map[string]any{"exp": 1}, oriel.CodeTokenExpired},
	} {
		h.requestIsRefused(c.code, h.at(c.entrance, c.origin, c.slug, c.changed))
	}
}

// A setting that somebody wrote into a strict provider opens nothing.
func TestEntrance_legacyIsForCompatAlone(t *testing.T) {
	p := provider("strict")
	p.LegacyExchange = true
	h := newHouse(t, p)
	h.requestIsRefused(oriel.CodeAuthMethodUnavailable, h.at(signin.EntranceLegacy, "", "strict", nil))
}

func TestEntrance_J21_embeddingOffKeepsEveryWayShut(t *testing.T) {
	h := newHouse(t, open("wide"))
	h.open(false)
	for _, e := range []signin.Entrance{signin.EntranceEmbed, signin.EntranceLanding, signin.EntranceBackend, signin.EntranceLegacy} {
		h.requestIsRefused(oriel.CodeEmbeddingDisabled, h.at(e, "", "wide", nil))
	}
	h.openWith(func(o *signin.Options) { o.InteractiveOn = false })
	h.requestIsRefused(oriel.CodeEmbeddingDisabled, h.at(signin.EntranceLanding, "", "wide", nil))
}

// A landing that only asks writes nothing at all: no user, no record, no spent
// token, until the answer.
func TestLand_askingWritesNothing(t *testing.T) {
	h := newHouse(t, open("wide"))
	ann := h.at(signin.EntranceLanding, "", "wide", map[string]any{"email": "ann@example.com"})
	first, question, err := h.signin.Land(t.Context(), ann)
	if err != nil || question != nil || first.Session.Session.Kind != oriel.SessionInteractive {
		t.Fatalf("got %+v, %v, %v", first, question, err)
	}
	live := signin.Live{Session: first.Session.Session.ID, User: first.User.ID}
	bob := h.at(signin.EntranceLanding, "", "wide", map[string]any{"email": "bob@example.com"})
	bob.Browser.Live, bob.Browser.ReturnTo = live, "/x"
	before := h.rows()
	accepted, question, err := h.signin.Land(t.Context(), bob)
	if err != nil || question == nil || accepted.Session.Token != "" || question.As.Email != "bob@example.com" {
		t.Fatalf("got %+v, %+v, %v", accepted, question, err)
	}
	if err := h.records.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for table, n := range h.rows() {
		if n != before[table] {
			t.Errorf("%s: %d rows, before %d", table, n, before[table])
		}
	}
	after, returnTo, err := h.signin.Continue(t.Context(), signin.Answer{Nonce: question.Nonce, Live: live, Reference: "ANS-WER", ClientIP: "192.0.2.7"})
	if err != nil || returnTo != "/x" || after.User.Email != "bob@example.com" {
		t.Fatalf("got %+v, %q, %v", after, returnTo, err)
	}
	if n := h.count(`SELECT count(*) FROM sign_in_records WHERE reference = 'ANS-WER' AND outcome = ''`); n != 1 {
		t.Errorf("%d records of the answer, want 1", n)
	}
	for range 2 { // a refused answer is an attempt as well
		if _, _, err := h.signin.Continue(t.Context(), signin.Answer{Nonce: question.Nonce, Live: live, Reference: "REF-USED"}); oriel.CodeOf(err) != oriel.CodeCodeInvalid {
			t.Errorf("got %v", err)
		}
	}
	if err := h.records.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := h.count(`SELECT count(*) FROM sign_in_records WHERE reference = 'REF-USED' AND outcome = 'code_invalid'`); n != 2 {
		t.Errorf("%d records of refused answers, want 2", n)
	}
}
