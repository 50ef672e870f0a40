package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/oriel-bi/oriel/internal/spelling"
)

// maxFile bounds oriel.yaml: it holds a handful of settings.
const maxFile = 64 << 10

// readFile reads oriel.yaml: one mapping of known keys to plain values.
func readFile(path string, explicit bool) (map[string]text, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) && !explicit {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read configuration %q: %w; correct the path", path, reason(err))
	}
	if !info.Mode().IsRegular() || info.Size() > maxFile {
		return nil, fmt.Errorf("%q is not a configuration file; correct the path", path)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration %q: %w; let this user read it", path, reason(err))
	}
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err != nil {
		return nil, fmt.Errorf("%s: %s; write it as YAML, one KEY: VALUE a line", path, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if document.Kind == 0 {
		return nil, nil // an empty file sets nothing
	}
	return readMapping(path, document.Content[0])
}

func readMapping(path string, root *yaml.Node) (map[string]text, error) {
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return nil, nil
	}
	if root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s:%d: the configuration is a mapping; write one KEY: VALUE a line", path, root.Line)
	}
	known, secrets := fileKeys()
	lists := map[string]bool{}
	for _, s := range settings() {
		lists[s.Key] = s.List
	}
	found := map[string]text{}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		where := fmt.Sprintf("%s:%d", path, key.Line)
		if secrets[key.Value] {
			return nil, fmt.Errorf("%s: %s does not stand in the file itself; write %s%s with the path of a file that holds it", where, key.Value, key.Value, fileSuffix)
		}
		if near := spelling.Nearest(key.Value, known, maxEdits); near != key.Value {
			return nil, unknownKey(where, key.Value, near)
		}
		if _, twice := found[key.Value]; twice {
			return nil, fmt.Errorf("%s: %s is set twice; keep one of them", where, key.Value)
		}
		if value.Kind == yaml.SequenceNode && lists[key.Value] {
			joined, err := readList(where, key.Value, value)
			if err != nil {
				return nil, err
			}
			found[key.Value] = text{joined, where}
			continue
		}
		if value.Kind != yaml.ScalarNode || value.Tag == "!!null" {
			return nil, fmt.Errorf("%s: %s has no plain value; write %s: VALUE on one line", where, key.Value, key.Value)
		}
		found[key.Value] = text{value.Value, where}
	}
	return found, nil
}

// readList is a list of plain values as the one text that the environment
// would have.
func readList(where, key string, list *yaml.Node) (string, error) {
	items := make([]string, 0, len(list.Content))
	for _, item := range list.Content {
		if item.Kind != yaml.ScalarNode || item.Tag == "!!null" || strings.TrimSpace(item.Value) == "" {
			return "", fmt.Errorf("%s: %s is a list of plain values; write each on a line of its own after a dash", where, key)
		}
		items = append(items, item.Value)
	}
	return strings.Join(items, ","), nil
}

// unknownKey says what to do about a key that is none. Declarations are YAML
// with the same everyday name, so that mistake has its own sentence.
func unknownKey(where, key, near string) error {
	switch {
	case near != "":
		return fmt.Errorf("%s: %s is not a setting; did you mean %s?", where, key, near)
	case key == "version" || key == "providers" || key == "sources" || key == "origins":
		return fmt.Errorf("%s: %s belongs to a declaration, not to the server's configuration; load this file with: oriel apply FILE", where, key)
	}
	known, _ := fileKeys()
	return fmt.Errorf("%s: %s is not a setting; the settings are %s", where, key, strings.Join(known, ", "))
}

func fileKeys() (known []string, secrets map[string]bool) {
	secrets = map[string]bool{}
	for _, s := range settings() {
		if s.Secret {
			secrets[s.Key] = true
			known = append(known, s.Key+fileSuffix)
			continue
		}
		known = append(known, s.Key)
	}
	return known, secrets
}
