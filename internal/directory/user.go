package directory

import (
	"errors"
	"slices"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// issuedSlack is how much older than the youngest accepted token of the same
// identity a token may be (sign-in contract §1): two tabs may race.
const issuedSlack = 60 * time.Second

// Identities link providers' subjects to users.
type Identities interface {
	// FindIdentity tells who the subject is, as FindPerson does.
	FindIdentity(provider, subject string) (oriel.LinkedIdentity, oriel.Person, bool, error)
	ProvidersOf(user oriel.UserID) ([]string, error)
	// UserRevokedUntil is the latest not_before of a user's identities.
	UserRevokedUntil(user oriel.UserID) (time.Time, error)
	InsertIdentity(i oriel.LinkedIdentity, now time.Time) error
	RaiseIssuedAt(provider, subject string, issued time.Time) error
}

// Users are the stored persons.
type Users interface {
	// FindPerson finds a user with the groups and the attributes, those of
	// sign-ins being the provider's.
	FindPerson(id oriel.UserID, provider string) (oriel.Person, bool, error)
	// FindUserByEmail finds a user without groups and attributes.
	FindUserByEmail(emailKey string) (oriel.User, bool, error)
	InsertUser(u oriel.User, now time.Time) error
	UpdateUser(u oriel.User) error
}

// Found is who an identity belongs to, before anything is written.
type Found struct {
	// User is zero when the user does not exist yet. The groups are those of
	// now; the attributes are kept apart.
	User       oriel.User
	Attributes oriel.AttributeSets
	// Linked tells whether the identity already belongs to the user.
	Linked bool
	// LastIssued is the youngest accepted iat of a linked identity.
	LastIssued time.Time
}

// New tells whether the user is still to be made.
func (f Found) New() bool { return f.User.ID == "" }

// FindByIdentity finds the user of an identity, or the existing user that it
// may be linked to. It writes nothing. Errors: token_too_old when a younger
// token was accepted, or the identity was revoked since; account_not_linkable;
// user_not_provisioned.
func (d *Directory) FindByIdentity(tx Tx, p oriel.Provider, identity oriel.Identity) (Found, error) {
	linked, person, found, err := tx.FindIdentity(p.ID, identity.Subject)
	if err != nil {
		return Found{}, err
	}
	if found {
		return findLinked(linked, person, identity)
	}
	user, found, err := tx.FindUserByEmail(oriel.EmailKey(identity.Email))
	switch {
	case err != nil:
		return Found{}, err
	case found:
		return d.findLinkable(tx, p, user.ID, identity)
	case !p.Create:
		return Found{}, refuse(oriel.CodeUserNotProvisioned, "the provider does not create users")
	}
	return Found{}, nil
}

func findLinked(linked oriel.LinkedIdentity, person oriel.Person, identity oriel.Identity) (Found, error) {
	// The store keeps microseconds; a token that is later by less is not later.
	issued := identity.IssuedAt.Truncate(time.Microsecond)
	switch {
	case issued.Before(linked.GreatestIssuedAt.Add(-issuedSlack)):
		return Found{}, refuse(oriel.CodeTokenTooOld, "a token issued more than 60 s later was accepted before")
	case !linked.NotBefore.IsZero() && !issued.After(linked.NotBefore):
		return Found{}, refuse(oriel.CodeTokenTooOld, "issued before the last revocation")
	}
	return Found{User: person.User, Attributes: person.Attributes, Linked: true, LastIssued: linked.GreatestIssuedAt}, nil
}

func (d *Directory) findLinkable(tx Tx, p oriel.Provider, user oriel.UserID, identity oriel.Identity) (Found, error) {
	person, found, err := tx.FindPerson(user, p.ID)
	if err != nil {
		return Found{}, err
	}
	if !found {
		return Found{}, errors.New("find a user by e-mail: it is gone")
	}
	return Found{User: person.User, Attributes: person.Attributes}, d.checkLinkable(tx, p, person.User, identity)
}

// checkLinkable tells whether a new identity of the provider may be linked to
// an existing user because of the e-mail alone: only when every identity the
// user has is of another provider of the same realm. Somebody without any was
// made by hand.
func (d *Directory) checkLinkable(tx Tx, p oriel.Provider, user oriel.User, identity oriel.Identity) error {
	if slices.Contains(user.Groups, oriel.GroupAdministrators) {
		return refuse(oriel.CodeAccountNotLinkable, "the e-mail is an administrator's")
	}
	vouching, err := tx.ProvidersOf(user.ID)
	if err != nil {
		return err
	}
	if len(vouching) == 0 {
		return refuse(oriel.CodeAccountNotLinkable, "the e-mail is that of a user whom no provider vouches for")
	}
	for _, id := range vouching {
		if id == p.ID {
			return refuse(oriel.CodeAccountNotLinkable, "the e-mail belongs to another subject of this provider")
		}
		if p.Realm == "" || d.realmOf(id) != p.Realm {
			return refuse(oriel.CodeAccountNotLinkable, "the e-mail belongs to a user of another identity realm")
		}
	}
	// What revoked the user's other identities revokes this one too.
	until, err := tx.UserRevokedUntil(user.ID)
	if err != nil {
		return err
	}
	if !until.IsZero() && !identity.IssuedAt.Truncate(time.Microsecond).After(until) {
		return refuse(oriel.CodeTokenTooOld, "issued before the last revocation")
	}
	return nil
}

func (d *Directory) realmOf(provider string) string {
	for _, p := range d.options.Declared().Providers {
		if p.ID == provider {
			return p.Realm
		}
	}
	return ""
}

// Settle makes, links or updates the user as the identity says, with the
// tenant that [Directory.CheckTenant] found. Errors: user_deactivated;
// account_not_linkable when a new e-mail is somebody else's.
func (d *Directory) Settle(tx Tx, p oriel.Provider, found Found, identity oriel.Identity, tenant oriel.TenantSlug) (oriel.User, error) {
	user := found.User
	now := d.options.Clock()
	if found.New() {
		id, err := oriel.NewID(d.options.Random, "usr_")
		if err != nil {
			return oriel.User{}, err
		}
		user = oriel.User{ID: oriel.UserID(id), Tenant: tenant, Active: true}
	}
	if !user.Active {
		if !p.Reactivate {
			return oriel.User{}, refuse(oriel.CodeUserDeactivated, "the provider does not reactivate users")
		}
		user.Active = true
		if err := d.changed(tx, p, "reactivated", "user", string(user.ID), ""); err != nil {
			return oriel.User{}, err
		}
	}
	if err := d.rename(tx, &user, identity); err != nil {
		return oriel.User{}, err
	}
	switch {
	case found.New():
		if err := tx.InsertUser(user, now); err != nil {
			return oriel.User{}, refusedForQuota(err, oriel.CodeUserNotProvisioned)
		}
		if err := d.changed(tx, p, "created", "user", string(user.ID), ""); err != nil {
			return oriel.User{}, err
		}
	case differ(user, found.User):
		if err := tx.UpdateUser(user); err != nil {
			return oriel.User{}, refusedForQuota(err, oriel.CodeUserDeactivated)
		}
		if err := d.changed(tx, p, "updated", "user", string(user.ID), ""); err != nil {
			return oriel.User{}, err
		}
	}
	return user, d.remember(tx, p, found, identity, user.ID, now)
}

// refusedForQuota is for who can't be let in since the tenant has no place: that
// is no fault of the request.
func refusedForQuota(err error, code oriel.Code) error {
	if oriel.CodeOf(err) == oriel.CodeConflict {
		return refuse(code, "the tenant's quota of users is reached")
	}
	return err
}

// rename takes over the e-mail and the names that the token has.
func (d *Directory) rename(tx Tx, user *oriel.User, identity oriel.Identity) error {
	if identity.Email != "" && identity.Email != user.Email {
		owner, taken, err := tx.FindUserByEmail(oriel.EmailKey(identity.Email))
		if err != nil {
			return err
		}
		if taken && owner.ID != user.ID {
			return refuse(oriel.CodeAccountNotLinkable, "the new e-mail belongs to another user")
		}
		user.Email = identity.Email
	}
	if identity.FirstName != nil {
		user.FirstName = *identity.FirstName
	}
	if identity.LastName != nil {
		user.LastName = *identity.LastName
	}
	return nil
}

func differ(a, b oriel.User) bool {
	return a.Email != b.Email || a.FirstName != b.FirstName || a.LastName != b.LastName || a.Active != b.Active
}

// remember links a new identity, or keeps the youngest iat of a known one.
func (d *Directory) remember(tx Tx, p oriel.Provider, found Found, identity oriel.Identity, user oriel.UserID, now time.Time) error {
	if found.Linked {
		if !identity.IssuedAt.After(found.LastIssued) {
			return nil
		}
		return tx.RaiseIssuedAt(p.ID, identity.Subject, identity.IssuedAt)
	}
	err := tx.InsertIdentity(oriel.LinkedIdentity{
		Provider: p.ID, Subject: identity.Subject, User: user, GreatestIssuedAt: identity.IssuedAt,
	}, now)
	if err != nil || found.New() {
		return err
	}
	return d.changed(tx, p, "linked", "user", string(user), "")
}

// refuse keeps the reason for the record; outside only the code is told.
func refuse(code oriel.Code, reason string) error {
	return &oriel.Error{Code: code, Err: errors.New(reason)}
}
