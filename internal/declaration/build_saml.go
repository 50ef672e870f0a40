package declaration

import (
	"net/url"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/saml"
)

// samlOnly reads what an identity provider has that signs people in by SAML.
func (b *builder) samlOnly(d *document, path string, p *oriel.Provider, w wireProvider) {
	for name, given := range map[string]bool{"profile": w.Profile != "", "backend_sessions": w.Backend, "legacy_exchange": w.Legacy} {
		if given {
			d.at(join(path, name), "%s.%s is for providers of kind jwt: remove it, or change the kind", dotted(path), name)
		}
	}
	if w.Issuer == "" {
		d.at(path, `%s needs "issuer" with kind saml: add the entity id of the identity provider`, dotted(path))
	}
	if len(w.Issuer) > maxEntityID || len(w.Audience) > maxEntityID {
		d.at(path, "%s: an entity id has at most %d bytes", dotted(path), maxEntityID)
	}
	if _, err := oriel.ParseAddress(w.SignInURI); err != nil {
		d.at(join(path, "sign_in_uri"), "%s.sign_in_uri: %s", dotted(path), oriel.MessageOf(err))
	}
	if w.SAML == nil {
		return
	}
	p.SAML = oriel.SAMLSettings{
		IdPInitiated: w.SAML.IdPInitiated, SignRequests: w.SAML.SignRequests, WantEncrypted: w.SAML.WantEncrypted,
		SignOutURI: w.SAML.SignOutURI, SignOutAnswerURI: w.SAML.SignOutAnswer, MetadataURL: w.SAML.MetadataURL, MetadataCertificate: w.SAML.MetadataBy, Callbacks: w.SAML.Callbacks,
	}
	at := join(path, "saml")
	for name, address := range map[string]string{"sign_out_uri": w.SAML.SignOutURI, "sign_out_answer_uri": w.SAML.SignOutAnswer, "metadata_url": w.SAML.MetadataURL} {
		if address == "" {
			continue
		}
		if _, err := oriel.ParseAddress(address); err != nil {
			d.at(join(at, name), "%s.%s: %s", dotted(at), name, oriel.MessageOf(err))
		}
	}
	if w.SAML.SignOutAnswer != "" && w.SAML.SignOutURI == "" {
		d.at(join(at, "sign_out_answer_uri"), "%s.sign_out_answer_uri needs sign_out_uri", dotted(at))
	}
	if w.SAML.MetadataBy != "" {
		if _, err := saml.ParseCertificate([]byte(w.SAML.MetadataBy)); err != nil {
			d.at(join(at, "metadata_certificate"), "%s.metadata_certificate: %s", dotted(at), err)
		}
	}
	if w.SAML.RenewFor != "" {
		renew, err := time.ParseDuration(w.SAML.RenewFor)
		if err != nil || renew < time.Minute || renew > maxRenewal {
			d.at(join(at, "renew_for"), "%s.renew_for is a time from 1m to 24h, as 8h", dotted(at))
		}
		p.SAML.RenewFor = renew
	}
	b.callbacks(d, join(at, "callback_urls"), w.SAML.Callbacks)
}

// maxRenewal is for how long somebody may go on without the identity provider.
const maxRenewal = 24 * time.Hour

// maxEntityID is SAML Metadata §2.2.1's.
const maxEntityID = 1024

// callbacks are one for each origin: a popup goes to that of the page that
// opened it, so which one it is must not be in doubt.
func (b *builder) callbacks(d *document, path string, list []string) {
	seen := map[string]bool{}
	for i, text := range list {
		at := join(path, i)
		if !isWebAddress(text) {
			d.at(at, "%s must be an absolute http or https address of a page, without a fragment", dotted(at))
			continue
		}
		u, err := url.Parse(text)
		if err != nil {
			continue
		}
		origin, err := oriel.ParseOrigin(u.Scheme+"://"+u.Host, b.options.Origins)
		switch {
		case err != nil:
			d.at(at, "%s: %s", dotted(at), oriel.MessageOf(err))
		case seen[origin.String()]:
			d.at(at, "%s is of the same origin as another: a page's origin has one callback", dotted(at))
		default:
			seen[origin.String()] = true
		}
	}
}
