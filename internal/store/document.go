package store

import (
	"encoding/json"
	"fmt"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// noun is a kind of thing that is kept as one document under its key.
type noun struct {
	kind                              string
	all, find, insert, update, delete string
}

// The nouns that are documents.
var (
	groupNoun = noun{"group",
		`SELECT document FROM groups ORDER BY key`,
		`SELECT document FROM groups WHERE key = ?`,
		`INSERT INTO groups (document, key) VALUES (?, ?)`,
		`UPDATE groups SET document = ? WHERE key = ?`,
		`DELETE FROM groups WHERE key = ?`}
	sourceNoun = noun{"source",
		`SELECT document FROM sources ORDER BY key`,
		`SELECT document FROM sources WHERE key = ?`,
		`INSERT INTO sources (document, key) VALUES (?, ?)`,
		`UPDATE sources SET document = ? WHERE key = ?`,
		`DELETE FROM sources WHERE key = ?`}
	modelNoun = noun{"model",
		`SELECT document FROM models ORDER BY key`,
		`SELECT document FROM models WHERE key = ?`,
		`INSERT INTO models (document, key) VALUES (?, ?)`,
		`UPDATE models SET document = ? WHERE key = ?`,
		`DELETE FROM models WHERE key = ?`}
	collectionNoun = noun{"collection",
		`SELECT document FROM collections ORDER BY key`,
		`SELECT document FROM collections WHERE key = ?`,
		`INSERT INTO collections (document, key) VALUES (?, ?)`,
		`UPDATE collections SET document = ? WHERE key = ?`,
		`DELETE FROM collections WHERE key = ?`}
	questionNoun = noun{"question",
		`SELECT document FROM questions ORDER BY key`,
		`SELECT document FROM questions WHERE key = ?`,
		`INSERT INTO questions (document, key) VALUES (?, ?)`,
		`UPDATE questions SET document = ? WHERE key = ?`,
		`DELETE FROM questions WHERE key = ?`}
	// Tests are put by putPolicyTest, which knows of their users.
	policyTestNoun = noun{kind: "policy_test", all: `SELECT document FROM policy_tests ORDER BY name`}
	dashboardNoun  = noun{"dashboard",
		`SELECT document FROM dashboards ORDER BY key`,
		`SELECT document FROM dashboards WHERE key = ?`,
		`INSERT INTO dashboards (document, key) VALUES (?, ?)`,
		`UPDATE dashboards SET document = ? WHERE key = ?`,
		`DELETE FROM dashboards WHERE key = ?`}
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

// create is put for what must not be there yet. It fails with conflict.
func (a *applying) create(n noun, key string, value any) error {
	var before string
	found, err := a.tx.find("find a "+n.kind, n.find, []any{key}, &before)
	if err == nil && found {
		err = oriel.E(oriel.CodeConflict, "there is a %s %q already", n.kind, key)
	}
	if err != nil {
		return err
	}
	return a.put(n, key, value)
}

// remove takes away what is there.
func (a *applying) remove(n noun, key string) error {
	var before string
	if _, err := a.tx.find("find a "+n.kind, n.find, []any{key}, &before); err != nil {
		return err
	}
	if err := a.tx.change("delete a "+n.kind, n.delete, key); err != nil {
		return err
	}
	return a.changed(n.kind, key, before, "")
}

// needDocument reads one thing of a noun. It fails with not_found.
func needDocument[T any](a *applying, n noun, key string) (one T, err error) {
	var text string
	found, err := a.tx.find("find a "+n.kind, n.find, []any{key}, &text)
	switch {
	case err != nil:
		return one, err
	case !found:
		return one, &oriel.Error{Code: oriel.CodeNotFound}
	}
	if err := json.Unmarshal([]byte(text), &one); err != nil {
		return one, fmt.Errorf("read a stored %s: %w", n.kind, err)
	}
	return one, nil
}
