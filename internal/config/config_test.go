package config

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const goodKey = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

func value(s string) *string { return &s }

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "oriel.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoad_withoutAnythingSetIsTheDefault(t *testing.T) {
	t.Chdir(t.TempDir())
	c, err := Load(ServeFlags{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if c.SiteURL != "http://127.0.0.1:7420" || c.Listen != "127.0.0.1:7420" || c.SiteName != "Oriel" ||
		c.SessionLifetime != 10*time.Minute || c.SecretKey != nil ||
		c.DataFolder != filepath.Join(folder, "oriel-data") ||
		c.DatabaseURL != "sqlite://"+filepath.Join(folder, "oriel-data", "oriel.db") {
		t.Errorf("unexpected defaults: %+v", c)
	}
	// What is unsafe is off until somebody asks for it.
	if c.InteractiveEmbedding || c.FetchPrivateAddresses || c.DangerouslyAllowAnyOrigin || c.Dev || c.TrustedProxies != nil ||
		c.PreviousSecretKey != nil || c.RecordsKept != 720*time.Hour || c.SignInRate != 200 || c.RefusedRate != 100 {
		t.Errorf("unsafe defaults: %+v", c)
	}
}

func TestLoad_flagWinsOverEnvironmentOverFile(t *testing.T) {
	path := write(t, "site_name: file\nlisten: 127.0.0.1:1\nsession_lifetime: 1m\n")
	flags := ServeFlags{StoreFlags: StoreFlags{Config: &path}, Listen: value("127.0.0.1:3")}
	c, err := Load(flags, []string{"ORIEL_LISTEN=127.0.0.1:2", "ORIEL_SITE_NAME=environment"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:3" || c.SiteName != "environment" || c.SessionLifetime != time.Minute {
		t.Errorf("got %+v", c)
	}
	from := map[string]string{}
	for _, s := range c.Settings() {
		from[s.Key] = s.From
	}
	for key, want := range map[string]string{"listen": "flag --listen", "site_name": "environment ORIEL_SITE_NAME",
		"session_lifetime": path + ":3", "log_level": "default"} {
		if from[key] != want {
			t.Errorf("%s came from %q, want %q", key, from[key], want)
		}
	}
}

func TestLoad_faultsAreOneSentenceThatNamesThePlace(t *testing.T) {
	cases := []struct {
		name, file string
		env        []string
		want       string
	}{
		{"mistyped key", "site_nmae: x\n", nil, ":1: site_nmae is not a setting; did you mean site_name?"},
		{"unknown key", "colour: x\n", nil, "colour is not a setting; the settings are"},
		{"a declaration", "version: 1\norigins: []\n", nil, "oriel apply FILE"},
		{"key twice", "listen: a:1\nlisten: a:2\n", nil, ":2"},
		{"secret in the file", "secret_key: abc\n", nil, "secret_key_file"},
		{"a list", "site_name: [a]\n", nil, "no plain value"},
		{"null", "site_name:\n", nil, "no plain value"},
		{"not a mapping", "- a\n", nil, "is a mapping"},
		{"not YAML", "a: [\n", nil, "write it as YAML"},
		{"mistyped variable", "", []string{"ORIEL_SITE_ULR=x"}, "did you mean ORIEL_SITE_URL?"},
		{"http elsewhere", "", []string{"ORIEL_SITE_URL=http://bi.example.com"}, "must be https"},
		{"a path", "", []string{"ORIEL_SITE_URL=https://bi.example.com/x"}, "alone"},
		{"user", "", []string{"ORIEL_SITE_URL=https://u@bi.example.com"}, "alone"},
		{"odd host", "", []string{"ORIEL_SITE_URL=https://b'i.example.com"}, "character"},
		{"no scheme", "", []string{"ORIEL_SITE_URL=bi.example.com"}, "is an address"},
		{"no site URL", "", []string{"ORIEL_LISTEN=0.0.0.0:7420"}, "set ORIEL_SITE_URL"},
		{"no port", "", []string{"ORIEL_LISTEN=127.0.0.1"}, "HOST:PORT"},
		{"port too high", "", []string{"ORIEL_LISTEN=127.0.0.1:70000"}, "0 to 65535"},
		{"another store", "", []string{"ORIEL_DATABASE_URL=postgres://x"}, "begins with sqlite://"},
		{"relative store", "", []string{"ORIEL_DATABASE_URL=sqlite://x.db"}, "absolute path"},
		{"options on the store", "", []string{"ORIEL_DATABASE_URL=sqlite:///x.db?_pragma=a"}, "absolute path"},
		{"short key", "", []string{"ORIEL_SECRET_KEY=c2hvcnQ="}, "openssl rand -base64 32"},
		{"empty key", "", []string{"ORIEL_SECRET_KEY="}, "openssl rand -base64 32"},
		{"key twice over", "", []string{"ORIEL_SECRET_KEY=" + goodKey, "ORIEL_SECRET_KEY_FILE=x"}, "keep one of them"},
		{"no key file", "", []string{"ORIEL_SECRET_KEY_FILE=missing"}, "no such file"},
		{"lifetime too short", "", []string{"ORIEL_SESSION_LIFETIME=59s"}, "1m to 24h"},
		{"lifetime too long", "", []string{"ORIEL_SESSION_LIFETIME=25h"}, "1m to 24h"},
		{"level", "", []string{"ORIEL_LOG_LEVEL=loud"}, "debug, info, warn or error"},
		{"neither true nor false", "", []string{"ORIEL_DANGEROUSLY_ALLOW_ANY_ORIGIN=yes"}, "true or false"},
		{"empty previous key", "", []string{"ORIEL_PREVIOUS_SECRET_KEY="}, "previous_secret_key is 32 random bytes"},
		{"short previous key", "", []string{"ORIEL_PREVIOUS_SECRET_KEY=c2hvcnQ="}, "previous_secret_key is 32 random bytes"},
		{"previous key in the file", "previous_secret_key: abc\n", nil, "previous_secret_key_file"},
		{"previous key twice over", "", []string{"ORIEL_PREVIOUS_SECRET_KEY=" + goodKey, "ORIEL_PREVIOUS_SECRET_KEY_FILE=x"}, "keep one of them"},
		{"previous key of now", "", []string{"ORIEL_PREVIOUS_SECRET_KEY=" + goodKey, "ORIEL_SECRET_KEY=" + goodKey}, "is the same as secret_key"},
		{"records kept too short", "", []string{"ORIEL_RECORDS_KEPT=59m"}, "1h to 87600h"},
		{"records kept too long", "", []string{"ORIEL_RECORDS_KEPT=87601h"}, "1h to 87600h"},
		{"records kept in days", "", []string{"ORIEL_RECORDS_KEPT=30d"}, "1h to 87600h"},
		{"no sign-ins", "", []string{"ORIEL_SIGN_IN_RATE=0"}, "sign_in_rate is a whole number from 1"},
		{"fewer than no sign-ins", "", []string{"ORIEL_SIGN_IN_RATE=-1"}, "sign_in_rate is a whole number from 1"},
		{"part of a sign-in", "sign_in_rate: 0.5\n", nil, ":1: sign_in_rate is a whole number from 1"},
		{"endless sign-ins", "", []string{"ORIEL_SIGN_IN_RATE=1000001"}, "to 1000000"},
		{"octal sign-ins", "", []string{"ORIEL_SIGN_IN_RATE=0200"}, "whole number"},
		{"no refusals", "", []string{"ORIEL_REFUSED_RATE=0"}, "refused_rate is a whole number from 1"},
		{"refusals without end", "", []string{"ORIEL_REFUSED_RATE=18446744073709551617"}, "refused_rate is a whole number from 1"},
		{"cache without a unit", "", []string{"ORIEL_CACHE_MEMORY=64"}, "cache_memory is a size from 0 to 64GiB, as 256MiB or 2GiB"},
		{"cache in bytes of ten", "", []string{"ORIEL_CACHE_MEMORY=64MB"}, "cache_memory is a size"},
		{"a negative cache", "", []string{"ORIEL_CACHE_MEMORY=-1MiB"}, "cache_memory is a size"},
		{"a cache of all", "", []string{"ORIEL_CACHE_MEMORY=65GiB"}, "cache_memory is a size"},
		{"a cache that overflows", "", []string{"ORIEL_CACHE_MEMORY=99999999999999999999GiB"}, "cache_memory is a size"},
		{"a cache of zeros", "", []string{"ORIEL_CACHE_MEMORY=00"}, "cache_memory is a size"},
		{"kept for ever", "", []string{"ORIEL_CACHE_TIME=25h"}, "cache_time is a time from 0s"},
		{"kept for less than nothing", "", []string{"ORIEL_CACHE_TIME=-1s"}, "cache_time is a time from 0s"},
		{"kept for part of a second", "", []string{"ORIEL_CACHE_TIME=1500ms"}, "in whole seconds"},
		{"kept for a number", "", []string{"ORIEL_CACHE_TIME=60"}, "cache_time is a time from 0s"},
		{"an engine without memory", "", []string{"ORIEL_ENGINE_MEMORY=0"}, "engine_memory is a size from 64MiB to 1024GiB"},
		{"an engine with little", "", []string{"ORIEL_ENGINE_MEMORY=63MiB"}, "engine_memory is a size from 64MiB"},
		{"no rows to download", "", []string{"ORIEL_DOWNLOAD_ROWS=0"}, "download_rows is a whole number from 1 to 100000000"},
		{"endless downloads", "", []string{"ORIEL_DOWNLOAD_ROWS=100000001"}, "download_rows is a whole number"},
		{"no downloads", "", []string{"ORIEL_DOWNLOADS=0"}, "downloads is a whole number from 1 to 64"},
		{"downloads without end", "", []string{"ORIEL_DOWNLOADS=65"}, "downloads is a whole number from 1 to 64"},
		{"a list of lists", "trusted_proxies: [[10.0.0.1]]\n", nil, ":1: trusted_proxies is a list of plain values"},
		{"an empty entry", "trusted_proxies:\n  - 10.0.0.1\n  -\n", nil, ":1: trusted_proxies is a list of plain values"},
		{"a mapping", "trusted_proxies: {a: b}\n", nil, "no plain value"},
		{"browser landings", "", []string{"ORIEL_INTERACTIVE_EMBEDDING=1"}, "interactive_embedding is true or false"},
		{"private addresses", "", []string{"ORIEL_FETCH_PRIVATE_ADDRESSES=TRUE"}, "fetch_private_addresses is true or false"},
		{"neither dev nor not", "", []string{"ORIEL_DEV=on"}, "dev is true or false"},
		{"name", "", []string{"ORIEL_SITE_NAME=" + strings.Repeat("x", 101)}, "1 to 100"},
		{"file that is missing", "", []string{"ORIEL_CONFIG=missing.yaml"}, "no such file"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			var flags ServeFlags
			if c.file != "" {
				flags.Config = value(write(t, c.file))
			}
			_, err := Load(flags, c.env)
			if err == nil {
				t.Fatal("it was accepted")
			}
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %q, want one line with %q", err, c.want)
			}
		})
	}
}

