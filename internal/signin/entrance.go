package signin

import (
	"errors"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
)

// Entrance is the way on which a host token came in (contract §3). It decides
// which gates there are, and what kind of session waits behind them.
type Entrance int

// The entrances.
const (
	// EntranceEmbed is for pages: the session is bound to the request's Origin,
	// without which there is none (§3.1, §3.2, §3.3).
	EntranceEmbed Entrance = iota
	// EntranceLanding is for browsers that were sent here: an interactive
	// session, which lives in a cookie (§3.2).
	EntranceLanding
	// EntranceBackend is for servers: a session without an Origin (§3.4).
	EntranceBackend
	// EntranceLegacy is for servers of hosts that were written for generation
	// 54 or older: the session binds itself to the first allowed Origin (§4).
	EntranceLegacy
)

// passOrigin holds the request's origin to the entrance, with a list: the
// instance's, or that of the provider.
func (e Entrance) passOrigin(r Request, allowed func(origin string) bool, a *attempt) error {
	refused := func(expected, received string) error {
		said := oriel.Quoted(received)
		if received == "" {
			said = "the request does not say which page it is from"
		}
		return a.check("origin", expected, said, &oriel.Error{Code: oriel.CodeOriginNotAllowed})
	}
	switch {
	case e == EntranceBackend && r.Origin != "":
		return refused("none: this is for servers", r.Origin)
	case (e == EntranceEmbed || r.Origin != "") && !allowed(r.Origin):
		return refused("an authorized origin", r.Origin)
	case e == EntranceLanding && r.Browser.Framed && !r.Browser.State.ownStart() && !allowed(r.Browser.FramedBy):
		return refused("a frame on a page of an authorized origin", r.Browser.FramedBy)
	}
	return nil
}

// passProvider holds the provider's own switches to the entrance.
func (e Entrance) passProvider(p oriel.Provider) error {
	off := func(setting string) error {
		return &oriel.Error{Code: oriel.CodeAuthMethodUnavailable, Err: errors.New("the provider's setting " + setting + " is off")}
	}
	switch {
	case e == EntranceBackend && !p.BackendSessions:
		return off("backend_sessions")
	case e == EntranceLegacy && (!p.LegacyExchange || p.Profile != oriel.ProfileCompat):
		return off("legacy_exchange")
	}
	return nil
}

// grant is what an entrance leads to, but for whom.
func (e Entrance) grant(origin string) session.Grant {
	switch {
	case e == EntranceLanding:
		return session.Grant{Kind: oriel.SessionInteractive}
	case e == EntranceBackend:
		return session.Grant{Kind: oriel.SessionBackend}
	case e == EntranceLegacy && origin == "":
		return session.Grant{Kind: oriel.SessionBackend, Bindable: true}
	}
	return session.Grant{Kind: oriel.SessionEmbed, Origin: origin}
}
