package main

import (
	"context"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/store"
)

// attributeArguments name an attribute and its values.
type attributeArguments struct {
	Name   string   `arg:"" help:"The attribute's name." placeholder:"NAME"`
	Values []string `arg:"" help:"The value; several make a list." placeholder:"VALUE"`
	List   bool     `help:"Make a list also of one value."`
}

func (a attributeArguments) change() oriel.AttributeChange {
	value := oriel.TextList(a.Values...)
	if len(a.Values) == 1 && !a.List {
		value = oriel.Text(a.Values[0])
	}
	return oriel.AttributeChange{a.Name: &value}
}

type userSetAttributeCommand struct {
	config.StoreFlags
	outputFlag
	userArgument
	attributeArguments
}

// Run sets the attribute, over what sign-ins and the tenant say.
func (c userSetAttributeCommand) Run(ctx context.Context, p process) error {
	return changeAttributes(ctx, c.StoreFlags, c.outputFlag, p, c.User, c.change())
}

type userUnsetAttributeCommand struct {
	config.StoreFlags
	outputFlag
	userArgument
	Name string `arg:"" help:"The attribute's name." placeholder:"NAME"`
}

// Run takes what an administrator set away: what sign-ins and the tenant say holds.
func (c userUnsetAttributeCommand) Run(ctx context.Context, p process) error {
	return changeAttributes(ctx, c.StoreFlags, c.outputFlag, p, c.User, oriel.AttributeChange{c.Name: nil})
}

func changeAttributes(ctx context.Context, flags config.StoreFlags, output outputFlag, p process, named string, change oriel.AttributeChange) error {
	return withPeople(ctx, flags, p, func(kept *store.Store, people *directory.People) error {
		u, err := findUser(ctx, kept, named)
		if err != nil {
			return err
		}
		detail, err := people.UpdateUser(ctx, oriel.Operator(), u.ID, oriel.UserChange{Attributes: change})
		if err != nil {
			return err
		}
		return output.printDetail(p, kept, detail)
	})
}

// memberArguments name a user and a group.
type memberArguments struct {
	userArgument
	Group oriel.GroupKey `arg:"" help:"The group's key." placeholder:"GROUP"`
}

type userAddToCommand struct {
	config.StoreFlags
	outputFlag
	memberArguments
}

// Run puts the user into the group.
func (c userAddToCommand) Run(ctx context.Context, p process) error {
	return setMembership(ctx, c.StoreFlags, c.outputFlag, p, c.memberArguments, true)
}

type userRemoveFromCommand struct {
	config.StoreFlags
	outputFlag
	memberArguments
}

// Run takes the user out of the group.
func (c userRemoveFromCommand) Run(ctx context.Context, p process) error {
	return setMembership(ctx, c.StoreFlags, c.outputFlag, p, c.memberArguments, false)
}

func setMembership(ctx context.Context, flags config.StoreFlags, output outputFlag, p process, of memberArguments, in bool) error {
	return withPeople(ctx, flags, p, func(kept *store.Store, people *directory.People) error {
		u, err := findUser(ctx, kept, of.User)
		if err != nil {
			return err
		}
		err = people.SetMembership(ctx, oriel.Operator(), u.ID, of.Group, in)
		if oriel.CodeOf(err) == oriel.CodeNotFound {
			return noGroup(of.Group)
		}
		if err != nil {
			return err
		}
		if u, err = findUser(ctx, kept, string(u.ID)); err != nil {
			return err
		}
		return output.print(p, map[string]any{"user": wireUserOf(u)}, []string{"user " + string(u.ID) + " is in " + joined(u.Groups)})
	})
}

type userEraseCommand struct {
	config.StoreFlags
	outputFlag
	userArgument
}

// Run erases the user; the audit keeps the id.
func (c userEraseCommand) Run(ctx context.Context, p process) error {
	return withPeople(ctx, c.StoreFlags, p, func(kept *store.Store, people *directory.People) error {
		u, err := findUser(ctx, kept, c.User)
		if err != nil {
			return err
		}
		if err := people.EraseUser(ctx, oriel.Operator(), u.ID); err != nil {
			return err
		}
		return c.print(p, map[string]any{"erased": u.ID}, []string{"erased user " + string(u.ID)})
	})
}
