package httpapi

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/oriel-bi/oriel/internal/catalog"
	"github.com/oriel-bi/oriel/internal/directory"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
	"github.com/oriel-bi/oriel/internal/session"
	"github.com/oriel-bi/oriel/internal/signin"
)

// Origins tells which pages may read answers.
type Origins interface {
	OriginAllowed(origin string) bool
	// OriginAllowedToUser holds it to the own lists of provider and tenant too.
	OriginAllowedToUser(provider string, tenant oriel.TenantSlug, origin string) bool
}

// ProviderNames tell a provider's slug by its id, and the other way round.
type ProviderNames interface {
	ProviderSlug(id string) string
	ProviderID(slug string) string
}

// SignIn tells how to sign in, does it, and lets a host end what it began.
type SignIn interface {
	Discover(ctx context.Context, request signin.DiscoverRequest) (signin.Discovery, error)
	Exchange(ctx context.Context, request signin.Request) (signin.Accepted, error)
	Start(ctx context.Context, request signin.DiscoverRequest, browser signin.Browser) (signin.Started, error)
	Land(ctx context.Context, request signin.Request) (signin.Accepted, *signin.Question, error)
	Continue(ctx context.Context, answer signin.Answer) (accepted signin.Accepted, returnTo string, err error)
	Logout(ctx context.Context, request signin.LogoutRequest) (ended int, err error)
	StartSAML(ctx context.Context, request signin.SAMLStartRequest) (signin.SAMLStarted, error)
	TakeSAMLResponse(ctx context.Context, response signin.SAMLResponse) (signin.SAMLArrived, error)
	SAMLLogout(ctx context.Context, request signin.SAMLLogoutRequest) (address string, err error)
	SAMLSignOutURI(slug string) (string, error)
	StartSAMLSignOut(ctx context.Context, request signin.SAMLSignOut) (address string, err error)
	EndSAMLSignOut(ctx context.Context, request signin.SAMLLogoutRequest) (signin.SAMLSignedOut, error)
	DefaultSAML() (slug string, err error)
	SAMLMetadata(slug string) ([]byte, error)
	Redeem(ctx context.Context, request signin.CodeRequest) (signin.Accepted, error)
	Renew(ctx context.Context, request signin.RenewRequest) (signin.Accepted, error)
	EndRenewable(ctx context.Context, token, origin string) (ended bool, err error)
}

// Sessions turn a session token into a principal, and end.
type Sessions interface {
	Authenticate(ctx context.Context, presented session.Presented) (oriel.Principal, session.Session, error)
	SignOut(ctx context.Context, token string) error
	List(ctx context.Context, p oriel.Principal, f oriel.SessionFilter, after string, limit int) ([]session.Session, error)
	End(ctx context.Context, p oriel.Principal, id string) error
	EndUser(ctx context.Context, p oriel.Principal, user oriel.UserID) (int, error)
	EndTenant(ctx context.Context, p oriel.Principal, tenant oriel.TenantSlug) (int, error)
	EndKey(ctx context.Context, p oriel.Principal, slug, kid string) (int, error)
}

// APIKeys turn an API key into a principal, and are made and ended.
type APIKeys interface {
	Authenticate(ctx context.Context, secret, origin string) (oriel.Principal, oriel.APIKey, error)
	List(ctx context.Context, p oriel.Principal) ([]oriel.APIKey, error)
	Create(ctx context.Context, p oriel.Principal, wanted directory.APIKeyRequest) (directory.IssuedAPIKey, error)
	Rotate(ctx context.Context, p oriel.Principal, id string, overlap time.Duration) (directory.IssuedAPIKey, error)
	Revoke(ctx context.Context, p oriel.Principal, id string) error
}

// Administration is what administrators settle about signing in.
type Administration interface {
	Providers(ctx context.Context, p oriel.Principal) ([]directory.ProviderAsSet, error)
	Provider(ctx context.Context, p oriel.Principal, slug string) (directory.ProviderAsSet, error)
	CreateProvider(ctx context.Context, p oriel.Principal, slug string, settings map[string]any) (directory.ProviderAsSet, error)
	UpdateProvider(ctx context.Context, p oriel.Principal, slug string, settings map[string]any) (directory.ProviderAsSet, error)
	DeleteProvider(ctx context.Context, p oriel.Principal, slug string) error

	Keys(ctx context.Context, p oriel.Principal, slug string) ([]directory.KeyInUse, error)
	BeginTrial(ctx context.Context, p oriel.Principal, slug string) (directory.BegunTrial, error)
	Trial(ctx context.Context, p oriel.Principal, slug, id string) (oriel.SAMLTrial, error)

	AddKey(ctx context.Context, p oriel.Principal, slug string, wanted directory.KeyRequest) (directory.AddedKey, error)
	RetireKey(ctx context.Context, p oriel.Principal, slug, kid string, overlap time.Duration) (directory.KeyInUse, error)
	DeleteKey(ctx context.Context, p oriel.Principal, slug, kid string) error

	Origins(ctx context.Context, p oriel.Principal) ([]oriel.Origin, error)
	AddOrigin(ctx context.Context, p oriel.Principal, entry string) error
	RemoveOrigin(ctx context.Context, p oriel.Principal, entry string) error
}

