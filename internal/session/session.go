package session

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Session is a session as the store knows it.
type Session = oriel.Session

// The least, usual and greatest lifetime of an embed session; it is absolute.
const (
	MinLifetime     = time.Minute
	DefaultLifetime = 10 * time.Minute
	MaxLifetime     = 24 * time.Hour
)

// How long an interactive session lives: unless it is used, and in all (§4).
const (
	InteractiveIdle     = 30 * time.Minute
	InteractiveLifetime = 12 * time.Hour
	// touchEvery is how exactly the idle end is kept.
	touchEvery = time.Minute
)

// Store is what sessions need of the store outside of a sign-in.
type Store interface {
	// FindSession finds a session by the SHA-256 of its token, with what
	// decides whether it may be used, all read at one moment.
	FindSession(ctx context.Context, tokenHash [32]byte) (oriel.SessionState, bool, error)
	// FindPerson finds what decides about a user now, with the attributes that
	// the provider brought.
	FindPerson(ctx context.Context, user oriel.UserID, provider string) (oriel.Person, bool, error)
	// Watch passes on what changed, and Confirm fails when it is not known
	// whether something did.
	Watch(fn func([]oriel.Notice))
	Confirm(ctx context.Context) error

	FindUserDetail(ctx context.Context, user oriel.UserID) (oriel.UserDetail, bool, error)
	CreateViewAs(ctx context.Context, who string, s Session, tokenHash [32]byte) error

	BindSession(ctx context.Context, tokenHash [32]byte, origin string) (bool, error)
	TouchSession(ctx context.Context, tokenHash [32]byte, idleEnds time.Time) error
	ListSessions(ctx context.Context, f oriel.SessionFilter, now time.Time, after string, limit int) ([]Session, error)

	EndOwnSession(ctx context.Context, tokenHash [32]byte, at time.Time) (bool, error)
	EndSession(ctx context.Context, who, id string, owner oriel.UserID, at time.Time) (bool, error)
	EndUserSessions(ctx context.Context, who string, user oriel.UserID, at time.Time) (int, error)
	EndTenantSessions(ctx context.Context, who string, tenant oriel.TenantSlug, at time.Time) (int, error)
	EndKeySessions(ctx context.Context, who, slug, kid string, at time.Time) (int, error)
}

// Tx is what issuing a session needs of the sign-in's transaction.
type Tx interface {
	InsertSession(s oriel.Session, tokenHash [32]byte) error
}

// Options set up sessions.
type Options struct {
	Store    Store
	Lifetime time.Duration // of embed and backend sessions; zero is [DefaultLifetime]
	// OriginAllowed tells whether an origin is authorized now for the provider
	// with the id and a user of the tenant: a session that waits for its first
	// one takes no other. Nil allows none.
	OriginAllowed func(provider string, tenant oriel.TenantSlug, origin string) bool
	// EmbeddingOff refuses the sessions of embeds, also those that were made
	// before it was switched off; InteractiveOff those of browsers.
	EmbeddingOff, InteractiveOff bool
	// Viewing tells who may view as somebody else; nil lets nobody.
	Viewing Viewing
	Clock   func() time.Time
	Random  io.Reader
}

// Sessions issues, checks and ends sessions.
type Sessions struct {
	options Options
	index   *index
	people  *people
}

// New makes Sessions. It fails when the lifetime is outside of its limits.
func New(options Options) (*Sessions, error) {
	if options.Lifetime == 0 {
		options.Lifetime = DefaultLifetime
	}
	if options.Lifetime < MinLifetime || options.Lifetime > MaxLifetime {
		return nil, errors.New("the lifetime of embed sessions must be between 1 minute and 24 hours")
	}
	if options.OriginAllowed == nil {
		options.OriginAllowed = func(string, oriel.TenantSlug, string) bool { return false }
	}
	s := &Sessions{options: options, index: newIndex(), people: newPeople()}
	options.Store.Watch(s.heed)
	return s, nil
}

// heed forgets what notices are about. It runs before the write that they are
// of is answered.
func (s *Sessions) heed(notices []oriel.Notice) {
	s.index.changed()
	s.people.changed()
	for _, n := range notices {
		switch n.Kind {
		case oriel.NoticeSession:
			if hash, err := hex.DecodeString(n.Key); err == nil && len(hash) == 32 {
				s.index.forget([32]byte(hash))
				continue
			}
		case oriel.NoticeUser:
			s.people.forget(oriel.UserID(n.Key))
			continue
		case oriel.NoticeUserSessions:
			s.people.forget(oriel.UserID(n.Key))
			s.index.forgetUser(oriel.UserID(n.Key))
			continue
		case oriel.NoticeAll:
		}
		s.index.forgetAll()
		s.people.forgetAll()
	}
}
