package httpapi

import (
	"context"
	"encoding/json"

	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
)

// People are users, groups, tenants and permissions, as administrators keep them.
type People interface {
	Users(ctx context.Context, p oriel.Principal, f oriel.UserFilter, after oriel.UserID, limit int) ([]oriel.User, error)
	User(ctx context.Context, p oriel.Principal, id oriel.UserID) (oriel.UserDetail, error)
	CreateUser(ctx context.Context, p oriel.Principal, wanted directory.NewUser) (oriel.UserDetail, error)
	UpdateUser(ctx context.Context, p oriel.Principal, id oriel.UserID, c oriel.UserChange) (oriel.UserDetail, error)
	SetMembership(ctx context.Context, p oriel.Principal, id oriel.UserID, group oriel.GroupKey, in bool) error
	EraseUser(ctx context.Context, p oriel.Principal, id oriel.UserID) error

	Groups(ctx context.Context, p oriel.Principal) ([]oriel.Group, error)
	CreateGroup(ctx context.Context, p oriel.Principal, key oriel.GroupKey, name string) (oriel.Group, error)
	RenameGroup(ctx context.Context, p oriel.Principal, key oriel.GroupKey, name string) (oriel.Group, error)
	DeleteGroup(ctx context.Context, p oriel.Principal, key oriel.GroupKey) error

	Permissions(ctx context.Context, p oriel.Principal) (directory.Permissions, error)
	ChangePermissions(ctx context.Context, p oriel.Principal, key oriel.GroupKey, c oriel.GroupChange) (oriel.Group, error)

	Tenants(ctx context.Context, p oriel.Principal) ([]oriel.Tenant, error)
	Tenant(ctx context.Context, p oriel.Principal, slug oriel.TenantSlug) (oriel.Tenant, error)
	CreateTenant(ctx context.Context, p oriel.Principal, slug oriel.TenantSlug, wanted directory.TenantRequest) (oriel.Tenant, error)
	UpdateTenant(ctx context.Context, p oriel.Principal, slug oriel.TenantSlug, wanted directory.TenantRequest) (oriel.Tenant, error)
	DeleteTenant(ctx context.Context, p oriel.Principal, slug oriel.TenantSlug) error
}

// Trail tells who changed what.
type Trail interface {
	Entries(ctx context.Context, p oriel.Principal, f oriel.AuditFilter, limit int) ([]oriel.AuditEntry, error)
	Export(ctx context.Context, p oriel.Principal, f oriel.AuditFilter, each func(oriel.AuditEntry) error) error
}

// Viewing makes sessions that see what somebody else sees.
type Viewing interface {
	ViewAs(ctx context.Context, p oriel.Principal, user oriel.UserID, provider string) (session.Issued, error)
}

// parseGiven reads a member that must be a string into a pointer; nil without it.
func parseGiven(members map[string]json.RawMessage, name string) (*string, error) {
	text, found, err := parseText(members, name)
	if err != nil || !found {
		return nil, err
	}
	return &text, nil
}

// parseSwitch reads a member that must be true or false; nil without it.
func parseSwitch(members map[string]json.RawMessage, name string) (*bool, error) {
	switch raw, found := members[name]; {
	case !found:
		return nil, nil
	case string(raw) == "true":
		on := true
		return &on, nil
	case string(raw) == "false":
		off := false
		return &off, nil
	}
	return nil, fieldError(name, "This must be true or false.")
}

// parseAttributes reads a member that has attributes by name.
func parseAttributes(members map[string]json.RawMessage, name string) (oriel.AttributeChange, error) {
	raw, found := members[name]
	if !found {
		return nil, nil
	}
	byName, err := parseObject(raw, anyName)
	if err != nil {
		return nil, fieldError(name, "This must be an object with attributes by name, each once.")
	}
	change := oriel.AttributeChange{}
	for attribute, raw := range byName {
		value, err := parseAttribute(raw)
		if err != nil {
			return nil, fieldError(name, "An attribute is a text, a number, true or false, a list of these, or null to take it away.")
		}
		change[attribute] = value
	}
	return change, nil
}

func parseAttribute(raw json.RawMessage) (*oriel.AttributeValue, error) {
	if string(raw) == "null" {
		return nil, nil
	}
	if raw[0] != '[' {
		text, err := parseScalar(raw)
		value := oriel.Text(text)
		return &value, err
	}
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return nil, err
	}
	value := oriel.TextList()
	for _, item := range items {
		text, err := parseScalar(item)
		if err != nil {
			return nil, err
		}
		value.Values = append(value.Values, text)
	}
	return &value, nil
}

// parseScalar gives a text as it is, a number and a boolean as their JSON text,
// as a token's claims become attributes (sign-in contract §2).
func parseScalar(raw json.RawMessage) (string, error) {
	switch raw[0] {
	case '"':
		var text string
		err := json.Unmarshal(raw, &text)
		return text, err
	case '{', '[', 'n':
		return "", oriel.E(oriel.CodeInvalidRequest, "not a scalar")
	}
	return string(raw), nil
}

func wireAttribute(value oriel.AttributeValue) any {
	switch {
	case value.List:
		return append([]string{}, value.Values...)
	case len(value.Values) > 0:
		return value.Values[0]
	}
	return ""
}

func wireAttributes(attributes oriel.Attributes) map[string]any {
	out := make(map[string]any, len(attributes))
	for name, value := range attributes {
		out[name] = wireAttribute(value)
	}
	return out
}

func wireTexts[T ~string](list []T) []string {
	out := make([]string, 0, len(list))
	for _, one := range list {
		out = append(out, string(one))
	}
	return out
}
