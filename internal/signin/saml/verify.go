package saml

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"

	"github.com/oriel-bi/oriel/internal/oriel"
)

const (
	// skew is how far the clocks may be apart, both ways (contract §5).
	skew = 60 * time.Second
	// longest is how long an assertion may be good for: so long its use is
	// remembered.
	longest = 24 * time.Hour
	// spentSlack is how much longer a use is remembered than it could be repeated.
	spentSlack = 60 * time.Second

	success   = "urn:oasis:names:tc:SAML:2.0:status:Success"
	byHolding = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
	maxSID    = 128  // bytes, contract §3.5
	maxNameID = 256  // bytes, SAML Core §8.3.7
	maxURI    = 1024 // bytes, SAML Core §8.3.6
)

// Ask is what a response must answer.
type Ask struct {
	// ACS is the address at which it came, and Audience our entity id.
	ACS, Audience string
	// RequestID is the id of the request of ours that the browser brought; empty
	// when nobody asked: whether people may come unasked the caller decides.
	RequestID string
	// Keys tell what decrypts assertions, the newest first; without one, none that
	// is encrypted is taken. Encrypted refuses those that are not.
	Keys      func() ([]tls.Certificate, error)
	Encrypted bool
}

// Verify tells whom a response vouches for, at the moment now; field is the
// SAMLResponse of the form, in base64. Whether the assertion was used before it
// doesn't know: the caller keeps OneUse until SpentUntil.
//
// It fails with saml_response_invalid, idp_refused (the provider answered our
// request with another status than success), saml_not_requested, claim_missing
// and claim_invalid. The evidence tells every check up to the one that failed.
func Verify(field string, p oriel.Provider, ask Ask, now time.Time) (oriel.Identity, oriel.Evidence, error) {
	v := verifying{p: p, ask: ask, now: now}
	identity, err := v.run(field)
	return identity, v.evidence, err
}

type verifying struct {
	p        oriel.Provider
	ask      Ask
	now      time.Time
	evidence oriel.Evidence
}

// check notes a step; err is for the record only, and outside the code has to do.
func (v *verifying) check(name, expected, received string, err error) error {
	outcome := oriel.CheckPassed
	if err != nil {
		outcome, received = oriel.CheckFailed, err.Error()
		if oriel.CodeOf(err) == oriel.CodeInternal {
			err = &oriel.Error{Code: oriel.CodeSAMLResponseInvalid, Err: err}
		} else if received = string(oriel.CodeOf(err)); cause(err) != "" {
			received = cause(err)
		}
	}
	v.evidence.Checks = append(v.evidence.Checks, oriel.Check{Name: name, Outcome: outcome, Expected: expected, Received: received})
	return err
}

func cause(err error) string {
	var coded *oriel.Error
	if errors.As(err, &coded) && coded.Err != nil {
		return coded.Err.Error()
	}
	return ""
}

func (v *verifying) run(field string) (oriel.Identity, error) {
	response, sealed, err := openResponse(field)
	if err := v.check("format", "a SAML 2.0 response with one assertion", "", err); err != nil {
		return oriel.Identity{}, err
	}
	if err := v.check("status", "Success", "", v.status(response, sealed)); err != nil {
		return oriel.Identity{}, err
	}
	assertion, by, err := v.signed(response, sealed)
	if err := v.check("signature", certificateNames(v.p), "certificate "+oriel.Quoted(by.id), err); err != nil {
		return oriel.Identity{}, err
	}
	if err := v.check("issuer", oriel.Quoted(v.p.Issuer), oriel.Quoted(v.p.Issuer), v.issuer(response, assertion)); err != nil {
		return oriel.Identity{}, err
	}
	if err := v.check("destination", oriel.Quoted(v.ask.ACS), oriel.Quoted(v.ask.ACS), v.destination(response)); err != nil {
		return oriel.Identity{}, err
	}
	times, err := v.confirmed(response, assertion)
	if err != nil {
		return oriel.Identity{}, err
	}
	if err := v.check("audience", oriel.Quoted(v.ask.Audience), oriel.Quoted(v.ask.Audience), v.audience(assertion)); err != nil {
		return oriel.Identity{}, err
	}
	identity, err := identify(assertion, v.p)
	if err != nil {
		return oriel.Identity{}, v.check("claims", "an identity", "", err)
	}
	identity.Provider, identity.KeyID, identity.KeySerial = v.p.ID, by.id, by.serial
	identity.IssuedAt, identity.SpentUntil, identity.SessionEnds = times.issued, times.ends.Add(skew+spentSlack), times.session
	identity.OneUse = sha256.Sum256([]byte(v.p.ID + "\x00" + assertion.SelectAttrValue("ID", "")))
	return identity, nil
}

