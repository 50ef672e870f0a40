package query

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

func show(v source.ParameterValue) string {
	one := func(s *oriel.Scalar) string {
		if s == nil {
			return "-"
		}
		return fmt.Sprintf("%s %v", s.Type, s.Value)
	}
	if v.List != nil {
		return fmt.Sprint(v.List)
	}
	if v.Scalar != nil {
		return one(v.Scalar)
	}
	return one(v.From) + ".." + one(v.To)
}

func TestParseParameters(t *testing.T) {
	long, many := strings.Repeat("a", 1025), "["+strings.Repeat(`"a",`, 200)+`"a"]`
	const bad = "refused"
	const none = "not brought"
	tests := []struct {
		kind      oriel.ParameterType
		raw, want string
	}{
		{"text", `"a"`, "text a"}, {"text", `""`, "text "}, {"text", `null`, none}, {"text", `1`, bad}, {"text", `["a"]`, bad}, {"text", `"` + long + `"`, bad},
		{"text", `"a\u0000b"`, bad}, {"text", `{"a":1}`, bad}, {"text", `"' or 1=1 --"`, "text ' or 1=1 --"},
		{"number", `1`, "integer 1"}, {"number", `-9223372036854775808`, "integer -9223372036854775808"}, {"number", `9223372036854775808`, "number 9.223372036854776e+18"},
		{"number", `1.5`, "number 1.5"}, {"number", `1e2`, "number 100"}, {"number", `1e400`, bad}, {"number", `"1"`, bad}, {"number", `true`, bad}, {"number", `NaN`, bad}, {"number", `[1]`, bad},
		{"boolean", `true`, "boolean true"}, {"boolean", `false`, "boolean false"}, {"boolean", `0`, bad}, {"boolean", `"true"`, bad},
		{"date", `"2001-01-31"`, "date 2001-01-31 00:00:00 +0000 UTC"}, {"date", `"2001-02-30"`, bad}, {"date", `"2001-1-31"`, bad}, {"date", `"31.01.2001"`, bad},
		{"date", `"0000-01-01"`, bad}, {"date", `"10000-01-01"`, bad}, {"date", `"2001-01-31T00:00:00Z"`, bad}, {"date", `20010131`, bad}, {"date", `"now()"`, bad},
		{"date_range", `{"from":"2001-01-01","to":"2001-01-31"}`, "date 2001-01-01 00:00:00 +0000 UTC..date 2001-01-31 00:00:00 +0000 UTC"},
		{"date_range", `{"from":"2001-01-01","to":"2001-01-01"}`, "date 2001-01-01 00:00:00 +0000 UTC..date 2001-01-01 00:00:00 +0000 UTC"},
		{"date_range", `{"from":"2001-01-01"}`, "date 2001-01-01 00:00:00 +0000 UTC..-"}, {"date_range", `{"to":"2001-01-01","from":null}`, "-..date 2001-01-01 00:00:00 +0000 UTC"},
		{"date_range", `{}`, none}, {"date_range", `{"from":"2001-01-02","to":"2001-01-01"}`, bad}, {"date_range", `{"from":"2001-01-02","till":"2001-01-03"}`, bad},
		{"date_range", `["2001-01-01","2001-01-31"]`, bad}, {"date_range", `"2001-01-01"`, bad}, {"date_range", `{"from":""}`, bad},
		{"date_range", `{"FROM":"2001-01-01"}`, bad}, {"date_range", `{"from":"2001-01-01","From":"2001-01-02"}`, bad},
		{"list", `["b","a","b"]`, "[{text b} {text a}]"}, {"list", `[]`, none}, {"list", `"a"`, bad}, {"list", `[1]`, bad}, {"list", `[null]`, bad}, {"list", `[["a"]]`, bad},
		{"list", many, bad}, {"list", `["` + long + `"]`, bad}, {"list", `["a\u0000"]`, bad}, {"list", `{"0":"a"}`, bad},
		{"nosuch", `"a"`, bad},
	}
	for _, tt := range tests {
		name := string(tt.kind) + " " + tt.raw
		t.Run(name[:min(len(name), 60)], func(t *testing.T) {
			values, err := parseParameters([]oriel.Parameter{{Name: "p", Type: tt.kind}}, map[string]json.RawMessage{"p": json.RawMessage(tt.raw)})
			got := none
			if v, found := values["p"]; found {
				got = show(v)
			}
			var e *oriel.Error
			if errors.As(err, &e) && e.Code == oriel.CodeInvalidRequest && e.Fields["parameters.p"] != "" {
				got = bad
			}
			if got != tt.want {
				t.Errorf("got %s (%v), want %s", got, err, tt.want)
			}
		})
	}
}

func TestParseParameters_required(t *testing.T) {
	for kind, missing := range map[oriel.ParameterType][]string{
		oriel.ParameterText:      {"", "null"},
		oriel.ParameterList:      {"", "null", "[]"},
		oriel.ParameterDateRange: {"", "{}", `{"from":"2001-01-01"}`, `{"to":"2001-01-01"}`},
	} {
		for _, raw := range missing {
			brought := map[string]json.RawMessage{}
			if raw != "" {
				brought["p"] = json.RawMessage(raw)
			}
			if _, err := parseParameters([]oriel.Parameter{{Name: "p", Type: kind, Required: true}}, brought); oriel.CodeOf(err) != oriel.CodeInvalidRequest {
				t.Errorf("%s %q: %v, want invalid_request", kind, raw, err)
			}
		}
	}
}

func TestParseParameters_unknownNameIsAnsweredShort(t *testing.T) {
	_, err := parseParameters(nil, map[string]json.RawMessage{strings.Repeat("x", 5000): []byte("1")})
	var e *oriel.Error
	if !errors.As(err, &e) || len(e.Fields) != 1 {
		t.Fatal(err)
	}
	for field := range e.Fields {
		if len(field) > 100 {
			t.Errorf("the field's name has %d bytes", len(field))
		}
	}
}
