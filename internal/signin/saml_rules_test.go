package signin_test

import (
	"crypto/tls"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin"
	"github.com/oriel-bi/oriel/internal/signin/saml"
	"github.com/oriel-bi/oriel/internal/signin/saml/samltest"
	"github.com/oriel-bi/oriel/internal/store"
)

// Starts are written down, so a network can't have them written without end; another
// network is not kept out by it.
func TestSAML_startsAreCounted(t *testing.T) {
	h := newCorpHouse(t, corp("corp"))
	start := func(ip string) error {
		_, err := h.signin.StartSAML(t.Context(), signin.SAMLStartRequest{Provider: "corp", ClientIP: ip, Reference: h.request("").Reference})
		return err
	}
	made := 0
	for range 400 {
		switch err := start("192.0.2.66"); oriel.CodeOf(err) {
		case "":
			made++
		case oriel.CodeRateLimited:
		default:
			t.Fatal(err)
		}
	}
	if made != 300 {
		t.Errorf("%d starts were written at once", made)
	}
	if err := start("198.51.100.7"); err != nil {
		t.Errorf("another network: %v", err)
	}
	h.wait(200 * time.Millisecond)
	if err := start("192.0.2.66"); err != nil {
		t.Errorf("a moment later: %v", err)
	}
}

// What a browser keeps is of our making: a value that somebody planted there, and
// knows, binds nothing.
func TestSAML_plantedBindings(t *testing.T) {
	h := newCorpHouse(t, corp("corp"))
	own := h.starts(signin.SAMLStartRequest{}).binding
	for name, planted := range map[string]string{
		"none": "", "short": "x", "a word": strings.Repeat("planted", 6), "too long": own + "A", "not of 256 bits": strings.Repeat("_", 42) + "-",
	} {
		if got := h.starts(signin.SAMLStartRequest{Binding: planted}).binding; got == planted || len(got) != len(own) {
			t.Errorf("%s: %q became %q", name, planted, got)
		}
	}
	if got := h.starts(signin.SAMLStartRequest{Binding: own}).binding; got != own {
		t.Errorf("our own became %q", got)
	}
}

// A request belongs to the provider that it was made for: another one's answer to it
// is an answer to nobody's request.
func TestSAML_answerOfAnotherProvider(t *testing.T) {
	other := corp("other")
	other.Realm = "other"
	for _, unasked := range []bool{false, true} {
		other.SAML.IdPInitiated = unasked
		h := newCorpHouse(t, corp("corp"), other)
		b := h.starts(signin.SAMLStartRequest{Popup: popup()})
		entry := site + "/auth/saml/other/acs"
		r := h.response(b, func(o *samltest.Order) {
			o.Destination, o.Recipient, o.Audience = entry, entry, site+"/auth/saml/other/metadata"
		})
		r.Provider, r.At = "other", entry
		out, err := h.signin.TakeSAMLResponse(t.Context(), r)
		if oriel.CodeOf(err) != oriel.CodeSAMLNotRequested || out.Popup != nil || out.Code != "" {
			t.Errorf("unasked %v: %+v %v", unasked, out, err)
		}
		// The request is still good for whom it was made for.
		h.arrives("", h.response(b, nil))
	}
}

// tried is how often [toldToWait] tries, of which a rate of one a second lets 10 in.
const tried = 14

func toldToWait(t *testing.T, try func(i int) error) {
	t.Helper()
	refused := 0
	for i := range tried {
		switch err := try(i); oriel.CodeOf(err) {
		case "":
		case oriel.CodeRateLimited:
			refused++
		default:
			t.Error(err)
		}
	}
	if refused != tried-10 {
		t.Errorf("%d of %d were told to wait", refused, tried)
	}
}

// Answers count as sign-ins of their provider.
func TestSAML_answersAreCounted(t *testing.T) {
	h := newCorpHouse(t, corp("corp"))
	h.openWith(func(o *signin.Options) { o.SignInRate = 1 })
	var all []begun
	var orders []samltest.Order
	for range tried {
		b := h.starts(signin.SAMLStartRequest{})
		all, orders = append(all, b), append(orders, b.order(nil))
	}
	fields := samltest.Respond(t, "samlp", orders...)
	toldToWait(t, func(i int) error {
		_, err := h.signin.TakeSAMLResponse(t.Context(), h.brought(all[i], fields[i]))
		return err
	})
}

