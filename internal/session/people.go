package session

import (
	"sync"
	"sync/atomic"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// mostPeople is how many users' principals are kept; beyond it some are
// forgotten and read again when they come back.
const mostPeople = 10_000

// people keeps the principals of users who may act, by user. It is a memory of
// what the store said, as the index is.
type people struct {
	version atomic.Uint64
	mu      sync.RWMutex
	kept    map[[16]byte][]acting
}

// acting is a user in a kind of session of a provider: the attributes that
// hold are those that this provider brought.
type acting struct {
	provider  string
	kind      oriel.SessionKind
	principal oriel.Principal
}

func newPeople() *people { return &people{kept: make(map[[16]byte][]acting)} }

func (p *people) find(user [16]byte, provider string, kind oriel.SessionKind) (oriel.Principal, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for i := range p.kept[user] {
		if one := &p.kept[user][i]; one.provider == provider && one.kind == kind {
			return one.principal, true
		}
	}
	return oriel.Principal{}, false
}

// put remembers a principal that was read from the store under the version.
func (p *people) put(version uint64, user [16]byte, provider string, kind oriel.SessionKind, principal oriel.Principal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.version.Load() != version {
		return
	}
	for i := range p.kept[user] {
		if one := &p.kept[user][i]; one.provider == provider && one.kind == kind {
			return
		}
	}
	if len(p.kept) >= mostPeople {
		for other := range p.kept { // whichever comes first
			delete(p.kept, other)
			break
		}
	}
	p.kept[user] = append(p.kept[user], acting{provider, kind, principal})
}

func (p *people) forget(id oriel.UserID) {
	user, ok := packUser(id)
	if !ok {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.kept, user)
}

func (p *people) forgetAll() {
	p.version.Add(1)
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.kept)
}

// changed is to be called before what a notice is about is forgotten.
func (p *people) changed() { p.version.Add(1) }
