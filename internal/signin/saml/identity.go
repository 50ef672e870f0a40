package saml

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/beevik/etree"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Formats of a NameID (SAML Core §8.3).
const (
	formatPersistent = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
	formatEmail      = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
)

// maxTexts bounds all values of an assertion together, in bytes.
const maxTexts = 64 << 10

const soapClaims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"

// reader takes an assertion's attributes apart. What it consumes becomes no
// attribute of the user.
type reader struct {
	values   map[string][]string
	consumed map[string]bool
}

// identify reads a signed assertion: all but where it came from and its one use.
func identify(assertion *etree.Element, p oriel.Provider) (oriel.Identity, error) {
	r, err := readAttributes(assertion)
	if err != nil {
		return oriel.Identity{}, err
	}
	called, err := nameOf(assertion)
	if err != nil {
		return oriel.Identity{}, err
	}
	format, name := called.Format, called.Value
	var id oriel.Identity
	if name != "" {
		id.Name = &called
	}
	if id.Email, err = r.email(p.Claims.Email, format, name); err != nil {
		return id, err
	}
	if id.FirstName, err = r.one(named(p.Claims.FirstName, "first_name", "givenname")...); err != nil {
		return id, err
	}
	if id.LastName, err = r.one(named(p.Claims.LastName, "last_name", "surname")...); err != nil {
		return id, err
	}
	id.Groups, id.GroupsSent = r.list(named(p.Claims.Groups, "groups", "")...)
	if id.Tenant, err = r.tenant(named(p.Claims.Tenant, "tenant", "")...); err != nil {
		return id, err
	}
	// A persistent name is the provider's own for this person; no e-mail has a
	// space, so that neither can be taken for the other (contract §2).
	id.Subject = oriel.EmailKey(id.Email)
	if format == formatPersistent {
		id.Subject = subjectOf(p.Issuer, name)
	}
	id.HostSID = sessionOf(sessionIndexOf(assertion))
	id.Attributes, id.Dropped = r.attributes()
	return id, nil
}

// subjectOf is the subject of a persistent name: the provider's own for this person.
func subjectOf(issuer, name string) string { return issuer + " " + name }

// named are the names under which a thing may come: the one that was set, or the
// default ones.
func named(set, standard, soap string) []string {
	switch {
	case set != "" && set != standard:
		return []string{set}
	case soap == "":
		return []string{standard}
	}
	return []string{standard, soapClaims + soap}
}

func nameOf(assertion *etree.Element) (oriel.NameID, error) {
	subject, err := only(assertion, nsAssertion, "Subject")
	if err != nil || subject == nil {
		return oriel.NameID{}, err
	}
	id, err := only(subject, nsAssertion, "NameID")
	if err != nil || id == nil {
		return oriel.NameID{}, err
	}
	name := nameIn(id)
	if len(name.Value) > maxNameID {
		return oriel.NameID{}, invalid("NameID", fmt.Sprintf("is longer than %d bytes", maxNameID))
	}
	if max(len(name.Format), len(name.NameQualifier), len(name.SPNameQualifier)) > maxURI {
		return oriel.NameID{}, invalid("NameID", fmt.Sprintf("has a qualifier of more than %d bytes", maxURI))
	}
	if name.Format == formatPersistent && name.Value == "" {
		return oriel.NameID{}, invalid("NameID", "is empty")
	}
	return name, nil
}

// nameIn reads a NameID as it stands.
func nameIn(id *etree.Element) oriel.NameID {
	return oriel.NameID{
		Value: trimmed(id), Format: id.SelectAttrValue("Format", ""),
		NameQualifier: id.SelectAttrValue("NameQualifier", ""), SPNameQualifier: id.SelectAttrValue("SPNameQualifier", ""),
	}
}

func sessionIndexOf(assertion *etree.Element) string {
	for _, statement := range children(assertion, nsAssertion, "AuthnStatement") {
		if index := statement.SelectAttrValue("SessionIndex", ""); index != "" {
			return index
		}
	}
	return ""
}

