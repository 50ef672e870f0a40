package postgres

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// nativeSettings are what a customer's row security reads. Their names are
// fixed, so that no attribute's name is ever a setting's (the server folds case
// in those, and keeps a setting of an earlier transaction as an empty text), and
// each is set in every transaction, so that nothing is left of somebody else's.
// Attributes are JSON, each a list, so that a text can't pass for a list.
func nativeSettings(n access.NativeUser) ([][2]string, error) {
	all := [][2]string{{"oriel.user_id", string(n.ID)}, {"oriel.user_email", n.Email}, {"oriel.tenant", string(n.Tenant)}}
	for _, s := range []struct {
		name  string
		value any
	}{
		{"oriel.groups", append([]oriel.GroupKey{}, n.Groups...)},
		{"oriel.attributes", listed(n.Attributes)},
		{"oriel.tenant_attributes", listed(n.TenantAttributes)},
	} {
		text, err := json.Marshal(s.value)
		if err != nil {
			return nil, err
		}
		all = append(all, [2]string{s.name, string(text)})
	}
	return all, nil
}

func listed(attributes oriel.Attributes) map[string][]string {
	lists := make(map[string][]string, len(attributes))
	for name, value := range attributes {
		lists[name] = append([]string{}, value.Values...)
	}
	return lists
}

// tellStatement sets them for the transaction; the values are bound.
func tellStatement(n access.NativeUser) (source.Statement, error) {
	settings, err := nativeSettings(n)
	if err != nil {
		return source.Statement{}, err
	}
	calls := make([]string, len(settings))
	var arguments []oriel.Scalar
	for i, s := range settings {
		calls[i] = "pg_catalog.set_config('" + s[0] + "', $" + strconv.Itoa(i+1) + ", true)"
		arguments = append(arguments, oriel.TextScalar(s[1]))
	}
	return source.Statement{Text: "SELECT " + strings.Join(calls, ", "), Arguments: arguments}, nil
}

// tell lets the source's own row security read who asks, until the transaction
// ends.
func tell(ctx context.Context, conn *pgconn.PgConn, n access.NativeUser) error {
	statement, err := tellStatement(n)
	if err != nil {
		return err
	}
	values, oids, err := bindAll(statement.Arguments)
	if err != nil {
		return err
	}
	_, err = conn.ExecParams(ctx, statement.Text, values, oids, nil, nil).Close()
	return err
}
