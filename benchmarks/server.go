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
	"time"

	"github.com/oriel-bi/oriel/hostauth"
)

// server is bin/oriel on a free port of loopback, with throw-away state.
type server struct {
	endpoint
	folder  string
	host    *host
	process *child
}

// startServer starts bin/oriel with the declaration, what else of an environment
// that names, and a secret of the host's. seed, when there is one, fills the
// store before the server opens it.
func startServer(ctx context.Context, binary, declaration string, seed func(ctx context.Context, path string) error, named ...string) (_ *server, err error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	s := &server{endpoint: endpoint{url: "http://" + address, client: newClient()}}
	if s.folder, err = os.MkdirTemp("", "oriel-bench-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.stop())
		}
	}()
	// The sample's own key; nothing is signed with it here.
	private, err := hostauth.GenerateKey()
	if err != nil {
		return nil, err
	}
	public, err := hostauth.PublicPEM(private)
	if err != nil {
		return nil, err
	}
	environment := append([]string{
		"ORIEL_SITE_URL=" + s.url, "ORIEL_LISTEN=" + address, "ORIEL_DATABASE_URL=sqlite://" + s.database(),
		"APRON_URL=" + hostOrigin, "APRON_BACKEND_URL=" + hostBackend, "APRON_PUBLIC_KEY=" + string(public),
		"ORIEL_SIGN_IN_RATE=1000000", // still counted; the peers have no limit to hit
	}, named...)
	if _, err := output(ctx, environment, binary, "apply", declaration); err != nil {
		return nil, err
	}
	made, err := output(ctx, environment, binary, "key", "create", "--provider", "apron", "--kind", "hs256", "--output", "json")
	if err != nil {
		return nil, err
	}
	var created struct {
		Key    struct{ ID string }
		Secret string
	}
	if err := json.Unmarshal(made, &created); err != nil {
		return nil, fmt.Errorf("read the key that was made: %w", err)
	}
	if s.host, err = newHost(created.Key.ID, created.Secret, s.url); err != nil {
		return nil, err
	}
	if seed != nil {
		if err := seed(ctx, s.database()); err != nil {
			return nil, fmt.Errorf("fill the store: %w", err)
		}
	}
	if s.process, err = startChild(ctx, environment, binary, "serve"); err != nil {
		return nil, err
	}
	return s, s.await(ctx)
}

func (s *server) database() string { return filepath.Join(s.folder, "oriel.db") }

// await waits until the server can serve; with many sessions that takes a while.
func (s *server) await(ctx context.Context) error {
	for range 600 {
		if err := s.ask(ctx, http.MethodGet, "/readyz", "", nil, nil); err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return errors.New("the server did not become ready in 60 s")
}

func (s *server) stop() error {
	var err error
	if s.process != nil {
		err = s.process.stop()
	}
	return errors.Join(err, os.RemoveAll(s.folder))
}

// signIn exchanges a new token for a session's.
func (s *server) signIn(ctx context.Context) (string, error) {
	tokens, err := s.host.tokens(1)
	if err != nil {
		return "", err
	}
	return s.exchange(ctx, tokens[0])
}

// endpoint is where a side listens that speaks HTTP.
type endpoint struct {
	url    string
	client *http.Client
}

// exchange gives a host token for a session's.
func (e endpoint) exchange(ctx context.Context, token string) (string, error) {
	var session struct{ Token string }
	err := e.ask(ctx, http.MethodPost, "/api/v1/session", "", []byte(`{"jwt":"`+token+`"}`), &session)
	return session.Token, err
}

// ask makes one request and reads the whole answer, as JSON when into is set.
func (e endpoint) ask(ctx context.Context, method, path, session string, body []byte, into any) error {
	request, err := e.request(ctx, method, path, session, body)
	if err != nil {
		return err
	}
	response, err := e.client.Do(request)
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

// request is one as a page of the host makes it.
func (e endpoint) request(ctx context.Context, method, path, session string, body []byte) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, method, e.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Origin", hostOrigin)
	if len(body) > 0 {
		request.Header.Set("Content-Type", "application/json")
	}
	if session != "" {
		request.Header.Set("Authorization", "Bearer "+session)
	}
	return request, nil
}

// output runs a program to its end.
func output(ctx context.Context, environment []string, program string, arguments ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, program, arguments...)
	var words bytes.Buffer
	command.Env, command.Stderr = append(os.Environ(), environment...), &words
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w: %s", program, arguments[0], err, words.Bytes())
	}
	return out, nil
}

func freeAddress(ctx context.Context) (string, error) {
	var settings net.ListenConfig
	listener, err := settings.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}
