package saml_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/saml"
)

func about(do string) task {
	return task{Do: do, Name: "dana-17", Format: persistent, Session: "s-1", RelayState: "saved", Signed: true}
}

// readRequest reads what a provider sent, by whichever binding.
func readRequest(t testing.TB, sent done, p oriel.Provider, now time.Time) (saml.LogoutRequest, string, error) {
	t.Helper()
	if sent.Refused != "" {
		t.Fatal(sent.Refused)
	}
	if sent.URL == "" {
		request, err := saml.ReadLogoutRequestPost(sent.Field, p, logoutAt, now)
		return request, sent.RelayState, err
	}
	return saml.ReadLogoutRequestRedirect(rawQueryOf(t, sent.URL), p, logoutAt, now)
}

func readResponse(t testing.TB, sent done, p oriel.Provider, now time.Time) (oriel.SAMLLogoutAnswer, string, error) {
	t.Helper()
	if sent.Refused != "" {
		t.Fatal(sent.Refused)
	}
	if sent.URL == "" {
		response, err := saml.ReadLogoutResponsePost(sent.Field, p, logoutAt, now)
		return response, sent.RelayState, err
	}
	return saml.ReadLogoutResponseRedirect(rawQueryOf(t, sent.URL), p, logoutAt, now)
}

var bindings = []string{"HTTP-Redirect", "HTTP-POST"}

// S11: requests of both identity providers are read, by both bindings, and both
// take our answer.
func TestLogout_S11_theirWish(t *testing.T) {
	metadata := ourMetadata(t, ourSP(t))
	for make := range messengers {
		uses := map[[32]byte]bool{}
		for _, binding := range bindings {
			wish := about("logoutRequest")
			wish.Binding, wish.Metadata = binding, metadata
			now := time.Now()
			got, relayState, err := readRequest(t, perform(t, make, wish)[0], provider(otherKey(), idpKey()), now)
			if err != nil || relayState != "saved" {
				t.Errorf("%s, %s: %v, %q", make, binding, err, relayState)
				continue
			}
			if got.ID == "" || got.Issuer != idp || got.NameID != "dana-17" || got.NameIDFormat != persistent || !slices.Equal(got.SessionIndexes, []string{"s-1"}) ||
				got.At.Sub(now).Abs() > time.Minute || got.SpentUntil.Sub(now) < 6*time.Minute || got.KeyID != "b" || got.KeySerial != 2 || uses[got.OneUse] || got.OneUse == [32]byte{} {
				t.Errorf("%s, %s: %+v", make, binding, got)
			}
			uses[got.OneUse] = true
			for _, status := range []string{saml.StatusSuccess, saml.StatusRequester, saml.StatusResponder} {
				address, err := saml.LogoutResponseURL(saml.OurLogoutResponse{Destination: signOutAt, EntityID: audience, InResponseTo: got.ID, Status: status, At: time.Now()}, relayState, ownKey().key)
				if err != nil {
					t.Fatal(err)
				}
				valid(t, "our answer", inflated(t, address, "SAMLResponse"))
				if status != saml.StatusSuccess {
					continue
				}
				answer := about("readAnswer")
				answer.URL, answer.Metadata = address, metadata
				read := perform(t, make, answer)[0]
				if read.Refused != "" || make == "pysaml2" && (read.ID != got.ID || read.Body != status) {
					t.Errorf("%s, %s: %+v", make, binding, read)
				}
				answer.URL = strings.Replace(address, "RelayState=saved", "RelayState=other", 1)
				if read := perform(t, make, answer)[0]; read.Refused == "" {
					t.Errorf("%s takes an answer whose signature does not hold", make)
				}
			}
		}
	}
}

// S11: our requests are signed; both identity providers take them, and their
// answers are read by both bindings.
func TestLogout_S11_ourWish(t *testing.T) {
	metadata := ourMetadata(t, ourSP(t))
	for make := range messengers {
		for _, binding := range bindings {
			address, id, err := saml.LogoutRequestURL(saml.OurLogout{
				Destination: signOutAt, EntityID: audience, NameID: "dana-17", NameIDFormat: persistent, SessionIndex: "s-1", At: time.Now(),
			}, "saved", ownKey().key)
			if err != nil {
				t.Fatal(err)
			}
			valid(t, "our wish", inflated(t, address, "SAMLRequest"))
			answer := about("answer")
			answer.URL, answer.Metadata, answer.Binding = address, metadata, binding
			got, relayState, err := readResponse(t, perform(t, make, answer)[0], provider(otherKey(), idpKey()), time.Now())
			if err != nil || relayState != "saved" || got.InResponseTo != id || !got.Everywhere {
				t.Errorf("%s, %s: %+v, %q, %v", make, binding, got, relayState, err)
			}
			answer.URL = strings.Replace(address, "RelayState=saved", "RelayState=other", 1)
			if got := perform(t, make, answer)[0]; got.Refused == "" {
				t.Errorf("%s takes a wish whose signature does not hold", make)
			}
		}
	}
}

