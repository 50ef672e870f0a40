package declaration

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// maxReferenced bounds a file that a string refers to: a key or a secret.
const maxReferenced = 64 << 10

// references puts ${env:NAME} and ${file:PATH} into strings.
type references struct {
	dir string
	env func(string) (string, bool)
}

// resolve gives the text with its references put in, once: what comes in is
// not read again, and is also given apart. "$${" stands for a plain "${".
func (r references) resolve(text string) (put string, values []string, err error) {
	var out strings.Builder
	for {
		at := strings.Index(text, "${")
		if at < 0 {
			out.WriteString(text)
			return out.String(), values, nil
		}
		if at > 0 && text[at-1] == '$' {
			out.WriteString(text[:at-1] + "${")
			text = text[at+2:]
			continue
		}
		out.WriteString(text[:at])
		end := strings.IndexByte(text[at:], '}')
		if end < 0 {
			return "", nil, errors.New("a ${ is not closed by }: close it, or write $${ for a plain ${")
		}
		value, err := r.value(text[at+2 : at+end])
		if err != nil {
			return "", nil, err
		}
		out.WriteString(value)
		values = append(values, value)
		text = text[at+end+1:]
	}
}

func (r references) value(reference string) (string, error) {
	kind, name, _ := strings.Cut(reference, ":")
	switch {
	case kind == "env" && name != "":
		value, found := r.env(name)
		if !found || value == "" {
			return "", fmt.Errorf("${env:%s} is not set: set the environment variable %s", name, name)
		}
		if !utf8.ValidString(value) {
			return "", fmt.Errorf("${env:%s} is not UTF-8 text: set it to one", name)
		}
		return value, nil
	case kind == "file" && name != "":
		return r.file(name)
	}
	return "", fmt.Errorf("${%s} is no reference: write ${env:NAME} or ${file:PATH}, or $${ for a plain ${", reference)
}

// file reads a file of the declaration's own folder. The root keeps ".." and
// symbolic links from leading out of it.
func (r references) file(name string) (string, error) {
	if !filepath.IsLocal(name) {
		return "", fmt.Errorf("${file:%s} leaves the declaration's folder: put the file beside the declaration and name it from there", name)
	}
	root, err := os.OpenRoot(r.dir)
	if err != nil {
		return "", fmt.Errorf("${file:%s}: the declaration's folder cannot be opened (%s): check its permissions", name, cause(err))
	}
	defer root.Close()
	f, err := root.Open(name)
	if err != nil {
		return "", fmt.Errorf("${file:%s} cannot be read (%s): put the file there, beside the declaration", name, cause(err))
	}
	defer f.Close()
	content, err := readAll(f, maxReferenced)
	if err != nil {
		return "", fmt.Errorf("${file:%s} cannot be read (%s): it must be a text of at most 64 KiB", name, cause(err))
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r")
	if text == "" || !utf8.ValidString(text) {
		return "", fmt.Errorf("${file:%s} is empty or not UTF-8 text: write the value into it", name)
	}
	return text, nil
}

var errTooLarge = errors.New("it is too large")

func readAll(f io.Reader, limit int64) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(content)) > limit {
		return nil, errTooLarge
	}
	return content, nil
}

// cause is the plain reason of a file error, without the absolute path.
func cause(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}
