package oriel_test

import (
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

func TestSourceHosts_permitWhatIsListedAndNothingElse(t *testing.T) {
	hosts, err := oriel.ParseSourceHosts([]string{"db.example.com", "Erp.example.com:6432", "10.1.0.0/16", "192.168.0.7:5432", "::1", "/run/postgresql"})
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]bool{
		"db.example.com:5432": true, "DB.example.com:1": true, "db.example.com.:5432": true, "erp.example.com:6432": true, "10.1.2.3:5432": true,
		"192.168.0.7:5432": true, "[::1]:5432": true, "/run/postgresql": true, "[::ffff:10.1.2.3]:5432": true,
		"erp.example.com:5432": false, "xdb.example.com:5432": false, "db.example.com.evil.org:5432": false, "10.2.0.1:5432": false, "169.254.169.254:80": false,
		"192.168.0.7:5433": false, "127.0.0.1:5432": false, "/run/other": false, "/run/postgresql/../other": false, "10.1.2.3.nip.io:5432": false,
		"0x0a010203:5432": false, "167837955:5432": false, "": false, "@abstract": false,
	} {
		if got := hosts.Permit([]string{host}); got != want {
			t.Errorf("%q: %v", host, got)
		}
		if hosts.Permit([]string{"db.example.com:5432", host}) != want {
			t.Errorf("%q behind a listed one: %v", host, !want)
		}
	}
	if hosts.Permit(nil) || !(oriel.SourceHosts{}).Permit([]string{"any:1"}) {
		t.Error("no host at all is permitted, or an empty list refuses")
	}
	for _, text := range []string{"", "a b", "db:0", "db:x", "db:99999", "10.1.2.3/16", "*.example.com", "fe80::1%eth0", "postgres://db"} {
		if _, err := oriel.ParseSourceHosts([]string{text}); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
