package main

import "fmt"

// counts are what one round came to; those of the second half must be nought.
type counts struct {
	answered  int // sign-ins that were answered before the kill
	committed int // under way at the kill, and in the store without an answer
	lost      int // under way at the kill, and not in the store

	missing int // answered sessions that do not work after the restart
	twice   int // tokens that were accepted a second time
	wrong   int // other answers than the contract's
	rows    int // persons with another number of users, sessions or records than their tokens make
}

func (c *counts) add(other counts) {
	c.answered += other.answered
	c.committed += other.committed
	c.lost += other.lost
	c.missing += other.missing
	c.twice += other.twice
	c.wrong += other.wrong
	c.rows += other.rows
}

func (c counts) String() string {
	return fmt.Sprintf("%5d answered, %3d under way (%3d in the store, %3d not) | %d missing, %d accepted twice, %d answered wrongly, %d with wrong rows",
		c.answered, c.committed+c.lost, c.committed, c.lost, c.missing, c.twice, c.wrong, c.rows)
}

// broken tells whether a promise was.
func (c counts) broken() bool { return c.missing+c.twice+c.wrong+c.rows > 0 }
