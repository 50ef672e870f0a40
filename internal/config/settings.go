package config

// A setting is one thing that an operator may set. The table below is the one
// list from which flags, environment, file, schema and reference are checked.
type setting struct {
	// Key is the name in oriel.yaml; the environment's is ORIEL_ and the key
	// in capitals, the flag's the key with dashes.
	Key     string
	Help    string
	Default string // as shown in the reference; empty when it is derived
	// Secret settings are never printed, have a …_FILE form in the environment,
	// and stand in the file and on the command line only as KEY_file, so that
	// no secret is in a process list or under version control.
	Secret bool
}

// The keys, named once.
const (
	keySiteURL         = "site_url"
	keyListen          = "listen"
	keyDatabaseURL     = "database_url"
	keySecretKey       = "secret_key"
	keySiteName        = "site_name"
	keySessionLifetime = "session_lifetime"
	keyLogLevel        = "log_level"
	keyEmbedding       = "embedding"
	keyAnyOrigin       = "dangerously_allow_any_origin"
)

// settings lists every setting, in the order in which they are printed.
func settings() []setting {
	return []setting{
		{Key: keySiteURL, Help: "The address under which browsers reach Oriel: https, or http on a loopback address. Without it, http and the listen address, when that is a loopback one."},
		{Key: keyListen, Default: "127.0.0.1:7420", Help: "The address and port to listen on."},
		{Key: keyDatabaseURL, Help: "Oriel's own store: sqlite:///absolute/path/oriel.db. Without it, oriel-data/oriel.db in the working directory. Imported data is kept in the same folder."},
		{Key: keySecretKey, Secret: true, Help: "The instance key, under which secrets are stored: 32 random bytes as base64 (openssl rand -base64 32). Without it, one is made at first start and kept beside the store with mode 0600."},
		{Key: keySiteName, Default: "Oriel", Help: "The name that the SDK shows for this site."},
		{Key: keySessionLifetime, Default: "10m", Help: "How long an embed session lives: 1m to 24h."},
		{Key: keyLogLevel, Default: "info", Help: "The least severe log lines to write: debug, info, warn or error."},
		{Key: keyEmbedding, Default: "true", Help: "false refuses every sign-in of an embed, with embedding_disabled."},
		{Key: keyAnyOrigin, Default: "false", Help: "true accepts \"*\" in the list of authorized origins: every web page may then use the sessions that it is given."},
	}
}
