package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/oriel-bi/oriel/hostauth"
)

// stopWithin is how long requests that are under way have when it ends.
const stopWithin = 5 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintf(os.Stderr, "apron: %s\n", err)
		os.Exit(1)
	}
}

// run serves until the context ends.
func run(ctx context.Context, args []string, env func(string) string, stdout, stderr io.Writer) error {
	s, err := parseSettings(args, env, stderr)
	if err != nil {
		return err
	}
	key, err := loadKey(s.key)
	if err != nil {
		return err
	}
	if s.printPublicKey {
		public, err := hostauth.PublicPEM(key)
		if err != nil {
			return err
		}
		_, err = stdout.Write(public)
		return err
	}
	folder, err := os.OpenRoot(s.frontendDir)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("the built page's folder %s does not exist: run make build, or name it with -frontend-dir", s.frontendDir)
	}
	if err != nil {
		return fmt.Errorf("open the built page's folder: %w", err)
	}
	defer folder.Close()
	if err := checkBuilt(folder.FS(), s.frontendDir); err != nil {
		return err
	}

	back, err := listen(ctx, s.listen, "-listen")
	if err != nil {
		return err
	}
	defer back.Close()
	front, err := listen(ctx, s.frontendListen, "-frontend-listen")
	if err != nil {
		return err
	}
	defer front.Close()

	log := slog.New(slog.NewTextHandler(stderr, nil))
	backendURL, frontendURL := "http://"+back.Addr().String(), "http://"+front.Addr().String()
	backend, err := newBackend(backendOptions{
		url: backendURL, frontend: frontendURL, oriel: s.oriel, key: key,
		sessions: newSessions(time.Now, rand.Reader), log: log,
	})
	if err != nil {
		return err
	}
	frontend := newFrontend(frontendOptions{files: folder.FS(), oriel: s.oriel, backend: backendURL, random: rand.Reader})
	log.Info("Apron is up", "page", frontendURL, "backend", backendURL, "oriel", s.oriel)
	return serve(ctx, log, map[net.Listener]http.Handler{back: backend, front: frontend})
}

// listen takes loopback addresses only, since anybody may sign in as anybody.
func listen(ctx context.Context, address, flagName string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is taken by another program: end that, or choose another port with %s", address, flagName)
	case err != nil:
		return nil, fmt.Errorf("listen on %s (%s): %w", address, flagName, err)
	}
	if at, isTCP := l.Addr().(*net.TCPAddr); !isTCP || !at.IP.IsLoopback() {
		l.Close()
		return nil, fmt.Errorf("%s %s is open to other machines, and Apron asks for no password: choose an address like 127.0.0.1:7431", flagName, address)
	}
	return l, nil
}

// serve answers on every listener until the context ends or one fails.
func serve(ctx context.Context, log *slog.Logger, handlers map[net.Listener]http.Handler) error {
	ended := make(chan error, len(handlers))
	var servers []*http.Server
	for listener, handler := range handlers {
		server := &http.Server{
			Handler:           onlyAs(listener.Addr().String(), handler),
			ReadHeaderTimeout: 5 * time.Second,
			ReadTimeout:       10 * time.Second,
			WriteTimeout:      30 * time.Second,
			IdleTimeout:       time.Minute,
			MaxHeaderBytes:    32 << 10,
			ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		}
		servers = append(servers, server)
		go func() { ended <- server.Serve(listener) }()
	}
	var failed error
	select {
	case <-ctx.Done():
	case failed = <-ended:
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	for _, server := range servers {
		if err := server.Shutdown(stopping); err != nil {
			failed = errors.Join(failed, fmt.Errorf("stop: %w", err))
		}
	}
	return failed
}
