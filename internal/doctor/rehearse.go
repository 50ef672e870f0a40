package doctor

import (
	"context"
	"errors"
	"log/slog"

	"github.com/oriel-bi/oriel/internal/audit"
	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
	"github.com/oriel-bi/oriel/internal/signin"
	"github.com/oriel-bi/oriel/internal/store"
)

// errRehearsed ends the transaction of a sign-in that would have gone well, so
// that nothing of it is there.
var errRehearsed = errors.New("rehearsed")

// rehearse signs in by the very code that does, in a transaction that is then
// taken back: the token stays unspent, and no user, session or record is
// written. The error is that of the sign-in, nil when it would be accepted.
func (d *Doctor) rehearse(ctx context.Context, p oriel.Provider, origin, token string) (oriel.SignInRecord, error) {
	people := directory.New(directory.Options{
		Declared: d.withOrigin(p, origin), DevMode: d.options.DevMode, Clock: d.options.Clock, Random: d.options.Random,
	})
	sessions, err := session.New(session.Options{Store: d.options.Store, Clock: d.options.Clock, Random: d.options.Random})
	if err != nil {
		return oriel.SignInRecord{}, err
	}
	quiet := slog.New(slog.DiscardHandler)
	told := &records{}
	lazily := audit.NewRecords(told, d.options.Clock, quiet)
	write := func(ctx context.Context, fn func(*store.Tx) error) error {
		return d.options.Store.Write(ctx, func(tx *store.Tx) error {
			if err := fn(tx); err != nil {
				return err
			}
			return errRehearsed
		})
	}
	_, err = signin.New(write, signin.Options{
		Directory: people, Sessions: sessions, Records: lazily, Verifier: d.options.Verifier,
		EmbeddingOn: true, Clock: d.options.Clock, Random: d.options.Random, Log: quiet,
	}).Exchange(ctx, signin.Request{
		Entrance: signin.EntranceEmbed, Token: token, Provider: p.Slug, Origin: rehearsalOrigin(origin), Reference: "DOC-TOR",
	})
	lazily.Close()
	if errors.Is(err, errRehearsed) {
		err = nil
	}
	return told.last, err
}

// withOrigin lets the page in for the rehearsal: its origin was looked at
// before, and what comes after it is worth knowing too.
func (d *Doctor) withOrigin(p oriel.Provider, origin string) func() *oriel.Declaration {
	changed := *d.declared
	changed.Origins = make([]oriel.Origin, 1)
	// An entry that could not be read is none, and lets nobody in.
	_ = changed.Origins[0].UnmarshalText([]byte(rehearsalOrigin(origin)))
	p.Origins = nil
	changed.Providers = []oriel.Provider{p}
	return func() *oriel.Declaration { return &changed }
}

// rehearsalOrigin stands for a page when none is known, or none that could be.
func rehearsalOrigin(origin string) string {
	var entry oriel.Origin
	if err := entry.UnmarshalText([]byte(origin)); err != nil || !entry.Matches(origin) {
		return "https://page.invalid"
	}
	return origin
}

// records keeps the record of the rehearsal from the store.
type records struct{ last oriel.SignInRecord }

// InsertSignInRecords takes the last one.
func (r *records) InsertSignInRecords(_ context.Context, list []oriel.SignInRecord) error {
	if len(list) > 0 {
		r.last = list[len(list)-1]
	}
	return nil
}
