package main

import "time"

// heeds waits until what was done elsewhere is in force, within the second that
// is promised for it.
func (h *caseHouse) heeds(what string, ok func() bool) {
	h.Helper()
	h.within(time.Second, what, ok)
}

// comes waits for what nobody promises a time for; a busy machine takes its own.
func (h *caseHouse) comes(what string, ok func() bool) {
	h.Helper()
	h.within(30*time.Second, what, ok)
}

func (h *caseHouse) within(limit time.Duration, what string, ok func() bool) {
	h.Helper()
	for end := time.Now().Add(limit); ; time.Sleep(10 * time.Millisecond) {
		asked := time.Now()
		if ok() {
			return
		}
		if asked.After(end) {
			h.Fatalf("after %s: %s", limit, what)
		}
	}
}
