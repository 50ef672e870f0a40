package session

import (
	"encoding/base32"
	"encoding/binary"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

const (
	// shards share the lock and the stall of growing among as many parts.
	shards = 64
	// leastSlots is how many slots a shard begins with, and shrinks to.
	leastSlots = 16
	// mostBindings bounds what interning may take: wildcards among the origins
	// let one user come from any number of them. Beyond it all is forgotten.
	mostBindings = 1 << 16
)

// index keeps the sessions that were found in the store, by the hash of their
// token. It is open addressed and holds no pointer, so that a million sessions
// cost the garbage collector nothing, and is only a memory of what the store
// said: whatever is not in it is asked for.
type index struct {
	// version changes with every notice, before anything is forgotten: what was
	// read from the store under an older one is not put in.
	version  atomic.Uint64
	shards   [shards]shard
	bindings bindings
}

type shard struct {
	mu      sync.RWMutex
	entries []entry
	count   int
}

// entry is a session: 44 bytes. A binding of zero marks an empty slot.
type entry struct {
	hash    [16]byte // the first half of the token's SHA-256; none of 2^128 is met by chance
	user    [16]byte
	expires uint32 // seconds since 1970
	idle    uint32 // when it ends unless used; 0: no such limit
	binding uint32 // position in bindings, from 1
}

// binding is what many sessions have in common.
type binding struct {
	kind     oriel.SessionKind
	origin   string
	bindable bool
	provider string
	serial   int64
}

// bindings interns what sessions have in common. A position is never used for
// another binding, also after a clear: an entry that was read a moment before
// must not be taken for one of another origin.
type bindings struct {
	mu   sync.RWMutex
	base uint32 // positions up to it were cleared
	used uint32 // how many are in the list
	list []binding
	of   map[binding]uint32
}

func newIndex() *index {
	x := &index{}
	x.bindings.of = make(map[binding]uint32)
	return x
}

// find gives the entry and what it is bound to.
func (x *index) find(hash [32]byte) (entry, binding, bool) {
	s := x.shard(hash)
	s.mu.RLock()
	at, found := s.position(half(hash))
	var e entry
	if found {
		e = s.entries[at]
	}
	s.mu.RUnlock()
	if !found {
		return entry{}, binding{}, false
	}
	b, found := x.bindings.get(e.binding)
	return e, b, found
}

// put remembers a session that was read from the store under the version. It
// does not when anything may have changed since, or its user's id is not of
// the form that fits.
func (x *index) put(version uint64, hash [32]byte, session oriel.Session, now time.Time) {
	user, ok := packUser(session.User)
	if !ok {
		return
	}
	position, ok := x.bindings.intern(binding{session.Kind, session.Origin, session.Bindable, session.Provider, session.KeySerial})
	if !ok {
		x.forgetAll()
		return
	}
	e := entry{hash: half(hash), user: user, expires: seconds(session.Expires), binding: position}
	if !session.IdleEnds.IsZero() {
		e.idle = seconds(session.IdleEnds)
	}
	s := x.shard(hash)
	s.mu.Lock()
	defer s.mu.Unlock()
	if x.version.Load() != version {
		return
	}
	s.put(e, seconds(now))
}

// forget drops one session.
func (x *index) forget(hash [32]byte) {
	s := x.shard(hash)
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, found := s.position(half(hash)); found {
		s.remove(at)
	}
}

// forgetUser drops the sessions of a user.
func (x *index) forgetUser(id oriel.UserID) {
	user, ok := packUser(id)
	if !ok {
		return
	}
	for i := range x.shards {
		s := &x.shards[i]
		s.mu.Lock()
		s.keep(len(s.entries), func(e *entry) bool { return e.user != user })
		s.mu.Unlock()
	}
}

// forgetAll drops everything.
func (x *index) forgetAll() {
	x.version.Add(1)
	for i := range x.shards {
		s := &x.shards[i]
		s.mu.Lock()
		s.entries, s.count = nil, 0
		s.mu.Unlock()
	}
	x.bindings.clear()
}

// changed is to be called before what a notice is about is forgotten.
func (x *index) changed() { x.version.Add(1) }

func (x *index) shard(hash [32]byte) *shard { return &x.shards[hash[0]%shards] }

// home is where the search for a hash begins. Its first byte chose the shard.
func home(hash *[16]byte, slots int) int {
	return int(binary.LittleEndian.Uint32(hash[8:])) % slots
}

func (s *shard) position(hash [16]byte) (at int, found bool) {
	if len(s.entries) == 0 {
		return 0, false
	}
	for at = home(&hash, len(s.entries)); s.entries[at].binding != 0; {
		if s.entries[at].hash == hash {
			return at, true
		}
		if at++; at == len(s.entries) {
			at = 0
		}
	}
	return at, false
}

// put inserts or replaces. A shard that is three quarters full first drops what
// has expired, and grows by half when that is not enough.
func (s *shard) put(e entry, now uint32) {
	if (s.count+1)*4 > len(s.entries)*3 {
		live := 0
		for i := range s.entries {
			if s.entries[i].binding != 0 && s.entries[i].expires > now {
				live++
			}
		}
		slots := len(s.entries)
		if (live+1)*2 > slots { // less than a third would be gained
			slots += slots/2 + leastSlots
		}
		s.keep(slots, func(e *entry) bool { return e.expires > now })
	}
	at, found := s.position(e.hash)
	s.entries[at] = e
	if !found {
		s.count++
	}
}

// keep builds the shard anew with the entries that are to stay.
func (s *shard) keep(slots int, stays func(*entry) bool) {
	old := s.entries
	s.entries, s.count = make([]entry, slots), 0
	for i := range old {
		if old[i].binding != 0 && stays(&old[i]) {
			at, _ := s.position(old[i].hash)
			s.entries[at] = old[i]
			s.count++
		}
	}
}

// remove empties a slot and closes the gap: what was put behind it because it
// was taken moves up.
func (s *shard) remove(at int) {
	s.count--
	slots := len(s.entries)
	for next := at; ; {
		s.entries[at] = entry{}
		for {
			if next++; next == slots {
				next = 0
			}
			if s.entries[next].binding == 0 {
				return
			}
			// It may move to the gap unless its home lies behind it.
			if distance(home(&s.entries[next].hash, slots), next, slots) >= distance(at, next, slots) {
				break
			}
		}
		s.entries[at] = s.entries[next]
		at = next
	}
}

func distance(from, to, slots int) int {
	if to < from {
		return to + slots - from
	}
	return to - from
}

func (b *bindings) get(position uint32) (binding, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if position <= b.base || int(position-b.base) > len(b.list) {
		return binding{}, false
	}
	return b.list[position-b.base-1], true
}

// intern gives the position of a binding; not ok when there are too many.
func (b *bindings) intern(one binding) (position uint32, ok bool) {
	b.mu.RLock()
	position, ok = b.of[one]
	b.mu.RUnlock()
	if ok {
		return position, true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if position, ok = b.of[one]; ok {
		return position, true
	}
	if len(b.list) >= mostBindings {
		return 0, false
	}
	b.list = append(b.list, one)
	b.used++
	b.of[one] = b.base + b.used
	return b.of[one], true
}

func (b *bindings) clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.base += b.used
	b.used, b.list, b.of = 0, nil, make(map[binding]uint32)
}

func half(hash [32]byte) [16]byte { return [16]byte(hash[:16]) }

// seconds are since 1970, up to the year 2106.
func seconds(t time.Time) uint32 {
	unix := t.Unix()
	if unix < 0 {
		return 0
	}
	if unix > math.MaxUint32 {
		return math.MaxUint32
	}
	return uint32(unix)
}

// userEncoding is that of [oriel.NewID].
var userEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// packUser makes 16 bytes of a user's id; see [oriel.NewID].
func packUser(id oriel.UserID) (packed [16]byte, ok bool) {
	text, ok := strings.CutPrefix(string(id), "usr_")
	if !ok || len(text) != userEncoding.EncodedLen(len(packed)) {
		return packed, false
	}
	n, err := userEncoding.Decode(packed[:], []byte(text))
	return packed, err == nil && n == len(packed) && unpackUser(packed) == id
}

func unpackUser(packed [16]byte) oriel.UserID {
	return oriel.UserID("usr_" + userEncoding.EncodeToString(packed[:]))
}
