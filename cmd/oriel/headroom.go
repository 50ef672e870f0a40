package main

import "runtime"

// headroom is how much garbage may gather before the first collection. What the
// server keeps is a few MiB; Go collects when that has doubled, which under a
// load of sign-ins is many times a second and a fifth of all its CPU time.
const headroom = 64 << 20

// reserveHeadroom counts so many bytes as kept until release is called. They
// are never touched and so are no memory of the machine's, and a heap that has
// grown large still at most doubles: a greater GOGC would multiply it. Whoever
// sets GOGC or GOMEMLIMIT has said what they want.
func (p process) reserveHeadroom() (release func()) {
	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		if value, found := p.lookup(name); found && value != "" {
			return func() {}
		}
	}
	reserved := make([]byte, headroom)
	return func() { runtime.KeepAlive(reserved) }
}
