package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin"
)

// page looks at the origins, and gives the one to ask from; empty: none is known.
func (d *Doctor) page(r Request, s section) (origin string) {
	people := d.people()
	for _, entry := range d.declared.Origins {
		if entry.String() == "*" {
			s.finding("origins", "the origins of your own pages", `"*": every page on the web may embed`,
				"Name the pages' origins (oriel origin add), then oriel origin remove '*'.")
		}
	}
	if r.FromOrigin != "" {
		if !people.OriginAllowed(r.FromOrigin) {
			s.finding("origin", oriel.Quoted(r.FromOrigin)+" among the authorized origins", "it is not", originFix(r.FromOrigin))
		} else {
			s.ok("origin", oriel.Quoted(r.FromOrigin)+" is authorized")
		}
		return r.FromOrigin
	}
	for _, entry := range d.declared.Origins {
		if text := entry.String(); !strings.Contains(text, "*") {
			s.ok("origin", text+" is authorized, and asked from here: --from-origin names another")
			return text
		}
	}
	s.finding("origin", "an authorized origin to ask from", howMany(len(d.declared.Origins)),
		"Let the page embed with oriel origin add, or name it with --from-origin.")
	return ""
}

// howMany are the entries of a list none of which names a page.
func howMany(entries int) string {
	if entries == 0 {
		return "an empty list"
	}
	return "entries with * only"
}

func originFix(origin string) string {
	if strings.HasSuffix(origin, "/") || strings.Count(origin, "/") > 2 {
		return "An origin is scheme, host and port alone, without a path: https://app.example.com"
	}
	return "If the page is yours, let it embed: oriel origin add " + oriel.Quoted(origin)
}

func (d *Doctor) people() *directory.Directory {
	return directory.New(directory.Options{
		Declared: func() *oriel.Declaration { return d.declared }, DevMode: d.options.DevMode, Clock: d.options.Clock, Random: d.options.Random,
	})
}

// readable looks at what Oriel lets the page read: how to sign in, and whether
// it may exchange a token.
func (d *Doctor) readable(ctx context.Context, p oriel.Provider, origin string, answers bool, s section, named bool) {
	switch {
	case !answers:
		if people := d.people(); people.OriginAllowed(origin) && !people.OriginAllowedFor(p, origin) {
			s.finding("origin", "an origin of "+p.Slug, "the provider's own origins leave it out",
				"Add it to them (oriel provider update --origin, with all the others), or clear them (--origin '').")
		}
		s.skipped("discovery", "the site does not answer")
		s.skipped("exchange", "the site does not answer")
		return
	case origin == "":
		s.skipped("discovery", "no origin to ask from")
		s.skipped("exchange", "no origin to ask from")
		return
	}
	query := url.Values{"client": {"sdk"}}
	if named {
		query.Set("provider", p.Slug)
	}
	d.discovery(ctx, p, origin, query, s)
	d.preflight(ctx, origin, s)
}

// heeds is how soon a running server heeds a change of its store.
const heeds = time.Second

// discovered is Oriel's answer at /auth/sso.
type discovered struct {
	answer
	said struct{ Method, URL, Code string }
}

func (d *Doctor) discover(ctx context.Context, origin string, query url.Values) (discovered, error) {
	a, err := d.asker.ask(ctx, http.MethodGet, d.options.SiteURL+"/auth/sso?"+query.Encode(), http.Header{"Origin": {origin}})
	found := discovered{answer: a}
	if err == nil && json.Unmarshal(a.body, &found.said) != nil {
		found.said.Code = ""
	}
	return found, err
}

func (d *Doctor) discovery(ctx context.Context, p oriel.Provider, origin string, query url.Values, s section) {
	found, err := d.discover(ctx, origin, query)
	if err == nil && found.said.URL != p.SignInURI {
		// What the store was told a moment ago is not heeded yet.
		select {
		case <-time.After(heeds):
		case <-ctx.Done():
		}
		found, err = d.discover(ctx, origin, query)
	}
	const name = "discovery"
	switch {
	case err != nil:
		s.finding(name, "an answer to the page", err.Error(), "See what the server's log says.")
	case found.status != http.StatusOK && found.said.Code != "":
		s.finding(name, "where to sign in", cut(found.said.Code), signin.Fix(oriel.Code(found.said.Code)))
	case found.status != http.StatusOK:
		s.finding(name, "Oriel's answer at /auth/sso", described(found.answer), "Let the proxy pass /auth/ on to oriel serve as it is.")
	case found.said.URL != p.SignInURI:
		s.finding(name, "the sign-in URI of "+p.Slug, "another one",
			"The site is served from another store than this command uses: give it the same configuration (ORIEL_DATABASE_URL).")
	case found.header.Get("Access-Control-Allow-Origin") != origin:
		s.finding(name, "Access-Control-Allow-Origin: "+origin, allowOrigin(found.answer),
			"The provider's own origins leave the page out (oriel provider update --origin), or a proxy changes the header.")
	default:
		s.ok(name, found.said.Method+", and the page may read it")
	}
}

func (d *Doctor) preflight(ctx context.Context, origin string, s section) {
	asked, err := d.asker.ask(ctx, http.MethodOptions, d.options.SiteURL+"/api/v1/session", http.Header{
		"Origin": {origin}, "Access-Control-Request-Method": {http.MethodPost}, "Access-Control-Request-Headers": {"content-type"},
	})
	const name, fix = "exchange", "A proxy answers OPTIONS itself or takes headers away: let it pass /api/ on to oriel serve as it is."
	if err != nil {
		s.finding(name, "an answer to the page's preflight", err.Error(), fix)
		return
	}
	allowed := asked.header.Get("Access-Control-Allow-Origin")
	if asked.status/100 != 2 || allowed != "*" && allowed != origin ||
		!strings.Contains(strings.ToLower(asked.header.Get("Access-Control-Allow-Headers")), "content-type") {
		s.finding(name, "a preflight that lets the page post", fmt.Sprintf("status %d, %s", asked.status, allowOrigin(asked)), fix)
		return
	}
	s.ok(name, "the page may post a token")
}

func allowOrigin(a answer) string {
	value := a.header.Get("Access-Control-Allow-Origin")
	if value == "" {
		return "no Access-Control-Allow-Origin"
	}
	return "Access-Control-Allow-Origin: " + cut(value)
}
