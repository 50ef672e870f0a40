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
	// List settings are texts with commas between; in the file they may be
	// written as a list of YAML too.
	List bool
}

// The keys, named once.
const (
	keySiteURL              = "site_url"
	keyListen               = "listen"
	keyDatabaseURL          = "database_url"
	keySecretKey            = "secret_key"
	keyPreviousSecretKey    = "previous_secret_key"
	keySiteName             = "site_name"
	keyTimeZone             = "time_zone"
	keySessionLifetime      = "session_lifetime"
	keyRecordsKept          = "records_kept"
	keyAuditKept            = "audit_kept"
	keyLogLevel             = "log_level"
	keyEmbedding            = "embedding"
	keyInteractiveEmbedding = "interactive_embedding"
	keyTrustedProxies       = "trusted_proxies"
	keySignInRate           = "sign_in_rate"
	keyRefusedRate          = "refused_rate"
	keyCacheMemory          = "cache_memory"
	keyCacheTime            = "cache_time"
	keyEngineMemory         = "engine_memory"
	keyDownloadRows         = "download_rows"
	keyDownloads            = "downloads"
	keyFetchPrivate         = "fetch_private_addresses"
	keySourceFolder         = "source_folder"
	keySourceHosts          = "source_hosts"
	keyAnyOrigin            = "dangerously_allow_any_origin"
	keyDev                  = "dev"
)

// settings lists every setting, in the order in which they are printed.
func settings() []setting {
	return []setting{
		{Key: keySiteURL, Help: "The address under which browsers reach Oriel: https, or http on a loopback address. Without it, http and the listen address, when that is a loopback one."},
		{Key: keyListen, Default: "127.0.0.1:7420", Help: "The address and port to listen on."},
		{Key: keyDatabaseURL, Help: "Oriel's own store: sqlite:///absolute/path/oriel.db. Without it, oriel-data/oriel.db in the working directory. Imported data is kept in the same folder."},
		{Key: keySecretKey, Secret: true, Help: "The instance key, under which secrets are stored: 32 random bytes as base64 (openssl rand -base64 32). Without it, one is made at first start and kept beside the store with mode 0600."},
		{Key: keyPreviousSecretKey, Secret: true, Help: "The instance key of before, while it is being changed: what is stored under it is stored anew under the instance key of now when the store is opened. Leave it out afterwards."},
		{Key: keySiteName, Default: "Oriel", Help: "The name that the SDK shows for this site."},
		{Key: keyTimeZone, Default: "UTC", Help: "The time zone of questions, as Europe/Berlin, where the user's tenant has none of its own: in it moments are shown, cut and filtered."},
		{Key: keySessionLifetime, Default: "10m", Help: "How long an embed session lives: 1m to 24h."},
		{Key: keyRecordsKept, Default: "720h", Help: "How long sign-in records are kept: 1h to 87600h, which is ten years."},
		{Key: keyAuditKept, Default: "17520h", Help: "How long the audit is kept: 1h to 87600h, which is ten years."},
		{Key: keyLogLevel, Default: "info", Help: "The least severe log lines to write: debug, info, warn or error."},
		{Key: keyEmbedding, Default: "true", Help: "false refuses every sign-in and session of an embed, with embedding_disabled."},
		{Key: keyInteractiveEmbedding, Default: "false", Help: "true lets a host sign a browser in by sending it here, with a cookie; false refuses it, and its sessions, with embedding_disabled."},
		{Key: keyTrustedProxies, List: true, Help: "The addresses or networks of your own proxies, as 10.0.0.7,10.1.0.0/16. What only they may say: for which client a request is (X-Forwarded-For), and whether it came by https."},
		{Key: keySignInRate, Default: "200", Help: "How many sign-ins a second one provider may make: 1 to 1000000. Ten times as many may come at once."},
		{Key: keyRefusedRate, Default: "100", Help: "How many refused attempts a minute one client network may make before it must wait: 1 to 1000000."},
		{Key: keyCacheMemory, Default: "64MiB", Help: "How much memory results that are kept may take: 0, which keeps none, to 64GiB."},
		{Key: keyCacheTime, Default: "1m", Help: "For how long a result is kept, where its question does not say: 0s, which keeps none, to 24h."},
		{Key: keyEngineMemory, Default: "512MiB", Help: "How much memory the queries of one DuckDB source may take together: 64MiB to 1024GiB. A query that needs more fails."},
		{Key: keyDownloadRows, Default: "1000000", Help: "The most rows of one download, for those who may download in full: 1 to 100000000."},
		{Key: keyDownloads, Default: "4", Help: "How many downloads may be under way at once: 1 to 64. One more waits for a few seconds and is then refused with rate_limited."},
		{Key: keyFetchPrivate, Default: "false", Help: "true lets a setting name an address to fetch (a key set, say) that is in a private network."},
		{Key: keySourceFolder, Help: "The one folder in which the files of data sources may be that are made on this server, by its absolute path; without it there are none. It may not be the folder of the store, nor inside or around it."},
		{Key: keySourceHosts, List: true, Help: "The servers that data sources may be on, as db.example.com, db.example.com:5432, 10.1.0.0/16 or /run/postgresql. Without it, any that the server reaches."},
		{Key: keyAnyOrigin, Default: "false", Help: "true accepts \"*\" in the list of authorized origins: every web page may then use the sessions that it is given."},
		{Key: keyDev, Default: "false", Help: "true is dev mode, which oriel dev turns on: pages on localhost, 127.0.0.1 and [::1] may embed, also with an API key. It needs a loopback site_url and listen."},
	}
}