func TestLoad_variablesOfOrchestratorsAreLeftAlone(t *testing.T) {
	t.Chdir(t.TempDir())
	if _, err := Load(ServeFlags{}, []string{"ORIEL_SERVICE_HOST=10.0.0.1", "ORIEL_PORT_7420_TCP=tcp://10.0.0.1:7420"}); err != nil {
		t.Fatal(err)
	}
}

func TestLoad_siteURLHasOneSpelling(t *testing.T) {
	t.Chdir(t.TempDir())
	for given, want := range map[string]string{
		"https://BI.example.com":     "https://bi.example.com",
		"https://bi.example.com/":    "https://bi.example.com",
		"https://bi.example.com:443": "https://bi.example.com",
		"http://127.0.0.1:7421":      "http://127.0.0.1:7421",
		"http://[::1]:80":            "http://[::1]",
	} {
		c, err := Load(ServeFlags{}, []string{"ORIEL_SITE_URL=" + given})
		if err != nil || c.SiteURL != want {
			t.Errorf("%s gave %q, %v; want %q", given, c.SiteURL, err, want)
		}
	}
}

func TestSettings_neverShowASecret(t *testing.T) {
	t.Chdir(t.TempDir())
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(goodKey+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, env := range []string{
		"ORIEL_SECRET_KEY=" + goodKey, "ORIEL_SECRET_KEY_FILE=" + path,
		"ORIEL_PREVIOUS_SECRET_KEY=" + goodKey, "ORIEL_PREVIOUS_SECRET_KEY_FILE=" + path,
	} {
		c, err := Load(ServeFlags{}, []string{env})
		if err != nil {
			t.Fatal(err)
		}
		if want, _ := base64.StdEncoding.DecodeString(goodKey); string(c.SecretKey)+string(c.PreviousSecretKey) != string(want) {
			t.Error("the key was not read")
		}
		for _, s := range c.Settings() {
			if strings.Contains(s.Value, goodKey[:16]) {
				t.Errorf("%s shows the secret", s.Key)
			}
			set := strings.HasPrefix(env, "ORIEL_"+strings.ToUpper(s.Key)+"=") || strings.HasPrefix(env, "ORIEL_"+strings.ToUpper(s.Key)+"_FILE=")
			if strings.HasSuffix(s.Key, "secret_key") && (s.Value == "set") != set {
				t.Errorf("%s is shown as %q with %s", s.Key, s.Value, env[:24])
			}
		}
	}
}

func TestLoad_sizesAndLimitsAreReadAsTheyAreWritten(t *testing.T) {
	t.Chdir(t.TempDir())
	c, err := Load(ServeFlags{}, nil)
	if err != nil || c.CacheBytes != 64<<20 || c.CacheTime != time.Minute || c.EngineBytes != 512<<20 || c.DownloadRows != 1_000_000 || c.Downloads != 4 {
		t.Errorf("by default %+v, %v", c, err)
	}
	c, err = Load(ServeFlags{}, []string{
		"ORIEL_CACHE_MEMORY=0", "ORIEL_CACHE_TIME=0s", "ORIEL_ENGINE_MEMORY=2GiB", "ORIEL_DOWNLOAD_ROWS=500", "ORIEL_DOWNLOADS=64",
	})
	if err != nil || c.CacheBytes != 0 || c.CacheTime != 0 || c.EngineBytes != 2<<30 || c.DownloadRows != 500 || c.Downloads != 64 {
		t.Errorf("as set %+v, %v", c, err)
	}
}

func TestLoad_trustedProxiesAreNamedNarrowly(t *testing.T) {
	t.Chdir(t.TempDir())
	for given, want := range map[string]string{
		"":                          "",
		"10.0.0.7":                  "10.0.0.7/32",
		"10.0.0.7, 10.1.0.0/16":     "10.0.0.7/32 10.1.0.0/16",
		"10.0.0.0/8":                "10.0.0.0/8",
		"fc00::/7,2001:DB8::1":      "fc00::/7 2001:db8::1/128",
		"::ffff:10.0.0.7":           "10.0.0.7/32",
		"::ffff:192.168.0.0/112":    "192.168.0.0/16",
		"127.0.0.1,::1,10.0.0.1/32": "127.0.0.1/32 ::1/128 10.0.0.1/32",
	} {
		c, err := Load(ServeFlags{}, []string{"ORIEL_TRUSTED_PROXIES=" + given})
		var got []string
		for _, network := range c.TrustedProxies {
			got = append(got, network.String())
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q gave %q, %v; want %q", given, got, err, want)
		}
	}
	for given, want := range map[string]string{
		"0.0.0.0/0":             "could claim any client address",
		"::/0":                  "could claim any client address",
		"10.0.0.7,::/0":         "could claim any client address",
		"0.0.0.0/1,128.0.0.0/1": "could claim any client address",
		"::ffff:0.0.0.0/96":     "could claim any client address",
		"::ffff:0.0.0.0/0":      "could claim any client address",
		"2000::/3":              "could claim any client address",
		"10.0.0.7/8":            "write 10.0.0.0/8 for the network",
		"10.0.0":                "is not an address or network",
		"10.0.0.0/33":           "is not an address or network",
		"010.0.0.1":             "is not an address or network",
		"fe80::1%eth0":          "is not an address or network",
		"proxy.example.com":     "is not an address or network",
		"10.0.0.7,":             "is not an address or network",
		",":                     "is not an address or network",
		"10.0.0.7 10.0.0.8":     "is not an address or network",
		"*":                     "is not an address or network",
	} {
		_, err := Load(ServeFlags{}, []string{"ORIEL_TRUSTED_PROXIES=" + given})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "environment ORIEL_TRUSTED_PROXIES: trusted_proxies") {
			t.Errorf("%q gave %v, want a refusal with %q", given, err, want)
		}
	}
}

