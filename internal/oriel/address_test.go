package oriel_test

import (
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

func TestParseAddress(t *testing.T) {
	for text, want := range map[string]string{
		"https://apron.example/keys":          "https://apron.example/keys",
		"https://APRON.example:443/k?a=b%20c": "https://apron.example/k?a=b%20c",
		"https://apron.example:8443":          "https://apron.example:8443",
		"https://192.0.2.7/keys":              "https://192.0.2.7/keys",
		"https://[2001:DB8::1]:8443/keys":     "https://[2001:db8::1]:8443/keys",
		"http://localhost:3000/keys":          "http://localhost:3000/keys",
		"http://app.localhost/keys":           "http://app.localhost/keys",
		"http://127.0.0.1/keys":               "http://127.0.0.1/keys",
		"http://[::1]:3000/keys":              "http://[::1]:3000/keys",
	} {
		u, err := oriel.ParseAddress(text)
		if err != nil || u.String() != want {
			t.Errorf("%s: %v, %v", text, u, err)
		}
	}
}

// J18 and §1: nothing but https, and http to this machine, in the one spelling
// that every reader of addresses understands alike.
func TestParseAddress_hostileIsRefused(t *testing.T) {
	const canary = "s3cr3t-canary"
	for _, text := range []string{
		"", "keys", "/keys", "//apron.example/keys", "https:apron.example", "https://", "https:///keys", "https://:443/keys",
		"http://apron.example/keys", "http://127.0.0.1.apron.example/", "http://localhost.apron.example/", "http://0.0.0.0/", "http://[::]/",
		"http://10.0.0.1/", "http://192.168.0.1/", "file:///etc/passwd", "ftp://apron.example/", "gopher://apron.example/", "data:text/plain,x",
		"HTTPS+unix://apron.example/", "javascript:alert(1)",
		"https://" + canary + "@apron.example/", "https://user:" + canary + "@apron.example/", "https://@apron.example/", "https://apron.example@evil.io/",
		"https://apron.example/#" + canary, "https://apron.example/#",
		// Spellings that some resolvers read as 127.0.0.1.
		"https://2130706433/", "https://0x7f000001/", "https://0x7f.1/", "https://127.1/", "https://0177.0.0.1/", "https://127.0.0.01/",
		"https://127.0.0.0x1/", "https://①②⑦.0.0.1/", "https://１２７.0.0.1/", "https://127。0。0。1/", "https://127.0.0.1./", "https://localhost./",
		"https://[::1%25lo]/", "https://[::1%eth0]/", "https://[127.0.0.1]/", "https://::1/", "https://[::1/", "https://[]/",
		"https://apron.example:0/", "https://apron.example:65536/", "https://apron.example:/", "https://apron.example:0443/", "https://apron.example:+443/",
		"https://apron.example:*/", "https://apron_example/", "https://-apron.example/", "https://apron..example/", "https://apron%2eexample/", "https://apron.example%00.evil.io/",
		"https://apron.example\\@evil.io/", "https://apron.example /", " https://apron.example/", "https://apron.example/\n", "https://apron.example/\x00", "https://apron.example/é",
		"https://" + strings.Repeat("a.", 126) + "example/", "https://apron.example/" + strings.Repeat("a", 2048),
	} {
		u, err := oriel.ParseAddress(text)
		if oriel.CodeOf(err) != oriel.CodeInvalidRequest {
			t.Errorf("%q is taken as %v: %v", text, u, err)
		} else if strings.Contains(err.Error(), canary) {
			t.Errorf("%q: the error repeats it: %v", text, err)
		}
	}
}

// What is taken is https or this machine's, without a user or a fragment, and
// is taken again for the same.
func FuzzParseAddress(f *testing.F) {
	for _, text := range []string{"https://apron.example/keys?a=b", "http://localhost:3000/", "https://[::1]:8443/%20", "https://a@b/", "https://127.1/", "https://A.example:443#x", "https://x//y/../z;?&"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := oriel.ParseAddress(text)
		if err != nil {
			return
		}
		if u.User != nil || u.Fragment != "" || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
			t.Fatalf("%q is taken as %#v", text, u)
		}
		if u.Scheme == "http" && !strings.HasSuffix(u.Hostname(), "localhost") && !strings.HasPrefix(u.Hostname(), "127.") && !strings.HasSuffix(u.Hostname(), ":1") && !strings.HasPrefix(u.Hostname(), "::ffff:") {
			t.Fatalf("%q is taken over http", text)
		}
		again, err := oriel.ParseAddress(u.String())
		if err != nil || again.String() != u.String() || again.Host != u.Host {
			t.Fatalf("%q becomes %q, and that %v, %v", text, u, again, err)
		}
	})
}
