package httpapi

import (
	"encoding/json"
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
		"brackets in a text":    `{"jwt":"]}\\"","x":"{"}`,
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
	f.Add([]byte(` { "jwt" : [ { } , [ ] , -1.5E+3 , true , "\"]}" ] , "\u0070rovider" : "x" } `))
	f.Fuzz(func(t *testing.T, body []byte) {
		members, err := parseObject(body, "jwt", "provider")
		if err != nil && oriel.CodeOf(err) != oriel.CodeInvalidRequest {
			t.Fatalf("%q gave %v", body, err)
		}
		// What was read is what encoding/json reads of the same text.
		var same map[string]json.RawMessage
		if unread := json.Unmarshal(body, &same); err == nil && (unread != nil || len(same) != len(members)) {
			t.Fatalf("%q gave %d members, and encoding/json %d and %v", body, len(members), len(same), unread)
		}
		for name, raw := range members {
			if string(raw) != string(same[name]) {
				t.Fatalf("%q gave %q for %q, and encoding/json %q", body, raw, name, same[name])
			}
			if name != "jwt" && name != "provider" {
				t.Fatalf("%q let %q through", body, name)
			}
		}
	})
}
