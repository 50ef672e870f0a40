package saml

import (
	"bytes"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/beevik/etree"

	"github.com/oriel-bi/oriel/internal/oriel"
)

const (
	bindingRedirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
	bindingPost     = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
	maxEntityID     = 1024 // bytes, SAML Core §8.3.6
)

// IdP is what a provider's metadata tell of it. gosaml2's types of metadata are
// not used: of two descriptors they keep a mix, and cacheDuration and the dates of
// a role they don't have.
type IdP struct {
	EntityID string
	// Where a browser takes our messages, by HTTP-Redirect: to sign in, to sign out
	// (empty: it can't), and with our answer to its wish to sign out.
	SignInURL, SignOutURL, SignOutResponseURL string
	// Certificates are those that it signs with, as PEM, without doubles and
	// without the expired: at least one, at most [oriel.MaxProviderKeys].
	Certificates        [][]byte
	WantsSignedRequests bool
	// ValidUntil is when the metadata expire (zero: never), and CacheFor how long
	// they may be kept before they are read again (zero: it doesn't say).
	ValidUntil time.Time
	CacheFor   time.Duration
}

// Wanted says what to take from metadata.
type Wanted struct {
	// EntityID names the provider; empty when the metadata have one only.
	EntityID string
	// Loopback takes http addresses of this machine too, for dev mode.
	Loopback bool
}

// ReadMetadata reads an EntityDescriptor with an IDPSSODescriptor, by itself or
// among others (SAML Metadata §2.3). No signature is looked at: whoever gave the
// document answers for it.
func ReadMetadata(document []byte, want Wanted, now time.Time) (IdP, error) {
	root, err := parseMetadata(document)
	if err != nil {
		return IdP{}, err
	}
	way, err := find(root, want.EntityID)
	if err != nil {
		return IdP{}, err
	}
	return readIdP(way, want, now)
}

// ReadSignedMetadata reads metadata as [ReadMetadata] does, and only what one of
// the certificates (PEM) signed: the provider's own descriptor, or one around it.
// Everything comes from a tree of the very bytes that the signature covers.
func ReadSignedMetadata(document []byte, want Wanted, certificates [][]byte, now time.Time) (IdP, error) {
	root, err := parseMetadata(document)
	if err != nil {
		return IdP{}, err
	}
	way, err := find(root, want.EntityID)
	if err != nil {
		return IdP{}, err
	}
	var pinned []certificate
	for _, text := range certificates {
		parsed, err := ParseCertificate(text)
		if err != nil {
			return IdP{}, err
		}
		pinned = append(pinned, certificate{x509: parsed})
	}
	failure := errors.New("neither the metadata nor the provider in them are signed")
	for _, e := range way {
		if signatureOf(e) == nil {
			continue
		}
		if len(e.FindElements(".//*")) >= maxElements {
			failure = fmt.Errorf("what is signed has more than %d elements", maxElements)
			continue
		}
		signed, _, err := signedPart(e, pinned, now)
		if err != nil {
			failure = err
			continue
		}
		inner, err := find(signed, want.EntityID)
		if err != nil {
			return IdP{}, err
		}
		idp, err := readIdP(inner, want, now)
		if err != nil {
			return IdP{}, err
		}
		// What stands around may say that it ends sooner, signed or not.
		around, err := lifeOf(way, now)
		if err != nil {
			return IdP{}, err
		}
		own := life{idp.ValidUntil, idp.CacheFor}.shorter(around)
		idp.ValidUntil, idp.CacheFor = own.until, own.cache
		return idp, nil
	}
	return IdP{}, failure
}

