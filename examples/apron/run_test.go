package main

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func none(string) string { return "" }

// built makes a folder as a build of the page leaves it.
func built(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "index.html"), []byte("<!doctype html>"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// freeAddress is one that nothing listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestRun_servesUntilItIsEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	back, front := freeAddress(t), freeAddress(t)
	key := filepath.Join(t.TempDir(), "apron.key")
	environment := map[string]string{"APRON_FRONTEND_LISTEN": front, "APRON_FRONTEND_DIR": built(t)}
	ended := make(chan error, 1)
	go func() {
		args := []string{"-listen", back, "-key", key, "-oriel", "http://127.0.0.1:7420/"}
		ended <- run(ctx, args, func(name string) string { return environment[name] }, new(bytes.Buffer), new(bytes.Buffer))
	}()
	for _, url := range []string{"http://" + back + "/people.json", "http://" + front + "/config.json", "http://" + front + "/"} {
		var answer *http.Response
		var err error
		for range 500 {
			if answer, err = http.Get(url); err == nil {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != 200 {
			t.Errorf("%s: %d", url, answer.StatusCode)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("run: %v", err)
	}
	if _, err := http.Get("http://" + back + "/people.json"); err == nil {
		t.Error("it still answers")
	}
}

func TestRun_saysWhatIsWrongInOneSentence(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	garbage := filepath.Join(t.TempDir(), "garbage.key")
	if err := os.WriteFile(garbage, []byte("canary"), 0o600); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(t.TempDir(), "apron.key")
	for name, tt := range map[string]struct {
		args []string
		says []string
	}{
		"backend's port":  {[]string{"-key", key, "-frontend-dir", built(t), "-listen", taken.Addr().String()}, []string{taken.Addr().String(), "taken", "-listen"}},
		"page's port":     {[]string{"-key", key, "-frontend-dir", built(t), "-listen", "127.0.0.1:0", "-frontend-listen", taken.Addr().String()}, []string{"taken", "-frontend-listen"}},
		"open to others":  {[]string{"-key", key, "-frontend-dir", built(t), "-listen", "0.0.0.0:0"}, []string{"-listen", "other machines"}},
		"not an address":  {[]string{"-key", key, "-frontend-dir", built(t), "-listen", "x"}, []string{"-listen"}},
		"no page":         {[]string{"-key", key, "-frontend-dir", t.TempDir()}, []string{"make build", "-frontend-dir"}},
		"no folder":       {[]string{"-key", key, "-frontend-dir", filepath.Join(t.TempDir(), "x")}, []string{"make build", "-frontend-dir"}},
		"no key":          {[]string{}, []string{"-key"}},
		"garbage key":     {[]string{"-key", garbage}, []string{"garbage.key", "-key"}},
		"key's folder":    {[]string{"-key", filepath.Join(t.TempDir(), "x", "y")}, []string{"private key"}},
		"Oriel's URL":     {[]string{"-key", key, "-oriel", "127.0.0.1:7420"}, []string{"-oriel"}},
		"Oriel's path":    {[]string{"-key", key, "-oriel", "http://127.0.0.1:7420/x"}, []string{"-oriel"}},
		"Oriel's policy":  {[]string{"-key", key, "-oriel", "http://a;script-src"}, []string{"-oriel"}},
		"stray argument":  {[]string{"-key", key, "serve"}, []string{`"serve"`}},
		"unknown setting": {[]string{"-port", "1"}, []string{"-port"}},
	} {
		// What is not refused would serve for ever.
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		err := run(ctx, tt.args, none, new(bytes.Buffer), new(bytes.Buffer))
		cancel()
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		for _, say := range tt.says {
			if !strings.Contains(err.Error(), say) {
				t.Errorf("%s: %q does not say %q", name, err, say)
			}
		}
		if strings.ContainsAny(err.Error(), "\n") || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %q", name, err)
		}
	}
}

func TestRun_keyIsMadeOnceAndOnlyForItsOwner(t *testing.T) {
	file := filepath.Join(t.TempDir(), "apron.key")
	public := func() string {
		var out bytes.Buffer
		if err := run(t.Context(), []string{"-key", file, "-print-public-key"}, none, &out, new(bytes.Buffer)); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	first := public()
	if !strings.HasPrefix(first, "-----BEGIN PUBLIC KEY-----\n") || strings.Contains(first, "PRIVATE") || first != public() {
		t.Errorf("public key %q, then %q", first, public())
	}
	about, err := os.Stat(file)
	if err != nil || about.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", about.Mode(), err)
	}
}