func TestLoad_listsAreTextOrYAML(t *testing.T) {
	for name, c := range map[string]struct {
		file string
		env  []string
		flag *string
		from string
	}{
		"list":        {file: "site_name: x\ntrusted_proxies:\n  - 10.0.0.7\n  - 10.1.0.0/16\n", from: ":2"},
		"inline list": {file: "trusted_proxies: [10.0.0.7, 10.1.0.0/16]\n", from: ":1"},
		"text":        {file: "trusted_proxies: 10.0.0.7,10.1.0.0/16\n", from: ":1"},
		"environment": {file: "trusted_proxies: [10.9.9.9]\n", env: []string{"ORIEL_TRUSTED_PROXIES=10.0.0.7,10.1.0.0/16"}, from: "environment ORIEL_TRUSTED_PROXIES"},
		"flag":        {file: "trusted_proxies: [10.9.9.9]\n", env: []string{"ORIEL_TRUSTED_PROXIES=::/0"}, flag: value("10.0.0.7,10.1.0.0/16"), from: "flag --trusted-proxies"},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, c.file)
			loaded, err := Load(ServeFlags{StoreFlags: StoreFlags{Config: &path}, TrustedProxies: c.flag}, c.env)
			if err != nil || len(loaded.TrustedProxies) != 2 || loaded.TrustedProxies[1].String() != "10.1.0.0/16" {
				t.Fatalf("got %v, %v", loaded.TrustedProxies, err)
			}
			for _, s := range loaded.Settings() {
				if s.Key == "trusted_proxies" && (s.Value != "10.0.0.7,10.1.0.0/16" || !strings.HasSuffix(s.From, c.from)) {
					t.Errorf("it is shown as %+v", s)
				}
			}
		})
	}
}

