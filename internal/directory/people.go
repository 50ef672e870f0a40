package directory

import (
	"context"
	"io"
	"slices"
	"time"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// PeopleStore keeps what administrators change of people and of what groups
// may. who is [oriel.Principal.Who] of the one who does.
type PeopleStore interface {
	UserStore
	GroupStore
	TenantStore
}

// PeopleOptions set up [People].
type PeopleOptions struct {
	// Declared is the newest declared settings.
	Declared func() *oriel.Declaration
	Store    PeopleStore
	// Origins decide which origins a tenant may have of its own.
	Origins oriel.OriginOptions
	Clock   func() time.Time
	Random  io.Reader
}

// People are users, groups and tenants as administrators keep them. Each change
// leaves an audit entry and holds from the next request on.
type People struct{ options PeopleOptions }

// NewPeople makes People.
func NewPeople(options PeopleOptions) *People { return &People{options: options} }

// require lets nobody in but who administers people.
func (d *People) require(p oriel.Principal) error {
	return access.Require(p, oriel.ScopeAdminPeople)
}

// UserStore keeps users.
type UserStore interface {
	SearchUsers(ctx context.Context, f oriel.UserFilter, after oriel.UserID, limit int) ([]oriel.User, error)
	FindUserDetail(ctx context.Context, id oriel.UserID) (oriel.UserDetail, bool, error)
	CreateUser(ctx context.Context, who string, u oriel.User, now time.Time) error
	ChangeUser(ctx context.Context, who string, id oriel.UserID, c oriel.UserChange, now time.Time) error
	SetMembership(ctx context.Context, who string, user oriel.UserID, group oriel.GroupKey, in bool, now time.Time) error
	EraseUser(ctx context.Context, who string, id oriel.UserID, now time.Time) error
}

// NewUser is what somebody wants of a user whom they make by hand.
type NewUser struct {
	Email, FirstName, LastName string
	Tenant                     oriel.TenantSlug
	Groups                     []oriel.GroupKey
}

// Users lists up to limit users that the filter lets through, by id, those
// after the one with the id after. Errors: not_authenticated, scope_denied.
func (d *People) Users(ctx context.Context, p oriel.Principal, f oriel.UserFilter, after oriel.UserID, limit int) ([]oriel.User, error) {
	if err := d.require(p); err != nil {
		return nil, err
	}
	f.EmailPrefix = oriel.EmailKey(f.EmailPrefix)
	return d.options.Store.SearchUsers(ctx, f, after, limit)
}

// User finds a user with all that is kept of them. Errors: not_authenticated,
// scope_denied, not_found.
func (d *People) User(ctx context.Context, p oriel.Principal, id oriel.UserID) (oriel.UserDetail, error) {
	if err := d.require(p); err != nil {
		return oriel.UserDetail{}, err
	}
	return d.detail(ctx, id)
}

func (d *People) detail(ctx context.Context, id oriel.UserID) (oriel.UserDetail, error) {
	detail, found, err := d.options.Store.FindUserDetail(ctx, id)
	if err == nil && !found {
		err = &oriel.Error{Code: oriel.CodeNotFound}
	}
	return detail, err
}

// changing finds a user whom the principal may change.
func (d *People) changing(ctx context.Context, p oriel.Principal, id oriel.UserID) error {
	if err := d.require(p); err != nil {
		return err
	}
	detail, err := d.detail(ctx, id)
	if err != nil {
		return err
	}
	return access.ChangePerson(p, d.options.Declared(), detail.User.Groups)
}

// CreateUser makes a user by hand, to whom no sign-in is ever linked by e-mail.
// Errors: not_authenticated; scope_denied, also for a group that the principal
// may not give; invalid_request with the field; conflict when the e-mail is
// another user's.
func (d *People) CreateUser(ctx context.Context, p oriel.Principal, wanted NewUser) (oriel.UserDetail, error) {
	if err := d.require(p); err != nil {
		return oriel.UserDetail{}, err
	}
	email, ok := oriel.ParseEmail(wanted.Email)
	if !ok {
		return oriel.UserDetail{}, oriel.WrongField("email", "This is not an e-mail address: write it as dana@example.com.")
	}
	for field, name := range map[string]string{"first_name": wanted.FirstName, "last_name": wanted.LastName} {
		if err := checkName(field, name, 0, oriel.MostName); err != nil {
			return oriel.UserDetail{}, err
		}
	}
	for _, group := range wanted.Groups {
		if err := d.givable(p, group); err != nil {
			return oriel.UserDetail{}, err
		}
	}
	id, err := oriel.NewID(d.options.Random, "usr_")
	if err != nil {
		return oriel.UserDetail{}, err
	}
	u := oriel.User{
		ID: oriel.UserID(id), Email: email, FirstName: wanted.FirstName, LastName: wanted.LastName, Tenant: wanted.Tenant,
		Active: true, Groups: slices.Compact(slices.Sorted(slices.Values(wanted.Groups))),
	}
	switch err := d.options.Store.CreateUser(ctx, p.Who(), u, d.options.Clock()); oriel.CodeOf(err) {
	case "":
		return d.detail(ctx, u.ID)
	case oriel.CodeNotFound:
		return oriel.UserDetail{}, oriel.WrongField("tenant", oriel.MessageOf(err))
	default:
		return oriel.UserDetail{}, err
	}
}

// givable tells whether the principal may put people into the group. That
// everybody is in is not for anybody to give.
func (d *People) givable(p oriel.Principal, group oriel.GroupKey) error {
	declared := d.options.Declared()
	switch {
	case group == oriel.GroupAllUsers, group == oriel.GroupAllTenantUsers:
		return oriel.WrongField("group", "Who is in this group follows from who they are.")
	case !slices.ContainsFunc(declared.Groups, func(g oriel.Group) bool { return g.Key == group }):
		return oriel.WrongField("group", "There is no such group.")
	}
	return access.GiveGroup(p, declared, group)
}

// UpdateUser changes names, attributes that an administrator sets, and whether
// the user is active. Errors: not_authenticated; scope_denied, also for a user
// who may administer what the principal may not; not_found; invalid_request;
// conflict when it would leave no administrator.
func (d *People) UpdateUser(ctx context.Context, p oriel.Principal, id oriel.UserID, c oriel.UserChange) (oriel.UserDetail, error) {
	if err := d.changing(ctx, p, id); err != nil {
		return oriel.UserDetail{}, err
	}
	for field, name := range map[string]*string{"first_name": c.FirstName, "last_name": c.LastName} {
		if name == nil {
			continue
		}
		if err := checkName(field, *name, 0, oriel.MostName); err != nil {
			return oriel.UserDetail{}, err
		}
	}
	if err := checkAttributes(c.Attributes); err != nil {
		return oriel.UserDetail{}, err
	}
	if err := d.options.Store.ChangeUser(ctx, p.Who(), id, c, d.options.Clock()); err != nil {
		return oriel.UserDetail{}, err
	}
	return d.detail(ctx, id)
}

// SetMembership puts a user into a group, or takes them out. Nobody gives a
// group that has what they do not hold, nor changes who may administer more
// than they. Errors: not_authenticated, scope_denied, not_found,
// invalid_request; conflict when it would leave no administrator.
func (d *People) SetMembership(ctx context.Context, p oriel.Principal, id oriel.UserID, group oriel.GroupKey, in bool) error {
	if err := d.changing(ctx, p, id); err != nil {
		return err
	}
	if in {
		if err := d.givable(p, group); err != nil {
			return err
		}
	}
	return d.options.Store.SetMembership(ctx, p.Who(), id, group, in, d.options.Clock())
}

// EraseUser takes away all that is known of a user; the audit keeps the id.
// Errors: not_authenticated; scope_denied, as [People.UpdateUser]; not_found;
// conflict when it would leave no administrator.
func (d *People) EraseUser(ctx context.Context, p oriel.Principal, id oriel.UserID) error {
	if err := d.changing(ctx, p, id); err != nil {
		return err
	}
	return d.options.Store.EraseUser(ctx, p.Who(), id, d.options.Clock())
}

func checkName(field, name string, least, most int) error {
	if !oriel.IsName(name, least, most) {
		return oriel.WrongField(field, "This is a name without control characters, of at most 200 bytes.")
	}
	return nil
}