// openResponse reads a response without believing it. The element that it gives beside is
// its one assertion, plain or encrypted, and nil when it has none.
func openResponse(field string) (response, sealed *etree.Element, err error) {
	document, err := decode(field)
	if err != nil {
		return nil, nil, err
	}
	response, err = parse(document)
	switch {
	case err != nil:
		return nil, nil, err
	case !is(response, nsProtocol, "Response"):
		return nil, nil, fmt.Errorf("it is a %s, and no Response", oneWord(response.Tag))
	case response.SelectAttrValue("Version", "") != "2.0":
		return nil, nil, errors.New("its version is not 2.0")
	}
	signable := []*etree.Element{response}
	for _, child := range response.ChildElements() {
		switch {
		case is(child, nsAssertion, "Assertion"), is(child, nsAssertion, "EncryptedAssertion"):
			if sealed != nil {
				return nil, nil, errors.New("it has more than one assertion")
			}
			if sealed = child; child.Tag == "Assertion" {
				signable = append(signable, child)
			}
		case is(child, nsAssertion, "Issuer"), is(child, nsSignature, "Signature"), is(child, nsProtocol, "Status"):
		default:
			return nil, nil, fmt.Errorf("it has %s as a part", oneWord(child.Tag))
		}
	}
	return response, sealed, checkShape(response, signable...)
}

func (v *verifying) status(response, sealed *etree.Element) error {
	status, err := only(response, nsProtocol, "Status")
	if err != nil || status == nil {
		return errors.Join(err, errors.New("it has no status"))
	}
	code, err := only(status, nsProtocol, "StatusCode")
	if err != nil || code == nil {
		return errors.Join(err, errors.New("it has no status"))
	}
	value := code.SelectAttrValue("Value", "")
	switch {
	case value == success && sealed == nil:
		return errors.New("it has no assertion")
	case value == success:
		return nil
	}
	said := "status " + oriel.Quoted(value)
	if inner, _ := only(code, nsProtocol, "StatusCode"); inner != nil {
		said += ", " + oriel.Quoted(inner.SelectAttrValue("Value", ""))
	}
	// Whoever answers our request says so to this browser; anybody else may have
	// made it up, which tells no more than that.
	if sealed == nil && v.ask.RequestID != "" && response.SelectAttrValue("InResponseTo", "") == v.ask.RequestID {
		return &oriel.Error{Code: oriel.CodeIdPRefused, Err: errors.New(said)}
	}
	return errors.New(said)
}

// signed gives the assertion as it was signed. The signature is over it, or over
// the response around it; when both have one, both must hold.
func (v *verifying) signed(response, sealed *etree.Element) (*etree.Element, certificate, error) {
	certificates := certificatesOf(v.p, v.now)
	if len(certificates) == 0 {
		return nil, certificate{}, errors.New("the provider has no certificate that can be used now")
	}
	var by certificate
	whole := signatureOf(response) != nil
	inner := sealed
	if whole {
		tree, one, err := signedPart(response, certificates, v.now)
		if err != nil {
			return nil, by, err
		}
		by = one
		inner = tree.ChildElements()[slices.IndexFunc(tree.ChildElements(), func(e *etree.Element) bool { return e.Tag == sealed.Tag })]
	}
	if sealed.Tag == "EncryptedAssertion" {
		assertion, err := decrypt(inner, v.ask.Keys)
		if err != nil {
			return nil, by, err
		}
		sealed, inner = assertion, assertion
	} else if v.ask.Encrypted {
		return nil, by, errors.New("its assertion is not encrypted, which this provider demands")
	}
	if signatureOf(sealed) == nil {
		if !whole {
			return nil, by, errors.New("neither it nor its assertion is signed")
		}
		return inner, by, nil
	}
	return signedPart(sealed, certificates, v.now)
}

