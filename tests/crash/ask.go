package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
)

// answer is one whole answer of the server.
type answer struct {
	status  int
	session string // of an accepted sign-in
	code    string // of a problem
}

func (a answer) accepted() bool { return a.status == http.StatusOK && a.session != "" }

func (a answer) replayed() bool {
	return a.status == http.StatusUnauthorized && a.code == "token_replayed"
}

// exchange gives the server a host token for a session.
func (o *installation) exchange(ctx context.Context, token string) (answer, error) {
	body, err := json.Marshal(map[string]string{"jwt": token})
	if err != nil {
		return answer{}, err
	}
	return o.ask(ctx, http.MethodPost, "/api/v1/session", "", body)
}

// works tells whether a session may be used.
func (o *installation) works(ctx context.Context, session string) (bool, error) {
	a, err := o.ask(ctx, http.MethodGet, "/api/v1/session", session, nil)
	return a.status == http.StatusOK, err
}

// ask makes one request, as a page of the host would. An answer counts when all
// of it has come.
func (o *installation) ask(ctx context.Context, method, path, session string, body []byte) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, o.url+path, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("Origin", hostOrigin)
	if len(body) > 0 {
		request.Header.Set("Content-Type", "application/json")
	}
	if session != "" {
		request.Header.Set("Authorization", "Bearer "+session)
	}
	response, err := o.client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }() // it was read to its end
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: response.StatusCode}
	if path == "/readyz" {
		return a, nil
	}
	var told struct{ Token, Code string }
	if err := json.Unmarshal(text, &told); err != nil {
		return answer{}, err
	}
	a.session, a.code = told.Token, told.Code
	return a, nil
}