// readAttributes gathers all values of each name: of several attributes of one
// name as of one with several values.
func readAttributes(assertion *etree.Element) (*reader, error) {
	r := &reader{values: map[string][]string{}, consumed: map[string]bool{}}
	size := 0
	for _, statement := range children(assertion, nsAssertion, "AttributeStatement") {
		for _, attribute := range children(statement, nsAssertion, "Attribute") {
			name := attribute.SelectAttrValue("Name", "")
			values := r.values[name]
			for _, value := range children(attribute, nsAssertion, "AttributeValue") {
				if len(value.ChildElements()) > 0 {
					continue // no text
				}
				text := trimmed(value)
				if size += len(text); size > maxTexts {
					return nil, fmt.Errorf("its values have more than %d bytes", maxTexts)
				}
				if text != "" {
					values = append(values, text)
				}
			}
			r.values[name] = values
		}
	}
	return r, nil
}

// one is the value that comes under one of the names; nil without one.
func (r *reader) one(names ...string) (*string, error) {
	var found *string
	for _, name := range names {
		r.consumed[name] = true
		for _, value := range r.values[name] {
			if found != nil && *found != value {
				return nil, invalid(name, "has more than one value, or another one than "+strconv.Quote(names[0]))
			}
			found = &value
		}
	}
	return found, nil
}

// email is the attribute's, or the name of the person when that is an address.
func (r *reader) email(set, format, name string) (string, error) {
	names := named(set, "email", "emailaddress")
	value, err := r.one(names...)
	if err != nil {
		return "", err
	}
	if value == nil && format == formatEmail {
		value = &name
	}
	if value == nil {
		return "", r.missing(names[0])
	}
	email, ok := oriel.ParseEmail(*value)
	if !ok {
		return "", invalid(names[0], "is not an e-mail address")
	}
	return email, nil
}

// missing tells which attribute was not there, and the record which were.
func (r *reader) missing(name string) error {
	came := make([]string, 0, len(r.values))
	for _, one := range slices.Sorted(maps.Keys(r.values)) {
		came = append(came, oriel.Quoted(one))
	}
	return &oriel.Error{
		Code: oriel.CodeClaimMissing, Message: fmt.Sprintf("The assertion has no attribute %q.", name),
		Err: fmt.Errorf("there is no attribute %q; what came: %s", name, cmp.Or(strings.Join(came, ", "), "none")),
	}
}

func (r *reader) list(names ...string) (values []string, sent bool) {
	values = []string{}
	for _, name := range names {
		r.consumed[name] = true
		if found, is := r.values[name]; is {
			values, sent = append(values, found...), true
		}
	}
	if !sent {
		return nil, false
	}
	return values, true
}

func (r *reader) tenant(names ...string) (*oriel.TenantSlug, error) {
	value, err := r.one(names...)
	if err != nil || value == nil {
		return nil, err
	}
	slug, ok := oriel.ParseTenantSlug(*value)
	if !ok {
		return nil, invalid(names[0], "is not a tenant's slug ([a-z0-9][a-z0-9_-]{0,62})")
	}
	return &slug, nil
}

// attributes makes one of each name that is left.
func (r *reader) attributes() (attributes oriel.Attributes, dropped []string) {
	attributes = oriel.Attributes{}
	for name, values := range r.values {
		switch {
		case r.consumed[name]:
		case name == "" || strings.HasPrefix(name, "@") || len(values) == 0:
			dropped = append(dropped, name)
		case len(values) == 1:
			attributes[name] = oriel.Text(values[0])
		default:
			attributes[name] = oriel.TextList(values...)
		}
	}
	slices.Sort(dropped)
	return attributes, dropped
}

// invalid names the attribute for the record only; outside, the code has to do.
func invalid(name, reason string) error {
	return &oriel.Error{Code: oriel.CodeClaimInvalid, Err: errors.New("the attribute " + strconv.Quote(name) + " " + reason)}
}