// issuer compares exactly, of the response too when it says one (SAML Profiles
// §4.1.4.2).
func (v *verifying) issuer(response, assertion *etree.Element) error {
	for i, e := range []*etree.Element{assertion, response} {
		issuer, err := only(e, nsAssertion, "Issuer")
		switch {
		case err != nil:
			return err
		case issuer == nil && i == 0:
			return errors.New("the assertion has no issuer")
		case issuer != nil && (trimmed(issuer) != v.p.Issuer || v.p.Issuer == ""):
			return errors.New(oriel.Quoted(trimmed(issuer)))
		}
	}
	return nil
}

// destination is needed once the response is signed (SAML Bindings §3.5.5.2).
func (v *verifying) destination(response *etree.Element) error {
	switch said := response.SelectAttrValue("Destination", ""); {
	case said == "" && signatureOf(response) == nil, said == v.ask.ACS:
		return nil
	default:
		return errors.New(oriel.Quoted(said))
	}
}

// times are when an assertion was made, and until when it is good.
type times struct{ issued, ends, session time.Time }

// confirmed checks to which request and until when the assertion is good.
func (v *verifying) confirmed(response, assertion *etree.Element) (times, error) {
	expected := "an answer to the request of this browser"
	if v.ask.RequestID == "" {
		expected = "an answer to no request"
	}
	err := v.answers(response.SelectAttrValue("InResponseTo", ""), true)
	var good times
	if err == nil {
		good, err = v.subject(assertion)
	}
	var late lateError
	if err != nil && !errors.As(err, &late) {
		return times{}, v.check("request", expected, "", err)
	}
	_ = v.check("request", expected, expected, nil)
	moment := "valid at " + v.now.UTC().Format(time.RFC3339) + " ± 60 s"
	if err == nil {
		good, err = v.conditions(assertion, good)
	}
	if !good.issued.IsZero() {
		v.evidence.ClockSkew = good.issued.Sub(v.now)
	}
	return good, v.check("time", moment, "issued "+good.issued.UTC().Format(time.RFC3339)+", until "+good.ends.UTC().Format(time.RFC3339), err)
}

// answers compares an InResponseTo. Somebody who was asked for nothing names no
// request; one that names another browser's was made for that one.
func (v *verifying) answers(said string, mayLack bool) error {
	switch {
	case said == v.ask.RequestID, said == "" && mayLack:
		return nil
	case v.ask.RequestID == "":
		return &oriel.Error{Code: oriel.CodeSAMLNotRequested, Err: errors.New("it answers a request that this browser did not make")}
	}
	return &oriel.Error{Code: oriel.CodeSAMLNotRequested, Err: errors.New("it answers another request: " + oriel.Quoted(said))}
}

// lateError is one about time.
type lateError struct{ error }

func late(format string, arguments ...any) error { return lateError{fmt.Errorf(format, arguments...)} }

// subject finds a confirmation by the bearer that holds (SAML Profiles §4.1.4.2).
func (v *verifying) subject(assertion *etree.Element) (times, error) {
	subject, err := only(assertion, nsAssertion, "Subject")
	if err != nil || subject == nil {
		return times{}, errors.Join(err, errors.New("the assertion is about nobody"))
	}
	failure := errors.New("the assertion is not for its bearer")
	for _, confirmation := range children(subject, nsAssertion, "SubjectConfirmation") {
		if confirmation.SelectAttrValue("Method", "") != byHolding {
			continue
		}
		data, err := only(confirmation, nsAssertion, "SubjectConfirmationData")
		if err != nil || data == nil {
			failure = errors.Join(err, errors.New("the assertion does not say where and until when it is good"))
			continue
		}
		ends, err := v.confirmation(data)
		if err == nil {
			return times{ends: ends}, nil
		}
		failure = err
	}
	return times{}, failure
}

func (v *verifying) confirmation(data *etree.Element) (time.Time, error) {
	if recipient := data.SelectAttrValue("Recipient", ""); recipient != v.ask.ACS {
		return time.Time{}, fmt.Errorf("the assertion is for the recipient %s", oriel.Quoted(recipient))
	}
	if err := v.answers(data.SelectAttrValue("InResponseTo", ""), false); err != nil {
		return time.Time{}, err
	}
	if err := v.notBefore(data); err != nil {
		return time.Time{}, err
	}
	ends, err := v.notOnOrAfter(data, "NotOnOrAfter")
	if err == nil && ends.IsZero() {
		err = late("the confirmation has no end")
	}
	return ends, err
}

