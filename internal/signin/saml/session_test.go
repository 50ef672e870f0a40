package saml_test

import (
	"strings"
	"testing"
	"time"

	"github.com/oriel-bi/oriel/internal/signin/saml"
)

// SAML Core §2.7.2: until when the identity provider's own session lasts. Of several
// statements the earliest end counts; one that is over is no sign-in.
func TestVerify_endOfTheSession(t *testing.T) {
	now, p := time.Now(), provider(idpKey())
	one := func(d time.Duration) string {
		return `<saml:AuthnStatement SessionIndex="s-1" SessionNotOnOrAfter="` + at(now, d) + `"/>`
	}
	none := `<saml:AuthnStatement SessionIndex="s-1"/>`
	for name, c := range map[string]struct {
		statements string
		want       time.Duration // 0: none was told
		refused    bool
	}{
		"none":                       {none, 0, false},
		"one":                        {one(time.Hour), time.Hour, false},
		"the later first":            {one(2*time.Hour) + one(time.Hour), time.Hour, false},
		"the earlier first":          {one(time.Hour) + one(2*time.Hour), time.Hour, false},
		"one without":                {none + one(time.Hour), time.Hour, false},
		"a moment ago, by the clock": {one(-30 * time.Second), -30 * time.Second, false},
		"over":                       {one(-61 * time.Second), 0, true},
		"one of them over":           {one(time.Hour) + one(-time.Hour), 0, true},
		"no moment":                  {strings.Replace(none, "/>", ` SessionNotOnOrAfter="soon"/>`, 1), 0, true},
	} {
		text := field(signedBy(t, strings.Replace(typed(now), none, c.statements, 1), "Assertion", idpKey(), nil))
		if c.refused {
			refuse(t, name, text, p, asked(), now, invalid, "time")
			continue
		}
		got, evidence, err := saml.Verify(text, p, asked(), now)
		if err != nil {
			t.Errorf("%s: %v %+v", name, err, evidence)
			continue
		}
		if c.want == 0 != got.SessionEnds.IsZero() || c.want != 0 && got.SessionEnds.Sub(now.Add(c.want)).Abs() > time.Second {
			t.Errorf("%s: until %s", name, got.SessionEnds)
		}
	}
}
