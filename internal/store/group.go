package store

import "github.com/oriel-bi/oriel/internal/oriel"

// AddToGroup puts a user into a group. It fails when there is no such group.
func (tx *Tx) AddToGroup(user oriel.UserID, group oriel.GroupKey) error {
	return tx.personChanged(user, tx.change("add a user to group "+string(group),
		`INSERT INTO group_members (user_id, group_key) VALUES (?, ?)`, string(user), string(group)))
}

// RemoveFromGroup takes a user out of a group.
func (tx *Tx) RemoveFromGroup(user oriel.UserID, group oriel.GroupKey) error {
	return tx.personChanged(user, tx.change("remove a user from group "+string(group),
		`DELETE FROM group_members WHERE user_id = ? AND group_key = ?`, string(user), string(group)))
}
