package session

import (
	"context"
	"fmt"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// Presented is what a request brings to be known by.
type Presented struct {
	Token  string // empty: nothing was brought
	Origin string // the Origin header; empty when there was none
	// Cookie tells that the token came in the cookie of interactive sessions,
	// on a request that the site's own pages may have made. A token in a header
	// is none of those, and the other way round.
	Cookie bool
}

// Authenticate tells who a request acts as. It remembers what the store said
// until something changes, here or on another node. Of the session it tells
// what is needed on each request: id, user, provider, key, kind, origin and ends.
//
// Errors: not_authenticated without a token; session_invalid for one that is
// malformed, unknown or brought in the wrong way; session_revoked when it was
// ended, or its provider is off, or the key that vouched for it is gone;
// session_expired; embedding_disabled; user_deactivated; tenant_deactivated; origin_mismatch for
// an Origin that it may not be used from, or none; store_unavailable, also when
// changes of other nodes cannot be known.
func (s *Sessions) Authenticate(ctx context.Context, presented Presented) (oriel.Principal, Session, error) {
	if presented.Token == "" {
		return refuse(oriel.CodeNotAuthenticated)
	}
	hash, ok := hashOf(presented.Token)
	if !ok {
		return refuse(oriel.CodeSessionInvalid)
	}
	if err := s.options.Store.Confirm(ctx); err != nil {
		return oriel.Principal{}, Session{}, fmt.Errorf("check a session: %w", err)
	}
	if p, session, known, err := s.remembered(ctx, hash, presented); known {
		return p, session, err
	}
	return s.read(ctx, hash, presented)
}

// remembered answers from memory; known is false when the store has to be asked.
func (s *Sessions) remembered(ctx context.Context, hash [32]byte, presented Presented) (p oriel.Principal, session Session, known bool, err error) {
	e, b, found := s.index.find(hash)
	if !found {
		return p, session, false, nil
	}
	now := s.options.Clock()
	if e.expires <= seconds(now) {
		s.index.forget(hash)
		return p, session, false, nil // the store remembers why it is over
	}
	if e.idle != 0 && e.idle <= seconds(now) {
		s.index.forget(hash)
		return p, session, false, nil // another node may have seen it used
	}
	version := s.people.version.Load()
	p, found = s.people.find(e.user, b.provider, b.kind)
	if !found {
		person, exists, err := s.options.Store.FindPerson(ctx, unpackUser(e.user), b.provider)
		switch {
		case err != nil:
			return p, session, true, fmt.Errorf("check a session: %w", err)
		case !exists:
			return p, session, false, nil
		case !person.User.Active, !person.TenantActive:
			return p, session, false, nil
		}
		p = oriel.NewPrincipal(person.Effective(), b.kind).VouchedBy(b.provider)
		s.people.put(version, e.user, b.provider, b.kind, p)
	}
	session = Session{
		ID: idOf(hash), User: p.User().ID, Provider: b.provider, KeySerial: b.serial,
		Origin: b.origin, Bindable: b.bindable, Kind: b.kind, Expires: time.Unix(int64(e.expires), 0).UTC(),
	}
	if e.idle != 0 {
		session.IdleEnds = time.Unix(int64(e.idle), 0).UTC()
	}
	p, session, err = s.admit(ctx, hash, p, session, presented)
	return p, session, true, err
}

// read asks the store, and remembers a session that may be used.
func (s *Sessions) read(ctx context.Context, hash [32]byte, presented Presented) (oriel.Principal, Session, error) {
	version := s.index.version.Load()
	state, found, err := s.options.Store.FindSession(ctx, hash)
	if err != nil {
		return oriel.Principal{}, Session{}, fmt.Errorf("check a session: %w", err)
	}
	if !found {
		return refuse(oriel.CodeSessionInvalid)
	}
	session, now := state.Session, s.options.Clock()
	switch {
	case !session.Ended.IsZero():
		return refuse(oriel.CodeSessionRevoked)
	case session.Kind != oriel.SessionViewAs && (!state.ProviderOn || !state.KeyLive):
		return refuse(oriel.CodeSessionRevoked)
	case !now.Before(session.Expires), !session.IdleEnds.IsZero() && !now.Before(session.IdleEnds):
		return refuse(oriel.CodeSessionExpired)
	case !state.Person.User.Active:
		return refuse(oriel.CodeUserDeactivated)
	case !state.Person.TenantActive:
		return refuse(oriel.CodeTenantDeactivated)
	}
	if session.Kind == oriel.SessionViewAs {
		if err := s.viewing(ctx, state); err != nil {
			return oriel.Principal{}, Session{}, err
		}
	} else {
		s.index.put(version, hash, session, now)
	}
	return s.admit(ctx, hash, oriel.NewPrincipal(state.Person.Effective(), session.Kind).VouchedBy(session.Provider), session, presented)
}

// admit holds the way in which a session is used against what it is bound to.
func (s *Sessions) admit(ctx context.Context, hash [32]byte, p oriel.Principal, session Session, presented Presented) (oriel.Principal, Session, error) {
	if presented.Cookie != (session.Kind == oriel.SessionInteractive) {
		return refuse(oriel.CodeSessionInvalid)
	}
	if s.switchedOff(session.Kind) {
		return refuse(oriel.CodeEmbeddingDisabled)
	}
	switch session.Kind {
	case oriel.SessionEmbed:
		if session.Origin == "" || presented.Origin != session.Origin {
			return refuse(oriel.CodeOriginMismatch)
		}
	case oriel.SessionBackend:
		bound, err := s.bind(ctx, hash, p.User().Tenant, session, presented.Origin)
		if err != nil {
			return oriel.Principal{}, Session{}, err
		}
		session = bound
		if presented.Origin != session.Origin {
			return refuse(oriel.CodeOriginMismatch)
		}
	case oriel.SessionInteractive:
		// Which pages may use the cookie is for the edge to tell: it knows how
		// the browser came to send it.
		var err error
		if session, err = s.touch(ctx, hash, session); err != nil {
			return oriel.Principal{}, Session{}, err
		}
	case oriel.SessionViewAs:
		if presented.Origin != "" {
			return refuse(oriel.CodeOriginMismatch) // no page has it
		}
	case oriel.SessionAdmin, oriel.SessionAPIKey:
		return refuse(oriel.CodeSessionInvalid)
	}
	return p, session, nil
}

// switchedOff tells whether the configuration lets nobody use sessions of the
// kind. They are not ended: switched on again, those whose time is not over hold.
func (s *Sessions) switchedOff(kind oriel.SessionKind) bool {
	switch kind {
	case oriel.SessionEmbed, oriel.SessionBackend:
		return s.options.EmbeddingOff
	case oriel.SessionInteractive:
		return s.options.EmbeddingOff || s.options.InteractiveOff
	case oriel.SessionViewAs, oriel.SessionAdmin, oriel.SessionAPIKey:
	}
	return false
}

// bind gives a session that waits for its first Origin that one, if it is
// authorized. Of two that come at once only one wins.
func (s *Sessions) bind(ctx context.Context, hash [32]byte, tenant oriel.TenantSlug, session Session, origin string) (Session, error) {
	if !session.Bindable || origin == "" || !s.options.OriginAllowed(session.Provider, tenant, origin) {
		return session, nil
	}
	bound, err := s.options.Store.BindSession(ctx, hash, origin)
	if err != nil {
		return session, fmt.Errorf("bind a session: %w", err)
	}
	if !bound {
		state, found, err := s.options.Store.FindSession(ctx, hash)
		if err != nil || !found {
			return session, err
		}
		return state.Session, nil
	}
	session.Origin, session.Bindable = origin, false
	return session, nil
}

// touch puts the idle end off, at most once a minute.
func (s *Sessions) touch(ctx context.Context, hash [32]byte, session Session) (Session, error) {
	next := s.options.Clock().Add(InteractiveIdle)
	if session.IdleEnds.IsZero() || next.Sub(session.IdleEnds) < touchEvery {
		return session, nil
	}
	if err := s.options.Store.TouchSession(ctx, hash, next); err != nil {
		return session, fmt.Errorf("keep a session awake: %w", err)
	}
	// Read anew at the next request: one may have ended it meanwhile.
	s.index.forget(hash)
	session.IdleEnds = next
	return session, nil
}

func refuse(code oriel.Code) (oriel.Principal, Session, error) {
	return oriel.Principal{}, Session{}, &oriel.Error{Code: code}
}
