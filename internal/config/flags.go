package config

// StoreFlags are the flags of commands that work on the store. The tags are
// the command line parser's; a nil field was not given.
type StoreFlags struct {
	Config                *string `help:"The configuration file; ./oriel.yaml when it exists." placeholder:"FILE"`
	DatabaseURL           *string `name:"database-url" help:"Oriel's own store, sqlite:///absolute/path/oriel.db." placeholder:"URL"`
	SecretKeyFile         *string `name:"secret-key-file" help:"File that holds the instance key." placeholder:"FILE"`
	PreviousSecretKeyFile *string `name:"previous-secret-key-file" help:"File that holds the instance key of before." placeholder:"FILE"`
	SiteURL               *string `name:"site-url" help:"The address under which browsers reach Oriel." placeholder:"URL"`
	LogLevel              *string `name:"log-level" help:"debug, info, warn or error." placeholder:"LEVEL"`
	SourceFolder          *string `name:"source-folder" help:"The one folder for the files of data sources." placeholder:"FOLDER"`
	SourceHosts           *string `name:"source-hosts" help:"The servers that data sources may be on, with commas between." placeholder:"LIST"`
	AnyOrigin             *string `name:"dangerously-allow-any-origin" help:"true accepts * in the list of authorized origins." placeholder:"BOOL"`
}

// ServeFlags are the flags of commands that need the whole configuration.
type ServeFlags struct {
	StoreFlags
	Listen               *string `help:"The address and port to listen on." placeholder:"HOST:PORT"`
	TimeZone             *string `name:"time-zone" help:"The time zone of questions, as Europe/Berlin, where the user's tenant has none of its own." placeholder:"ZONE"`
	SiteName             *string `name:"site-name" help:"The name that the SDK shows for this site." placeholder:"NAME"`
	Embedding            *string `help:"false refuses every sign-in and session of an embed." placeholder:"BOOL"`
	SessionLifetime      *string `name:"session-lifetime" help:"How long an embed session lives, 1m to 24h." placeholder:"TIME"`
	RecordsKept          *string `name:"records-kept" help:"How long sign-in records are kept, 1h to 87600h." placeholder:"TIME"`
	AuditKept            *string `name:"audit-kept" help:"How long the audit is kept, 1h to 87600h." placeholder:"TIME"`
	InteractiveEmbedding *string `name:"interactive-embedding" help:"true lets hosts sign browsers in with a cookie." placeholder:"BOOL"`
	TrustedProxies       *string `name:"trusted-proxies" help:"Addresses or networks of your own proxies, with commas between." placeholder:"LIST"`
	SignInRate           *string `name:"sign-in-rate" help:"Sign-ins a second that one provider may make." placeholder:"NUMBER"`
	RefusedRate          *string `name:"refused-rate" help:"Refused attempts a minute that one client network may make." placeholder:"NUMBER"`
	CacheMemory          *string `name:"cache-memory" help:"Memory of results that are kept, as 64MiB; 0 keeps none." placeholder:"SIZE"`
	CacheTime            *string `name:"cache-time" help:"How long a result is kept where its question does not say, to 24h." placeholder:"TIME"`
	EngineMemory         *string `name:"engine-memory" help:"Memory of the queries of one DuckDB source, as 512MiB." placeholder:"SIZE"`
	DownloadRows         *string `name:"download-rows" help:"The most rows of one download." placeholder:"NUMBER"`
	Downloads            *string `help:"Downloads that may be under way at once." placeholder:"NUMBER"`
	FetchPrivate         *string `name:"fetch-private-addresses" help:"true lets a setting name an address to fetch in a private network." placeholder:"BOOL"`
	Dev                  *string `help:"true is dev mode, on loopback addresses only." placeholder:"BOOL"`
}

// given maps keys to what the command line set.
func (f ServeFlags) given() map[string]*string {
	return map[string]*string{
		keySiteURL:                     f.SiteURL,
		keyListen:                      f.Listen,
		keyDatabaseURL:                 f.DatabaseURL,
		keySecretKey + "_file":         f.SecretKeyFile,
		keyPreviousSecretKey + "_file": f.PreviousSecretKeyFile,
		keyTimeZone:                    f.TimeZone,
		keySiteName:                    f.SiteName,
		keyRecordsKept:                 f.RecordsKept,
		keyAuditKept:                   f.AuditKept,
		keyInteractiveEmbedding:        f.InteractiveEmbedding,
		keyTrustedProxies:              f.TrustedProxies,
		keySignInRate:                  f.SignInRate,
		keyRefusedRate:                 f.RefusedRate,
		keyCacheMemory:                 f.CacheMemory,
		keyCacheTime:                   f.CacheTime,
		keyEngineMemory:                f.EngineMemory,
		keyDownloadRows:                f.DownloadRows,
		keyDownloads:                   f.Downloads,
		keyFetchPrivate:                f.FetchPrivate,
		keyDev:                         f.Dev,
		keySessionLifetime:             f.SessionLifetime,
		keyLogLevel:                    f.LogLevel,
		keyEmbedding:                   f.Embedding,
		keySourceFolder:                f.SourceFolder,
		keySourceHosts:                 f.SourceHosts,
		keyAnyOrigin:                   f.AnyOrigin,
	}
}
