package access

import (
	"math"
	"slices"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// ExploreSource tells whether the principal may ask structured questions of
// their own on a source's models (access §2). Errors: forbidden when not;
// not_authenticated for the zero principal.
func ExploreSource(p oriel.Principal, groups []oriel.Group, source string) error {
	return needSource(p, groups, source, oriel.GrantExplore, oriel.GrantNative)
}

// WriteSQL tells whether the principal may write SQL of their own for a source.
// In a session that a host vouched for it is had only where the provider allows
// it too, and never while one views as somebody else (access §2). Errors:
// forbidden when not; not_authenticated for the zero principal.
func WriteSQL(p oriel.Principal, d *oriel.Declaration, source string) error {
	if err := needSource(p, d.Groups, source, oriel.GrantNative); err != nil {
		return err
	}
	switch p.Kind() {
	case oriel.SessionEmbed, oriel.SessionBackend:
		at := slices.IndexFunc(d.Providers, func(one oriel.Provider) bool { return one.ID == p.Provider() && one.ID != "" })
		if at >= 0 && d.Providers[at].Native {
			return nil
		}
	case oriel.SessionInteractive, oriel.SessionAdmin, oriel.SessionAPIKey:
		return nil
	case oriel.SessionViewAs:
	}
	return oriel.E(oriel.CodeForbidden, "SQL can't be written in this session.")
}

func needSource(p oriel.Principal, groups []oriel.Group, source string, enough ...oriel.SourceGrant) error {
	if p.IsZero() {
		return oriel.E(oriel.CodeNotAuthenticated, "Nobody is signed in.")
	}
	for _, g := range groups {
		if p.In(g.Key) && slices.Contains(enough, g.Sources[source]) {
			return nil
		}
	}
	return oriel.E(oriel.CodeForbidden, "None of this user's groups may do this on this data source.")
}

// CurateCollection tells whether the principal may change what a collection
// holds. Errors: not_found when they may not even view it; forbidden; else as
// [ReadContent].
func CurateCollection(p oriel.Principal, groups []oriel.Group, collection string) error {
	if err := ViewCollection(p, groups, collection); err != nil {
		return err
	}
	if p.Kind() != oriel.SessionViewAs {
		for _, g := range groups {
			if p.In(g.Key) && g.Collections[collection] == oriel.GrantCurate {
				return nil
			}
		}
	}
	return oriel.E(oriel.CodeForbidden, "None of this user's groups may change this collection.")
}

// DownloadRows is how many rows of a result the principal may take away; the
// greatest number without a limit (access §2). Who views as somebody else takes
// nothing away. Errors: forbidden; not_authenticated for the zero principal.
func DownloadRows(p oriel.Principal, groups []oriel.Group) (int, error) {
	if p.IsZero() {
		return 0, oriel.E(oriel.CodeNotAuthenticated, "Nobody is signed in.")
	}
	most := 0
	for _, g := range groups {
		if !p.In(g.Key) {
			continue
		}
		switch g.Download {
		case oriel.DownloadLimited:
			most = max(most, oriel.MaxLimitedRows)
		case oriel.DownloadFull:
			most = math.MaxInt
		}
	}
	if most == 0 || p.Kind() == oriel.SessionViewAs {
		return 0, oriel.E(oriel.CodeForbidden, "None of this user's groups may download results.")
	}
	return most, nil
}
