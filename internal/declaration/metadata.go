package declaration

import (
	"strings"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/saml"
)

// TakeMetadata puts into a SAML provider's settings what the metadata of its identity
// provider say, and gives their certificates as PEM. Of several identity providers
// in one document the settings' issuer says which. From an address, which may be
// empty, they are looked at again later; loopback takes http addresses of this
// machine. An identity provider that is new to the settings and wants signed requests
// gets them. Whoever gives the document vouches for it. The error says what is wrong
// with it.
func TakeMetadata(settings map[string]any, document []byte, address string, loopback bool, now time.Time) (certificates []string, err error) {
	entityID, _ := settings["issuer"].(string)
	found, err := saml.ReadMetadata(document, saml.Wanted{EntityID: entityID, Loopback: loopback}, now)
	if err != nil {
		return nil, err
	}
	own, is := settings["saml"].(map[string]any)
	if !is {
		own = map[string]any{}
		settings["saml"] = own
	}
	// What somebody set since for this very identity provider is theirs.
	if found.WantsSignedRequests && entityID != found.EntityID {
		own["sign_requests"] = true
	}
	settings["issuer"], settings["sign_in_uri"] = found.EntityID, found.SignInURL
	if found.SignOutURL != "" {
		own["sign_out_uri"] = found.SignOutURL
		delete(own, "sign_out_answer_uri")
		if found.SignOutResponseURL != found.SignOutURL {
			own["sign_out_answer_uri"] = found.SignOutResponseURL
		}
	}
	if address != "" {
		own["metadata_url"] = address
	}
	for _, one := range found.Certificates {
		certificates = append(certificates, strings.TrimSuffix(string(one), "\n"))
	}
	return certificates, nil
}

// FreshCertificates are those that a provider does not have.
func FreshCertificates(p oriel.Provider, certificates []string) (fresh []string) {
	for _, text := range certificates {
		if !hasCertificate(p, text) {
			fresh = append(fresh, text)
		}
	}
	return fresh
}

func hasCertificate(p oriel.Provider, text string) bool {
	for _, key := range p.Keys {
		if saml.SameCertificate(key.Public, []byte(text)) {
			return true
		}
	}
	return false
}
