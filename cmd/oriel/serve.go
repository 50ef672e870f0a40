package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/oriel-bi/oriel/internal/config"
	"github.com/oriel-bi/oriel/internal/httpapi"
)

const (
	// noticeTime is between /readyz turning false and the listener closing, so
	// that whoever balances load sends nobody here any more.
	noticeTime = 500 * time.Millisecond
	// drainTime is how long requests that are under way may take to end.
	drainTime = 20 * time.Second
)

type serveCommand struct{ config.ServeFlags }

// Run serves until ctx ends, then drains.
func (c serveCommand) Run(ctx context.Context, p process) error {
	loaded, err := load(c.ServeFlags, p)
	if err != nil {
		return err
	}
	defer p.reserveHeadroom()()
	log := newLog(p.stderr, loaded.LogLevel)
	listener, err := listen(ctx, loaded.Listen)
	if err != nil {
		return err
	}
	var draining atomic.Bool
	served, err := openServer(ctx, loaded, p, log, func() error {
		if draining.Load() {
			return errors.New("the server is stopping")
		}
		return nil
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	announce(log, loaded, listener, served)
	warming, cool := context.WithCancel(ctx)
	var warm sync.WaitGroup
	warm.Go(func() { served.queries.Warm(warming) })
	warm.Go(func() { served.metadata.Run(warming) })
	err = serve(ctx, listener, served, log, &draining)
	cool()
	warm.Wait() // engines are closed next
	return errors.Join(err, served.Close())
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	var settings net.ListenConfig
	listener, err := settings.Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("another program listens on %s: stop it, or choose another address with --listen or ORIEL_LISTEN", address)
	case errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("this machine does not let oriel listen on %s: choose another address with --listen or ORIEL_LISTEN", address)
	case err != nil:
		return nil, fmt.Errorf("listen on %s: %w; choose another address with --listen or ORIEL_LISTEN", address, err)
	}
	return listener, nil
}

// announce says in one line where the server listens and what to do next.
func announce(log *slog.Logger, c config.Config, listener net.Listener, served *server) {
	if c.DangerouslyAllowAnyOrigin {
		log.Warn(`the origin "*" may be declared: every web page may then embed`)
	}
	if c.Dev {
		log.Warn("dev mode is on: every page on localhost, 127.0.0.1 and [::1] may embed")
	}
	declared := served.store.Declared()
	next := "sign in through a host product"
	if len(declared.Providers) == 0 || len(declared.Origins) == 0 {
		next = "declare who signs in and what they see: oriel apply FILE"
	}
	log.Info("oriel listens", "address", listener.Addr().String(), "site", c.SiteURL, "version", version, "next", next)
}

func serve(ctx context.Context, listener net.Listener, served *server, log *slog.Logger, draining *atomic.Bool) error {
	requests, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	web := httpapi.NewServer(served.api)
	web.BaseContext = func(net.Listener) context.Context { return requests }
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	log.Info("oriel is stopping; requests under way may end")
	draining.Store(true)
	time.Sleep(noticeTime)
	limit, release := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer release()
	if err := web.Shutdown(limit); err != nil {
		log.Warn("some requests did not end in time and were cut off")
		cut()
		return web.Close()
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	log.Info("oriel has stopped")
	return nil
}
