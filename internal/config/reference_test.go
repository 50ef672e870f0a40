package config

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the reference anew")

func TestSchema_namesExactlyTheSettings(t *testing.T) {
	var document struct {
		AdditionalProperties bool `json:"additionalProperties"`
		Properties           map[string]struct {
			Description string `json:"description"`
			Default     any    `json:"default"`
		} `json:"properties"`
	}
	content, err := os.ReadFile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber() // 1000000 is not written as 1e+06
	if err := decoder.Decode(&document); err != nil {
		t.Fatal(err)
	}
	known, _ := fileKeys()
	if len(document.Properties) != len(known) || document.AdditionalProperties {
		t.Errorf("the schema has %d properties, the file %d keys", len(document.Properties), len(known))
	}
	for _, s := range settings() {
		key := s.Key
		if s.Secret {
			key += fileSuffix
		}
		property, found := document.Properties[key]
		if !found {
			t.Errorf("the schema lacks %s", key)
			continue
		}
		fallback := ""
		if property.Default != nil {
			fallback = fmt.Sprint(property.Default)
		}
		if fallback != s.Default || (!s.Secret && property.Description != s.Help) {
			t.Errorf("the schema tells %s otherwise than the table of settings", key)
		}
	}
}

func TestFlags_stringsForEverySetting(t *testing.T) {
	given := ServeFlags{}.given()
	for _, s := range settings() {
		key := s.Key
		if s.Secret {
			key += fileSuffix
		}
		if _, found := given[key]; !found {
			t.Errorf("no flag sets %s", key)
		}
	}
	names := map[string]bool{}
	for _, kind := range []reflect.Type{reflect.TypeFor[StoreFlags](), reflect.TypeFor[ServeFlags]()} {
		for i := range kind.NumField() {
			if f := kind.Field(i); !f.Anonymous && f.Tag.Get("help") != "" {
				name := f.Tag.Get("name")
				if name == "" {
					name = strings.ToLower(f.Name)
				}
				names[name] = true
			}
		}
	}
	for key := range given {
		if !names[dashed(key)] {
			t.Errorf("%s has no flag --%s", key, dashed(key))
		}
	}
}

func TestReference_isTheTableOfSettings(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "reference", "configuration.md")
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- settings: written by go test ./internal/config -update -->\n", "<!-- /settings -->"
	before, rest, found := strings.Cut(string(page), begin)
	_, after, foundEnd := strings.Cut(rest, end)
	if !found || !foundEnd {
		t.Fatal("the page lacks the marks around the table")
	}
	want := before + begin + table() + end + after
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(page) != want {
		t.Errorf("%s is out of date; run: go test ./internal/config -update", path)
	}
}

func table() string {
	var b strings.Builder
	b.WriteString("| `oriel.yaml` | environment | flag | default | what it is |\n|---|---|---|---|---|\n")
	for _, s := range settings() {
		env, file := prefix+strings.ToUpper(s.Key), s.Key
		environment, fallback := "`"+env+"`", "–"
		if s.Secret {
			file, environment = s.Key+fileSuffix, "`"+env+"` or `"+env+"_FILE`"
		}
		if s.Default != "" {
			fallback = "`" + s.Default + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | `--%s` | %s | %s |\n", file, environment, dashed(file), fallback, s.Help)
	}
	return b.String()
}
