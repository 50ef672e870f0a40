package directory

import (
	"slices"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// OriginAllowed tells whether the value of an Origin header is on the
// instance's list, or in dev mode a loopback one (sign-in contract §6). An
// absent one, empty, is not.
func (d *Directory) OriginAllowed(origin string) bool {
	return d.options.DevMode && oriel.IsLoopbackOrigin(origin) || matches(d.options.Declared().Origins, origin)
}

// OriginAllowedFor tells whether the provider may be used from an origin: one
// that the instance allows and that the provider's own list, if it has one,
// keeps. Dev mode does not widen that list: it narrows.
func (d *Directory) OriginAllowedFor(p oriel.Provider, origin string) bool {
	return d.OriginAllowed(origin) && (len(p.Origins) == 0 || matches(p.Origins, origin))
}

// OriginAllowedByID is OriginAllowedFor the provider with the id. One that is
// gone allows none.
func (d *Directory) OriginAllowedByID(provider, origin string) bool {
	providers := d.options.Declared().Providers
	at := slices.IndexFunc(providers, func(p oriel.Provider) bool { return p.ID == provider })
	return at >= 0 && d.OriginAllowedFor(providers[at], origin)
}

// matches first looks for the origin as it stands: several gates of one request
// ask, and taking it apart costs more than all else that they do.
func matches(list []oriel.Origin, origin string) bool {
	return slices.ContainsFunc(list, func(o oriel.Origin) bool { return o.Is(origin) }) ||
		slices.ContainsFunc(list, func(o oriel.Origin) bool { return o.Matches(origin) })
}
