package doctor

import (
	"context"
	"net/http"
	"strings"
)

// instance looks at the settings, and tells whether the site answers.
func (d *Doctor) instance(ctx context.Context, s section) (answers bool) {
	s.ok("store", "opened, and of this version")
	s.ok("instance key", "the one that the store was made with; every stored secret could be opened")
	if d.options.Embedding {
		s.ok("embedding", "on")
	} else {
		s.finding("embedding", "on", "off: every sign-in of an embed is refused", "Set embedding to true (--embedding, ORIEL_EMBEDDING).")
	}
	secure := strings.HasPrefix(d.options.SiteURL, "https://")
	switch {
	case !secure:
		s.skipped("trusted proxies", "the site is this machine's own, with no proxy before it")
	case d.options.TrustsProxies:
		s.ok("trusted proxies", "set")
	default:
		s.finding("trusted proxies", "the proxy before an https site", "none: each client seems to be the proxy, and all share one rate limit",
			"Set trusted_proxies to the proxy's address (ORIEL_TRUSTED_PROXIES), and let it send X-Forwarded-For and X-Forwarded-Proto.")
	}
	return d.site(ctx, secure, s)
}

// site asks Oriel as the world reaches it.
func (d *Doctor) site(ctx context.Context, secure bool, s section) (answers bool) {
	const start = "Start oriel serve, or correct site_url; where only browsers reach the site, run oriel doctor on a machine that does."
	health, err := d.asker.ask(ctx, http.MethodGet, d.options.SiteURL+"/healthz", nil)
	if err != nil {
		s.finding("site", d.options.SiteURL+" answers", err.Error(), start)
		return false
	}
	if health.status != http.StatusOK || !strings.Contains(string(health.body), `"ok"`) {
		s.finding("site", "Oriel's own answer at "+d.options.SiteURL+"/healthz", described(health),
			"Something else answers there: let the proxy pass all paths on to oriel serve as they are, or correct site_url.")
		return false
	}
	s.ok("site", d.options.SiteURL+" answers")
	ready, err := d.asker.ask(ctx, http.MethodGet, d.options.SiteURL+"/readyz", nil)
	if err != nil || ready.status != http.StatusOK {
		s.finding("ready", "/readyz answers 200", receivedOf(ready, err), "The server cannot use its store, or is stopping: its log says why.")
	} else {
		s.ok("ready", "yes")
	}
	front, err := d.asker.ask(ctx, http.MethodGet, d.options.SiteURL+"/", nil)
	if err != nil || !strings.Contains(string(front.body), "version "+d.options.Version+".") {
		s.finding("version", "the front page of version "+d.options.Version, receivedOf(front, err),
			"Restart the server with this version, or run the doctor of the server's version.")
	} else {
		s.ok("version", d.options.Version)
	}
	d.passedOn(health, front, secure, s)
	return true
}

// passedOn looks at whether a proxy hands Oriel's headers on as they are.
func (d *Doctor) passedOn(health, front answer, secure bool, s section) {
	switch {
	case !secure:
		s.skipped("https", "the site is this machine's own")
	case health.header.Get("Strict-Transport-Security") == "":
		s.finding("https", "Strict-Transport-Security, which Oriel sends for an https site", "no such header",
			"The server has another site_url than this command, or the proxy takes headers away: let both have the same configuration.")
	default:
		s.ok("https", "the server knows that its site is https")
	}
	switch {
	case !d.options.Interactive:
		s.skipped("frames", "interactive_embedding is off: no page of this site is framed")
	case front.header.Get("X-Frame-Options") != "":
		s.finding("frames", "no X-Frame-Options", "X-Frame-Options: "+cut(front.header.Get("X-Frame-Options")),
			"A proxy adds it, and with it no page can frame this site: Oriel's own Content-Security-Policy says who may.")
	default:
		s.ok("frames", "Oriel alone says who may frame")
	}
}

func receivedOf(a answer, err error) string {
	if err != nil {
		return err.Error()
	}
	return described(a)
}
