package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/oriel-bi/oriel/hostauth"
)

// The host that the benchmark plays. Nothing listens there.
const (
	hostOrigin  = "http://127.0.0.1:1"
	hostBackend = "http://127.0.0.1:2"
)

// server is bin/oriel on a free port of loopback, with throw-away state.
type server struct {
	url    string
	folder string
	host   *hostauth.Handler
	key    []byte // public, PEM
	child  *exec.Cmd
	client *http.Client
}

func startServer(ctx context.Context, binary, declaration string) (_ *server, err error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	s := &server{url: "http://" + address, client: &http.Client{Timeout: 30 * time.Second}}
	if s.folder, err = os.MkdirTemp("", "oriel-bench-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(s.folder))
		}
	}()
	private, err := hostauth.GenerateKey()
	if err != nil {
		return nil, err
	}
	if s.key, err = hostauth.PublicPEM(private); err != nil {
		return nil, err
	}
	s.host, err = hostauth.New(hostauth.Options{
		Issuer: hostBackend, OrielURL: s.url, Key: private,
		Identify: func(*http.Request) (hostauth.Identity, error) { return hostauth.Identity{}, hostauth.ErrSignedOut },
	})
	if err != nil {
		return nil, err
	}
	environment := append(os.Environ(),
		"ORIEL_SITE_URL="+s.url, "ORIEL_LISTEN="+address, "ORIEL_DATABASE_URL=sqlite://"+filepath.Join(s.folder, "oriel.db"),
		"APRON_URL="+hostOrigin, "APRON_BACKEND_URL="+hostBackend, "APRON_PUBLIC_KEY="+string(s.key))
	apply := exec.CommandContext(ctx, binary, "apply", declaration)
	apply.Env = environment
	if words, err := apply.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("oriel apply: %w: %s", err, words)
	}
	s.child = exec.CommandContext(ctx, binary, "serve")
	s.child.Env, s.child.Stderr = environment, io.Discard
	if err := s.child.Start(); err != nil {
		return nil, err
	}
	for range 100 {
		if response, err := s.client.Get(s.url + "/readyz"); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return s, nil
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	return nil, errors.Join(errors.New("the server did not become ready in 10 s"), s.stop())
}

func (s *server) stop() error {
	err := s.child.Process.Signal(syscall.SIGTERM)
	_ = s.child.Wait() // the signal's own status
	return errors.Join(err, os.RemoveAll(s.folder))
}

// person is one end user of DFW, as the sample's policies expect.
func person() hostauth.Identity {
	return hostauth.Identity{
		Subject: "bench", Email: "bench@apron.example", FirstName: "Ben", LastName: "Chmark",
		Groups: []string{"operators"}, Attributes: map[string]any{"airport": "DFW"}, SessionID: "s1",
	}
}

// signIn exchanges a new token for a session's.
func (s *server) signIn(ctx context.Context) (string, error) {
	token, err := s.host.Token(person())
	if err != nil {
		return "", err
	}
	return s.exchange(ctx, token)
}

func (s *server) exchange(ctx context.Context, token string) (string, error) {
	body, err := json.Marshal(map[string]string{"jwt": token})
	if err != nil {
		return "", err
	}
	var session struct{ Token string }
	err = s.ask(ctx, http.MethodPost, "/api/v1/session", "", body, &session)
	return session.Token, err
}

// ask makes one request and reads the whole answer, as JSON when into is set.
func (s *server) ask(ctx context.Context, method, path, session string, body []byte, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, s.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Origin", hostOrigin)
	if len(body) > 0 {
		request.Header.Set("Content-Type", "application/json")
	}
	if session != "" {
		request.Header.Set("Authorization", "Bearer "+session)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s: %s", method, path, response.Status, answer)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}

func freeAddress(ctx context.Context) (string, error) {
	var settings net.ListenConfig
	listener, err := settings.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}
