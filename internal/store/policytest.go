package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// mostPolicyTests bounds what one change of policies has to run.
const mostPolicyTests = 1000

// putPolicyTests keeps tests by name. One that names a user of the store keeps
// the id alone: the address is the user's, and may change.
func (a *applying) putPolicyTests(tests []oriel.PolicyTest) error {
	for _, test := range tests {
		if test.User != "" {
			user, err := a.testUser(test.User)
			if err != nil {
				return fmt.Errorf("keep policy test %q: %w", test.Name, err)
			}
			test.User = string(user)
		}
		if err := a.putPolicyTest(test); err != nil {
			return err
		}
	}
	if len(tests) == 0 {
		return nil
	}
	var n int
	if _, err := a.tx.find("count the policy tests", `SELECT count(*) FROM policy_tests`, nil, &n); err != nil {
		return err
	}
	if n > mostPolicyTests {
		return oriel.E(oriel.CodeConflict, "There are %d policy tests, and %d are allowed: delete some first.", n, mostPolicyTests)
	}
	return nil
}

func (a *applying) putPolicyTest(test oriel.PolicyTest) error {
	next, err := document(test)
	if err != nil {
		return err
	}
	var before string
	_, err = a.tx.find("read a policy test", `SELECT document FROM policy_tests WHERE name = ?`, []any{test.Name}, &before)
	if err != nil || before == next {
		return err
	}
	err = a.tx.change("keep a policy test", `INSERT INTO policy_tests (name, user_id, document) VALUES (?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET user_id = excluded.user_id, document = excluded.document`, test.Name, orNull(test.User), next)
	if err != nil {
		return err
	}
	return a.changed("policy_test", test.Name, before, next)
}

func (a *applying) testUser(named string) (oriel.UserID, error) {
	find := a.tx.FindUserByEmail
	if !strings.Contains(named, "@") {
		find = func(id string) (oriel.User, bool, error) { return a.tx.FindUser(oriel.UserID(id)) }
	}
	u, found, err := find(oriel.EmailKey(named))
	if err == nil && !found {
		err = oriel.E(oriel.CodeInvalidRequest, "there is no user %s", oriel.Quoted(named))
	}
	return u.ID, err
}

// DeletePolicyTest takes a test away. It fails with not_found.
func (s *Store) DeletePolicyTest(ctx context.Context, who, name string) error {
	_, err := s.declare(ctx, who, func(a *applying) error { return a.deletePolicyTest(name) })
	return err
}

func (a *applying) deletePolicyTest(name string) error {
	var before string
	found, err := a.tx.find("read a policy test", `SELECT document FROM policy_tests WHERE name = ?`, []any{name}, &before)
	switch {
	case err != nil:
		return err
	case !found:
		return &oriel.Error{Code: oriel.CodeNotFound}
	}
	if err := a.tx.change("delete a policy test", `DELETE FROM policy_tests WHERE name = ?`, name); err != nil {
		return err
	}
	return a.changed("policy_test", name, before, "")
}

// deleteTestsOf takes away the tests that name a user, who is to be erased.
func (a *applying) deleteTestsOf(user oriel.UserID) error {
	names, err := a.tx.texts("find a user's policy tests", `SELECT name FROM policy_tests WHERE user_id = ? ORDER BY name`, string(user))
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := a.deletePolicyTest(name); err != nil {
			return err
		}
	}
	return nil
}
