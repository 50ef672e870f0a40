package session

import (
	"errors"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Issued is a new session with its token, which is shown this once.
type Issued struct {
	Token   string
	Session Session
}

// Grant says for whom and for what a session is made.
type Grant struct {
	Kind      oriel.SessionKind // embed, interactive or backend
	User      oriel.UserID
	Provider  string // id
	KeyID     string
	KeySerial int64
	Origin    string // embed: the only Origin that may use it; else empty
	Bindable  bool   // backend: the first allowed Origin becomes its own
	HostSID   string
	// Until is when it ends at the latest, by the word of whoever vouches; zero:
	// no word.
	Until time.Time
}

// Issue makes a session inside the transaction of the sign-in: it exists when,
// and only when, the whole sign-in is durable. Errors: origin_not_allowed for
// an embed session without an Origin, session_expired when Until is over.
func (s *Sessions) Issue(tx Tx, g Grant) (Issued, error) {
	token, hash, err := newToken(s.options.Random)
	if err != nil {
		return Issued{}, err
	}
	now := s.options.Clock()
	session := Session{
		ID: idOf(hash), User: g.User, Provider: g.Provider, KeyID: g.KeyID, KeySerial: g.KeySerial,
		Origin: g.Origin, Bindable: g.Bindable, HostSID: g.HostSID, Kind: g.Kind, Created: now,
	}
	// Whole seconds, as the end is told.
	switch {
	case g.Kind == oriel.SessionEmbed && g.Origin == "":
		return Issued{}, &oriel.Error{Code: oriel.CodeOriginNotAllowed}
	case g.Kind == oriel.SessionEmbed && !g.Bindable, g.Kind == oriel.SessionBackend && g.Origin == "":
		session.Expires = now.Add(s.options.Lifetime).Truncate(1e9)
	case g.Kind == oriel.SessionInteractive && g.Origin == "" && !g.Bindable:
		session.Expires = now.Add(InteractiveLifetime).Truncate(1e9)
		session.IdleEnds = now.Add(InteractiveIdle).Truncate(1e9)
	default:
		return Issued{}, errors.New("issue a session: its kind and origin do not go together")
	}
	if until := g.Until.Truncate(1e9); !g.Until.IsZero() && until.Before(session.Expires) {
		session.Expires = until
	}
	if !session.Expires.After(now) {
		return Issued{}, &oriel.Error{Code: oriel.CodeSessionExpired, Err: errors.New("the identity provider's own session is over")}
	}
	if err := tx.InsertSession(session, hash); err != nil {
		return Issued{}, err
	}
	return Issued{Token: token, Session: session}, nil
}
