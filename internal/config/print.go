package config

import "strings"

// Shown is one setting as it may be printed.
type Shown struct {
	Key   string `json:"key"`
	Value string `json:"value"` // secrets: "set" or "unset"
	From  string `json:"from"`  // where it was set, or "default"
}

// Settings lists every setting in force with where it came from. A secret is
// only told to be set or not.
func (c Config) Settings() []Shown {
	effective := map[string]string{keySiteURL: c.SiteURL, keyListen: c.Listen, keyDatabaseURL: c.DatabaseURL}
	out := make([]Shown, len(c.shown))
	for i, s := range c.shown {
		if value, ok := effective[s.Key]; ok {
			s.Value = value
		}
		out[i] = s
	}
	return out
}

func shown(texts map[string]text) []Shown {
	var out []Shown
	for _, s := range settings() {
		t := texts[s.Key]
		value := t.value
		if s.Secret {
			value = "set"
			if t.value == "" {
				value = "unset"
			}
		}
		out = append(out, Shown{Key: s.Key, Value: strings.TrimSpace(value), From: t.from})
	}
	return out
}
