package saml_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
)

const (
	logoutAt = "https://bi.example.com/auth/saml/corp/logout"
	// Where the identity providers of the tests are.
	signInAt  = idp + "/sso"
	signOutAt = idp + "/slo"
)

// task is one thing that an identity provider of another make is to do.
type task struct {
	Do          string   `json:"do"`
	Issuer      string   `json:"issuer"`
	Key         string   `json:"key"`
	Certificate string   `json:"certificate"`
	More        []string `json:"more"`     // certificates
	Metadata    string   `json:"metadata"` // ours
	Signed      bool     `json:"signed"`
	URL         string   `json:"url"`
	Binding     string   `json:"binding"`
	Name        string   `json:"name"`
	Format      string   `json:"format"`
	Session     string   `json:"session"`
	RelayState  string   `json:"relayState"`
}

// done is what came of a task.
type done struct {
	Refused      string
	XML          string
	Body         string
	URL          string
	Field        string
	RelayState   string
	EntityID     string
	ACS          []string
	Logout       []string
	Certificates []string
	Encryption   int

	ID, Issuer, Destination, AssertionConsumerServiceURL string
}

var messengers = map[string][2]string{"samlp": {"node", "messages.mjs"}, "pysaml2": {"/usr/bin/python3", "messages.py"}}

// perform has an identity provider do the tasks.
func perform(t testing.TB, make string, tasks ...task) []done {
	t.Helper()
	for i := range tasks {
		tasks[i].Issuer, tasks[i].Key, tasks[i].Certificate = idp, idpKey().private, idpKey().certificate
		if tasks[i].Binding == "" {
			tasks[i].Binding = "HTTP-Redirect"
		}
	}
	text, err := json.Marshal(tasks)
	if err != nil {
		t.Fatal(err)
	}
	out := tool(t, string(text), messengers[make][0], filepath.Join("testdata", "idp", messengers[make][1]))
	var results []done
	if err := json.Unmarshal([]byte(out), &results); err != nil || len(results) != len(tasks) {
		t.Fatalf("%s: %v in %q", make, err, out)
	}
	return results
}

// tool runs a program that the tests need, and fails without it.
func tool(t testing.TB, stdin, name string, arguments ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, name, arguments...)
	command.Stdin = strings.NewReader(stdin)
	var out, said bytes.Buffer
	command.Stdout, command.Stderr = &out, &said
	if err := command.Run(); err != nil {
		t.Fatalf("%s failed (%v): run scripts/setup, which installs it\n%s", name, err, said.String())
	}
	return out.String()
}

const schemas = "/usr/lib/python3/dist-packages/saml2/data/schemas/"

// valid holds a document to the schemas of OASIS, which come with pysaml2. Each
// import of theirs that names the network is of a file beside them.
func valid(t *testing.T, what, document string) {
	t.Helper()
	folder := t.TempDir()
	catalog := `<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">`
	for address, file := range map[string]string{
		"http://www.w3.org/TR/2002/REC-xmldsig-core-20020212/xmldsig-core-schema.xsd": "xmldsig-core-schema.xsd",
		"http://www.w3.org/TR/2002/REC-xmlenc-core-20021210/xenc-schema.xsd":          "xenc-schema.xsd",
		"http://www.w3.org/2001/xml.xsd":                                              "xml.xsd",
	} {
		catalog += `<uri name="` + address + `" uri="file://` + schemas + file + `"/><system systemId="` + address + `" uri="file://` + schemas + file + `"/>`
	}
	driver := `<schema xmlns="http://www.w3.org/2001/XMLSchema">`
	for namespace, file := range map[string]string{
		"urn:oasis:names:tc:SAML:2.0:protocol": "saml-schema-protocol-2.0.xsd", "urn:oasis:names:tc:SAML:2.0:metadata": "saml-schema-metadata-2.0.xsd",
	} {
		driver += `<import namespace="` + namespace + `" schemaLocation="file://` + schemas + file + `"/>`
	}
	for name, text := range map[string]string{"catalog.xml": catalog + `</catalog>`, "driver.xsd": driver + `</schema>`, "document.xml": document} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.CommandContext(t.Context(), "xmllint", "--nonet", "--noout", "--schema", filepath.Join(folder, "driver.xsd"), filepath.Join(folder, "document.xml"))
	command.Env = append(os.Environ(), "XML_CATALOG_FILES="+filepath.Join(folder, "catalog.xml"))
	if said, err := command.CombinedOutput(); err != nil {
		t.Errorf("%s is not valid (or run scripts/setup, which installs xmllint): %v\n%s\n%s", what, err, said, document)
	}
}

// queryOf are the parameters of an address.
func queryOf(t testing.TB, address string) url.Values {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		t.Fatal(err)
	}
	return query
}

func rawQueryOf(t testing.TB, address string) string {
	t.Helper()
	_, query, found := strings.Cut(address, "?")
	if !found {
		t.Fatalf("%q has no query", address)
	}
	return query
}

// treeOf reads a document in a test.
func treeOf(t testing.TB, text string) *etree.Element {
	t.Helper()
	document := etree.NewDocument()
	if err := document.ReadFromString(text); err != nil || document.Root() == nil {
		t.Fatalf("%v in %q", err, text)
	}
	return document.Root()
}

func ecdsaKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
}
