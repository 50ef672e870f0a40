package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// node is `oriel serve` as a process of its own.
type node struct {
	*testing.T
	address string
	process *exec.Cmd
	log     *caseLog
}

// program is this binary as the command oriel.
func program(t *testing.T, environ []string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &exec.Cmd{Path: path, Args: append([]string{"oriel"}, args...), Env: append(os.Environ(), environ...)}
}

// startNode serves a store until the test ends. The address of one that the
// environment does not say where to listen is free.
func startNode(t *testing.T, environ []string) *node {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	n := &node{T: t, address: "http://" + address, log: &caseLog{}}
	n.process = program(t, append(slices.Clone(environ), "ORIEL_LISTEN="+address), "serve")
	n.process.Stderr = n.log
	if err := n.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = n.process.Process.Signal(syscall.SIGTERM)
		if err := n.process.Wait(); err != nil {
			t.Errorf("the node ended with %v: %s", err, n.log.bytes())
		}
	})
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		response, err := http.Get(n.address + "/readyz")
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return n
			}
		}
		if time.Now().After(end) {
			t.Fatalf("the node is not ready: %s", n.log.bytes())
		}
	}
}

// asked is one request under load and what came of it.
type asked struct {
	node, path string
	begun      time.Time
	status     int
	body       string
}

// shows tells whether a value is in what was answered. It stands in quotes: the
// reference of a refusal may hold the same letters.
func (a asked) shows(value string) bool { return strings.Contains(a.body, `"`+value+`"`) }

// requests are many things that are asked at once, over and over, until they are ended.
type requests struct {
	cancel context.CancelFunc
	all    sync.WaitGroup
	mu     sync.Mutex
	asked  []asked
}

// bear begins a load: of each node each path is asked by as many as it says.
func bear(t *testing.T, nodes []string, token string, paths map[string]int) *requests {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	l := &requests{cancel: cancel}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 50}}
	for _, node := range nodes {
		for path, workers := range paths {
			for range workers {
				l.all.Go(func() {
					for ctx.Err() == nil {
						l.ask(ctx, client, node, path, token)
					}
				})
			}
		}
	}
	t.Cleanup(func() { l.end(); client.CloseIdleConnections() })
	return l
}

func (l *requests) ask(ctx context.Context, client *http.Client, node, path, token string) {
	method, path, _ := strings.Cut(path, " ")
	request, err := http.NewRequestWithContext(ctx, method, node+path, http.NoBody)
	if err != nil {
		return
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Origin", casePage)
	a := asked{node: node, path: path, begun: time.Now()}
	response, err := client.Do(request)
	if err != nil {
		return
	}
	body, _ := io.ReadAll(response.Body) // what came before it was cut off counts
	_ = response.Body.Close()
	a.status, a.body = response.StatusCode, string(body)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = append(l.asked, a)
}

// each waits until each path was asked of each node so that it counts.
func (l *requests) each(t *testing.T, nodes []*node, counts func(asked) bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		found := map[string]bool{}
		l.mu.Lock()
		for _, a := range l.asked {
			if a.status != http.StatusTooManyRequests && counts(a) {
				found[a.node+a.path] = true
			}
		}
		l.mu.Unlock()
		if len(found) == len(nodes)*len(loadPaths) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("only %v were asked so that it counts", found)
		}
	}
}

// end ends the load and gives all that was asked.
func (l *requests) end() []asked {
	l.cancel()
	l.all.Wait()
	return l.asked
}
