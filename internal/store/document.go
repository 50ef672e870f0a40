package store

import "fmt"

// noun is a kind of thing that is kept as one document under its key.
type noun struct {
	kind                      string
	all, find, insert, update string
}

// The nouns that are documents.
var (
	groupNoun = noun{"group",
		`SELECT document FROM groups ORDER BY key`,
		`SELECT document FROM groups WHERE key = ?`,
		`INSERT INTO groups (document, key) VALUES (?, ?)`,
		`UPDATE groups SET document = ? WHERE key = ?`}
	sourceNoun = noun{"source",
		`SELECT document FROM sources ORDER BY key`,
		`SELECT document FROM sources WHERE key = ?`,
		`INSERT INTO sources (document, key) VALUES (?, ?)`,
		`UPDATE sources SET document = ? WHERE key = ?`}
	modelNoun = noun{"model",
		`SELECT document FROM models ORDER BY key`,
		`SELECT document FROM models WHERE key = ?`,
		`INSERT INTO models (document, key) VALUES (?, ?)`,
		`UPDATE models SET document = ? WHERE key = ?`}
	collectionNoun = noun{"collection",
		`SELECT document FROM collections ORDER BY key`,
		`SELECT document FROM collections WHERE key = ?`,
		`INSERT INTO collections (document, key) VALUES (?, ?)`,
		`UPDATE collections SET document = ? WHERE key = ?`}
	questionNoun = noun{"question",
		`SELECT document FROM questions ORDER BY key`,
		`SELECT document FROM questions WHERE key = ?`,
		`INSERT INTO questions (document, key) VALUES (?, ?)`,
		`UPDATE questions SET document = ? WHERE key = ?`}
	// Tests are put by putPolicyTest, which knows of their users.
	policyTestNoun = noun{kind: "policy_test", all: `SELECT document FROM policy_tests ORDER BY name`}
	dashboardNoun  = noun{"dashboard",
		`SELECT document FROM dashboards ORDER BY key`,
		`SELECT document FROM dashboards WHERE key = ?`,
		`INSERT INTO dashboards (document, key) VALUES (?, ?)`,
		`UPDATE dashboards SET document = ? WHERE key = ?`}
)

// put keeps a document under its key, when it is another than the one there.
func (a *applying) put(n noun, key string, value any) error {
	next, err := document(value)
	if err != nil {
		return err
	}
	var before string
	found, err := a.tx.find("read "+n.kind+" "+key, n.find, []any{key}, &before)
	if err != nil {
		return err
	}
	switch {
	case !found:
		err = a.tx.change("create "+n.kind+" "+key, n.insert, next, key)
	case before == next:
		return nil
	default:
		err = a.tx.change("update "+n.kind+" "+key, n.update, next, key)
	}
	if err != nil {
		return err
	}
	return a.changed(n.kind, key, before, next)
}

// putAll keeps all documents of a noun.
func putAll[T any](a *applying, n noun, all []T, key func(T) string) error {
	for _, one := range all {
		if key(one) == "" {
			return fmt.Errorf("apply a %s: it has no key", n.kind)
		}
		if err := a.put(n, key(one), one); err != nil {
			return err
		}
	}
	return nil
}
