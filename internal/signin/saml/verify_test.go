package saml_test

import (
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/saml"
)

var shapes = map[string][]string{"response": {"response"}, "assertion": {"assertion"}, "both": {"response", "assertion"}}

// S1, S7, S12: what identity providers of two other makes sign is accepted, in
// each of the three shapes.
func TestVerify_S1_responsesOfOtherMakes(t *testing.T) {
	for idp := range makes {
		for shape, signed := range shapes {
			field := respond(t, idp, ordered(signed...))[0]
			now := time.Now()
			got, evidence, err := saml.Verify(field, provider(otherKey(), idpKey()), asked(), now)
			if err != nil {
				t.Errorf("%s, %s signed: %v, %+v", idp, shape, err, evidence)
				continue
			}
			first, last := "Dana", "Ito"
			want := oriel.Identity{
				Provider: "prv_corp", Subject: "https://idp.example.com/saml dana-17", Email: "dana@example.com", FirstName: &first, LastName: &last,
				Groups: []string{"ops", "night"}, GroupsSent: true, KeyID: "b", KeySerial: 2, Name: &oriel.NameID{Value: "dana-17", Format: persistent},
				Attributes: oriel.Attributes{"airport": oriel.Text("DFW"), "gates": oriel.TextList("A1", "B2")},
			}
			if got.IssuedAt.Sub(now).Abs() > time.Minute || got.SpentUntil.Sub(now) < 5*time.Minute || got.OneUse == [32]byte{} || got.HostSID == "" {
				t.Errorf("%s, %s signed: %+v", idp, shape, got)
			}
			got.IssuedAt, got.SpentUntil, got.OneUse, got.HostSID = time.Time{}, time.Time{}, [32]byte{}, ""
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, %s signed: %s", idp, shape, diff)
			}
		}
	}
}

// refuse holds a response to a code, at a check of its record.
func refuse(t *testing.T, what, field string, p oriel.Provider, ask saml.Ask, now time.Time, code oriel.Code, at string) {
	t.Helper()
	identity, evidence, err := saml.Verify(field, p, ask, now)
	if oriel.CodeOf(err) != code {
		t.Errorf("%s: %v, want %s: %+v", what, err, code, evidence)
		return
	}
	if len(evidence.Checks) == 0 {
		t.Errorf("%s: no check is told", what)
		return
	}
	if last := evidence.Checks[len(evidence.Checks)-1]; last.Name != at || last.Outcome != oriel.CheckFailed || last.Received == "" {
		t.Errorf("%s: refused at %+v, want %s", what, last, at)
	}
	if identity.Email != "" {
		t.Errorf("%s: refused, with the identity %+v", what, identity)
	}
}

const invalid = oriel.CodeSAMLResponseInvalid

// S1, S2: each thing that an identity provider may get wrong is refused, with the
// check in the record.
func TestVerify_S2_whatAProviderGetsWrong(t *testing.T) {
	p := provider(idpKey())
	for idp := range makes {
		cases := map[string]struct {
			change func(*order)
			code   oriel.Code
			at     string
		}{
			"unsigned":               {func(o *order) { o.Sign = []string{} }, invalid, "signature"},
			"SHA-1":                  {func(o *order) { o.SHA1 = true }, invalid, "format"},
			"of another certificate": {func(o *order) { o.Key, o.Certificate = otherKey().private, otherKey().certificate }, invalid, "signature"},
			"another issuer":         {func(o *order) { o.Issuer = "https://evil.example.com" }, invalid, "issuer"},
			"another audience":       {func(o *order) { o.Audience = "https://other.example.com" }, invalid, "audience"},
			"another destination":    {func(o *order) { o.Destination = "https://other.example.com/acs" }, invalid, "destination"},
			"another request":        {func(o *order) { o.Request = "_another" }, oriel.CodeSAMLNotRequested, "request"},
			"no request":             {func(o *order) { o.Request = "" }, oriel.CodeSAMLNotRequested, "request"},
			"no e-mail":              {func(o *order) { delete(o.Attributes, "email") }, oriel.CodeClaimMissing, "claims"},
			"two e-mails":            {func(o *order) { o.Attributes["email"] = []string{"a@example.com", "b@example.com"} }, oriel.CodeClaimInvalid, "claims"},
			"no address":             {func(o *order) { o.Attributes["email"] = "dana" }, oriel.CodeClaimInvalid, "claims"},
		}
		names := slices.Sorted(maps.Keys(cases))
		var orders []order
		for _, what := range names {
			o := ordered("response", "assertion")
			cases[what].change(&o)
			orders = append(orders, o)
		}
		for i, field := range respond(t, idp, orders...) {
			c := cases[names[i]]
			refuse(t, idp+", "+names[i], field, p, asked(), time.Now(), c.code, c.at)
		}
	}
	// Its defaults, without what a deployment sets: Destination is the audience,
	// and there is no Recipient.
	o := ordered("assertion")
	o.Destination, o.Recipient = "", ""
	refuse(t, "samlp's defaults", respond(t, "samlp", o)[0], p, asked(), time.Now(), invalid, "destination")
	o.Destination = acs
	refuse(t, "no recipient", respond(t, "samlp", o)[0], p, asked(), time.Now(), invalid, "request")
}

