package saml

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/beevik/etree"

	"github.com/oriel-bi/oriel/internal/oriel"
)

const (
	// logoutFor is how long a message about signing out is taken after it was made.
	logoutFor = 5 * time.Minute
	// maxSessions is how many sessions one request may end.
	maxSessions = 40
	maxID       = 256 // bytes

	partial = "urn:oasis:names:tc:SAML:2.0:status:PartialLogout"
)

// LogoutRequest is a provider's wish that somebody's sessions end (SAML Core §3.7.1).
type LogoutRequest struct {
	ID, Issuer                                           string
	NameID, NameIDFormat, NameQualifier, SPNameQualifier string
	// SessionIndexes are written as [oriel.Identity].HostSID is. Without one, all
	// sessions of the name end.
	SessionIndexes []string
	At             time.Time
	// OneUse is to be kept until SpentUntil: whoever brings it again has copied it.
	OneUse     [32]byte
	SpentUntil time.Time
	// KeyID and KeySerial are of the certificate that it was signed with.
	KeyID     string
	KeySerial int64
}

// ReadLogoutRequestRedirect reads a request that a browser brought by HTTP-Redirect
// to the address destination: rawQuery is its query as it came, since the
// signature is over those very letters. A request that nobody signed is refused,
// as each that is wrong, with logout_request_invalid.
func ReadLogoutRequestRedirect(rawQuery string, p oriel.Provider, destination string, now time.Time) (LogoutRequest, string, error) {
	m, relayState, err := openRedirect(rawQuery, "SAMLRequest", "LogoutRequest", p, now)
	if err != nil {
		return LogoutRequest{}, "", refused(err)
	}
	request, err := m.request(p, destination, now)
	if err != nil {
		return LogoutRequest{}, "", refused(err)
	}
	return request, relayState, nil
}

// ReadLogoutRequestPost reads a request that came by HTTP-POST; field is the
// SAMLRequest of the form. The signature is in the document (SAML Bindings
// §3.5.4), and the request is read from the bytes that it covers. It fails as
// [ReadLogoutRequestRedirect] does.
func ReadLogoutRequestPost(field string, p oriel.Provider, destination string, now time.Time) (LogoutRequest, error) {
	m, err := openPost(field, "LogoutRequest", p, now)
	if err != nil {
		return LogoutRequest{}, refused(err)
	}
	request, err := m.request(p, destination, now)
	return request, refused(err)
}

// ReadLogoutResponseRedirect reads an answer as [ReadLogoutRequestRedirect] reads a
// request.
func ReadLogoutResponseRedirect(rawQuery string, p oriel.Provider, destination string, now time.Time) (oriel.SAMLLogoutAnswer, string, error) {
	m, relayState, err := openRedirect(rawQuery, "SAMLResponse", "LogoutResponse", p, now)
	if err != nil {
		return oriel.SAMLLogoutAnswer{}, "", refused(err)
	}
	response, err := m.response(p, destination, now)
	if err != nil {
		return oriel.SAMLLogoutAnswer{}, "", refused(err)
	}
	return response, relayState, nil
}

// ReadLogoutResponsePost reads an answer as [ReadLogoutRequestPost] reads a request.
func ReadLogoutResponsePost(field string, p oriel.Provider, destination string, now time.Time) (oriel.SAMLLogoutAnswer, error) {
	m, err := openPost(field, "LogoutResponse", p, now)
	if err != nil {
		return oriel.SAMLLogoutAnswer{}, refused(err)
	}
	response, err := m.response(p, destination, now)
	return response, refused(err)
}

// refused hides why outside: the reason is for the record.
func refused(err error) error {
	if err == nil {
		return nil
	}
	return &oriel.Error{Code: oriel.CodeLogoutRequestInvalid, Err: err}
}

// message is one about signing out: its root is what the certificate signed.
type message struct {
	root *etree.Element
	by   certificate
}

