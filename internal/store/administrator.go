package store

import "github.com/oriel-bi/oriel/internal/oriel"

// keepingAdministrator takes a step after which somebody must still be able to
// administer everything, when somebody was before. It fails with conflict when
// the step would leave nobody, unless the operator takes it: who runs the
// command on the machine can make an administrator again.
func (tx *Tx) keepingAdministrator(who string, step func() error) error {
	before, err := tx.hasAdministrator()
	if err != nil {
		return err
	}
	if err := step(); err != nil {
		return err
	}
	after, err := tx.hasAdministrator()
	if err == nil && before && !after && who != operator {
		err = oriel.E(oriel.CodeConflict, "This would leave nobody who may administer everything: make somebody else an administrator first.")
	}
	return err
}

// hasAdministrator tells whether some administrator could be signed in.
func (tx *Tx) hasAdministrator() (bool, error) {
	var one int
	return tx.find("find an administrator", `
		SELECT 1 FROM group_members m JOIN users u ON u.id = m.user_id LEFT JOIN tenants t ON t.slug = u.tenant
		WHERE m.group_key = ? AND u.active AND coalesce(t.active, 1) LIMIT 1`, []any{string(oriel.GroupAdministrators)}, &one)
}
