package signin

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// arrival is one identity on its way in, inside the transaction.
type arrival struct {
	*SignIn
	tx       Tx
	provider oriel.Provider
	identity oriel.Identity
	request  Request
	attempt  *attempt
	use      use
	made     bool // the user is new
}

// use spends what somebody came with, and gives the key that vouches for it. It
// notes its own checks.
type use func(tx Tx) (oriel.ProviderKey, error)

// arrive does all that a sign-in writes, in one transaction: the spent token,
// tenant, user, groups, attributes, session and record. On an error none of
// it is there.
func (s *SignIn) arrive(ctx context.Context, r Request, p oriel.Provider, identity oriel.Identity, a *attempt, spent use) (Accepted, error) {
	var accepted Accepted
	err := s.write(ctx, func(tx Tx) error {
		in := &arrival{SignIn: s, tx: tx, provider: p, identity: identity, request: r, attempt: a, use: spent}
		var err error
		accepted, err = in.run()
		return err
	})
	if err != nil {
		return Accepted{User: accepted.User, Made: accepted.Made}, fmt.Errorf("sign in: %w", err)
	}
	return accepted, nil
}

func (in *arrival) run() (Accepted, error) {
	key, err := in.use(in.tx)
	if err != nil {
		return Accepted{}, err
	}
	user, err := in.user(key)
	if err != nil {
		return Accepted{}, err
	}
	if in.unasked(user.ID) {
		return Accepted{User: user}, errOther
	}
	if in.request.trial {
		return Accepted{User: user, Made: in.made}, errTrial
	}
	grant := in.request.Entrance.grant(in.request.Origin)
	grant.User, grant.Provider, grant.HostSID = user.ID, in.provider.ID, in.identity.HostSID
	grant.KeyID, grant.KeySerial = key.ID, key.Serial
	if ends := in.identity.SessionEnds; !ends.IsZero() {
		grant.Until = ends.Add(samlSkew)
	}
	issued, err := in.Sessions.Issue(in.tx, grant)
	if err != nil {
		return Accepted{}, err
	}
	accepted := Accepted{Session: issued, User: user}
	if name := in.identity.Name; name != nil {
		began := oriel.SAMLSession{
			Session: issued.Session.ID, Provider: in.provider.ID, Subject: in.identity.Subject, Name: *name,
			Index: in.identity.HostSID, Expires: issued.Session.Expires, Began: in.Clock(), IdPEnds: in.identity.SessionEnds,
		}
		if grant.Kind == oriel.SessionEmbed {
			began.RenewableUntil = renewableUntil(in.provider, began)
			accepted.RenewableUntil = began.RenewableUntil
		}
		if err := in.tx.KeepSAMLSession(began); err != nil {
			return Accepted{}, err
		}
	}
	in.attempt.record.User = user.ID
	if err := in.tx.InsertSignInRecord(in.attempt.complete("")); err != nil {
		return Accepted{}, err
	}
	return accepted, nil
}

// spend uses a token up, with a key that still stands.
func (s *SignIn) spend(tx Tx, p oriel.Provider, keySerial int64, oneUse [32]byte, until time.Time) (oriel.ProviderKey, error) {
	key, err := s.standing(tx, p, keySerial)
	switch {
	case err != nil:
		return key, err
	case !s.Clock().Before(until):
		// A use that is no longer remembered could be repeated.
		return key, &oriel.Error{Code: oriel.CodeTokenExpired, Err: errors.New("it expired while it waited")}
	}
	return key, tx.SpendToken(oneUse, until)
}

// standing is the key that vouched for an identity, while the provider is on and
// still has it: either may have changed since the token was verified.
func (s *SignIn) standing(tx Tx, p oriel.Provider, serial int64) (oriel.ProviderKey, error) {
	key, found := keyOf(p, serial)
	on, live, err := tx.KeyStands(p.ID, serial)
	switch {
	case err != nil:
		return key, err
	case !on:
		return key, &oriel.Error{Code: oriel.CodeSSONotConfigured, Err: errors.New("the provider was switched off meanwhile")}
	case !found, !live:
		return key, &oriel.Error{Code: oriel.CodeTokenKeyUnknown, Err: errors.New("the key was deleted meanwhile")}
	}
	return key, nil
}

