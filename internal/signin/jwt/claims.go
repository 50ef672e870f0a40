package jwt

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

const (
	maxSID     = 128 // bytes, contract §3.5
	maxSubject = 255 // bytes, OpenID Connect Core §2
)

// compatTenant is the tenant claim's second name in the compat profile.
const compatTenant = "@tenant"

// reader takes the claims of a verified token apart. What it consumes becomes
// no attribute.
type reader struct {
	claims   object
	consumed map[string]bool
	compat   bool
}

func newReader(claims object, profile oriel.Profile) *reader {
	r := &reader{claims: claims, consumed: make(map[string]bool, 16), compat: profile == oriel.ProfileCompat}
	for _, registered := range []string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "sid"} {
		r.consumed[registered] = true
	}
	return r
}

// text reads a text claim; nil when it is absent or null.
func (r *reader) text(claim string) (*string, error) {
	r.consumed[claim] = true
	switch value := r.claims[claim].(type) {
	case nil:
		return nil, nil
	case string:
		return &value, nil
	}
	return nil, invalid(claim, "is not a text")
}

// required reads a text claim that must be there and not empty.
func (r *reader) required(claim string, limit int) (string, error) {
	value, err := r.text(claim)
	switch {
	case err != nil:
		return "", err
	case value == nil:
		return "", missing(claim)
	case *value == "":
		return "", invalid(claim, "is empty")
	case len(*value) > limit:
		return "", invalid(claim, fmt.Sprintf("is longer than %d bytes", limit))
	}
	return *value, nil
}

// identity reads everything but the subject and the one use.
func (r *reader) identity(names oriel.ClaimNames) (oriel.Identity, error) {
	var id oriel.Identity
	var err error
	standard := oriel.DefaultClaimNames()
	if id.Email, err = r.email(cmp.Or(names.Email, standard.Email)); err != nil {
		return oriel.Identity{}, err
	}
	if id.FirstName, err = r.text(cmp.Or(names.FirstName, standard.FirstName)); err != nil {
		return oriel.Identity{}, err
	}
	if id.LastName, err = r.text(cmp.Or(names.LastName, standard.LastName)); err != nil {
		return oriel.Identity{}, err
	}
	if id.Groups, id.GroupsSent, err = r.groups(cmp.Or(names.Groups, standard.Groups)); err != nil {
		return oriel.Identity{}, err
	}
	if id.Tenant, err = r.tenant(cmp.Or(names.Tenant, standard.Tenant)); err != nil {
		return oriel.Identity{}, err
	}
	sid, err := r.text("sid")
	if err != nil {
		return oriel.Identity{}, err
	}
	if sid != nil {
		if len(*sid) > maxSID {
			return oriel.Identity{}, invalid("sid", fmt.Sprintf("is longer than %d bytes", maxSID))
		}
		id.HostSID = *sid
	}
	id.Attributes, id.Dropped = r.attributes()
	return id, nil
}

// email reads the address, trimmed and in lower case.
func (r *reader) email(claim string) (string, error) {
	value, err := r.text(claim)
	if err != nil {
		return "", err
	}
	if value == nil {
		return "", missing(claim)
	}
	email, ok := oriel.ParseEmail(*value)
	if !ok {
		return "", invalid(claim, "is not an e-mail address")
	}
	return email, nil
}

// groups reads a list of names. Null is refused: whether it means "no change"
// or "none" is not for us to guess.
func (r *reader) groups(claim string) (names []string, sent bool, err error) {
	r.consumed[claim] = true
	value, sent := r.claims[claim]
	if !sent {
		return nil, false, nil
	}
	items, isList := value.([]any)
	if !isList {
		return nil, false, invalid(claim, "is not a list of texts")
	}
	names = []string{}
	for _, item := range items {
		name, isText := item.(string)
		if !isText {
			return nil, false, invalid(claim, "is not a list of texts")
		}
		names = append(names, name)
	}
	return names, true, nil
}

// tenant reads a slug, as text or as an integer that becomes its decimal text.
func (r *reader) tenant(claim string) (*oriel.TenantSlug, error) {
	slug, err := r.tenantClaim(claim)
	if err != nil || !r.compat || claim == compatTenant {
		return slug, err
	}
	second, err := r.tenantClaim(compatTenant)
	switch {
	case err != nil:
		return nil, err
	case slug == nil:
		return second, nil
	case second != nil && *second != *slug:
		return nil, invalid(compatTenant, "names another tenant than the claim "+strconv.Quote(claim))
	}
	return slug, nil
}

func (r *reader) tenantClaim(claim string) (*oriel.TenantSlug, error) {
	r.consumed[claim] = true
	var text string
	switch value := r.claims[claim].(type) {
	case nil:
		return nil, nil
	case string:
		text = value
	case json.Number:
		text = value.String()
		if strings.Trim(text, "0123456789") != "" {
			return nil, invalid(claim, "is a number, but not a whole one from 0")
		}
	default:
		return nil, invalid(claim, "is neither a text nor a whole number")
	}
	slug, ok := oriel.ParseTenantSlug(text)
	if !ok {
		return nil, invalid(claim, "is not a tenant's slug ([a-z0-9][a-z0-9_-]{0,62})")
	}
	return &slug, nil
}

// attributes makes one of every claim that is left, and names those of which
// it cannot. A list with one bad item is dropped whole: a shorter list would
// say something else.
func (r *reader) attributes() (attributes oriel.Attributes, dropped []string) {
	attributes = oriel.Attributes{}
	for claim, value := range r.claims {
		if r.consumed[claim] {
			continue
		}
		attribute, ok := attributeOf(value)
		if !ok || claim == "" || strings.HasPrefix(claim, "@") {
			dropped = append(dropped, claim)
			continue
		}
		attributes[claim] = attribute
	}
	slices.Sort(dropped)
	return attributes, dropped
}

func attributeOf(value any) (oriel.AttributeValue, bool) {
	items, isList := value.([]any)
	if !isList {
		text, ok := scalarText(value)
		return oriel.Text(text), ok
	}
	texts := make([]string, len(items))
	for i, item := range items {
		text, ok := scalarText(item)
		if !ok {
			return oriel.AttributeValue{}, false
		}
		texts[i] = text
	}
	return oriel.TextList(texts...), true
}

// scalarText is a text as it is, a number and a boolean as their JSON text.
func scalarText(value any) (string, bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case json.Number:
		return value.String(), true
	case bool:
		return strconv.FormatBool(value), true
	}
	return "", false
}

func missing(claim string) error {
	return oriel.E(oriel.CodeClaimMissing, "The token has no claim %q.", claim)
}

// invalid names the claim for the record only; outside, the code has to do (§7).
func invalid(claim, reason string) error {
	return &oriel.Error{Code: oriel.CodeClaimInvalid, Err: errors.New("the claim " + strconv.Quote(claim) + " " + reason)}
}