func (m message) request(p oriel.Provider, destination string, now time.Time) (LogoutRequest, error) {
	issued, err := m.check(p, destination, now)
	if err != nil {
		return LogoutRequest{}, err
	}
	if _, err := (&verifying{now: now}).notOnOrAfter(m.root, "NotOnOrAfter"); err != nil {
		return LogoutRequest{}, err
	}
	name, err := only(m.root, nsAssertion, "NameID")
	if err != nil || name == nil {
		return LogoutRequest{}, errors.Join(err, errors.New("it names nobody"))
	}
	id := m.root.SelectAttrValue("ID", "")
	r := LogoutRequest{
		ID: id, Issuer: p.Issuer, At: issued,
		NameID: trimmed(name), NameIDFormat: name.SelectAttrValue("Format", ""),
		NameQualifier: name.SelectAttrValue("NameQualifier", ""), SPNameQualifier: name.SelectAttrValue("SPNameQualifier", ""),
		// Apart from the uses of assertions.
		OneUse:     sha256.Sum256([]byte(p.ID + "\x00logout\x00" + id)),
		SpentUntil: issued.Add(logoutFor + skew + spentSlack),
		KeyID:      m.by.id, KeySerial: m.by.serial,
	}
	if r.NameID == "" || len(r.NameID) > maxNameID {
		return LogoutRequest{}, fmt.Errorf("its name is empty, or longer than %d bytes", maxNameID)
	}
	for _, index := range children(m.root, nsProtocol, "SessionIndex") {
		text := trimmed(index)
		if text == "" {
			return LogoutRequest{}, errors.New("it has a session without a name")
		}
		r.SessionIndexes = append(r.SessionIndexes, sessionOf(text))
	}
	if len(r.SessionIndexes) > maxSessions {
		return LogoutRequest{}, fmt.Errorf("it names more than %d sessions", maxSessions)
	}
	return r, nil
}

func (m message) response(p oriel.Provider, destination string, now time.Time) (oriel.SAMLLogoutAnswer, error) {
	if _, err := m.check(p, destination, now); err != nil {
		return oriel.SAMLLogoutAnswer{}, err
	}
	status, err := only(m.root, nsProtocol, "Status")
	if err != nil || status == nil {
		return oriel.SAMLLogoutAnswer{}, errors.Join(err, errors.New("it has no status"))
	}
	code, err := only(status, nsProtocol, "StatusCode")
	if err != nil || code == nil {
		return oriel.SAMLLogoutAnswer{}, errors.Join(err, errors.New("it has no status"))
	}
	said := code.SelectAttrValue("Value", "")
	r := oriel.SAMLLogoutAnswer{InResponseTo: m.root.SelectAttrValue("InResponseTo", ""), Status: said, Everywhere: said == success}
	if r.InResponseTo == "" {
		return oriel.SAMLLogoutAnswer{}, errors.New("it answers no request")
	}
	for _, inner := range children(code, nsProtocol, "StatusCode") {
		r.Status = inner.SelectAttrValue("Value", "")
		r.Everywhere = r.Everywhere && r.Status != partial
	}
	return r, nil
}

// check looks at what both have, and gives when the message was made. A
// destination is needed, since each message is signed (SAML Bindings §3.4.5.2,
// §3.5.5.2).
func (m message) check(p oriel.Provider, destination string, now time.Time) (time.Time, error) {
	if id := m.root.SelectAttrValue("ID", ""); id == "" || len(id) > maxID {
		return time.Time{}, fmt.Errorf("its id is empty, or longer than %d bytes", maxID)
	}
	issuer, err := only(m.root, nsAssertion, "Issuer")
	switch {
	case err != nil:
		return time.Time{}, err
	case issuer == nil || p.Issuer == "":
		return time.Time{}, errors.New("it has no issuer")
	case trimmed(issuer) != p.Issuer:
		return time.Time{}, fmt.Errorf("its issuer is %s", oriel.Quoted(trimmed(issuer)))
	}
	if said := m.root.SelectAttrValue("Destination", ""); said != destination || said == "" {
		return time.Time{}, fmt.Errorf("its destination is %s", oriel.Quoted(said))
	}
	issued, err := moment(m.root, "IssueInstant")
	switch {
	case err != nil:
		return time.Time{}, err
	case issued.IsZero():
		return time.Time{}, errors.New("it does not say when it was made")
	case issued.After(now.Add(skew)), !now.Before(issued.Add(logoutFor + skew)):
		return time.Time{}, fmt.Errorf("it was made at %s", issued.UTC().Format(time.RFC3339))
	}
	return issued, nil
}