// Search finds the records of attempts to sign in.
type Search interface {
	SignIns(ctx context.Context, p oriel.Principal, f oriel.SignInFilter, limit int) ([]oriel.SignInRecord, error)
}

// Catalog finds what a principal may view.
type Catalog interface {
	Questions(ctx context.Context, p oriel.Principal, f catalog.Filter, cursor string, limit int) (catalog.Page, error)
	Dashboards(ctx context.Context, p oriel.Principal, f catalog.Filter, cursor string, limit int) (catalog.Page, error)
	Collections(ctx context.Context, p oriel.Principal) ([]oriel.Collection, error)
}

// Queries run what a principal may run.
type Queries interface {
	Question(ctx context.Context, p oriel.Principal, key string) (question oriel.Question, tree *oriel.Structured, err error)
	RunQuestion(ctx context.Context, p oriel.Principal, key string, parameters map[string]json.RawMessage) (oriel.Question, oriel.Result, error)
	RunDashboard(ctx context.Context, p oriel.Principal, key string, parameters map[string]json.RawMessage, on query.Lines) error
	MayDownload(p oriel.Principal) bool
	Download(ctx context.Context, p oriel.Principal, key string, parameters map[string]json.RawMessage, rows query.Rows) error
	ParameterValues(ctx context.Context, p oriel.Principal, dashboard, parameter string) ([]string, error)

	MayAsk(p oriel.Principal) error
	Models(ctx context.Context, p oriel.Principal) ([]query.SeenModel, error)
	Model(ctx context.Context, p oriel.Principal, key string) (query.SeenModel, error)
	RunUnsaved(ctx context.Context, p oriel.Principal, settings map[string]any, parameters map[string]json.RawMessage) (oriel.Question, oriel.Result, error)
	DownloadUnsaved(ctx context.Context, p oriel.Principal, settings map[string]any, parameters map[string]json.RawMessage, rows query.Rows) error
}

// Options are what the API stands on.
type Options struct {
	// SiteURL, SiteName and Version are told to the SDK.
	SiteURL, SiteName, Version string

	Origins        Origins
	ProviderNames  ProviderNames
	SignIn         SignIn
	Sessions       Sessions
	APIKeys        APIKeys
	Administration Administration
	Search         Search
	People         People
	Policies       Policies
	Collections    Collections
	Trail          Trail
	Viewing        Viewing
	Catalog        Catalog
	Queries        Queries
	Explanations   Explanations
	Sources        Sources
	// TrustedProxies are the addresses of the proxies whose word is taken for a
	// client's address and scheme. Empty: nobody's.
	TrustedProxies []netip.Prefix
	// DevMode refuses requests for another host than this machine.
	DevMode bool
	// Downloads is how many may be under way at once; 0 is four.
	Downloads int
	// Ready fails while the server cannot serve, or is about to stop.
	Ready func(context.Context) error

	Clock  func() time.Time
	Random io.Reader
	Log    *slog.Logger
}

// API answers the requests of api/openapi.yaml. It is an [http.Handler].
type API struct {
	siteURL, siteName, version string
	https, devMode             bool
	proxies                    proxies
	protection                 *http.CrossOriginProtection

	origins        Origins
	providerNames  ProviderNames
	signIn         SignIn
	sessions       Sessions
	apiKeys        APIKeys
	administration Administration
	search         Search
	people         People
	policies       Policies
	collections    Collections
	trail          Trail
	viewing        Viewing
	catalog        Catalog
	queries        Queries
	explanations   Explanations
	sources        Sources
	ready          func(context.Context) error

	clock  func() time.Time
	random io.Reader
	log    *slog.Logger

	runs         *runs
	downloads    *runs
	frontPage    frontPage
	continuePage continuePage
	routes       *http.ServeMux
}

var _ ServerInterface = (*API)(nil)

// New makes the API.
func New(o Options) *API {
	if o.Downloads == 0 {
		o.Downloads = maxDownloads
	}
	a := &API{
		siteURL: o.SiteURL, siteName: o.SiteName, version: o.Version,
		https: strings.HasPrefix(o.SiteURL, "https://"), proxies: newProxies(o.TrustedProxies),
		devMode: o.DevMode, protection: newProtection(o.SiteURL),
		origins: o.Origins, providerNames: o.ProviderNames, signIn: o.SignIn, sessions: o.Sessions, apiKeys: o.APIKeys, administration: o.Administration, search: o.Search, people: o.People, policies: o.Policies, collections: o.Collections, trail: o.Trail, viewing: o.Viewing, catalog: o.Catalog, queries: o.Queries, explanations: o.Explanations, sources: o.Sources, ready: o.Ready,
		clock: o.Clock, random: o.Random, log: o.Log,
		runs: newRuns(maxRuns, maxRunsTenant, maxRunsEach), downloads: newRuns(o.Downloads, max(1, o.Downloads*3/4), min(o.Downloads, maxDownloadsEach)), frontPage: newFrontPage(o.SiteName, o.Version), continuePage: newContinuePage(),
	}
	a.routes = a.makeRoutes()
	return a
}
