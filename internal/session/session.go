package session

import (
	"context"
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

// Store is what sessions need of the store outside of a sign-in.
type Store interface {
	// FindSession finds a session by the SHA-256 of its token, with what
	// decides whether it may be used, all read at one moment.
	FindSession(ctx context.Context, tokenHash [32]byte) (oriel.SessionState, bool, error)
	// EndSession ends a session of the owner's; false when there is none.
	EndSession(ctx context.Context, id string, owner oriel.UserID, at time.Time) (bool, error)
}

// Tx is what issuing a session needs of the sign-in's transaction.
type Tx interface {
	InsertSession(s oriel.Session, tokenHash [32]byte) error
}

// Options set up sessions.
type Options struct {
	Store    Store
	Lifetime time.Duration // of embed sessions; zero is [DefaultLifetime]
	Clock    func() time.Time
	Random   io.Reader
}

// Sessions issues, checks and ends sessions.
type Sessions struct{ options Options }

// New makes Sessions. It fails when the lifetime is outside of its limits.
func New(options Options) (*Sessions, error) {
	if options.Lifetime == 0 {
		options.Lifetime = DefaultLifetime
	}
	if options.Lifetime < MinLifetime || options.Lifetime > MaxLifetime {
		return nil, errors.New("the lifetime of embed sessions must be between 1 minute and 24 hours")
	}
	return &Sessions{options: options}, nil
}
