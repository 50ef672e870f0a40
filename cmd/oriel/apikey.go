package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

type apiKeyCommand struct {
	Create apiKeyCreateCommand `cmd:"" help:"Make a key for a server, or for the management API, and print it once."`
	List   apiKeyListCommand   `cmd:"" help:"List API keys; the keys themselves are nowhere."`
	Rotate apiKeyRotateCommand `cmd:"" help:"Make a key in place of another, which ends after an overlap."`
	Revoke apiKeyRevokeCommand `cmd:"" help:"End a key at once."`
}

type apiKeyCreateCommand struct {
	config.StoreFlags
	outputFlag
	Name    string        `required:"" help:"What it is for, to tell it from others."`
	Scopes  []oriel.Scope `required:"" help:"What it may do, with commas between: embed:read, content:read, admin:*, admin:people, admin:authentication, admin:access, admin:content, admin:sources, admin:audit, admin:view_as."`
	User    string        `xor:"bound" required:"" help:"Whom it acts as: the e-mail address or the id." placeholder:"USER"`
	Group   string        `xor:"bound" required:"" help:"Or the group whose rights it has."`
	Expires span          `help:"How long it lives, as 24h or 90d, at most 365d. Default: 90d." default:"90d" placeholder:"TIME"`
}

// createdAPIKey is the answer of apikey create and rotate. The secret is
// nowhere else.
type createdAPIKey struct {
	Key    wireAPIKey `json:"key"`
	Secret string     `json:"secret"`
}

// Run makes the key.
func (c apiKeyCreateCommand) Run(ctx context.Context, p process) error {
	return withStore(ctx, c.StoreFlags, p, func(_ config.Config, kept *store.Store) error {
		wanted := directory.APIKeyRequest{Name: c.Name, Group: oriel.GroupKey(c.Group), Scopes: c.Scopes, Lifetime: time.Duration(c.Expires)}
		if c.User != "" {
			u, err := findUser(ctx, kept, c.User)
			if err != nil {
				return err
			}
			wanted.User = u.ID
		}
		issued, err := openAPIKeys(kept, p).Create(ctx, oriel.Operator(), wanted)
		if oriel.CodeOf(err) == oriel.CodeInvalidRequest {
			return usage{ofFlag(err)}
		}
		if err != nil {
			return err
		}
		return c.printIssued(p, issued, "created API key "+issued.Key.ID+" ("+cell(issued.Key.Name)+")")
	})
}

// ofFlag says of a flag what is wrong with a field.
func ofFlag(err error) error {
	var wrong *oriel.Error
	if errors.As(err, &wrong) && len(wrong.Fields) == 1 {
		for field, what := range wrong.Fields {
			flag, _, _ := strings.Cut(field, "_") // expires_in is --expires
			return fmt.Errorf("--%s: %s", flag, what)
		}
	}
	return errors.New(oriel.MessageOf(err))
}

// openAPIKeys gives the capability that makes and ends API keys.
func openAPIKeys(kept *store.Store, p process) *directory.APIKeys {
	return directory.NewAPIKeys(directory.APIKeyOptions{Store: kept, Declared: kept.Declared, Clock: p.clock, Random: p.random})
}

func (o outputFlag) printIssued(p process, issued directory.IssuedAPIKey, said string) error {
	err := o.print(p, createdAPIKey{Key: wireAPIKeyOf(issued.Key), Secret: issued.Secret},
		[]string{said}, []string{"secret", issued.Secret},
		[]string{"Keep it now, it is not shown again. Send it in the header X-API-Key. It ends at " + issued.Key.Expires.Format(time.RFC3339) + "."})
	if err != nil {
		return fmt.Errorf("print the new key, which nobody has seen now: %w; revoke it with oriel apikey revoke %s", err, issued.Key.ID)
	}
	return nil
}

