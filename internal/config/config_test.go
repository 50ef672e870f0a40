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
	for _, env := range []string{"ORIEL_SECRET_KEY=" + goodKey, "ORIEL_SECRET_KEY_FILE=" + path} {
		c, err := Load(ServeFlags{}, []string{env})
		if err != nil {
			t.Fatal(err)
		}
		if want, _ := base64.StdEncoding.DecodeString(goodKey); string(c.SecretKey) != string(want) {
			t.Error("the key was not read")
		}
		for _, s := range c.Settings() {
			if strings.Contains(s.Value, goodKey[:16]) {
				t.Errorf("%s shows the secret", s.Key)
			}
			if s.Key == "secret_key" && s.Value != "set" {
				t.Errorf("secret_key is shown as %q, want set", s.Value)
			}
		}
	}
}
