package config

// StoreFlags are the flags of commands that work on the store. The tags are
// the command line parser's; a nil field was not given.
type StoreFlags struct {
	Config        *string `help:"The configuration file; ./oriel.yaml when it exists." placeholder:"FILE"`
	DatabaseURL   *string `name:"database-url" help:"Oriel's own store, sqlite:///absolute/path/oriel.db." placeholder:"URL"`
	SecretKeyFile *string `name:"secret-key-file" help:"File that holds the instance key." placeholder:"FILE"`
	SiteURL       *string `name:"site-url" help:"The address under which browsers reach Oriel." placeholder:"URL"`
	LogLevel      *string `name:"log-level" help:"debug, info, warn or error." placeholder:"LEVEL"`
	AnyOrigin     *string `name:"dangerously-allow-any-origin" help:"true accepts * in the list of authorized origins." placeholder:"BOOL"`
}

// ServeFlags are the flags of commands that need the whole configuration.
type ServeFlags struct {
	StoreFlags
	Listen          *string `help:"The address and port to listen on." placeholder:"HOST:PORT"`
	SiteName        *string `name:"site-name" help:"The name that the SDK shows for this site." placeholder:"NAME"`
	Embedding       *string `help:"false refuses every sign-in of an embed." placeholder:"BOOL"`
	SessionLifetime *string `name:"session-lifetime" help:"How long an embed session lives, 1m to 24h." placeholder:"TIME"`
}

// given maps keys to what the command line set.
func (f ServeFlags) given() map[string]*string {
	return map[string]*string{
		keySiteURL:             f.SiteURL,
		keyListen:              f.Listen,
		keyDatabaseURL:         f.DatabaseURL,
		keySecretKey + "_file": f.SecretKeyFile,
		keySiteName:            f.SiteName,
		keySessionLifetime:     f.SessionLifetime,
		keyLogLevel:            f.LogLevel,
		keyEmbedding:           f.Embedding,
		keyAnyOrigin:           f.AnyOrigin,
	}
}
