package config

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// parseSourceFolder reads the folder of data sources' files. It may share no
// file with the store: whoever makes a source would read that.
func parseSourceFolder(t text, dataFolder string) (string, error) {
	if t.value == "" {
		return "", nil
	}
	if !filepath.IsAbs(t.value) || filepath.Clean(t.value) == "/" {
		return "", fmt.Errorf("%s: source_folder is the absolute path of a folder for such files alone, as /srv/oriel-files", t.from)
	}
	folder := filepath.Clean(t.value)
	if inside(resolved(folder), resolved(dataFolder)) || inside(resolved(dataFolder), resolved(folder)) {
		return "", fmt.Errorf("%s: source_folder shares files with the store's folder %s; name another", t.from, dataFolder)
	}
	return folder, nil
}

// resolved is a path without links, as far as it is there.
func resolved(path string) string {
	rest := ""
	for at := path; ; at = filepath.Dir(at) {
		if real, err := filepath.EvalSymlinks(at); err == nil {
			return filepath.Join(real, rest)
		}
		if at == filepath.Dir(at) {
			return path
		}
		rest = filepath.Join(filepath.Base(at), rest)
	}
}

func inside(path, folder string) bool {
	relative, err := filepath.Rel(folder, path)
	return err == nil && relative != ".." && !strings.HasPrefix(relative, ".."+string(filepath.Separator))
}

func parseSourceHosts(t text) (oriel.SourceHosts, error) {
	if t.value == "" {
		return oriel.SourceHosts{}, nil
	}
	var list []string
	for one := range strings.SplitSeq(t.value, ",") {
		list = append(list, strings.TrimSpace(one))
	}
	hosts, err := oriel.ParseSourceHosts(list)
	if err != nil {
		return oriel.SourceHosts{}, fmt.Errorf("%s: source_hosts: %w", t.from, err)
	}
	return hosts, nil
}