// conditions narrows until when an assertion is good.
func (v *verifying) conditions(assertion *etree.Element, good times) (times, error) {
	issued, err := moment(assertion, "IssueInstant")
	switch {
	case err != nil:
		return good, err
	case issued.IsZero():
		return good, late("it does not say when it was issued")
	case issued.After(v.now.Add(skew)):
		return good, late("issued %s", issued.UTC().Format(time.RFC3339))
	}
	good.issued = issued
	conditions, err := only(assertion, nsAssertion, "Conditions")
	if err != nil || conditions == nil {
		return good, errors.Join(err, late("the assertion has no conditions"))
	}
	if err := v.notBefore(conditions); err != nil {
		return good, err
	}
	ends, err := v.notOnOrAfter(conditions, "NotOnOrAfter")
	if err != nil {
		return good, err
	}
	if !ends.IsZero() && ends.Before(good.ends) {
		good.ends = ends
	}
	for _, statement := range children(assertion, nsAssertion, "AuthnStatement") {
		over, err := v.notOnOrAfter(statement, "SessionNotOnOrAfter")
		if err != nil {
			return good, err
		}
		if !over.IsZero() && (good.session.IsZero() || over.Before(good.session)) {
			good.session = over
		}
	}
	if good.ends.After(v.now.Add(longest)) {
		return good, late("good until %s, for more than a day", good.ends.UTC().Format(time.RFC3339))
	}
	return good, nil
}

func (v *verifying) notBefore(e *etree.Element) error {
	from, err := moment(e, "NotBefore")
	if err == nil && from.After(v.now.Add(skew)) {
		err = late("not before %s", from.UTC().Format(time.RFC3339))
	}
	return err
}

func (v *verifying) notOnOrAfter(e *etree.Element, attribute string) (time.Time, error) {
	ends, err := moment(e, attribute)
	if err == nil && !ends.IsZero() && !v.now.Before(ends.Add(skew)) {
		err = late("over since %s", ends.UTC().Format(time.RFC3339))
	}
	return ends, err
}

// moment reads a time in UTC (SAML Core §1.3.3); zero without one.
func moment(e *etree.Element, attribute string) (time.Time, error) {
	text := e.SelectAttrValue(attribute, "")
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, late("its %s is no moment", attribute)
	}
	return at, nil
}

// audience must be named by each restriction (SAML Core §2.5.1.4), of which there
// is one at least.
func (v *verifying) audience(assertion *etree.Element) error {
	conditions, err := only(assertion, nsAssertion, "Conditions")
	if err != nil || conditions == nil {
		return errors.Join(err, errors.New("the assertion has no conditions"))
	}
	restrictions := children(conditions, nsAssertion, "AudienceRestriction")
	if len(restrictions) == 0 {
		return errors.New("the assertion is for any audience")
	}
	for _, restriction := range restrictions {
		named := false
		var said []string
		for _, audience := range children(restriction, nsAssertion, "Audience") {
			said = append(said, oriel.Quoted(trimmed(audience)))
			named = named || trimmed(audience) == v.ask.Audience && v.ask.Audience != ""
		}
		if !named {
			return errors.New(strings.Join(said[:min(len(said), 4)], ", "))
		}
	}
	return nil
}

// trimmed is an element's text without the white space of XML around it (XML 1.0
// §2.3): other spaces are letters, and make another name.
func trimmed(e *etree.Element) string {
	var text strings.Builder
	for _, child := range e.Child {
		if data, is := child.(*etree.CharData); is {
			text.WriteString(data.Data)
		}
	}
	return strings.Trim(text.String(), " \t\r\n")
}

// sessionOf is the provider's own session, in at most as many bytes as are kept.
func sessionOf(index string) string {
	if len(index) <= maxSID {
		return index
	}
	hash := sha256.Sum256([]byte(index))
	return hashedSession + hex.EncodeToString(hash[:])
}

// hashedSession begins a session's name that stands for a longer one.
const hashedSession = "sha256:"

func isHashed(index string) bool {
	return strings.HasPrefix(index, hashedSession) && len(index) == len(hashedSession)+2*sha256.Size
}

func certificateNames(p oriel.Provider) string {
	names := make([]string, len(p.Keys))
	for i, k := range p.Keys {
		names[i] = oriel.Quoted(k.ID)
	}
	return "made with the certificate " + strings.Join(names, " or ")
}
