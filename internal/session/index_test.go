package session

import (
	"crypto/rand"
	"encoding/binary"
	mathrand "math/rand/v2"
	"runtime"
	"strconv"
	"testing"
	"time"
	"unsafe"

	"github.com/oriel-bi/oriel/internal/oriel"
)

func indexed(t testing.TB, n int) (hash [32]byte, s oriel.Session) {
	t.Helper()
	binary.BigEndian.PutUint64(hash[:], uint64(n)*0x9e3779b97f4a7c15)
	binary.BigEndian.PutUint64(hash[8:], uint64(n)*0xbf58476d1ce4e5b9)
	id, err := oriel.NewID(rand.Reader, "usr_")
	if err != nil {
		t.Fatal(err)
	}
	return hash, oriel.Session{
		User: oriel.UserID(id), Kind: oriel.SessionEmbed, Provider: "prv_1", KeySerial: 1,
		Origin: "https://app" + strconv.Itoa(n%10) + ".example.com", Expires: time.Unix(int64(2_000_000+n%1000), 0),
	}
}

// Whatever is put in, dropped and expires: the index holds what a map would.
func TestIndex_holdsWhatAMapWould(t *testing.T) {
	seed := uint64(20261125)
	random := mathrand.New(mathrand.NewPCG(seed, seed))
	x, model := newIndex(), map[[32]byte]oriel.Session{}
	now := time.Unix(1_000_000, 0)
	for step := range 200_000 {
		hash, s := indexed(t, random.IntN(3000))
		// Few homes, so that runs are long and wrap around.
		copy(hash[8:], []byte{0, 0, 0, 0, 0, 0, byte(random.IntN(3)), 0xff * byte(random.IntN(2))})
		switch random.IntN(5) {
		case 0, 1, 2:
			s.Expires = now.Add(time.Duration(1+random.IntN(2000)) * time.Second)
			x.put(x.version.Load(), hash, s, now)
			model[hash] = s
		case 3:
			x.forget(hash)
			delete(model, hash)
		case 4:
			now = now.Add(time.Second)
		}
		e, b, found := x.find(hash)
		want, there := model[hash]
		if there && !want.Expires.After(now) {
			continue // it may be dropped at any time
		}
		if found != there {
			t.Fatalf("step %d: found %v, want %v", step, found, there)
		}
		if found && (unpackUser(e.user) != want.User || b.origin != want.Origin || e.expires != seconds(want.Expires)) {
			t.Fatalf("step %d: another session was found", step)
		}
	}
	for hash, want := range model {
		if e, _, found := x.find(hash); want.Expires.After(now) && (!found || unpackUser(e.user) != want.User) {
			t.Fatal("a session is missing at the end")
		}
	}
}

func TestIndex_whatWasReadBeforeAChangeIsNotKept(t *testing.T) {
	x := newIndex()
	hash, s := indexed(t, 1)
	version := x.version.Load()
	x.changed()
	x.put(version, hash, s, time.Unix(0, 0))
	if _, _, found := x.find(hash); found {
		t.Error("a session that was read before a change is remembered after it")
	}
	p := newPeople()
	version = p.version.Load()
	p.changed()
	p.put(version, [16]byte{1}, "prv_1", oriel.SessionEmbed, oriel.Operator())
	if _, found := p.find([16]byte{1}, "prv_1", oriel.SessionEmbed); found {
		t.Error("a principal that was read before a change is remembered after it")
	}
}

func TestIndex_forgetsAUsersSessionsAndNoOther(t *testing.T) {
	x := newIndex()
	var users []oriel.UserID
	for n := range 500 {
		hash, s := indexed(t, n)
		if n%5 == 0 && n > 0 {
			s.User = users[0]
		}
		users = append(users, s.User)
		x.put(x.version.Load(), hash, s, time.Unix(0, 0))
	}
	x.forgetUser(users[0])
	for n := range 500 {
		hash, _ := indexed(t, n)
		if _, _, found := x.find(hash); found == (n%5 == 0) {
			t.Fatalf("session %d: found is %v", n, found)
		}
	}
}

// A position that was read before everything was forgotten means nothing after.
func TestIndex_positionsAreNotUsedAgain(t *testing.T) {
	x := newIndex()
	position, _ := x.bindings.intern(binding{origin: "https://one.example.com"})
	x.forgetAll()
	next, _ := x.bindings.intern(binding{origin: "https://two.example.com"})
	if _, found := x.bindings.get(position); found || next == position {
		t.Error("a position was used for two bindings")
	}
}

func TestIndex_manyOriginsDoNotFillTheMemory(t *testing.T) {
	x := newIndex()
	for n := range mostBindings + 10 {
		hash, s := indexed(t, n)
		s.Origin = "https://a" + strconv.Itoa(n) + ".example.com"
		x.put(x.version.Load(), hash, s, time.Unix(0, 0))
		if len(x.bindings.list) > mostBindings {
			t.Fatal("there are more bindings than there may be")
		}
	}
}

func TestPeople_areBounded(t *testing.T) {
	p := newPeople()
	for n := range mostPeople + 100 {
		var user [16]byte
		binary.BigEndian.PutUint64(user[:], uint64(n))
		p.put(p.version.Load(), user, "prv_1", oriel.SessionEmbed, oriel.Principal{})
	}
	if len(p.kept) > mostPeople {
		t.Errorf("%d principals are kept", len(p.kept))
	}
}

// A million live sessions: bytes for each, and how long a collection takes.
func BenchmarkIndex_aMillionSessions(b *testing.B) {
	const many = 1_000_000
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	x, now := newIndex(), time.Unix(0, 0)
	user := oriel.UserID("usr_" + "abcdefghijklmnopqrstuvwxya")
	for n := range many {
		hash, _ := [32]byte{}, 0
		binary.LittleEndian.PutUint64(hash[:], uint64(n)*0x9e3779b97f4a7c15)
		binary.LittleEndian.PutUint64(hash[8:], uint64(n+1)*0xbf58476d1ce4e5b9)
		x.put(x.version.Load(), hash, oriel.Session{User: user, Kind: oriel.SessionEmbed, Origin: "https://app.example.com", Expires: time.Unix(4e9, 0)}, now)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	var collections time.Duration
	for b.Loop() {
		began := time.Now()
		runtime.GC()
		collections += time.Since(began)
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/many, "bytes/session")
	b.ReportMetric(float64(unsafe.Sizeof(entry{})), "bytes/slot")
	b.ReportMetric(float64(collections.Microseconds())/float64(b.N)/1000, "ms/collection")
	runtime.KeepAlive(x)
}
