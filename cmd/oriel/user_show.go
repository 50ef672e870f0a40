package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

type userShowCommand struct {
	config.StoreFlags
	outputFlag
	userArgument
}

// wireUserDetail is all of a user as the commands print it.
type wireUserDetail struct {
	wireUser
	Created    time.Time       `json:"created"`
	Attributes []wireAttribute `json:"attributes"`
	Identities []wireIdentity  `json:"identities"`
}

type wireAttribute struct {
	Name     string                    `json:"name"`
	Value    any                       `json:"value"`
	From     directory.AttributeSource `json:"from"`
	Provider string                    `json:"provider,omitempty"`
}

type wireIdentity struct {
	Provider string `json:"provider"`
	Subject  string `json:"subject"`
}

// Run tells all that is kept of a user.
func (c userShowCommand) Run(ctx context.Context, p process) error {
	return withPeople(ctx, c.StoreFlags, p, func(kept *store.Store, people *directory.People) error {
		u, err := findUser(ctx, kept, c.User)
		if err != nil {
			return err
		}
		detail, err := people.User(ctx, oriel.Operator(), u.ID)
		if err != nil {
			return err
		}
		return c.printDetail(p, kept, detail)
	})
}

func (o outputFlag) printDetail(p process, kept *store.Store, detail oriel.UserDetail) error {
	slugs := map[string]string{}
	for _, one := range kept.Declared().Providers {
		slugs[one.ID] = one.Slug
	}
	u := detail.User
	wire := wireUserDetail{wireUser: wireUserOf(u), Created: detail.Created, Attributes: []wireAttribute{}, Identities: []wireIdentity{}}
	lines := [][]string{
		{"id", string(u.ID)}, {"e-mail", cell(u.Email)}, {"name", cell(strings.TrimSpace(u.FirstName + " " + u.LastName))},
		{"tenant", string(u.Tenant)}, {"state", activity(u.Active)}, {"groups", joined(u.Groups)}, {"created", detail.Created.Format(time.RFC3339)},
	}
	for _, one := range directory.EffectiveAttributes(detail) {
		wire.Attributes = append(wire.Attributes, wireAttribute{Name: one.Name, Value: shownValue(one.Value), From: one.From, Provider: slugs[one.Provider]})
		lines = append(lines, []string{"attribute " + cell(one.Name), cell(strings.Join(one.Value.Values, ", ")), string(one.From), slugs[one.Provider]})
	}
	for _, one := range detail.Identities {
		wire.Identities = append(wire.Identities, wireIdentity{Provider: slugs[one.Provider], Subject: one.Subject})
		lines = append(lines, []string{"identity", slugs[one.Provider], cell(one.Subject)})
	}
	return o.print(p, map[string]any{"user": wire}, lines...)
}

func shownValue(value oriel.AttributeValue) any {
	if value.List || len(value.Values) != 1 {
		return append([]string{}, value.Values...)
	}
	return value.Values[0]
}

// withPeople does something to people, under the rules of the API.
func withPeople(ctx context.Context, flags config.StoreFlags, p process, do func(*store.Store, *directory.People) error) error {
	return withStore(ctx, flags, p, func(c config.Config, kept *store.Store) error {
		err := do(kept, newPeople(c, p, kept))
		if oriel.CodeOf(err) == oriel.CodeInvalidRequest {
			return usage{errors.New(oriel.MessageOf(err))}
		}
		return err
	})
}
