package httpapi

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"
)

// referencePages is where the page sends whoever came here to build something.
const referencePages = "https://github.com/oriel-bi/oriel/blob/main/docs/reference/"

//go:embed frontpage.html
var frontPageText string

// frontPage is what somebody reads who opens the server's own address. It is
// the same for everybody: it is written once and knows nobody's data.
type frontPage struct {
	content []byte
	policy  string
}

func newFrontPage(siteName, version string) frontPage {
	page := template.Must(template.New("front page").Parse(frontPageText))
	var out bytes.Buffer
	err := page.Execute(&out, struct{ SiteName, Version, Docs string }{siteName, version, referencePages})
	if err != nil {
		panic(err) // a fault of the file, like one that does not parse
	}
	return frontPage{content: out.Bytes(), policy: frontPagePolicy(out.Bytes())}
}

// frontPagePolicy permits the page its one style element, by its hash, and
// nothing else.
func frontPagePolicy(content []byte) string {
	_, rest, _ := bytes.Cut(content, []byte("<style>"))
	style, _, _ := bytes.Cut(rest, []byte("</style>"))
	hash := sha256.Sum256(style)
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// getFrontPage answers GET /.
func (a *API) getFrontPage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", a.frontPage.policy)
	_, _ = w.Write(a.frontPage.content) // an error says only that the client is gone
}
