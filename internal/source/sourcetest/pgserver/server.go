package pgserver

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Password is that of [Superuser] and of every login that [Server.Login] makes.
// Tests look for it where it must not be.
const (
	Superuser = "postgres"
	Password  = "p4ss%27w@rd"
)

// patience bounds a start on a machine that has other things to do.
const patience = 2 * time.Minute

// Server is a running PostgreSQL server.
type Server struct {
	folder  string
	port    string // also of the socket's name
	start   func() *exec.Cmd
	process *exec.Cmd
	log     *os.File
}

// Main runs a binary's tests with a server; it is for TestMain:
//
//	func TestMain(m *testing.M) { os.Exit(pgserver.Main(m, func(s *pgserver.Server) { server = s })) }
func Main(m *testing.M, started func(*Server)) (code int) {
	server, err := Start(context.Background())
	if err != nil {
		fmt.Fprintf(os.Stderr, "the tests need a PostgreSQL server: %v\n", err)
		return 1
	}
	started(server)
	code = m.Run()
	if err := server.Stop(); err != nil {
		fmt.Fprintf(os.Stderr, "stop the PostgreSQL server of the tests: %v\n", err)
		return 1
	}
	return code
}

// Start makes a cluster and starts a server on it. Its collation is not C, so
// that whatever leaves a comparison to the server's own is found out.
func Start(ctx context.Context) (*Server, error) { return StartWith(ctx, nil) }

// StartWith is [Start] with files beside the server's own, by their names, and
// with settings, as ssl=on.
func StartWith(ctx context.Context, files map[string][]byte, settings ...string) (server *Server, err error) {
	programs, err := findPrograms()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "pg")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(folder))
		}
	}()
	as, err := unprivileged()
	if err != nil {
		return nil, err
	}
	secret := filepath.Join(folder, "password")
	if err := os.WriteFile(secret, []byte(Password), 0o600); err != nil {
		return nil, err
	}
	if as != nil {
		for _, path := range []string{folder, secret} {
			if err := os.Chown(path, int(as.Uid), int(as.Gid)); err != nil {
				return nil, err
			}
		}
	}
	data := filepath.Join(folder, "data")
	port := "5432"
	arguments := []string{"-D", data, "-k", folder,
		"-c", "listen_addresses=", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off",
		"-c", "shared_buffers=32MB", "-c", "max_connections=100", "-c", "autovacuum=off"}
	for _, setting := range settings {
		arguments = append(arguments, "-c", setting)
		if given, is := strings.CutPrefix(setting, "port="); is {
			port = given
		}
	}
	initdb := command(as, filepath.Join(programs, "initdb"), "--pgdata="+data, "--no-sync", "--username="+Superuser,
		"--pwfile="+secret, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en")
	if words, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("make a cluster: %w\n%s", err, words)
	}
	for name, content := range files {
		path := filepath.Join(data, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return nil, err
		}
		if as != nil {
			if err := os.Chown(path, int(as.Uid), int(as.Gid)); err != nil {
				return nil, err
			}
		}
	}
	log, err := os.Create(filepath.Join(folder, "log"))
	if err != nil {
		return nil, err
	}
	start := func() *exec.Cmd {
		process := command(as, filepath.Join(programs, "postgres"), arguments...)
		process.Stdout, process.Stderr = log, log
		return process
	}
	process := start()
	if err := process.Start(); err != nil {
		return nil, errors.Join(err, log.Close())
	}
	server = &Server{folder: folder, port: port, start: start, process: process, log: log}
	if err := server.wait(ctx); err != nil {
		words, _ := os.ReadFile(log.Name())
		return nil, errors.Join(fmt.Errorf("start the server: %w\n%s", err, words), server.Stop())
	}
	return server, nil
}

// wait returns when the server takes connections.
func (s *Server) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, s.URL("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Halt ends the server as a crash does, with its connections. Its data stay:
// see [Server.Resume].
func (s *Server) Halt(t testing.TB) {
	t.Helper()
	if err := s.end(); err != nil {
		t.Fatal(err)
	}
}

// Resume starts a server that was halted.
func (s *Server) Resume(t testing.TB) {
	t.Helper()
	s.process = s.start()
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	if err := s.wait(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// end signals the server's own process and waits for it.
func (s *Server) end() error {
	// Immediate: nothing is waited for.
	if err := s.process.Process.Signal(syscall.SIGQUIT); err != nil {
		return err
	}
	var ended *exec.ExitError
	if err := s.process.Wait(); err != nil && !errors.As(err, &ended) {
		return err
	}
	return nil
}

// Stop ends the server and takes its cluster away.
func (s *Server) Stop() error {
	if err := s.end(); err != nil {
		return err
	}
	return errors.Join(s.log.Close(), os.RemoveAll(s.folder))
}

// URL is how the superuser reaches a database.
func (s *Server) URL(database string) string { return s.URLAs(Superuser, database) }

// URLAs is how a login reaches a database.
func (s *Server) URLAs(login, database string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(login, Password), Path: "/" + database,
		RawQuery: url.Values{"host": {s.folder}, "port": {s.port}}.Encode()}
	return u.String()
}

// command runs as somebody else when as is set.
func command(as *syscall.Credential, path string, args ...string) *exec.Cmd {
	c := &exec.Cmd{Path: path, Args: append([]string{path}, args...), Dir: "/"}
	c.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TZ=America/New_York")
	if as != nil {
		c.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	}
	return c
}

// unprivileged is whom the server runs as when the tests run as root, which
// PostgreSQL refuses; nil when they don't.
func unprivileged() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	who, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("there is no user postgres to run it as (run scripts/setup): %w", err)
	}
	uid, err := strconv.ParseUint(who.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(who.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// findPrograms gives the folder of the newest server that Debian's packages
// put there, or of the one on PATH.
func findPrograms() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		return n
	}
	slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
	if len(found) > 0 {
		return filepath.Dir(found[0]), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", fmt.Errorf("no PostgreSQL server is installed (run scripts/setup): %w", err)
	}
	return filepath.Dir(path), nil
}
