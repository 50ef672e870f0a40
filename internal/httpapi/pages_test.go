package httpapi

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

var update = flag.Bool("update", false, "write the pages of the codes anew")

// page is what the page of a code says beyond its problem: why it comes about
// and what to do. Where a sign-in record exists, the record says it exactly.
type page struct{ cause, fix string }

const (
	newToken = "Let the host's backend sign a new token for each request; a token is for one exchange."
	record   = " The sign-in record under the request's reference says what was expected and what came."
	again    = "Try again in a moment. When it stays, look into the server's log under the reference."
)

var pages = map[oriel.Code]page{
	oriel.CodeSSONotConfigured:       {"No provider is declared, or the one that was asked for is off, has no key, or has no `sign_in_uri`.", "`oriel provider list` says which is off or has no key: `oriel provider update --slug SLUG --enable`, `oriel key create`, or for SAML `oriel provider update --slug SLUG --metadata FILE`. Without any, declare one under `providers` and load the file with `oriel apply`, or use `oriel provider create`."},
	oriel.CodeEmbeddingDisabled:      {"The setting `embedding` is false, which keeps everybody out. Or a browser came to `/auth/sso` by itself, or from an identity provider's own page (`idp_initiated`), which is interactive embedding, and `interactive_embedding` is not true. The token is not spent.", "Set `embedding` to true; for browsers that a host sends here, `interactive_embedding` as well. A page signs in through the SDK, which names itself with `client=sdk` and needs the first only."},
	oriel.CodeAuthMethodUnavailable:  {"The page asked for a sign-in method that is off on this site, or that does not exist. Or a host's server came in a way that its provider does not have: `POST /auth/sso/to_session` needs `backend_sessions`, and `GET /auth/sso?token=true&jwt=…` needs `legacy_exchange` and the profile `compat`. The token is not spent. The sign-in record's check `provider` names the setting.", "On a page, leave `preferredAuthMethod` out, or set it to the method of a provider that is on (`oriel provider list`); one that is off is switched on by `oriel provider update --slug SLUG --enable`. For a server, switch its way in on: `oriel provider update --slug SLUG --backend-sessions` or `--legacy-exchange`. If the caller is a page of a newer SDK, it has to name itself with `client=sdk` or the header `X-Oriel-Client`."},
	oriel.CodeProviderAmbiguous:      {"Several providers are on, and neither the request nor the token's `kid` and `iss` says which is meant.", "Name one as `provider`, or give each provider its own `issuer`."},
	oriel.CodeProviderUnknown:        {"The request names a provider that is not declared.", "Compare the name with the keys under `providers` in the declaration."},
	oriel.CodeOriginNotAllowed:       {"The page's origin (scheme, host and port) is not among the authorized origins, or the request had no `Origin` at all. `127.0.0.1` and `localhost` are two origins. `POST /auth/sso/to_session` is for servers: it refuses every `Origin`. In a frame, the page that sent the frame to `/auth/sso` is not authorized, or the browser did not say which it is: a `Referrer-Policy: no-referrer` of the page or of the host's redirect keeps it from telling.", "Add the origin with `oriel origin add`, or under `origins` and run `oriel apply`, and to the provider's own list if it has one. For a server, use `/auth/sso/to_session` without an `Origin`. For a frame, let the host answer with `Referrer-Policy: strict-origin-when-cross-origin`."},
	oriel.CodeRedirectNotAllowed:     {"`return_to` or `redirect` names another site, or a path that no browser is sent to: below `/auth/` or `/api/`, or written so that two readers could understand it differently. The value is not told. So does the `RelayState` of a SAML answer that nobody asked for (`idp_initiated`).", "Name a path on this site, as `/dashboards/7?a=1`, or the site's own URL with one."},
	oriel.CodeTokenMalformed:         {"The token is not a plain signed JSON Web Token of at most 8 KiB with unique claim names and numbers for dates." + record, "Let a current library sign it; do not encrypt or compress it, and do not add header members beyond `alg`, `kid` and `typ`."},
	oriel.CodeTokenSignature:         {"The token was signed with another key than the one that is declared." + record, "Compare the host's key with the provider's `keys`. A public key must be that of the private key in use."},
	oriel.CodeTokenKeyUnknown:        {"The token's `kid` names no key of the provider, or several keys are live and the token names none." + record, "Set `kid` to the id of the key that signs, or declare that key."},
	oriel.CodeTokenExpired:           {"`exp` has passed by more than 30 seconds." + record, newToken + " Compare the host's clock with `server_time`."},
	oriel.CodeTokenTooOld:            {"`iat` is too long ago, or older than what this user signed in with before, or older than a sign-out." + record, newToken},
	oriel.CodeTokenNotYetValid:       {"`iat` or `nbf` is more than 30 seconds ahead of Oriel's clock." + record, "Set the host's clock; compare it with `server_time`."},
	oriel.CodeTokenLifetime:          {"`exp` is more than five minutes after `iat`, or before it." + record, "Let tokens live a minute."},
	oriel.CodeTokenReplayed:          {"The same token was exchanged before. Each is good once.", newToken + " See that nothing between host and page keeps its answers (`Cache-Control: no-store`)."},
	oriel.CodeAudienceMismatch:       {"`aud` is not this site's URL." + record, "Let the host put exactly the server's `site_url` into `aud`."},
	oriel.CodeIssuerMismatch:         {"`iss` is not the provider's `issuer`." + record, "Make the two equal, to the letter."},
	oriel.CodeAlgorithmNotAllowed:    {"The token's `alg` is not the one that the key is for." + record, "Sign with the algorithm of the key's `kind`: EdDSA for `eddsa`, HS256 for `hs256`, RS256 for `rs256`, and so on. A key is for one algorithm; for another, declare another key. Providers with profile `compat` take HS256 only."},
	oriel.CodeClaimMissing:           {"A claim that the provider's profile needs is absent; the answer names it. From a SAML identity provider it is the e-mail address, which came under none of the names that the provider knows.", "Add it. By SAML, send `email` (or the name that `oriel provider update --slug SLUG --email-claim NAME` sets), or a `NameID` of the format `emailAddress`. By JWT, the strict profile needs `iss`, `aud`, `sub`, `jti`, `iat`, `exp` and the e-mail claim; the compat profile `iat`, `exp` and the e-mail claim. Not every library writes `iat` by itself."},
	oriel.CodeClaimInvalid:           {"A claim is there but cannot be used: an e-mail address that is none, a tenant that is no slug, groups that are no texts." + record, "Correct the claim."},
	oriel.CodeUserNotProvisioned:     {"Nobody of this identity is known, and the provider does not make users.", "Set `provisioning: {create: true}` on the provider, or make the user first."},
	oriel.CodeUserDeactivated:        {"The user was deactivated. A sign-in does not bring a user back unless the provider's `reactivate` is on.", "Activate the user."},
	oriel.CodeTenantMismatch:         {"The token's tenant is not the user's, or not one that the provider signs into." + record, "Correct the tenant claim, or the provider's `tenants`. A user never changes tenant by signing in."},
	oriel.CodeTenantRequired:         {"The user belongs to a tenant and the token names none.", "Send the tenant claim."},
	oriel.CodeTenantDeactivated:      {"The user's tenant was deactivated.", "Activate the tenant."},
	oriel.CodeTenantUnknown:          {"The token names a tenant that does not exist, and the provider does not make tenants.", "Correct the claim, or let the provider make tenants."},
	oriel.CodeAccountNotLinkable:     {"Another identity already owns the e-mail address of the token: another `sub` or `NameID` of this provider (as when its format changed after the first sign-ins), another provider's user, or an administrator." + record, "Keep `sub`, or the `NameID` with its format, the same for one person. Providers that may sign in each other's users share a `realm`."},
	oriel.CodeSessionInvalid:         {"The token in the request is not a session token of this site.", "The SDK signs in anew by itself. Other clients: exchange a host token."},
	oriel.CodeSessionExpired:         {"The session has reached its end (`session_lifetime`), or the sign-in that it came from may not be renewed any more without the identity provider (`renew_for`).", "The SDK signs in anew by itself, or asks for a click. Other clients: exchange a new host token."},
	oriel.CodeSessionRevoked:         {"The session was signed out, or its provider was switched off, or the key that vouched for it was taken away; or it was renewed twice, so that somebody holds a copy.", "Sign in anew. When nobody signed out, ask how the session could have been copied."},
	oriel.CodeOriginMismatch:         {"The session was made for a page of another origin, or the request has no `Origin`.", "Use a session only from the page that signed in. A page on another origin makes its own."},
	oriel.CodeScopeDenied:            {"The session or API key does not reach this part of the API. Administration takes an administrator's own session, or an API key of an administrator with the scope; an embedded, interactive or backend session never reaches it, whoever the user is.", "Use an API key that has the scope: `admin:authentication` for providers, keys, origins and API keys, `admin:people` for sessions, `admin:audit` for sign-in records, `content:read` for questions and dashboards. Nobody gives a scope that they do not hold."},
	oriel.CodeSAMLResponseInvalid:    {"The sign-in record says which check failed, with what was expected and what came:\n\n| check | usual cause |\n|---|---|\n| `format` | the answer isn't one response with one assertion, or has what no answer needs: comments, document types, several signatures |\n| `status` | the identity provider reported a failure that answers no request of ours |\n| `signature` | it signs with a certificate that the provider doesn't have here, with SHA-1, or not at all; or an encrypted assertion can't be opened with our key |\n| `destination` | the ACS address entered there isn't ours to the letter (`localhost` isn't `127.0.0.1`) |\n| `request` | the assertion is for another recipient |\n| `time` | its clock and ours differ by more than a minute, or the answer is old |\n| `issuer` | its entity id isn't the provider's `issuer` |\n| `audience` | the entity id entered there isn't ours to the letter |\n| `age` | the person's sessions were ended after it was made: sign in again |", "`oriel provider show --slug SLUG` prints our entity id, ACS and metadata address: compare them with what stands at the identity provider. For a new certificate: `oriel provider update --slug SLUG --metadata FILE`."},
	oriel.CodeSAMLNotRequested:       {"The answer came without a request of ours from this browser: somebody began at the identity provider's own page and `idp_initiated` is off, the sign-in took longer than 30 minutes, another tab or browser began it, cookies are off, or its request was answered before.", "Begin at the page that shows the charts. To let people begin at the identity provider: `oriel provider update --slug SLUG --idp-initiated`, knowing that such answers can be planted in a browser by whoever has an account there."},
	oriel.CodeSAMLReplayed:           {"The same answer came twice: somebody went back in the browser or loaded the page again.", "Sign in again from the page that shows the charts."},
	oriel.CodeIdPRefused:             {"The identity provider answered this sign-in with another status than success: the person isn't assigned to the application there, gave up, or failed to prove who they are. Of a sign-out: it didn't end all of the person's sessions.", "The sign-in record's check `status` has the provider's own words. Assign the person, or their group, to the application at the identity provider. After a sign-out: `PartialLogout` tells that another of its applications didn't answer."},
	oriel.CodeCodeInvalid:            {"After a sign-in in another window: its code was redeemed more than a minute later, twice, from another page than the one that opened the window, or with another verifier or state. Whoever tries has used the code up. A record without any such request says that the page never came for its code: it was closed or left meanwhile.\n\nOr somebody answered the page “Continue as B instead of A?” more than five minutes after it was shown, a second time, in another browser, after signing out, or after a newer page had asked the same; or the server was restarted in between.", "Sign in again; or go back to the product that sent you here, and open the charts again."},
	oriel.CodeRateLimited:            {"Too many runs are under way, for this user or in all. Or, at sign-in: more refused attempts came from this client network (an IPv4 address, or a /64 of IPv6) within a minute than `refused_rate`, or the same token again and again; or more sign-ins came from one provider than `sign_in_rate`. Attempts without a good token never keep out those that have one.", "Wait for as long as `Retry-After` says. A page that shows many questions is better off with one dashboard: its cards come on one request. For sign-ins, look at the sign-in records: what was refused, and why; then set the rates higher if they are what is in the way."},
	oriel.CodeKeysUnavailable:        {"The provider's keys are at an address (kind `jwks`) that could not be fetched, and the token's key is not among those that were fetched before.", "Open the address from the server's machine. It must answer within 5 seconds with at most 1 MiB, over https and without sending on to another host; an address in a private network needs `fetch_private_addresses`."},
	oriel.CodeAPIKeyInvalid:          {"The API key is not well-formed, unknown, or revoked.", "Send the whole key, `ork_` and 43 characters, as `X-API-Key` or `Authorization: Bearer`. When it was revoked, ask an administrator for another."},
	oriel.CodeAPIKeyExpired:          {"The API key has reached its end, or the overlap with the key that took its place has passed.", "Use the key that took its place, or ask an administrator for a new one. Rotate a key before it ends: both work until the overlap has passed."},
	oriel.CodeAPIKeyNotForProduction: {"A web page sent an API key, or a group's API key asked for content. Whoever opens a page can read a key that is in it, so this works in dev mode alone, on pages of the developer's own machine.", "Embed by signing users in with the SDK. For a trial on your own machine start Oriel with `--dev=true` and open the page as `http://localhost`. A server uses a key that is bound to a user, with `content:read`, and sends no `Origin`."},
	oriel.CodeInvalidRequest:         {"The request is not as `api/openapi.yaml` describes it: a field that does not exist or stands twice, a value of another type, a parameter that the question does not have. `fields` names what is wrong.", "Correct the named fields. A run takes `parameters` and nothing else; an SQL text is never among them."},
	oriel.CodeNotAuthenticated:       {"The request carries neither a session token nor an API key.", "Send one as `Authorization: Bearer`. The SDK does."},
	oriel.CodeForbidden:              {"The user may see the thing, but not do this with it.", "Grant it to one of the user's groups, under `groups` in the declaration."},
	oriel.CodeCrossSiteRequest:       {"The request carried the site's cookie, but was not made by one of the site's own pages. Or a browser brought a host's token to `/auth/sso` that it did not ask for: with the profile `strict` a sign-in begins at `/auth/sso`, which gives the browser a `state`, and ends there with the same `state`, in the same browser, within ten minutes, once.", "For data in a host's page use the SDK, which needs no cookie. In the host's endpoint, bring `state` back as it came: `302 /auth/sso?jwt=…&return_to=…&state=…` (`hostauth` does). Send people to `/auth/sso?return_to=…` first, not to the landing. In a frame, both steps have to be in the same frame."},
	oriel.CodeLogoutRequestInvalid:   {"Either a host's: what came to `POST /api/v1/host-sessions/revoke` is a token of a sign-in, or a logout token that names neither a host session (`sid`) nor a person (`sub`; with the profile `compat` the claim with the e-mail address). Or an identity provider's: the message to `/auth/saml/SLUG/logout` is not signed with a certificate of the provider, is for another address, too old, used before, answers no request of ours, or the provider has no `sign_out_uri`; the sign-in record says which.", "A host signs a token of its own for each logout: with the header `typ: oriel-logout+jwt`, `sid` or `sub`, and `iat`, `exp`, `jti`, `iss`, `aud` as for a sign-in. At an identity provider, compare the address for sign-outs with `oriel provider show`, and let it sign what it sends: some sign sign-outs only when told to (SimpleSAMLphp: `sign.logout`)."},
	oriel.CodeNotFound:               {"There is no such address, question, dashboard or filter, or the user may not view it. Which of them is not told.", "Check the id against the declaration's keys. Then check that one of the user's groups may view the collection, and that the sign-in puts the user into that group."},
	oriel.CodeConflict:               {"What was to be made exists already, or cannot be changed as it is now. The problem's detail says which.", "Do what the detail says."},
	oriel.CodeTooLarge:               {"The body or the address is larger than this part of the API takes: 16 KiB for an exchange, 64 KiB for a run, 12 KiB for an address.", "Send less."},
	oriel.CodeQueryRefused:           {"The question's query could not be narrowed to what the user may see, so it was not run. Who may edit the question reads why, with line and column. Nobody else is told more.", "Find the reference in the server's log: it has the reason. `oriel apply` refuses such questions, so the data source has most likely changed since."},
	oriel.CodeQueryFailed:            {"The engine could not run the question's query, or it took too long. Who may edit the question (curates its collection, and writes SQL for its source in this session) reads the engine's words with line and column, without values of rows. Nobody else is told more.", "Find the reference in the server's log: it has the engine's words without the values."},
	oriel.CodeSourceUnavailable:      {"The data source does not answer.", again},
	oriel.CodeStoreUnavailable:       {"Oriel's own store does not answer, or the server is about to stop.", again},
	oriel.CodeInternal:               {"Something failed that should not.", "Find the reference in the server's log, and report it."},
}

func TestPages_everyCodeHasItsPage(t *testing.T) {
	folder := filepath.Join("..", "..", "docs", "errors")
	for _, code := range oriel.Codes() {
		told, found := pages[code]
		a, known := wordingOf(code)
		if !found || !known {
			t.Errorf("%s has no page", code)
			continue
		}
		want := fmt.Sprintf("# %s\n\n%s: “%s” (%d)\n\n**Cause.** %s\n\n**Fix.** %s\n", code, a.title, a.detail, a.status, told.cause, told.fix)
		path := filepath.Join(folder, string(code)+".md")
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != want {
			t.Errorf("%s is out of date (%v); run: go test ./internal/httpapi -run Pages -update", path, err)
		}
	}
}
