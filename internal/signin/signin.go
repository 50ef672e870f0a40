package signin

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/oriel-bi/oriel/internal/audit"
	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/limit"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
)

// TokenVerifier turns host tokens into identities; signin/jwt has it.
type TokenVerifier interface {
	// Hints tells kid and issuer of a token that is not yet verified, only to
	// choose the provider by.
	Hints(token string) (kid, issuer string, err error)
	// Verify checks a token against a provider. The evidence tells the checks
	// that were made, also when it is refused.
	Verify(ctx context.Context, token string, p oriel.Provider, now time.Time) (oriel.Identity, oriel.Evidence, error)
	// VerifyLogout does it with a host's logout token. Neither takes the
	// other's tokens.
	VerifyLogout(ctx context.Context, token string, p oriel.Provider, now time.Time) (oriel.Logout, oriel.Evidence, error)
}

// Tx is all that a sign-in does in its transaction.
type Tx interface {
	directory.Tx
	session.Tx
	// KeyStands tells whether the provider is on and has the very key.
	KeyStands(provider string, serial int64) (on, live bool, err error)
	// SpendToken fails with token_replayed when the token was used before.
	SpendToken(oneUse [32]byte, until time.Time) error
	// RevokedUntil is the latest moment until which tokens for the subject, the
	// host session, the SAML name (nil: none), the tenant or of the key were revoked;
	// zero: none was.
	RevokedUntil(provider, subject, hostSID string, name *oriel.NameID, tenant oriel.TenantSlug, keySerial int64) (time.Time, error)
	// EndHostSessions does what a host's logout says, and tells how many
	// sessions were live.
	EndHostSessions(l oriel.Logout, now time.Time) (int, error)
	InsertSignInRecord(r oriel.SignInRecord) error
	SAMLTx
}

// Options set up signing in.
type Options struct {
	Directory *directory.Directory
	Sessions  *session.Sessions
	Records   *audit.Records
	Verifier  TokenVerifier
	SAML      SAML
	Waiting   SAMLWaiting
	// SiteURL is ours, without a slash at its end.
	SiteURL string
	// EmbeddingOn lets the SDK sign people in; while it is false nobody is.
	EmbeddingOn bool
	// InteractiveOn lets hosts sign browsers in by sending them here.
	InteractiveOn bool
	// SignInRate is how many sign-ins a second one provider may make, and
	// RefusedRate how many refused attempts a minute one client network; zero
	// is [DefaultSignInRate] and [DefaultRefusedRate].
	SignInRate, RefusedRate int
	Clock                   func() time.Time
	Random                  io.Reader
	Log                     *slog.Logger
}

// SignIn lets people in.
type SignIn struct {
	Options
	write     func(ctx context.Context, fn func(Tx) error) error
	limits    limits
	questions *questions
	starts    *limit.Limits
}

// New makes a SignIn over the store's write: it runs a function in a
// transaction and returns when that is durable, or nothing of it is there.
func New[T Tx](write func(ctx context.Context, fn func(T) error) error, options Options) *SignIn {
	return &SignIn{
		Options: options, limits: newLimits(options), questions: &questions{open: make(map[[32]byte]question)},
		starts: newStarts(options),
		write: func(ctx context.Context, fn func(Tx) error) error {
			return write(ctx, func(tx T) error { return fn(tx) })
		},
	}
}