// The record says which attribute is missing, and which came.
func TestSAML_missingAttribute(t *testing.T) {
	h := newCorpHouse(t, corp("corp"))
	r := h.response(h.starts(signin.SAMLStartRequest{}), func(o *samltest.Order) {
		o.Attributes = map[string]any{"mail": "dana@example.com", "dept": "ops"}
	})
	h.arrives(oriel.CodeClaimMissing, r)
	if n := h.count(`SELECT count(*) FROM sign_in_records, json_each(document, '$.checks') WHERE reference = ? AND value ->> 'name' = 'claims'
		AND value ->> 'received' = 'there is no attribute "email"; what came: "dept", "mail"'`, r.Reference); n != 1 {
		t.Error("the record does not say so")
	}
}

// A callback with the port that browsers leave out is of the same origin.
func TestSAML_callbackWithItsPort(t *testing.T) {
	p := corp("corp")
	p.SAML.Callbacks = []string{page + ":443/done"}
	h := newCorpHouse(t, p)
	out := h.arrives("", h.response(h.starts(signin.SAMLStartRequest{Popup: popup()}), nil))
	if out.Callback != page+":443/done" {
		t.Errorf("it goes to %q", out.Callback)
	}
	p.SAML.Callbacks = []string{page + ":8443/done"}
	h.apply(oriel.Declaration{Providers: []oriel.Provider{p}})
	if out := h.arrives("", h.response(h.starts(signin.SAMLStartRequest{Popup: popup()}), nil)); out.Callback != "" {
		t.Errorf("another port: it goes to %q", out.Callback)
	}
}

// A test sign-in has one answer: another one to the same request changes nothing of
// what the administrator reads, and what was tried is good for nothing else.
func TestSAML_trialHasOneAnswer(t *testing.T) {
	p := corp("corp")
	p.SAML.IdPInitiated = true
	h := newCorpHouse(t, p)
	secret, trial := h.trial("corp")
	b := h.starts(signin.SAMLStartRequest{Trial: secret})
	first := h.response(b, nil)
	if out, err := h.signin.TakeSAMLResponse(t.Context(), first); err != nil || !out.Tried {
		t.Fatalf("%+v %v", out, err)
	}
	for name, r := range map[string]signin.SAMLResponse{
		"another person's":            h.response(b, func(o *samltest.Order) { o.Name, o.Attributes["email"] = "eve-1", "eve@example.com" }),
		"the same":                    first,
		"the same, to no request":     {Provider: first.Provider, Response: first.Response, At: first.At, ClientIP: first.ClientIP, Reference: first.Reference},
		"the same, from another page": {Provider: first.Provider, Response: first.Response, RelayState: b.relay, At: first.At, ClientIP: first.ClientIP, Reference: first.Reference},
	} {
		if out, err := h.signin.TakeSAMLResponse(t.Context(), r); err == nil || out.Accepted.Session.Token != "" {
			t.Errorf("%s: %+v", name, out)
		}
		found, _, err := h.store.FindSAMLTrial(t.Context(), trial.ID)
		if err != nil || found.Identity == nil || found.Identity.Email != "dana@example.com" {
			t.Errorf("%s: the administrator reads %+v %v", name, found.Identity, err)
		}
	}
	if n := h.count(`SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM sessions)`); n != 0 {
		t.Errorf("%d rows were left", n)
	}
}

func leaving(slug string) oriel.Provider {
	p := corp(slug)
	p.SAML.SignOutURI = "https://idp.example.com/slo"
	return p
}

func withOurKey() saml.Protocol {
	key := corpKey()
	return saml.Protocol{Keys: func() ([]tls.Certificate, error) {
		return []tls.Certificate{{Certificate: [][]byte{key.DER}, PrivateKey: key.Key}}, nil
	}}
}