// find gives the way from the root to the one identity provider that is wanted.
func find(root *etree.Element, entityID string) ([]*etree.Element, error) {
	ways := waysFrom(root, nil)
	if entityID != "" {
		ways = slices.DeleteFunc(ways, func(way []*etree.Element) bool {
			return way[len(way)-1].SelectAttrValue("entityID", "") != entityID
		})
	}
	switch {
	case len(ways) == 1:
		return ways[0], nil
	case len(ways) > 1 && entityID == "":
		return nil, fmt.Errorf("the metadata have %d identity providers: name one by its entity id", len(ways))
	case len(ways) > 1:
		return nil, fmt.Errorf("the metadata have the identity provider %s more than once", oriel.Quoted(entityID))
	case entityID != "":
		return nil, fmt.Errorf("the metadata have no identity provider %s: an empty issuer takes the one that they have", oriel.Quoted(entityID))
	}
	return nil, errors.New("the metadata have no identity provider (IDPSSODescriptor): they may be a service provider's, or our own")
}

// waysFrom goes through lists of entities only, so that one inside another's
// extension is never met.
func waysFrom(e *etree.Element, before []*etree.Element) (ways [][]*etree.Element) {
	way := append(slices.Clone(before), e)
	switch {
	case is(e, nsMetadata, "EntityDescriptor") && len(children(e, nsMetadata, "IDPSSODescriptor")) > 0:
		ways = append(ways, way)
	case is(e, nsMetadata, "EntitiesDescriptor"):
		for _, child := range e.ChildElements() {
			ways = append(ways, waysFrom(child, way)...)
		}
	}
	return ways
}

func readIdP(way []*etree.Element, want Wanted, now time.Time) (idp IdP, err error) {
	entity := way[len(way)-1]
	idp.EntityID = entity.SelectAttrValue("entityID", "")
	if idp.EntityID == "" || len(idp.EntityID) > maxEntityID || strings.ContainsFunc(idp.EntityID, func(c rune) bool { return c <= ' ' }) {
		return IdP{}, fmt.Errorf("the entity id %s is empty, longer than %d bytes, or has a space", oriel.Quoted(idp.EntityID), maxEntityID)
	}
	role, err := only(entity, nsMetadata, "IDPSSODescriptor")
	if err != nil || role == nil {
		return IdP{}, errors.Join(err, errors.New("the entity is no identity provider"))
	}
	if !slices.Contains(strings.Fields(role.SelectAttrValue("protocolSupportEnumeration", "")), nsProtocol) {
		return IdP{}, errors.New("the identity provider does not speak SAML 2.0")
	}
	own, err := lifeOf(append(slices.Clone(way), role), now)
	if err != nil {
		return IdP{}, err
	}
	idp.ValidUntil, idp.CacheFor = own.until, own.cache
	if text := role.SelectAttrValue("WantAuthnRequestsSigned", ""); text != "" {
		if idp.WantsSignedRequests, err = strconv.ParseBool(text); err != nil {
			return IdP{}, errors.New("its WantAuthnRequestsSigned is neither true nor false")
		}
	}
	if idp.SignInURL, _, err = endpoint(role, "SingleSignOnService", want); err != nil {
		return IdP{}, err
	}
	if idp.SignInURL == "" {
		return IdP{}, errors.New("the identity provider has no SingleSignOnService by HTTP-Redirect")
	}
	if idp.SignOutURL, idp.SignOutResponseURL, err = endpoint(role, "SingleLogoutService", want); err != nil {
		return IdP{}, err
	}
	if idp.Certificates, err = signingCertificates(role, now); err != nil {
		return IdP{}, err
	}
	return idp, nil
}

// endpoint is the first by HTTP-Redirect of a name; empty without one.
func endpoint(role *etree.Element, tag string, want Wanted) (location, response string, err error) {
	for _, e := range children(role, nsMetadata, tag) {
		if e.SelectAttrValue("Binding", "") != bindingRedirect {
			continue
		}
		location = e.SelectAttrValue("Location", "")
		response = e.SelectAttrValue("ResponseLocation", location)
		for _, text := range []string{location, response} {
			if u, err := oriel.ParseAddress(text); err != nil {
				return "", "", fmt.Errorf("its %s: %w", tag, err)
			} else if u.Scheme != "https" && !want.Loopback {
				return "", "", fmt.Errorf("its %s does not begin with https://", tag)
			}
		}
		return location, response, nil
	}
	return "", "", nil
}