func TestVerify_S2_outsideItsTimes(t *testing.T) {
	p := provider(idpKey())
	for idp := range makes {
		field := respond(t, idp, ordered("assertion"))[0]
		made := time.Now()
		for after, code := range map[time.Duration]oriel.Code{
			-70 * time.Second: invalid, -50 * time.Second: "", 5*time.Minute + 50*time.Second: "", 5*time.Minute + 70*time.Second: invalid,
		} {
			if code == "" {
				if _, evidence, err := saml.Verify(field, p, asked(), made.Add(after)); err != nil {
					t.Errorf("%s, %v after: %v %+v", idp, after, err, evidence)
				}
				continue
			}
			refuse(t, idp+" "+after.String(), field, p, asked(), made.Add(after), code, "time")
		}
	}
}

func TestVerify_certificates(t *testing.T) {
	field := respond(t, "samlp", ordered("both", "assertion"))[0]
	expired := ordered("assertion")
	expired.Key, expired.Certificate = expiredKey().private, expiredKey().certificate
	refuse(t, "an expired certificate", respond(t, "samlp", expired)[0], provider(expiredKey()), asked(), time.Now(), invalid, "signature")
	refuse(t, "no certificate", field, provider(), asked(), time.Now(), invalid, "signature")
	p := provider(idpKey())
	p.Keys[0].Ends = time.Now().Add(-time.Second)
	refuse(t, "a certificate past its end", field, p, asked(), time.Now(), invalid, "signature")
	p.Keys[0].Ends = time.Now().Add(time.Hour)
	if _, _, err := saml.Verify(field, p, asked(), time.Now()); err != nil {
		t.Error(err)
	}
	p.Keys[0].Kind = oriel.KeyRS256
	refuse(t, "a key of a host app", field, p, asked(), time.Now(), invalid, "signature")
	for what, text := range map[string]string{
		"nothing": "", "a key": idpKey().private, "two": idpKey().certificate + otherKey().certificate,
	} {
		if _, err := saml.ParseCertificate([]byte(text)); err == nil {
			t.Errorf("%s is taken for a certificate", what)
		}
	}
	if _, err := saml.ParseCertificate([]byte(ecdsaCertificate())); err != nil {
		t.Error(err)
	}
}

// Who is in many groups is told that they are too many, and not that nobody signed.
func TestVerify_manyGroups(t *testing.T) {
	groups := func(count int) order {
		o := ordered("response", "assertion")
		names := make([]string, count)
		for i := range names {
			names[i] = fmt.Sprint("group ", i)
		}
		o.Attributes["groups"] = names
		return o
	}
	for idp := range makes {
		fields := respond(t, idp, groups(940), groups(970))
		got, evidence, err := saml.Verify(fields[0], provider(idpKey()), asked(), time.Now())
		if err != nil || len(got.Groups) != 940 {
			t.Errorf("%s: %d groups, %v %+v", idp, len(got.Groups), err, evidence)
		}
		refuse(t, idp+", too many groups", fields[1], provider(idpKey()), asked(), time.Now(), invalid, "format")
	}
}

// S3: who may sign people in unasked answers no request; a response that names
// one was made for another browser.
func TestVerify_S3_unasked(t *testing.T) {
	p := provider(idpKey())
	ask := asked()
	ask.RequestID = ""
	for idp := range makes {
		o := ordered("assertion")
		refuse(t, idp+", for another browser", respond(t, idp, o)[0], p, ask, time.Now(), oriel.CodeSAMLNotRequested, "request")
		o.Request = ""
		if _, evidence, err := saml.Verify(respond(t, idp, o)[0], p, ask, time.Now()); err != nil {
			t.Errorf("%s: %v %+v", idp, err, evidence)
		}
	}
}