func (h *house) says(slug string, l samltest.Logout) signin.SAMLLogoutRequest {
	l.Issuer, l.Destination, l.Key, l.At = corpIdP, site+"/auth/saml/"+slug+"/logout", corpKey(), time.Now()
	return signin.SAMLLogoutRequest{Provider: slug, Message: oriel.SAMLMessage{RawQuery: l.Query()}, ClientIP: "192.0.2.7", Reference: h.request("").Reference}
}

// Sign-outs that an identity provider signed count as its sign-ins do.
func TestSAML_signOutsAreCounted(t *testing.T) {
	h := newCorpHouse(t, leaving("corp"))
	h.openWith(func(o *signin.Options) { o.SignInRate, o.SAML = 1, withOurKey() })
	toldToWait(t, func(i int) error {
		_, err := h.signin.SAMLLogout(t.Context(), h.says("corp", samltest.Logout{ID: "_" + strings.Repeat("x", i+1), Name: "nobody"}))
		return err
	})
}

// Our own sign-out is for the provider by which the session began, and its answer is
// that provider's, to a request to sign out.
func TestSAML_answersToOurSignOut(t *testing.T) {
	other := leaving("other")
	h := newCorpHouse(t, leaving("corp"), other)
	h.openWith(func(o *signin.Options) { o.SAML = withOurKey() })
	accepted := h.arrives("", h.response(h.starts(signin.SAMLStartRequest{}), nil)).Accepted
	leaves := func(slug string) (id, state string) {
		t.Helper()
		address, err := h.signin.StartSAMLSignOut(t.Context(), signin.SAMLSignOut{
			Provider: slug, Live: signin.Live{Session: accepted.Session.Session.ID, User: accepted.User.ID}, ReturnTo: "/bye", ClientIP: "192.0.2.7",
		})
		if err != nil {
			t.Fatal(err)
		}
		if address == "" {
			return "", ""
		}
		asked, query := h.sent(address)
		return asked.ID, query.Get(relay)
	}
	if request, _ := leaves("other"); request != "" {
		t.Error("another provider is asked to end a session that it did not begin")
	}
	request, relay := leaves("corp")
	refused := func(name string, r signin.SAMLLogoutRequest) {
		t.Helper()
		if out, err := h.signin.EndSAMLSignOut(t.Context(), r); oriel.CodeOf(err) != oriel.CodeLogoutRequestInvalid || out != (signin.SAMLSignedOut{}) {
			t.Errorf("%s: %+v %v", name, out, err)
		}
	}
	refused("another provider's answer", h.says("other", samltest.Logout{ID: "_a", InResponseTo: request, RelayState: relay}))
	signingIn := h.starts(signin.SAMLStartRequest{})
	refused("an answer to a sign-in", h.says("corp", samltest.Logout{ID: "_b", InResponseTo: signingIn.request, RelayState: signingIn.relay}))
	refused("another request", h.says("corp", samltest.Logout{ID: "_c", InResponseTo: signingIn.request, RelayState: relay}))
	if out, err := h.signin.EndSAMLSignOut(t.Context(), h.says("corp", samltest.Logout{ID: "_d", InResponseTo: request, RelayState: relay})); err != nil || out != (signin.SAMLSignedOut{ReturnTo: "/bye", Everywhere: true}) {
		t.Errorf("%+v %v", out, err)
	}
	refused("twice", h.says("corp", samltest.Logout{ID: "_e", InResponseTo: request, RelayState: relay}))
	// The sign-in that was begun meanwhile is none the worse for it.
	h.arrives("", h.response(signingIn, nil))
}

// A test sign-in's link is good for half an hour.
func TestSAML_trialIsOver(t *testing.T) {
	h := newCorpHouse(t, corp("corp"))
	secret, _ := h.trial("corp")
	h.wait(directory.SAMLTrialLife)
	if _, err := h.startsOr(signin.SAMLStartRequest{Trial: secret}); oriel.CodeOf(err) != oriel.CodeNotFound {
		t.Error(err)
	}
}

// A page that may no longer embed hears nothing of the popup it opened: neither
// how it went nor, by the callback, that it came back.
func TestSAML_refusalsForAPageThatMayNotEmbedAnyLonger(t *testing.T) {
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
func TestSAML_aTrialIsAnsweredOnce(t *testing.T) {
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
func TestSAML_aSignInBeforeASignOut(t *testing.T) {
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
