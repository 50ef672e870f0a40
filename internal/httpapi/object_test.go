package httpapi

import (
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
)

func TestParseObject_refusesWhatTwoReadersCouldReadDifferently(t *testing.T) {
	cases := map[string]string{
		"empty":                 ``,
		"not JSON":              `jwt`,
		"a list":                `["jwt"]`,
		"a string":              `"jwt"`,
		"null":                  `null`,
		"member twice":          `{"jwt":"a","jwt":"b"}`,
		"member twice, escaped": `{"jwt":"a","\u006awt":"b"}`,
		"inner member twice":    `{"jwt":{"a":1,"a":2}}`,
		"inner, in a list":      `{"jwt":[[{"a":1,"a":2}]]}`,
		"unknown member":        `{"jwt":"a","sql":"select 1"}`,
		"other letter case":     `{"JWT":"a"}`,
		"trailing object":       `{"jwt":"a"}{}`,
		"trailing word":         `{"jwt":"a"} x`,
		"cut off":               `{"jwt":"a"`,
		"comma at the end":      `{"jwt":"a",}`,
		"comment":               `{"jwt":"a"/**/}`,
		"not UTF-8":             "{\"jwt\":\"\xff\"}",
		"byte order mark":       "\ufeff{\"jwt\":\"a\"}",
		"too deep":              `{"jwt":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`,
		"NUL":                   "{\"jwt\":\"a\"}\x00",
	}
	for name, body := range cases {
		if _, err := parseObject([]byte(body), "jwt", "provider"); oriel.CodeOf(err) != oriel.CodeInvalidRequest {
			t.Errorf("%s: got %v, want invalid_request", name, err)
		}
	}
}

func TestParseObject_readsWhatIsWellFormed(t *testing.T) {
	members, err := parseObject([]byte(" {\"jwt\": \"a\", \"provider\" : {\"x\": [1, {\"y\": \"x\"}], \"y\": \"x\"} }\n"), "jwt", "provider")
	if err != nil || string(members["jwt"]) != `"a"` {
		t.Errorf("got %v, %v", members, err)
	}
}

func FuzzParseObject(f *testing.F) {
	f.Add([]byte(`{"jwt":"a","provider":{"x":[1,{"y":null}]}}`))
	f.Add([]byte(`{"jwt":"a","jwt":"b"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		members, err := parseObject(body, "jwt", "provider")
		if err != nil && oriel.CodeOf(err) != oriel.CodeInvalidRequest {
			t.Fatalf("%q gave %v", body, err)
		}
		for name := range members {
			if name != "jwt" && name != "provider" {
				t.Fatalf("%q let %q through", body, name)
			}
		}
	})
}
