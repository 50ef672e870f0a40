package config

import (
	"errors"
	"fmt"
	"os"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/oriel-bi/oriel/internal/spelling"
)

const (
	prefix      = "ORIEL_"
	fileSuffix  = "_file"
	defaultFile = "oriel.yaml"
	// maxEdits is how far a mistyped name may be from the one that was meant.
	maxEdits = 2
	// maxSecretFile is far above any key; a larger file is the wrong one.
	maxSecretFile = 64 << 10
)

// text is a setting's value as somebody wrote it, and where.
type text struct {
	value string
	from  string // "flag --listen", "environment ORIEL_LISTEN", "oriel.yaml:3", "default"
}

// Load reads the configuration of a command that was given these flags in this
// environment ("NAME=value"). An error is one sentence that names where the
// fault stands and what to do.
func Load(flags ServeFlags, environ []string) (Config, error) {
	env, err := environment(environ)
	if err != nil {
		return Config{}, err
	}
	path, explicit := configPath(flags, env)
	inFile, err := readFile(path, explicit)
	if err != nil {
		return Config{}, err
	}
	texts := map[string]text{}
	for _, s := range settings() {
		found, err := gather(s, flags.given(), env, inFile)
		if err != nil {
			return Config{}, err
		}
		texts[s.Key] = found
	}
	return parse(texts)
}

func configPath(flags ServeFlags, env map[string]string) (path string, explicit bool) {
	if flags.Config != nil {
		return *flags.Config, true
	}
	if path := env[prefix+"CONFIG"]; path != "" {
		return path, true
	}
	return defaultFile, false
}

// gather finds one setting: flag, environment, file, default, in this order.
func gather(s setting, flags map[string]*string, env map[string]string, inFile map[string]text) (text, error) {
	fileKey := s.Key + fileSuffix
	if v := flags[s.Key]; v != nil {
		return text{*v, "flag --" + dashed(s.Key)}, nil
	}
	if v := flags[fileKey]; s.Secret && v != nil {
		return secretFrom(*v, "flag --"+dashed(fileKey))
	}
	name := prefix + strings.ToUpper(s.Key)
	value, set := env[name]
	if s.Secret {
		path, fileSet := env[name+"_FILE"]
		if set && fileSet {
			return text{}, fmt.Errorf("both %s and %s_FILE are set; keep one of them", name, name)
		}
		if fileSet {
			return secretFrom(path, "environment "+name+"_FILE")
		}
	}
	if set {
		return text{value, "environment " + name}, nil
	}
	if v, ok := inFile[fileKey]; ok && s.Secret {
		return secretFrom(v.value, v.from)
	}
	if v, ok := inFile[s.Key]; ok {
		return v, nil
	}
	return text{s.Default, "default"}, nil
}

func secretFrom(path, from string) (text, error) {
	info, err := os.Stat(path)
	if err != nil {
		return text{}, fmt.Errorf("%s: read secret from %q: %w; create the file or correct the path", from, path, reason(err))
	}
	if !info.Mode().IsRegular() && info.Mode()&os.ModeNamedPipe == 0 || info.Size() > maxSecretFile {
		return text{}, fmt.Errorf("%s: %q is not a file that holds one secret; correct the path", from, path)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return text{}, fmt.Errorf("%s: read secret from %q: %w; let this user read it", from, path, reason(err))
	}
	if !utf8.Valid(content) {
		return text{}, fmt.Errorf("%s: %q holds no text; the secret is expected as text", from, path)
	}
	return text{strings.TrimRight(string(content), "\r\n"), from}, nil
}

// environment keeps the ORIEL_ variables. One that is not known is an error
// when it looks like a known one; others are left alone, since orchestrators
// make ORIEL_SERVICE_HOST and the like for a service of this name.
func environment(environ []string) (map[string]string, error) {
	known := []string{prefix + "CONFIG"}
	for _, s := range settings() {
		name := prefix + strings.ToUpper(s.Key)
		known = append(known, name)
		if s.Secret {
			known = append(known, name+"_FILE")
		}
	}
	env := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, prefix) {
			env[name] = value
		}
	}
	names := make([]string, 0, len(env))
	for name := range env {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if near := spelling.Nearest(name, known, maxEdits); near != "" && near != name {
			return nil, fmt.Errorf("the environment sets %s, which is not a setting; did you mean %s?", name, near)
		}
	}
	return env, nil
}

func dashed(key string) string { return strings.ReplaceAll(key, "_", "-") }

// reason is the bare cause of a file error: the path is in the sentence.
func reason(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