func TestLogout_whatWeWrite(t *testing.T) {
	whole := saml.OurLogout{
		Destination: signOutAt, EntityID: audience, NameID: `d&"<dana`, NameIDFormat: persistent, NameQualifier: idp, SPNameQualifier: audience, SessionIndex: "s<1", At: time.Now(),
	}
	address, _, err := saml.LogoutRequestURL(whole, "", ownKey().key)
	if err != nil {
		t.Fatal(err)
	}
	document := inflated(t, address, "SAMLRequest")
	valid(t, "our wish", document)
	name := treeOf(t, document).FindElement("//saml:NameID")
	if name.Text() != whole.NameID || name.SelectAttrValue("NameQualifier", "") != idp || name.SelectAttrValue("SPNameQualifier", "") != audience {
		t.Error(document)
	}
	least := saml.OurLogout{Destination: signOutAt, EntityID: audience, NameID: "dana", At: time.Now()}
	address, _, err = saml.LogoutRequestURL(least, "", ownKey().key)
	if err != nil {
		t.Fatal(err)
	}
	valid(t, "our least wish", inflated(t, address, "SAMLRequest"))
	for what, change := range map[string]func(*saml.OurLogout){
		"nobody": func(l *saml.OurLogout) { l.NameID = "" }, "of nobody": func(l *saml.OurLogout) { l.EntityID = "" }, "nowhere": func(l *saml.OurLogout) { l.Destination = "" },
	} {
		l := least
		change(&l)
		if got, _, err := saml.LogoutRequestURL(l, "", ownKey().key); err == nil {
			t.Errorf("%s: %s", what, got)
		}
	}
	if _, _, err := saml.LogoutRequestURL(least, "", nil); err == nil {
		t.Error("an unsigned wish")
	}
	if _, _, err := saml.LogoutRequestURL(least, strings.Repeat("a", 81), ownKey().key); err == nil {
		t.Error("a relay state of 81 bytes")
	}
	answer := saml.OurLogoutResponse{Destination: signOutAt, EntityID: audience, InResponseTo: "_1", Status: saml.StatusSuccess, At: time.Now()}
	// What the provider sent goes back, however long.
	if got, err := saml.LogoutResponseURL(answer, strings.Repeat("a", 200), ownKey().key); err != nil || len(queryOf(t, got).Get("RelayState")) != 200 {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := saml.LogoutResponseURL(answer, "", nil); err == nil {
		t.Error("an unsigned answer")
	}
	for what, change := range map[string]func(*saml.OurLogoutResponse){
		"to nothing": func(l *saml.OurLogoutResponse) { l.InResponseTo = "" }, "another status": func(l *saml.OurLogoutResponse) { l.Status = "fine" },
		"of nobody": func(l *saml.OurLogoutResponse) { l.EntityID = "" }, "nowhere": func(l *saml.OurLogoutResponse) { l.Destination = "javascript:x" },
	} {
		l := answer
		change(&l)
		if got, err := saml.LogoutResponseURL(l, "", ownKey().key); err == nil {
			t.Errorf("%s: %s", what, got)
		}
	}
}

// The queries of both providers, letter by letter: what is signed is what came.
func TestReadLogoutRequestRedirect_query(t *testing.T) {
	p := provider(idpKey())
	metadata := ourMetadata(t, ourSP(t))
	for make := range messengers {
		wish := about("logoutRequest")
		wish.Metadata = metadata
		sent := perform(t, make, wish)[0]
		if sent.Refused != "" {
			t.Fatal(sent.Refused)
		}
		query := rawQueryOf(t, sent.URL)
		parts := map[string]string{}
		for part := range strings.SplitSeq(query, "&") {
			name, _, _ := strings.Cut(part, "=")
			parts[name] = part
		}
		without := func(name string) string {
			return strings.Trim(strings.ReplaceAll(strings.Replace(query, parts[name], "", 1), "&&", "&"), "&")
		}
		signature, _ := url.QueryUnescape(strings.TrimPrefix(parts["Signature"], "Signature="))
		for what, c := range map[string][2]string{
			"as it is":                        {query, ""},
			"in another order":                {parts["Signature"] + "&" + parts["SigAlg"] + "&" + parts["RelayState"] + "&" + parts["SAMLRequest"], ""},
			"with something else":             {query + "&utm=1", ""},
			"with its encoding":               {query + "&SAMLEncoding=urn%3Aoasis%3Anames%3Atc%3ASAML%3A2.0%3Abindings%3AURL-Encoding%3ADEFLATE", ""},
			"nothing":                         {"", "no SAMLRequest"},
			"unsigned":                        {parts["SAMLRequest"], "not signed"},
			"no signature":                    {without("Signature"), "not signed"},
			"no algorithm":                    {without("SigAlg"), "not signed"},
			"an empty signature":              {without("Signature") + "&Signature=", "not signed"},
			"no relay state":                  {without("RelayState"), "not made with"},
			"an empty relay state":            {without("RelayState") + "&RelayState=", "not made with"},
			"another relay state":             {without("RelayState") + "&RelayState=other", "not made with"},
			"the same, written otherwise":     {strings.Replace(query, "RelayState=saved", "RelayState=%73aved", 1), "not made with"},
			"small letters":                   {strings.Replace(query, "%2F", "%2f", 1), "not made with"},
			"another encoding":                {query + "&SAMLEncoding=urn:none", "not DEFLATE"},
			"a request twice":                 {query + "&" + parts["SAMLRequest"], "twice"},
			"an empty request before":         {"SAMLRequest=&" + query, "twice"},
			"a relay state twice":             {query + "&RelayState=", "twice"},
			"a signature twice":               {query + "&" + parts["Signature"], "twice"},
			"an algorithm twice":              {query + "&" + parts["SigAlg"], "twice"},
			"a request under another name":    {query + "&SAMLReques%74=x", "odd way"},
			"a response beside it":            {query + "&SAMLResponse=x", "another message"},
			"an empty response beside it":     {query + "&SAMLResponse=", "another message"},
			"a response":                      {strings.Replace(query, "SAMLRequest", "SAMLResponse", 1), "no SAMLRequest"},
			"a semicolon":                     {query + ";x=1", "damaged"},
			"a damaged name":                  {query + "&%zz=1", "damaged"},
			"a damaged signature":             {without("Signature") + "&Signature=%zz", "damaged"},
			"a signature that is no base64":   {without("Signature") + "&Signature=-", "base64"},
			"another signature":               {without("Signature") + "&Signature=" + url.QueryEscape(flipped(signature[:4])+signature[4:]), "not made with"},
			"SHA-1":                           {without("SigAlg") + "&SigAlg=http%3A%2F%2Fwww.w3.org%2F2000%2F09%2Fxmldsig%23rsa-sha1", "SHA-256 or better"},
			"another algorithm":               {strings.Replace(query, "rsa-sha256", "rsa-sha512", 1), "not made with"},
			"an algorithm of another key":     {strings.Replace(query, "rsa-sha256", "ecdsa-sha256", 1), "not made with"},
			"an HMAC":                         {strings.Replace(query, "rsa-sha256", "hmac-sha256", 1), "SHA-256 or better"},
			"a query of a megabyte and a bit": {query + "&x=" + strings.Repeat("a", 1<<20), "too long"},
		} {
			got, relayState, err := saml.ReadLogoutRequestRedirect(c[0], p, logoutAt, time.Now())
			if c[1] == "" {
				if err != nil || got.NameID != "dana-17" || relayState != "saved" {
					t.Errorf("%s, %s: %v", make, what, err)
				}
				continue
			}
			ended(t, make+", "+what, got.NameID+relayState, err, c[1])
		}
		for what, other := range map[string]oriel.Provider{"another certificate": provider(otherKey()), "an expired one": provider(expiredKey()), "none": provider()} {
			got, relayState, err := saml.ReadLogoutRequestRedirect(query, other, logoutAt, time.Now())
			ended(t, make+", with "+what, got.NameID+relayState, err, "not made with")
		}
		got, relayState, err := saml.ReadLogoutRequestRedirect(query, p, logoutAt, time.Now().Add(2*time.Hour))
		ended(t, make+", with a certificate that ended", got.NameID+relayState, err, "not made with")
	}
}

// ended holds a refusal to a reason, which is for the record only.
func ended(t *testing.T, what, about string, err error, reason string) {
	t.Helper()
	if oriel.CodeOf(err) != oriel.CodeLogoutRequestInvalid || !strings.Contains(err.Error(), reason) {
		t.Errorf("%s: %v, want %q", what, err, reason)
	}
	if about != "" {
		t.Errorf("%s: refused, about %s", what, about)
	}
}
