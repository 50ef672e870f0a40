package saml_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/signin/saml"
)

var update = flag.Bool("update", false, "make tests/vectors/saml anew")

// corpus is the attacks as they are kept, for whoever verifies responses; see
// tests/vectors/saml/README.md.
type corpus struct {
	// At is the moment at which the responses are good, and the rest what they are
	// for.
	At                             time.Time
	Issuer, ACS, Audience, Request string
	Cases                          []corpusCase
}

type corpusCase struct {
	Name string
	// Make is the identity provider, and Signed what it signed: response, assertion
	// or both.
	Make, Signed string
	// Code is the refusal, and Check and Reason what stops it here; empty when the
	// change alters no meaning, and the person who was signed is signed in.
	Code, Check, Reason string
	Document            []byte
}

const corpusFolder = "../../../tests/vectors/saml"

func TestCorpus(t *testing.T) {
	if *update {
		makeCorpus(t)
	}
	kept, p := readCorpus(t)
	ask := saml.Ask{ACS: kept.ACS, Audience: kept.Audience, RequestID: kept.Request}
	refused := 0
	for _, one := range kept.Cases {
		began := time.Now()
		got, evidence, err := saml.Verify(field(string(one.Document)), p, ask, kept.At)
		if took := time.Since(began); took > time.Second {
			t.Errorf("%s: took %v", one.Name, took)
		}
		what := one.Name + ", " + one.Make + ", " + one.Signed
		switch {
		case got.Email != "" && (got.Email != "dana@example.com" || !strings.HasSuffix(got.Subject, " dana-17")):
			t.Errorf("%s: ANOTHER person: %+v", what, got)
		case string(oriel.CodeOf(err)) != one.Code:
			t.Errorf("%s: %v, want %q: %+v", what, err, one.Code, evidence)
		case err != nil:
			refused++
			if last := evidence.Checks[len(evidence.Checks)-1]; last.Name != one.Check || got.Email != "" {
				t.Errorf("%s: stopped at %+v, want %s", what, last, one.Check)
			}
		}
	}
	if refused < 600 {
		t.Errorf("only %d attacks are kept", refused)
	}
}

// readCorpus gives the attacks as they are kept, and the provider that they are for.
func readCorpus(t testing.TB) (corpus, oriel.Provider) {
	t.Helper()
	file, err := os.Open(filepath.Join(corpusFolder, "corpus.json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var kept corpus
	if err := json.NewDecoder(unpacked).Decode(&kept); err != nil {
		t.Fatal(err)
	}
	certificate, err := os.ReadFile(filepath.Join(corpusFolder, "certificate.pem"))
	if err != nil {
		t.Fatal(err)
	}
	p := provider()
	p.Keys = []oriel.ProviderKey{{ID: "a", Kind: oriel.KeyX509, Public: certificate, Serial: 1}}
	return kept, p
}

func makeCorpus(t *testing.T) {
	t.Helper()
	kept := corpus{At: time.Now().UTC().Truncate(time.Second), Issuer: idp, ACS: acs, Audience: audience, Request: requestID}
	eachAttack(t, func(o original, a attack, text string) {
		make, _, _ := strings.Cut(o.name, ",")
		one := corpusCase{Name: a.name, Make: make, Signed: o.shape, Reason: a.guard, Document: []byte(text)}
		if _, evidence, err := saml.Verify(field(text), provider(idpKey()), asked(), kept.At); err != nil {
			one.Code, one.Check = string(oriel.CodeOf(err)), evidence.Checks[len(evidence.Checks)-1].Name
		}
		kept.Cases = append(kept.Cases, one)
	})
	var packed bytes.Buffer
	writer, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(kept)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = writer.Write(text)
	_ = writer.Close()
	for name, content := range map[string][]byte{"corpus.json.gz": packed.Bytes(), "certificate.pem": []byte(idpKey().certificate)} {
		if err := os.WriteFile(filepath.Join(corpusFolder, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// S5: nothing that a document names is asked for.
func TestHostile_asksNobody(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	heard := make(chan string, 100)
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			text := make([]byte, 200)
			n, _ := io.ReadAtLeast(connection, text, 1)
			heard <- string(text[:n])
			_ = connection.Close()
		}
	}()
	t.Cleanup(func() { _ = listener.Close() })
	there := "http://" + listener.Addr().String() + "/"
	for _, o := range originals(t) {
		root := o.text[strings.Index(o.text, "<"):]
		if strings.HasPrefix(root, "<?") {
			root = root[strings.Index(root, "?>")+2:]
		}
		tag := strings.Index(root, " ")
		for what, text := range map[string]string{
			"a DTD":                `<!DOCTYPE r SYSTEM "` + there + `dtd">` + root,
			"an external entity":   `<!DOCTYPE r [<!ENTITY x SYSTEM "` + there + `entity">]>` + root,
			"a parameter entity":   `<!DOCTYPE r [<!ENTITY % x SYSTEM "` + there + `parameter"> %x;]>` + root,
			"a schema":             root[:tag] + ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:x ` + there + `schema"` + root[tag:],
			"an inclusion":         strings.Replace(root, "</", `<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="`+there+`include"/></`, 1),
			"a stylesheet":         `<?xml-stylesheet href="` + there + `style"?>` + root,
			"a retrieval method":   strings.Replace(root, "KeyInfo>", `KeyInfo><ds:RetrievalMethod xmlns:ds="http://www.w3.org/2000/09/xmldsig#" URI="`+there+`key"/>`, 1),
			"a reference":          strings.Replace(root, `URI="#`, `URI="`+there+`reference#`, 1),
			"a cipher's reference": strings.Replace(root, "</", `<xenc:CipherReference xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" URI="`+there+`cipher"/></`, 1),
		} {
			if got, _, err := saml.Verify(field(text), provider(idpKey()), asked(), time.Now()); err == nil && got.Email != "dana@example.com" {
				t.Errorf("%s, %s: %+v", o.name, what, got)
			}
		}
	}
	select {
	case said := <-heard:
		t.Errorf("somebody was asked: %q", said)
	case <-time.After(100 * time.Millisecond):
	}
}

// FuzzVerify looks for a response that panics, or vouches for somebody else than
// the one who was signed.
func FuzzVerify(f *testing.F) {
	// Those that are kept: each of the fuzzer's processes has the same key then.
	kept, p := readCorpus(f)
	ask := saml.Ask{ACS: kept.ACS, Audience: kept.Audience, RequestID: kept.Request}
	for _, one := range kept.Cases {
		if one.Code == "" {
			f.Add(one.Document)
		}
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		got, _, err := saml.Verify(field(string(document)), p, ask, kept.At)
		if err == nil && (got.Email != "dana@example.com" || !strings.HasSuffix(got.Subject, " dana-17")) {
			t.Errorf("%+v", got)
		}
	})
}
