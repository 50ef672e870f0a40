package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/oriel-bi/oriel/hostauth"
)

// The host that the trial plays. Nothing listens there.
const (
	hostOrigin  = "https://host.example"
	hostBackend = "https://backend.host.example"
)

// declaration is all that a sign-in needs.
const declaration = `version: 1
origins: ["` + hostOrigin + `"]
providers:
  host:
    kind: jwt
    profile: strict
    issuer: "` + hostBackend + `"
    sign_in_uri: "` + hostBackend + `/sso/oriel"
    keys:
      - {kind: eddsa, public: "${env:CRASH_PUBLIC_KEY}"}
    provisioning: {create: true}
    groups: {mode: by-name, opened: [operators]}
groups:
  operators: {name: Operators}
`

// installation is one Oriel with throw-away state, whose server comes and goes.
type installation struct {
	binary      string
	folder      string
	url         string
	environment []string
	host        *hostauth.Handler
	server      *exec.Cmd // nil while none runs
	client      *http.Client
}

func install(ctx context.Context, binary string) (_ *installation, err error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	o := &installation{binary: binary, url: "http://" + address, client: newClient()}
	if o.folder, err = os.MkdirTemp("", "oriel-crash-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, o.remove())
		}
	}()
	key, err := hostauth.GenerateKey()
	if err != nil {
		return nil, err
	}
	public, err := hostauth.PublicPEM(key)
	if err != nil {
		return nil, err
	}
	o.host, err = hostauth.New(hostauth.Options{
		Issuer: hostBackend, OrielURL: o.url, Key: key,
		Identify: func(*http.Request) (hostauth.Identity, error) { return hostauth.Identity{}, hostauth.ErrSignedOut },
	})
	if err != nil {
		return nil, err
	}
	o.environment = append(os.Environ(), "ORIEL_SITE_URL="+o.url, "ORIEL_LISTEN="+address,
		"ORIEL_DATABASE_URL=sqlite://"+o.store(), "CRASH_PUBLIC_KEY="+string(public),
		"ORIEL_SIGN_IN_RATE=1000000") // one provider signs everybody in here
	file := filepath.Join(o.folder, "declaration.yaml")
	if err := os.WriteFile(file, []byte(declaration), 0o600); err != nil {
		return nil, err
	}
	apply := exec.CommandContext(ctx, binary, "apply", file)
	apply.Env = o.environment
	if words, err := apply.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("oriel apply: %w: %s", err, words)
	}
	return o, nil
}

func (o *installation) store() string { return filepath.Join(o.folder, "oriel.db") }

func (o *installation) log() string { return filepath.Join(o.folder, "server.log") }

// newClient keeps a connection for each sign-in that is under way.
func newClient() *http.Client {
	return &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: atOnce}}
}

// start starts the server on the store as it is, and waits until it is ready.
func (o *installation) start(ctx context.Context) error {
	log, err := os.Create(o.log())
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // the server has its own handle
	server := exec.CommandContext(ctx, o.binary, "serve")
	server.Env, server.Stderr = o.environment, log
	if err := server.Start(); err != nil {
		return err
	}
	o.server = server
	limit, release := context.WithTimeout(ctx, 30*time.Second)
	defer release()
	for limit.Err() == nil {
		if answer, err := o.ask(limit, http.MethodGet, "/readyz", "", nil); err == nil && answer.status == http.StatusOK {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return errors.New("the server did not become ready in 30 s")
}

// end signals the server and waits until it is gone.
func (o *installation) end(signal syscall.Signal) error {
	if o.server == nil {
		return nil
	}
	// A connection that was opened for nothing would hold a shutdown up for 5 s.
	o.client.CloseIdleConnections()
	if err := o.server.Process.Signal(signal); err != nil {
		return fmt.Errorf("end the server: %w", err)
	}
	err := o.server.Wait()
	o.server = nil
	var status *exec.ExitError
	if signal == syscall.SIGKILL && errors.As(err, &status) {
		if how, ok := status.Sys().(syscall.WaitStatus); ok && how.Signal() == syscall.SIGKILL {
			return nil
		}
	}
	if err == nil && signal == syscall.SIGTERM {
		return nil
	}
	return fmt.Errorf("the server did not end as it was told to: %w", err)
}

// lastWords is the end of what the server said.
func (o *installation) lastWords() string {
	const most = 1500
	words, err := os.ReadFile(o.log())
	if err != nil {
		return err.Error()
	}
	return string(words[max(0, len(words)-most):])
}

func (o *installation) remove() error {
	return errors.Join(o.end(syscall.SIGKILL), os.RemoveAll(o.folder))
}

func freeAddress(ctx context.Context) (string, error) {
	var settings net.ListenConfig
	listener, err := settings.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}
