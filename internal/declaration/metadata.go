package declaration

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/saml"
)

// TakeMetadata puts into a SAML provider's settings what the metadata of its identity
// provider say. The certificates become keys, after those that the settings have,
// but for those that the provider has as it is now, none of which goes: the identity
// provider may still sign with one that the metadata do not have any more. Of several
// identity providers in one document the settings' issuer says which; one that is new
// to the settings and wants signed requests gets them. From an address, which may be
// empty, the metadata are looked at again later; loopback takes http addresses of
// this machine. Whoever gives the document vouches for it. The error says what is
// wrong with it.
func TakeMetadata(settings map[string]any, now oriel.Provider, document []byte, address string, loopback bool, at time.Time) error {
	entityID, _ := settings["issuer"].(string)
	found, err := saml.ReadMetadata(document, saml.Wanted{EntityID: entityID, Loopback: loopback}, at)
	if err != nil {
		return err
	}
	own, is := settings["saml"].(map[string]any)
	if !is {
		if settings["saml"] != nil {
			return errors.New("beside them, saml must be an object of settings")
		}
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
	keys, _ := settings["keys"].([]any)
	for _, certificate := range found.Certificates {
		if saml.HasCertificate(now, certificate) {
			continue
		}
		key := oriel.ProviderKey{ID: now.FreeKeyID()}
		now.Keys = append(slices.Clone(now.Keys), key)
		keys = append(keys, map[string]any{"id": key.ID, "kind": string(oriel.KeyX509), "public": strings.TrimSuffix(string(certificate), "\n")})
	}
	if len(keys) > 0 {
		settings["keys"] = keys
	}
	return nil
}
