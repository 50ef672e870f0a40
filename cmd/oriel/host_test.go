package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/oriel-bi/oriel/hostauth"
)

const (
	hostIssuer = "https://api.apron.example"
	hostOrigin = "http://127.0.0.1:7430"
)

// writeKeys makes a host's pair of keys, private.pem and public.pem.
func writeKeys(folder string) (public []byte, err error) {
	key, err := hostauth.GenerateKey()
	if err != nil {
		return nil, err
	}
	private, err := hostauth.PrivatePEM(key)
	if err != nil {
		return nil, err
	}
	if public, err = hostauth.PublicPEM(key); err != nil {
		return nil, err
	}
	return public, errors.Join(
		os.WriteFile(filepath.Join(folder, "private.pem"), private, 0o600),
		os.WriteFile(filepath.Join(folder, "public.pem"), public, 0o600))
}

// sign makes a token as a host's backend does. The key is a file with what
// `oriel key create --output json` printed, or a PEM with a private key.
func sign(ts *testscript.TestScript, keyFile, kid, site string) string {
	return signFor(ts, keyFile, kid, site, hostauth.Identity{Subject: "dana", Email: "dana@example.com"})
}

func signFor(ts *testscript.TestScript, keyFile, kid, site string, person hostauth.Identity) string {
	options := hostauth.Options{Issuer: hostIssuer, OrielURL: site, KeyID: kid, Identify: func(*http.Request) (hostauth.Identity, error) {
		return hostauth.Identity{}, hostauth.ErrSignedOut
	}}
	text := ts.ReadFile(keyFile)
	if strings.HasPrefix(text, "{") {
		var created createdKey
		ts.Check(json.Unmarshal([]byte(text), &created))
		options.Secret = []byte(created.Secret)
	} else {
		key, err := hostauth.ParsePrivateKey([]byte(text))
		ts.Check(err)
		options.Key = key
	}
	handler, err := hostauth.New(options)
	ts.Check(err)
	signed, err := handler.Token(person)
	ts.Check(err)
	return signed
}

// host serves a sign-in endpoint and puts its address into HOST; the cookie of
// who is signed in is session=dana: host KEYFILE KID SITE
func host(ts *testscript.TestScript, _ bool, args []string) {
	var created createdKey
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &created))
	handler, err := hostauth.New(hostauth.Options{
		Issuer: hostIssuer, OrielURL: args[2], KeyID: args[1], Secret: []byte(created.Secret), AllowedOrigins: []string{hostOrigin},
		Identify: func(r *http.Request) (hostauth.Identity, error) {
			if cookie, err := r.Cookie("session"); err != nil || cookie.Value != "dana" {
				return hostauth.Identity{}, hostauth.ErrSignedOut
			}
			return hostauth.Identity{Subject: "dana", Email: "dana@example.com"}, nil
		},
	})
	ts.Check(err)
	server := httptest.NewServer(handler)
	ts.Defer(server.Close)
	ts.Setenv("HOST", server.URL)
}

// token writes a host's token into a file, and tells "oriel token": token FILE KEYFILE KID SITE
func token(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(sign(ts, args[1], args[2], args[3])+"\n"), 0o600))
}

// signIn signs in until the server answers CODE, for the second in which it
// must heed a change: signin CODE ADDRESS KEYFILE KID
func signIn(ts *testscript.TestScript, _ bool, args []string) {
	exchange(ts, args[0], args[1], func() string { return sign(ts, args[2], args[3], "http://"+args[1]) })
}

// tenantToken signs somebody of a tenant in: tenanttoken TENANT ADDRESS KEYFILE KID
func tenantToken(ts *testscript.TestScript, _ bool, args []string) {
	exchange(ts, "ok", args[1], func() string {
		return signFor(ts, args[2], args[3], "http://"+args[1], hostauth.Identity{Subject: "of-" + args[0], Email: "of@" + args[0] + ".example", Tenant: args[0]})
	})
}

func exchange(ts *testscript.TestScript, want, address string, token func() string) {
	var last string
	for end := time.Now().Add(time.Second); ; time.Sleep(20 * time.Millisecond) {
		body, err := json.Marshal(map[string]string{"jwt": token()})
		ts.Check(err)
		var answer struct{ Token, Code string }
		status, err := ask("POST", "http://"+address+"/api/v1/session", "", bytes.NewReader(body), &answer)
		if last = fmt.Sprint(answer.Code, err); err == nil {
			if last = answer.Code; status == http.StatusOK {
				last = "ok"
				ts.Setenv("SESSION", answer.Token)
			}
		}
		if last == want {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("a second later the sign-in still ends with %s, want %s", last, want)
		}
	}
}

// held puts the id of the newest session into HELD.
func held(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(ts.Exec("oriel", "session", "list", "--output", "json"))
	var listed struct{ Sessions []wireSession }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &listed))
	ts.Setenv("HELD", listed.Sessions[0].ID)
}

// record waits for a record with the outcome, which may be written lazily, and
// puts its reference into REFERENCE: record CODE
func record(ts *testscript.TestScript, _ bool, args []string) {
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		ts.Check(ts.Exec("oriel", "sign-in", "list", "--output", "json", "--outcome", args[0]))
		var listed struct {
			SignIns []wireSignIn `json:"sign_ins"`
		}
		ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &listed))
		if len(listed.SignIns) > 0 {
			ts.Setenv("REFERENCE", listed.SignIns[0].Reference)
			return
		}
	}
	ts.Fatalf("no record with the outcome %s was kept", args[0])
}

// apiKey asks with the key that a file from `oriel apikey create --output json`
// has, until the server answers STATUS, and puts the key's id into APIKEY:
// apikey STATUS ADDRESS FILE
func apiKey(ts *testscript.TestScript, _ bool, args []string) {
	var created createdAPIKey
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[2])), &created))
	ts.Setenv("APIKEY", created.Key.ID)
	last := "no answer"
	for end := time.Now().Add(time.Second); last != args[0]; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			ts.Fatalf("a second later the key still ends with %s, want %s", last, args[0])
		}
		request, err := http.NewRequest(http.MethodGet, "http://"+args[1]+"/api/v1/sessions", nil)
		ts.Check(err)
		request.Header.Set("X-API-Key", created.Secret)
		response, err := http.DefaultClient.Do(request)
		ts.Check(err)
		ts.Check(response.Body.Close())
		last = fmt.Sprint(response.StatusCode)
	}
}

// heldSession uses the last session until the server answers CODE: session CODE ADDRESS
func heldSession(ts *testscript.TestScript, _ bool, args []string) {
	last := "no answer"
	for end := time.Now().Add(time.Second); last != args[0]; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			ts.Fatalf("a second later the session still ends with %s, want %s", last, args[0])
		}
		var answer struct{ Code string }
		status, err := ask("GET", "http://"+args[1]+"/api/v1/session", ts.Getenv("SESSION"), nil, &answer)
		ts.Check(err)
		if last = answer.Code; status == http.StatusOK {
			last = "ok"
		}
	}
}

// ask sends a request as the page of the host would.
func ask(method, url, session string, body io.Reader, into any) (status int, err error) {
	request, err := http.NewRequest(method, url, body)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Origin", hostOrigin)
	request.Header.Set("Content-Type", "application/json")
	if session != "" {
		request.Header.Set("Authorization", "Bearer "+session)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	return response.StatusCode, json.NewDecoder(response.Body).Decode(into)
}
