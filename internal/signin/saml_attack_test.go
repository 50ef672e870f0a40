package signin_test

import (
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin"
	"github.com/oriel-bi/oriel/internal/signin/saml/samltest"
	"github.com/oriel-bi/oriel/internal/store"
)

// A page that may no longer embed hears nothing of the popup it opened: neither
// how it went nor, by the callback, that it came back.
func TestAttack_refusalsForAPageThatMayNotEmbedAnyLonger(t *testing.T) {
	h := newCorpHouse(t, corp("corp"))
	narrowed := corp("corp")
	narrowed.SAML.Callbacks = []string{page + "/oriel/done"}
	elsewhere, err := oriel.ParseOrigin("https://elsewhere.example.com", oriel.OriginOptions{SiteURL: site})
	if err != nil {
		t.Fatal(err)
	}
	narrowed.Origins = []oriel.Origin{elsewhere}
	r := h.response(h.starts(signin.SAMLStartRequest{Popup: popup()}), func(o *samltest.Order) { o.Audience = "https://other.example.com" })
	h.apply(oriel.Declaration{Providers: []oriel.Provider{narrowed}})
	out, err := h.signin.TakeSAMLResponse(t.Context(), r)
	if err == nil || out.Popup != nil || out.Callback != "" {
		t.Errorf("told %+v, %q: %v", out.Popup, out.Callback, err)
	}
}

// A test sign-in has one answer: whoever had its link open twice doesn't replace
// what the administrator read.
func TestAttack_aTrialIsAnsweredOnce(t *testing.T) {
	h := newCorpHouse(t, corp("corp"))
	secret, trial := h.trial("corp")
	first, second := h.starts(signin.SAMLStartRequest{Trial: secret}), h.starts(signin.SAMLStartRequest{Trial: secret})
	if _, err := h.signin.TakeSAMLResponse(t.Context(), h.response(first, nil)); err != nil {
		t.Fatal(err)
	}
	_, err := h.signin.TakeSAMLResponse(t.Context(), h.response(second, func(o *samltest.Order) { o.Attributes["email"] = "mallory@example.com" }))
	if err == nil {
		t.Error("a second answer was taken")
	}
	found, _, err := h.store.FindSAMLTrial(t.Context(), trial.ID)
	if err != nil || found.Identity == nil || found.Identity.Email != "dana@example.com" {
		t.Errorf("%+v %v", found, err)
	}
}

// A sign-out at the identity provider holds for a sign-in that waits for its page, and
// for an answer that was made before and comes after, also of somebody who had no
// session and whose name is no persistent one.
func TestAttack_aSignInBeforeASignOut(t *testing.T) {
	for _, format := range []string{samltest.EmailName, samltest.Transient} {
		h := newCorpHouse(t, corp("corp"))
		named := func(name string) func(*samltest.Order) {
			return func(o *samltest.Order) { o.Format, o.Name, o.Session = format, name, "" }
		}
		code, other := h.code(named("dana@example.com")), h.code(func(o *samltest.Order) {
			named("gus@example.com")(o)
			o.Attributes["email"] = "gus@example.com"
		})
		late := h.response(h.starts(signin.SAMLStartRequest{}), named("dana@example.com"))
		_, trial := h.trial("corp")
		l := oriel.SAMLLogout{ID: "x", Provider: trial.Provider, IssuedAt: time.Now().Add(5 * time.Second), Name: oriel.NameID{Value: "dana@example.com"}}
		if err := h.store.Write(t.Context(), func(tx *store.Tx) error { _, err := tx.EndSAMLSessions(l, h.clock()); return err }); err != nil {
			t.Fatal(err)
		}
		if _, err := h.signin.Redeem(t.Context(), h.redemption(code)); oriel.CodeOf(err) != oriel.CodeSAMLResponseInvalid {
			t.Errorf("%s: the code: %v", format, err)
		}
		h.arrives(oriel.CodeSAMLResponseInvalid, late)
		if _, err := h.signin.Redeem(t.Context(), h.redemption(other)); err != nil {
			t.Errorf("%s: somebody else: %v", format, err)
		}
	}
}