// S6: encrypted assertions are decrypted, by algorithms that say when something was
// changed, and need a signature all the same.
func TestVerify_S6_encrypted(t *testing.T) {
	p := provider(idpKey())
	ask := asked()
	ask.Encrypted = true
	own := ownKey()
	ask.Keys = func() ([]tls.Certificate, error) {
		return []tls.Certificate{{Certificate: [][]byte{own.der}, PrivateKey: own.key}}, nil
	}
	encrypted := func(signed ...string) order {
		o := ordered(signed...)
		o.Encrypt, o.EncryptKey = own.certificate, own.public
		return o
	}
	for shape, signed := range shapes {
		field := respond(t, "samlp", encrypted(signed...))[0]
		got, evidence, err := saml.Verify(field, p, ask, time.Now())
		if err != nil || got.Email != "dana@example.com" {
			t.Errorf("%s: %v %+v", shape, err, evidence)
		}
		refuse(t, "without the key", field, p, asked(), time.Now(), invalid, "signature")
	}
	refuse(t, "plain", respond(t, "samlp", ordered("assertion"))[0], p, ask, time.Now(), invalid, "signature")
	cbc := encrypted("assertion")
	cbc.CBC = true
	refuse(t, "CBC", respond(t, "samlp", cbc)[0], p, ask, time.Now(), invalid, "signature")
	refuse(t, "unsigned", respond(t, "samlp", encrypted())[0], p, ask, time.Now(), invalid, "signature")
	// One error for every failure.
	said := map[string]bool{}
	text := xml(t, respond(t, "samlp", encrypted("assertion"))[0])
	for _, at := range []string{"<e:CipherValue>", "<xenc:CipherValue>"} {
		for from := 0; ; {
			next := strings.Index(text[from:], at)
			if next < 0 {
				break
			}
			from += next + len(at)
			changed := text[:from] + flipped(text[from:from+4]) + text[from+4:]
			_, evidence, err := saml.Verify(field(changed), p, ask, time.Now())
			if oriel.CodeOf(err) != invalid {
				t.Errorf("changed at %d: %v", from, err)
			}
			said[evidence.Checks[len(evidence.Checks)-1].Received] = true
		}
	}
	if len(said) != 1 {
		t.Errorf("failures of decrypting say: %v", said)
	}
}

func flipped(four string) string {
	if four[0] == 'A' {
		return "B" + four[1:]
	}
	return "A" + four[1:]
}

// The person is the persistent name with its provider, and never a transient one.
func TestVerify_whoItIs(t *testing.T) {
	p := provider(idpKey())
	cases := []struct {
		change func(*order)
		want   string
	}{
		{func(o *order) {}, idp + " dana-17"},
		{func(o *order) { o.Format = transient }, "dana@example.com"},
		{func(o *order) { o.Format, o.Name = emailName, "other@example.com" }, "dana@example.com"},
		{func(o *order) {
			o.Format, o.Name = emailName, "Dana@example.com"
			delete(o.Attributes, "email")
		}, "dana@example.com"},
		{func(o *order) {
			delete(o.Attributes, "email")
			o.Attributes["http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"] = "dana@example.com"
		}, idp + " dana-17"},
	}
	var orders []order
	for _, c := range cases {
		o := ordered("assertion")
		c.change(&o)
		orders = append(orders, o)
	}
	for make := range makes {
		for i, field := range respond(t, make, orders...) {
			got, evidence, err := saml.Verify(field, p, asked(), time.Now())
			if want := cases[i].want; err != nil || got.Subject != want || got.Email != "dana@example.com" {
				t.Errorf("%s: %q and %q, want %q: %v %+v", make, got.Subject, got.Email, want, err, evidence)
			}
		}
	}
}

// S4: the use is the assertion's, whatever is around it.
func TestVerify_S4_theUseIsTheAssertions(t *testing.T) {
	p := provider(idpKey())
	one := xml(t, respond(t, "samlp", ordered("assertion"))[0])
	first, _, err := saml.Verify(field(one), p, asked(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	renamed := strings.Replace(one, `ID="_`, `ID="_z`, 1) // the response's, which nobody signed
	second, _, err := saml.Verify(field(renamed), p, asked(), time.Now())
	if err != nil || one == renamed || first.OneUse != second.OneUse {
		t.Errorf("another response around it makes another use: %v", err)
	}
	other := p
	other.ID = "prv_other"
	third, _, err := saml.Verify(field(one), other, asked(), time.Now())
	if err != nil || third.OneUse == first.OneUse {
		t.Errorf("two providers have one use: %v", err)
	}
}

func xml(t testing.TB, field string) string {
	t.Helper()
	text, err := base64.StdEncoding.DecodeString(field)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func field(xml string) string { return base64.StdEncoding.EncodeToString([]byte(xml)) }
