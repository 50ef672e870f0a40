package declaration

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"go.yaml.in/yaml/v3"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// ReadProvider reads one provider's settings, under the names that they have in
// a file ("sign_in_uri"), as [Load] would: what one way refuses the other does
// too. Keys may be missing; their secrets need no reference. The claims of the
// provider may name the groups and no others. An error is one sentence for
// each thing that is wrong and shows no secret.
func ReadProvider(slug string, settings map[string]any, groups []oriel.GroupKey, options Options) (oriel.Provider, error) {
	schema, err := newShape()
	if err != nil {
		return oriel.Provider{}, err
	}
	path := join("providers", slug)
	d := &document{lines: map[string]int{}, keys: map[string]int{path: 1}, referred: map[string]bool{}}
	d.conceal(path, settings)
	value := plain(settings)
	if err := schema.checkProvider(d, map[string]any{"version": 1.0, "providers": map[string]any{slug: value}}); err != nil {
		return oriel.Provider{}, err
	}
	if err := d.spoken(path, "the provider"); err != nil {
		return oriel.Provider{}, err
	}
	var w wireProvider
	text, err := yaml.Marshal(value)
	if err == nil {
		err = yaml.Unmarshal(text, &w)
	}
	if err != nil {
		// The cause could quote a secret.
		return oriel.Provider{}, errors.New("the provider's settings cannot be read: write plain texts")
	}
	b := &builder{options: options, origin: map[string]place{path: {doc: d, path: path}}}
	for _, key := range groups {
		b.out.Groups = append(b.out.Groups, oriel.Group{Key: key})
	}
	b.out.Providers = []oriel.Provider{b.provider(d, slug, w)}
	b.checkAccess(b.index())
	d.problems = append(d.problems, b.problems...)
	return b.out.Providers[0], d.spoken(path, "the provider")
}

// conceal marks what keys are made of as text that came by reference, which no
// problem shows: a private key may be given for a public one by mistake.
func (d *document) conceal(path string, settings map[string]any) {
	keys, _ := settings["keys"].([]any)
	for i, one := range keys {
		key, _ := one.(map[string]any)
		for _, name := range []string{"secret", "public"} {
			if value, found := key[name].(string); found {
				d.referred[join(path, "keys", i, name)] = true
				d.values = append(d.values, value)
			}
		}
	}
}

// plain turns lists of texts into those that the schema knows.
func plain(value any) any {
	switch value := value.(type) {
	case []string:
		list := make([]any, len(value))
		for i, text := range value {
			list[i] = text
		}
		return list
	case []any:
		list := make([]any, len(value))
		for i, item := range value {
			list[i] = plain(item)
		}
		return list
	case map[string]any:
		mapping := make(map[string]any, len(value))
		for name, item := range value {
			mapping[name] = plain(item)
		}
		return mapping
	}
	return value
}

// checkProvider is check for a provider that may not have its keys yet.
func (s *shape) checkProvider(d *document, value any) error {
	var invalid *jsonschema.ValidationError
	err := s.compiled.Validate(value)
	if err != nil && !errors.As(err, &invalid) {
		return fmt.Errorf("check the provider against the schema: %w", err)
	}
	for _, e := range leaves(invalid) {
		if k, is := e.ErrorKind.(*kind.Required); is {
			k.Missing = slices.DeleteFunc(k.Missing, func(name string) bool { return name == "keys" })
		}
		s.tell(d, e, nil)
	}
	return nil
}

// spoken are the document's problems without file and line, and with the names
// that the settings have by themselves.
func (d *document) spoken(path, what string) error {
	if len(d.problems) == 0 {
		return nil
	}
	var lines []string
	for _, p := range d.problems {
		line := strings.ReplaceAll(p.Message, dotted(path)+".", "")
		line = strings.ReplaceAll(line, dotted(path), what)
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return errors.New(strings.Join(lines, "\n"))
}
