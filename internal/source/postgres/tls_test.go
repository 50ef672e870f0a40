package postgres_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source/postgres"
	"github.com/oriel-bi/oriel/internal/source/sourcetest/pgserver"
)

// certified makes a certificate, signed by the parent or, without one, by
// itself.
func certified(t *testing.T, names []string, parent *x509.Certificate, by *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey, []byte, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), DNSNames: names, BasicConstraintsValid: true, IsCA: parent == nil}
	if parent == nil {
		parent, by = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), by)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return made, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// What sslmode promises is kept or the connection is refused, in words that
// name no password.
func TestTLS_isWhatTheURLSays(t *testing.T) {
	authority, key, authorityPEM, _ := certified(t, nil, nil, nil)
	_, _, otherPEM, _ := certified(t, nil, nil, nil)
	_, _, named, namedKey := certified(t, []string{"localhost"}, authority, key)
	folder := t.TempDir()
	for name, content := range map[string][]byte{"ca.pem": authorityPEM, "other.pem": otherPEM} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	port := freePort(t)
	secure, err := pgserver.StartWith(t.Context(), map[string][]byte{"server.crt": named, "server.key": namedKey},
		"listen_addresses=127.0.0.1", "port="+strconv.Itoa(port), "ssl=on")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := secure.Stop(); err != nil {
			t.Error(err)
		}
	})
	secure.Exec(t, "postgres", `CREATE TABLE t AS SELECT pg_backend_pid() AS n`)
	sync := func(host, query string) (oriel.Source, error) {
		t.Helper()
		u := url.URL{Scheme: "postgres", User: url.UserPassword(pgserver.Superuser, pgserver.Password), Host: net.JoinHostPort(host, strconv.Itoa(port)), Path: "/postgres",
			RawQuery: strings.NewReplacer("CA", filepath.Join(folder, "ca.pem"), "OTHER", filepath.Join(folder, "other.pem")).Replace(query)}
		found, _, err := postgres.Sync(t.Context(), oriel.Source{Key: "s", Kind: oriel.SourcePostgres, Schema: "public", URL: u.String()}, nil)
		return found, err
	}
	for _, c := range []struct{ name, host, query, refused string }{
		{"all as it should be", "localhost", "sslmode=verify-full&sslrootcert=CA", ""},
		{"another authority", "localhost", "sslmode=verify-full&sslrootcert=OTHER", "certificate signed by unknown authority"},
		{"the system's authorities", "localhost", "sslmode=verify-full", "certificate signed by unknown authority"},
		{"a host that is not named", "127.0.0.1", "sslmode=verify-full&sslrootcert=CA", "cannot validate certificate for 127.0.0.1"},
		{"the authority alone", "127.0.0.1", "sslmode=verify-ca&sslrootcert=CA", ""},
		{"the authority alone, another", "127.0.0.1", "sslmode=verify-ca&sslrootcert=OTHER", "certificate signed by unknown authority"},
		{"encrypted, whoever it is", "127.0.0.1", "sslmode=require", ""},
		{"a file that is not there", "localhost", "sslmode=verify-full&sslrootcert=/nowhere/ca.pem", "is not taken"},
	} {
		found, err := sync(c.host, c.query)
		if c.refused == "" {
			if err != nil || len(found.Tables) != 1 {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			b := openSource(t, found, postgres.Options{})
			policies := []oriel.Policy{{Table: oriel.TableRef{Source: "s", Table: "t"}, Shared: true}}
			if got := b.asked(t, "x", policies, "select count(*) from t"); got != "1" {
				t.Errorf("%s: %s", c.name, got)
			}
			var encrypted bool
			if err := secure.Connect(t, "postgres").QueryRow(t.Context(), `SELECT bool_and(s.ssl) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE a.application_name = 'oriel'`).Scan(&encrypted); err != nil || !encrypted {
				t.Errorf("%s: the connection is not encrypted: %v", c.name, err)
			}
			if err := b.engine.Close(); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if oriel.CodeOf(err) != oriel.CodeInvalidRequest || !strings.Contains(err.Error(), c.refused) {
			t.Errorf("%s: %v, want %q", c.name, err, c.refused)
		}
		for _, secret := range []string{pgserver.Password, url.QueryEscape(pgserver.Password), url.PathEscape(pgserver.Password)} {
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the password is in %v", c.name, err)
			}
		}
	}
	// A server, or somebody between, that speaks without TLS.
	port = freePort(t)
	plain, err := pgserver.StartWith(t.Context(), nil, "listen_addresses=127.0.0.1", "port="+strconv.Itoa(port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := plain.Stop(); err != nil {
			t.Error(err)
		}
	})
	for _, mode := range []string{"verify-full&sslrootcert=CA", "verify-ca&sslrootcert=CA", "require"} {
		if _, err := sync("localhost", "sslmode="+mode); oriel.CodeOf(err) != oriel.CodeInvalidRequest || !strings.Contains(err.Error(), "refused TLS connection") || strings.Contains(err.Error(), pgserver.Password) {
			t.Errorf("%s without TLS: %v", mode, err)
		}
	}
}
