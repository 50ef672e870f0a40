package saml_test

import (
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/signin/saml"
)

func BenchmarkVerify(b *testing.B) {
	o := ordered("assertion")
	f := respond(b, "samlp", o)[0]
	p, ask, now := provider(idpKey()), asked(), time.Now()
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := saml.Verify(f, p, ask, now); err != nil {
			b.Fatal(err)
		}
	}
}
