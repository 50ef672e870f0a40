package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
)

// check compares a request that only asks who is signed in with an empty
// answer of net/http.
func check(ctx context.Context, s *server) (comparison, func() error, error) {
	done := func() error { return nil }
	session, err := s.signIn(ctx)
	if err != nil {
		return comparison{}, done, err
	}
	empty := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	return comparison{
		name: "session check", reference: "an empty net/http answer", calls: 500,
		oriel: func(ctx context.Context) error {
			return s.ask(ctx, http.MethodGet, "/api/v1/session", session, nil, nil)
		},
		direct: func(ctx context.Context) error {
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, empty.URL, nil)
			if err != nil {
				return err
			}
			response, err := s.client.Do(request)
			if err != nil {
				return err
			}
			_, err = io.Copy(io.Discard, response.Body)
			return errors.Join(err, response.Body.Close())
		},
	}, func() error { empty.Close(); return nil }, nil
}
