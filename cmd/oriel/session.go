package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
	"github.com/oriel-bi/oriel/internal/store"
)

type sessionCommand struct {
	List   sessionListCommand   `cmd:"" help:"List live sessions, newest first."`
	Revoke sessionRevokeCommand `cmd:"" help:"End one session, or all of a user, a tenant or a key."`
}

type sessionListCommand struct {
	config.StoreFlags
	outputFlag
	User     string           `help:"Of one user alone: the e-mail address or the id." placeholder:"USER"`
	Tenant   oriel.TenantSlug `help:"Of one tenant's users alone." placeholder:"SLUG"`
	Provider string           `help:"Of one provider alone." placeholder:"SLUG"`
	Limit    int              `help:"The most to list." default:"100" placeholder:"NUMBER"`
}

// wireSession is a session as the commands print it; its token is nowhere.
type wireSession struct {
	ID       string            `json:"id"`
	User     oriel.UserID      `json:"user"`
	Email    string            `json:"email"`
	Kind     oriel.SessionKind `json:"kind"`
	Provider string            `json:"provider"`
	Key      string            `json:"key"`
	Origin   string            `json:"origin"`
	Created  time.Time         `json:"created"`
	Expires  time.Time         `json:"expires"`
}

// Run lists the sessions that are live now.
func (c sessionListCommand) Run(ctx context.Context, p process) error {
	if c.Limit < 1 {
		return usage{errors.New("--limit must be at least 1")}
	}
	return withStore(ctx, c.StoreFlags, p, func(_ config.Config, kept *store.Store) error {
		filter := oriel.SessionFilter{Tenant: c.Tenant, Provider: c.Provider}
		if c.User != "" {
			u, err := findUser(ctx, kept, c.User)
			if err != nil {
				return err
			}
			filter.User = u.ID
		}
		sessions, err := openSessions(kept, p)
		if err != nil {
			return err
		}
		listed, err := sessions.List(ctx, oriel.Operator(), filter, "", c.Limit)
		if err != nil {
			return err
		}
		all, err := wireSessionsOf(ctx, kept, listed)
		if err != nil {
			return err
		}
		lines := [][]string{{"ID", "USER", "KIND", "PROVIDER", "KEY", "ORIGIN", "CREATED", "EXPIRES"}}
		for _, s := range all {
			lines = append(lines, []string{
				s.ID, cell(s.Email), string(s.Kind), s.Provider, cell(s.Key), s.Origin,
				s.Created.Format(time.RFC3339), s.Expires.Format(time.RFC3339),
			})
		}
		return c.print(p, map[string]any{"sessions": all}, lines...)
	})
}

// wireSessionsOf adds whose they are, and says providers by slug.
func wireSessionsOf(ctx context.Context, kept *store.Store, listed []session.Session) ([]wireSession, error) {
	slugs := map[string]string{}
	for _, provider := range kept.Declared().Providers {
		slugs[provider.ID] = provider.Slug
	}
	emails := map[oriel.UserID]string{}
	all := []wireSession{}
	for _, s := range listed {
		if _, known := emails[s.User]; !known {
			person, _, err := kept.FindPerson(ctx, s.User, "")
			if err != nil {
				return nil, err
			}
			emails[s.User] = person.User.Email
		}
		ends := s.Expires
		if !s.IdleEnds.IsZero() && s.IdleEnds.Before(ends) {
			ends = s.IdleEnds
		}
		all = append(all, wireSession{
			ID: s.ID, User: s.User, Email: emails[s.User], Kind: s.Kind, Provider: slugs[s.Provider], Key: s.KeyID,
			Origin: s.Origin, Created: s.Created, Expires: ends,
		})
	}
	return all, nil
}

// openSessions gives the capability that lists and ends sessions; it issues none.
func openSessions(kept *store.Store, p process) (*session.Sessions, error) {
	return session.New(session.Options{Store: kept, Clock: p.clock, Random: p.random})
}

type sessionRevokeCommand struct {
	config.StoreFlags
	outputFlag
	ID       string           `arg:"" optional:"" help:"One session, by its id (ses_…)." placeholder:"ID"`
	User     string           `help:"All of a user: the e-mail address or the id." placeholder:"USER"`
	Tenant   oriel.TenantSlug `help:"All of a tenant's users." placeholder:"SLUG"`
	Provider string           `help:"With --key: the key's provider." placeholder:"SLUG"`
	Key      string           `help:"With --provider: all that the key vouched for." placeholder:"KID"`
}

// Run ends what was named. But for a single session, no token that was signed
// before makes a session afterwards.
func (c sessionRevokeCommand) Run(ctx context.Context, p process) error {
	named := 0
	for _, given := range []bool{c.ID != "", c.User != "", c.Tenant != "", c.Key != "" && c.Provider != ""} {
		if given {
			named++
		}
	}
	if named != 1 || (c.Key == "") != (c.Provider == "") {
		return usage{errors.New("say which sessions, in one way: an id, --user, --tenant, or --provider with --key")}
	}
	return withStore(ctx, c.StoreFlags, p, func(_ config.Config, kept *store.Store) error {
		sessions, err := openSessions(kept, p)
		if err != nil {
			return err
		}
		ended, err := c.revoke(ctx, kept, sessions)
		if err != nil {
			return err
		}
		return c.print(p, map[string]any{"sessions": ended}, []string{"ended " + counted(ended, "session")})
	})
}

func (c sessionRevokeCommand) revoke(ctx context.Context, kept *store.Store, sessions *session.Sessions) (int, error) {
	who := oriel.Operator()
	var ended int
	var err error
	missing := "there is no live session " + oriel.Quoted(c.ID) + ": see oriel session list"
	switch {
	case c.User != "":
		u, missed := findUser(ctx, kept, c.User)
		if missed != nil {
			return 0, missed
		}
		return sessions.EndUser(ctx, who, u.ID)
	case c.Tenant != "":
		ended, err = sessions.EndTenant(ctx, who, c.Tenant)
		missing = "there is no tenant " + oriel.Quoted(string(c.Tenant)) + ": see oriel tenant list"
	case c.Key != "":
		ended, err = sessions.EndKey(ctx, who, c.Provider, c.Key)
		missing = fmt.Sprintf("there is no key %s of a provider %s: see oriel key list", oriel.Quoted(c.Key), oriel.Quoted(c.Provider))
	default:
		ended, err = 1, sessions.End(ctx, who, c.ID)
	}
	if oriel.CodeOf(err) == oriel.CodeNotFound {
		return 0, oriel.E(oriel.CodeNotFound, "%s", missing)
	}
	return ended, err
}