// wireAPIKey is an API key as the commands print it.
type wireAPIKey struct {
	ID       string         `json:"id"`
	Name     string         `json:"name"`
	User     oriel.UserID   `json:"user,omitempty"`
	Group    oriel.GroupKey `json:"group,omitempty"`
	Scopes   []oriel.Scope  `json:"scopes"`
	Created  time.Time      `json:"created"`
	Expires  time.Time      `json:"expires,omitzero"`
	LastUsed time.Time      `json:"last_used,omitzero"`
	Revoked  time.Time      `json:"revoked,omitzero"`
	Replaces string         `json:"replaces,omitempty"`
}

func wireAPIKeyOf(k oriel.APIKey) wireAPIKey {
	return wireAPIKey{
		ID: k.ID, Name: k.Name, User: k.User, Group: k.Group, Scopes: k.Scopes, Created: k.Created,
		Expires: k.Expires, LastUsed: k.LastUsed, Revoked: k.Revoked, Replaces: k.Replaces,
	}
}

// state is whether the key may be used.
func (w wireAPIKey) state(now time.Time) string {
	switch {
	case !w.Revoked.IsZero():
		return "revoked"
	case !w.Expires.IsZero() && !now.Before(w.Expires):
		return "expired"
	}
	return "live"
}

type apiKeyListCommand struct {
	config.StoreFlags
	outputFlag
}

// Run lists all keys, newest first.
func (c apiKeyListCommand) Run(ctx context.Context, p process) error {
	return withStore(ctx, c.StoreFlags, p, func(_ config.Config, kept *store.Store) error {
		keys, err := openAPIKeys(kept, p).List(ctx, oriel.Operator())
		if err != nil {
			return err
		}
		all := []wireAPIKey{}
		lines := [][]string{{"ID", "NAME", "OF", "SCOPES", "STATE", "CREATED", "EXPIRES", "LAST USED"}}
		for _, key := range keys {
			one := wireAPIKeyOf(key)
			all = append(all, one)
			of := string(one.User)
			if of == "" {
				of = "group " + string(one.Group)
			}
			lines = append(lines, []string{
				one.ID, cell(one.Name), of, joined(one.Scopes), one.state(p.clock()),
				one.Created.Format(time.RFC3339), dated(one.Expires), dated(one.LastUsed),
			})
		}
		return c.print(p, map[string]any{"api_keys": all}, lines...)
	})
}

type apiKeyRotateCommand struct {
	config.StoreFlags
	outputFlag
	ID      string `arg:"" help:"The key's id (key_…)."`
	Overlap span   `help:"How long the former key goes on, as 24h or 7d, at most 30d; 0s ends it now. Default: 24h." default:"24h" placeholder:"TIME"`
}

// Run makes the next key, with the former one's name, binding and scopes.
func (c apiKeyRotateCommand) Run(ctx context.Context, p process) error {
	return withStore(ctx, c.StoreFlags, p, func(_ config.Config, kept *store.Store) error {
		issued, err := openAPIKeys(kept, p).Rotate(ctx, oriel.Operator(), c.ID, time.Duration(c.Overlap))
		switch oriel.CodeOf(err) {
		case oriel.CodeInvalidRequest:
			return usage{errors.New("--overlap is at most 30d")}
		case oriel.CodeNotFound:
			return noAPIKey(c.ID)
		}
		if err != nil {
			return err
		}
		return c.printIssued(p, issued, "created API key "+issued.Key.ID+" in place of "+c.ID)
	})
}

type apiKeyRevokeCommand struct {
	config.StoreFlags
	outputFlag
	ID string `arg:"" help:"The key's id (key_…)."`
}

// Run ends the key.
func (c apiKeyRevokeCommand) Run(ctx context.Context, p process) error {
	return withStore(ctx, c.StoreFlags, p, func(_ config.Config, kept *store.Store) error {
		err := openAPIKeys(kept, p).Revoke(ctx, oriel.Operator(), c.ID)
		if oriel.CodeOf(err) == oriel.CodeNotFound {
			return noAPIKey(c.ID)
		}
		if err != nil {
			return err
		}
		return c.print(p, map[string]any{"revoked": c.ID}, []string{"revoked API key " + c.ID})
	})
}

func noAPIKey(id string) error {
	return oriel.E(oriel.CodeNotFound, "there is no API key %s: see oriel apikey list", oriel.Quoted(id))
}