func TestLoad_eachSettingIsHeeded(t *testing.T) {
	path := write(t, "records_kept: 48h\nsign_in_rate: 7\nrefused_rate: 8\ninteractive_embedding: true\nfetch_private_addresses: true\ndev: true\n")
	c, err := Load(ServeFlags{StoreFlags: StoreFlags{Config: &path}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.RecordsKept != 48*time.Hour || c.SignInRate != 7 || c.RefusedRate != 8 || !c.InteractiveEmbedding || !c.FetchPrivateAddresses || !c.Dev {
		t.Errorf("got %+v", c)
	}
	no := value("false")
	c, err = Load(ServeFlags{
		StoreFlags: StoreFlags{Config: &path}, RecordsKept: value("1h"), SignInRate: value("1"), RefusedRate: value("1000000"),
		InteractiveEmbedding: no, FetchPrivate: no, Dev: no,
	}, []string{"ORIEL_DEV=true", "ORIEL_SIGN_IN_RATE=9"})
	if err != nil {
		t.Fatal(err)
	}
	if c.RecordsKept != time.Hour || c.SignInRate != 1 || c.RefusedRate != 1_000_000 || c.InteractiveEmbedding || c.FetchPrivateAddresses || c.Dev {
		t.Errorf("got %+v", c)
	}
}

// Contract §8.
func TestLoad_devModeStaysOnThisMachine(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, c := range map[string]struct {
		env  []string
		want string
	}{
		"listens everywhere":      {[]string{"ORIEL_LISTEN=0.0.0.0:7420", "ORIEL_SITE_URL=http://127.0.0.1:7420"}, "listen 0.0.0.0:7420 can be reached"},
		"listens everywhere on 6": {[]string{"ORIEL_LISTEN=[::]:7420", "ORIEL_SITE_URL=http://[::1]:7420"}, "can be reached"},
		"listens on no name":      {[]string{"ORIEL_LISTEN=:7420", "ORIEL_SITE_URL=http://127.0.0.1:7420"}, "can be reached"},
		"listens on the network":  {[]string{"ORIEL_LISTEN=192.168.1.2:7420", "ORIEL_SITE_URL=http://127.0.0.1:7420"}, "can be reached"},
		"a name like localhost":   {[]string{"ORIEL_LISTEN=localhost.example.com:7420", "ORIEL_SITE_URL=http://127.0.0.1:7420"}, "can be reached"},
		"a public site":           {[]string{"ORIEL_SITE_URL=https://bi.example.com"}, "site_url https://bi.example.com is not a loopback address"},
		"a site like localhost":   {[]string{"ORIEL_SITE_URL=https://localhost.example.com"}, "is not a loopback address"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Load(ServeFlags{}, c.env); err != nil {
				t.Fatalf("without dev mode: %v", err)
			}
			_, err := Load(ServeFlags{}, append(c.env, "ORIEL_DEV=true"))
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want a refusal with %q", err, c.want)
			}
		})
	}
	for _, listen := range []string{"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1"} {
		if c, err := Load(ServeFlags{}, []string{"ORIEL_LISTEN=" + listen, "ORIEL_DEV=true"}); err != nil || !c.Dev {
			t.Errorf("dev mode on %s: %v", listen, err)
		}
	}
}