// user finds, links or makes the user, with tenant, groups and attributes.
func (in *arrival) user(key oriel.ProviderKey) (oriel.User, error) {
	found, err := in.Directory.FindByIdentity(in.tx, in.provider, in.identity)
	if err != nil {
		return oriel.User{}, in.attempt.check(findCheck(err), "", "", err)
	}
	in.attempt.record.User, in.made = found.User.ID, found.User.ID == ""
	if in.identity.Tenant, err = in.Directory.ClaimedTenant(in.provider, in.identity.Tenant); err != nil {
		return oriel.User{}, in.attempt.check("tenant", tenantsOf(in.provider), "", err)
	}
	if err := in.notRevoked(found, key); err != nil {
		return oriel.User{}, in.attempt.check(findCheck(err), "", "", err)
	}
	tenant, err := in.tenant(found)
	if err := in.attempt.check("tenant", tenantsOf(in.provider), tenantName(in.identity.Tenant), err); err != nil {
		return oriel.User{}, err
	}
	if err := in.ownOrigin(tenant.Slug); err != nil {
		return oriel.User{}, err
	}
	user, err := in.Directory.Settle(in.tx, in.provider, found, in.identity, tenant.Slug)
	if err := in.attempt.check("account", "", "", err); err != nil {
		return oriel.User{}, err
	}
	synced, err := in.Directory.SyncGroups(in.tx, in.provider, user, in.identity)
	if err := in.attempt.check("groups", "", ignoredNames(synced), err); err != nil {
		return oriel.User{}, err
	}
	user.Groups = synced.Groups
	user.Attributes, err = in.Directory.ReplaceAttributes(in.tx, in.provider, user.ID, found.Attributes, tenant, in.identity.Attributes)
	return user, err
}

// notRevoked refuses a token that was signed before a revocation of what it
// brings: whoever was signed out stays so, whether they have signed in before
// or not.
func (in *arrival) notRevoked(found directory.Found, key oriel.ProviderKey) error {
	tenant := found.User.Tenant
	if in.identity.Tenant != nil {
		tenant = *in.identity.Tenant
	}
	until, err := in.tx.RevokedUntil(in.provider.ID, in.identity.Subject, in.identity.HostSID, in.identity.Name, tenant, key.Serial)
	if err != nil {
		return err
	}
	if !until.IsZero() && !in.identity.IssuedAt.Truncate(time.Microsecond).After(until) {
		return &oriel.Error{Code: oriel.CodeTokenTooOld, Err: errors.New("issued before the last revocation")}
	}
	return nil
}

func (in *arrival) tenant(found directory.Found) (oriel.Tenant, error) {
	tenant, exists, err := in.Directory.CheckTenant(in.tx, in.provider, found, in.identity.Tenant)
	if err != nil || in.identity.Tenant == nil || exists {
		return tenant, err
	}
	return in.Directory.SettleTenant(in.tx, in.provider, *in.identity.Tenant)
}

// ownOrigin holds the page to the origins of the tenant's own, if it has any.
func (in *arrival) ownOrigin(tenant oriel.TenantSlug) error {
	if in.request.Origin == "" || in.Directory.OriginKeptByTenant(tenant, in.request.Origin) {
		return nil
	}
	return in.attempt.check("origin", "one of the tenant's own", oriel.Quoted(in.request.Origin), &oriel.Error{Code: oriel.CodeOriginNotAllowed})
}

// findCheck is the check that an error of finding the user belongs to.
func findCheck(err error) string {
	if oriel.CodeOf(err) == oriel.CodeTokenTooOld {
		return "age"
	}
	return "account"
}

// tenantsOf tells into which tenants a provider signs.
func tenantsOf(p oriel.Provider) string {
	switch t := p.Tenants; {
	case t.Own != "":
		return "the provider's own: " + oriel.Quoted(string(t.Own))
	case t.Any:
		return "any"
	case len(t.Listed) > 0:
		return fmt.Sprintf("one of %d that are listed", len(t.Listed))
	}
	return "none"
}

func tenantName(claim *oriel.TenantSlug) string {
	if claim == nil {
		return "none"
	}
	return oriel.Quoted(string(*claim))
}

// ignoredNames tells which groups the claim named in vain.
func ignoredNames(synced directory.Synced) string {
	if len(synced.Ignored) == 0 {
		return ""
	}
	names := make([]string, 0, len(synced.Ignored))
	for _, name := range synced.Ignored {
		names = append(names, oriel.Quoted(name))
	}
	return "never granted by a claim: " + strings.Join(names, ", ")
}