// signingCertificates are of the keys for signing, and of those for any use (SAML
// Metadata §2.4.1.1). One key has one certificate: more would be those that issued
// it, which sign for others too.
func signingCertificates(role *etree.Element, now time.Time) (texts [][]byte, err error) {
	for _, key := range children(role, nsMetadata, "KeyDescriptor") {
		switch key.SelectAttrValue("use", "") {
		case "encryption":
			continue
		case "", "signing":
		default:
			return nil, errors.New("it has a key that is neither for signing nor for encryption")
		}
		var found []*etree.Element
		for _, info := range children(key, nsSignature, "KeyInfo") {
			for _, data := range children(info, nsSignature, "X509Data") {
				found = append(found, children(data, nsSignature, "X509Certificate")...)
			}
		}
		if len(found) > 1 {
			return nil, errors.New("it has a key with more than one certificate")
		}
		for _, e := range found {
			der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(trimmed(e)), ""))
			if err != nil || len(e.ChildElements()) > 0 {
				return nil, errors.New("it has a certificate that is no base64")
			}
			text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
			parsed, err := ParseCertificate(text)
			if err != nil {
				return nil, err
			}
			if now.After(parsed.NotAfter) || slices.ContainsFunc(texts, func(other []byte) bool { return bytes.Equal(other, text) }) {
				continue
			}
			texts = append(texts, text)
		}
	}
	switch {
	case len(texts) == 0:
		return nil, errors.New("it has no certificate for signing that has not expired")
	case len(texts) > oriel.MaxProviderKeys:
		// Which of them it will sign with nobody knows.
		return nil, fmt.Errorf("it has more than %d certificates for signing: give by hand those that it signs with", oriel.MaxProviderKeys)
	}
	return texts, nil
}

// life is until when metadata are good, and how long they may be kept.
type life struct {
	until time.Time
	cache time.Duration
}

func (l life) shorter(other life) life {
	if l.until.IsZero() || !other.until.IsZero() && other.until.Before(l.until) {
		l.until = other.until
	}
	if l.cache == 0 || other.cache != 0 && other.cache < l.cache {
		l.cache = other.cache
	}
	return l
}

// lifeOf is the shortest that any of the elements says.
func lifeOf(elements []*etree.Element, now time.Time) (shortest life, err error) {
	for _, e := range elements {
		var one life
		if one.until, err = moment(e, "validUntil"); err != nil {
			return life{}, err
		}
		if !one.until.IsZero() && !now.Before(one.until) {
			return life{}, fmt.Errorf("the metadata expired at %s", one.until.UTC().Format(time.RFC3339))
		}
		if text := e.SelectAttrValue("cacheDuration", ""); text != "" {
			if one.cache, err = parseDuration(text); err != nil {
				return life{}, err
			}
		}
		shortest = shortest.shorter(one)
	}
	return shortest, nil
}

// duration is one of XML Schema (Part 2 §3.2.6), without the negative ones.
var duration = regexp.MustCompile(`^P(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,6})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,9})M)?(?:(\d{1,10})(?:\.\d{1,9})?S)?)?$`)

// longestCache is how long metadata are kept, whatever they say.
const longestCache = 365 * 24 * time.Hour

// parseDuration takes a year for 365 days and a month for 30: nothing rests on
// their difference. The least is a second.
func parseDuration(text string) (time.Duration, error) {
	found := duration.FindStringSubmatch(text)
	if found == nil || strings.HasSuffix(text, "P") || strings.HasSuffix(text, "T") {
		return 0, errors.New("its cacheDuration is no duration")
	}
	seconds := int64(0)
	for i, unit := range []int64{365 * 86400, 30 * 86400, 86400, 3600, 60, 1} {
		count, _ := strconv.ParseInt("0"+found[i+1], 10, 64)
		seconds += count * unit
	}
	return time.Duration(min(max(seconds, 1), int64(longestCache/time.Second))) * time.Second, nil
}
