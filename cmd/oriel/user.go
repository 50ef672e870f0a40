package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

type userCommand struct {
	Create userCreateCommand `cmd:"" help:"Make a user by hand: an administrator, or whom an API key acts as."`
	List   userListCommand   `cmd:"" help:"List the users."`
	Show   userShowCommand   `cmd:"" help:"Tell a user's groups, identities and attributes, and where these come from."`

	SetAttribute   userSetAttributeCommand   `cmd:"" help:"Set an attribute, over what sign-ins and the tenant say."`
	UnsetAttribute userUnsetAttributeCommand `cmd:"" help:"Take away an attribute that was set."`
	AddTo          userAddToCommand          `cmd:"" help:"Put a user into a group."`
	RemoveFrom     userRemoveFromCommand     `cmd:"" help:"Take a user out of a group."`
	Erase          userEraseCommand          `cmd:"" help:"Erase a user; the audit keeps the id only."`

	Deactivate userDeactivateCommand `cmd:"" help:"Refuse a user's sessions, API keys and sign-ins from now on."`
	Activate   userActivateCommand   `cmd:"" help:"Let a deactivated user in again."`
}

type userCreateCommand struct {
	config.StoreFlags
	outputFlag
	Email     string   `required:"" help:"The e-mail address; no other user may have it." placeholder:"ADDRESS"`
	Admin     bool     `help:"Make the user an administrator."`
	FirstName string   `help:"The first name." placeholder:"NAME"`
	LastName  string   `help:"The last name." placeholder:"NAME"`
	Group     []string `sep:"none" help:"A group that the user is in. Repeatable." placeholder:"GROUP"`
}

// Run makes the user. No sign-in is ever linked to a user who was made by hand,
// whatever address a host vouches for.
func (c userCreateCommand) Run(ctx context.Context, p process) error {
	email, ok := oriel.ParseEmail(c.Email)
	if !ok {
		return usage{fmt.Errorf("%s is not an e-mail address: write it as dana@example.com", oriel.Quoted(c.Email))}
	}
	return withStore(ctx, c.StoreFlags, p, func(_ config.Config, kept *store.Store) error {
		id, err := oriel.NewID(p.random, "usr_")
		if err != nil {
			return err
		}
		u := oriel.User{
			ID: oriel.UserID(id), Email: email, FirstName: c.FirstName, LastName: c.LastName, Active: true,
			Groups: groupsFor(c.Group, c.Admin),
		}
		if err := kept.CreateUser(ctx, oriel.Operator().Who(), u, p.clock()); err != nil {
			return err
		}
		u.Groups = oriel.WithBuiltInGroups(u.Groups, u.Tenant)
		return c.print(p, map[string]any{"user": wireUserOf(u)}, []string{"created user " + id + " (" + email + ")"})
	})
}

// groupsFor are the groups that were named, each once. Everybody is in those
// that are built in but for the administrators.
func groupsFor(named []string, admin bool) []oriel.GroupKey {
	if admin {
		named = append(named, string(oriel.GroupAdministrators))
	}
	var groups []oriel.GroupKey
	seen := map[oriel.GroupKey]bool{oriel.GroupAllUsers: true}
	for _, name := range named {
		if key := oriel.GroupKey(name); !seen[key] {
			seen[key] = true
			groups = append(groups, key)
		}
	}
	return groups
}

// wireUser is a user as the commands print it.
type wireUser struct {
	ID        oriel.UserID     `json:"id"`
	Email     string           `json:"email"`
	FirstName string           `json:"first_name"`
	LastName  string           `json:"last_name"`
	Tenant    oriel.TenantSlug `json:"tenant,omitempty"`
	Active    bool             `json:"active"`
	Groups    []oriel.GroupKey `json:"groups"`
}

func wireUserOf(u oriel.User) wireUser {
	return wireUser{ID: u.ID, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName, Tenant: u.Tenant, Active: u.Active, Groups: u.Groups}
}

type userListCommand struct {
	config.StoreFlags
	outputFlag
}

// Run lists all users by id.
func (c userListCommand) Run(ctx context.Context, p process) error {
	return withStore(ctx, c.StoreFlags, p, func(_ config.Config, kept *store.Store) error {
		const page = 500
		all := []wireUser{}
		lines := [][]string{{"ID", "E-MAIL", "NAME", "TENANT", "STATE", "GROUPS"}}
		for after, more := oriel.UserID(""), true; more; {
			users, err := kept.ListUsers(ctx, after, page)
			if err != nil {
				return err
			}
			for _, u := range users {
				after = u.ID
				all = append(all, wireUserOf(u))
				name := strings.TrimSpace(u.FirstName + " " + u.LastName)
				lines = append(lines, []string{string(u.ID), cell(u.Email), cell(name), string(u.Tenant), activity(u.Active), joined(u.Groups)})
			}
			more = len(users) == page
		}
		return c.print(p, map[string]any{"users": all}, lines...)
	})
}

func activity(active bool) string {
	if active {
		return "active"
	}
	return "deactivated"
}

// userArgument names one user.
type userArgument struct {
	User string `arg:"" help:"The e-mail address, or the id (usr_…)." placeholder:"USER"`
}

type userDeactivateCommand struct {
	config.StoreFlags
	outputFlag
	userArgument
}

// Run makes the user inactive.
func (c userDeactivateCommand) Run(ctx context.Context, p process) error {
	return setUserActive(ctx, c.StoreFlags, c.outputFlag, p, c.User, false)
}

type userActivateCommand struct {
	config.StoreFlags
	outputFlag
	userArgument
}

// Run makes the user active.
func (c userActivateCommand) Run(ctx context.Context, p process) error {
	return setUserActive(ctx, c.StoreFlags, c.outputFlag, p, c.User, true)
}

func setUserActive(ctx context.Context, flags config.StoreFlags, output outputFlag, p process, named string, active bool) error {
	return withStore(ctx, flags, p, func(_ config.Config, kept *store.Store) error {
		u, err := findUser(ctx, kept, named)
		if err != nil {
			return err
		}
		said := "nothing changed"
		if u.Active != active {
			said = "user " + string(u.ID) + " is " + activity(active)
		}
		if err := kept.SetUserActive(ctx, oriel.Operator().Who(), u.ID, active, p.clock()); err != nil {
			return err
		}
		u.Active = active
		return output.print(p, map[string]any{"user": wireUserOf(u)}, []string{said})
	})
}

// findUser finds the user whom an argument names, with the groups that hold.
func findUser(ctx context.Context, kept *store.Store, named string) (oriel.User, error) {
	id := oriel.UserID(named)
	if strings.Contains(named, "@") {
		u, found, err := kept.FindUserByEmail(ctx, named)
		if err != nil {
			return oriel.User{}, err
		}
		if !found {
			return oriel.User{}, noUser(named)
		}
		id = u.ID
	}
	person, found, err := kept.FindPerson(ctx, id, "")
	if err != nil {
		return oriel.User{}, err
	}
	if !found {
		return oriel.User{}, noUser(named)
	}
	return person.User, nil
}

func noUser(named string) error {
	return oriel.E(oriel.CodeNotFound, "there is no user %s: see oriel user list", oriel.Quoted(named))
}
