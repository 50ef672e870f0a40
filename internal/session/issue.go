package session

import "github.com/oriel-bi/oriel/internal/oriel"

// Issued is a new session with its token, which is shown this once.
type Issued struct {
	Token   string
	Session Session
}

// Grant says for whom and for what an embed session is made.
type Grant struct {
	User      oriel.UserID
	Provider  string // id
	KeyID     string
	KeySerial int64
	Origin    string // the only Origin that may use it; never empty
	HostSID   string
}

// IssueEmbed makes an embed session inside the transaction of the sign-in: it
// exists when, and only when, the whole sign-in is durable.
func (s *Sessions) IssueEmbed(tx Tx, g Grant) (Issued, error) {
	if g.Origin == "" {
		return Issued{}, &oriel.Error{Code: oriel.CodeOriginNotAllowed}
	}
	id, err := oriel.NewID(s.options.Random, "ses_")
	if err != nil {
		return Issued{}, err
	}
	token, hash, err := newToken(s.options.Random)
	if err != nil {
		return Issued{}, err
	}
	now := s.options.Clock()
	session := Session{
		ID: id, User: g.User, Provider: g.Provider, KeyID: g.KeyID, KeySerial: g.KeySerial,
		Origin: g.Origin, HostSID: g.HostSID, Kind: oriel.SessionEmbed,
		Created: now, Expires: now.Add(s.options.Lifetime),
	}
	if err := tx.InsertSession(session, hash); err != nil {
		return Issued{}, err
	}
	return Issued{Token: token, Session: session}, nil
}
