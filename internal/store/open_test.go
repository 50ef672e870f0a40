package store_test

import (
	"bytes"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/oriel-bi/oriel/internal/store"
)

func TestOpen_fileIsItsOwnersAlone(t *testing.T) {
	path := newPath(t)
	open(t, path)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o, want 600", filepath.Base(path+suffix), info.Mode().Perm())
		}
	}
}

func TestOpen_sentenceSaysWhatToDo(t *testing.T) {
	folder := t.TempDir()
	notAFolder := filepath.Join(folder, "file")
	if err := os.WriteFile(notAFolder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	notADatabase := filepath.Join(folder, "text.db")
	if err := os.WriteFile(notADatabase, bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ url, want string }{
		"a file where the folder should be": {"sqlite://" + notAFolder + "/oriel.db", "is not writable"},
		"a folder where the file should be": {"sqlite://" + folder, "is not writable"},
		"no database":                       {"sqlite://" + notADatabase, "choose another ORIEL_DATABASE_URL"},
		"another engine":                    {"postgres://localhost/oriel", "sqlite:///path/oriel.db"},
		"no URL":                            {"", "sqlite:///path/oriel.db"},
		"a path with a query":               {"sqlite:///tmp/x?mode=memory", "sqlite:///path/oriel.db"},
	} {
		t.Run(name, func(t *testing.T) {
			o := options("")
			o.URL = c.url
			s, err := store.Open(t.Context(), o)
			if err == nil {
				_ = s.Close()
				t.Fatal("it opened")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %q, want it to say %q", err, c.want)
			}
		})
	}
}

func TestInstanceKey_isMadeOnceForItsOwnerAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "instance.key")
	var all sync.WaitGroup
	keys := make([][]byte, 8)
	for i := range keys {
		all.Go(func() {
			key, err := store.LoadOrCreateInstanceKey(path, rand.Reader)
			if err != nil {
				t.Errorf("load: %v", err)
			}
			keys[i] = key
		})
	}
	all.Wait()
	for _, key := range keys {
		if len(key) != 32 || !bytes.Equal(key, keys[0]) {
			t.Fatalf("the starts got different keys")
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v; want 600", info.Mode(), err)
	}
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(files) != 1 {
		t.Fatalf("drafts were left: %v, %v", files, err)
	}
}

func TestInstanceKey_isRefused(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		mode os.FileMode
		want string
	}{
		"readable by others": {"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", 0o640, "chmod 600"},
		"short":              {"AAAA\n", 0o600, "at least 32 bytes"},
		"no base64":          {"ä\n", 0o600, "base64"},
		"empty":              {"", 0o600, "at least 32 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "instance.key")
			if err := os.WriteFile(path, []byte(c.text), c.mode); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, c.mode); err != nil {
				t.Fatal(err)
			}
			_, err := store.LoadOrCreateInstanceKey(path, rand.Reader)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want it to say %q", err, c.want)
			}
		})
	}
}
