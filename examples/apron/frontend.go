package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// noncePlaceholder stands in the built page where each answer's own nonce
// belongs (Vite's html.cspNonce writes it).
const noncePlaceholder = "__CSP_NONCE__"

type frontendOptions struct {
	files   fs.FS // the built page
	oriel   string
	backend string
	random  io.Reader
}

// newFrontend serves the page.
func newFrontend(o frontendOptions) http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("GET /config.json", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"oriel": o.oriel, "backend": o.backend})
	})
	routes.HandleFunc("GET /", o.file)
	return routes
}

func (o frontendOptions) file(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	content, err := readFile(o.files, name)
	switch {
	case err == nil && name != "index.html":
		header.Set("Content-Type", contentType(name))
		header.Set("Cache-Control", "no-cache")
		// The names of assets change with their content.
		if strings.HasPrefix(name, "assets/") {
			header.Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		// A document of its own, such as an SVG, runs nothing.
		header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	case path.Ext(name) == "" || name == "index.html":
		o.page(w, r) // any place of the page: the page itself finds it
	default:
		header.Set("Cache-Control", "no-store")
		http.Error(w, "Apron has no such file.", http.StatusNotFound)
	}
}

func (o frontendOptions) page(w http.ResponseWriter, r *http.Request) {
	content, err := readFile(o.files, "index.html")
	if err != nil {
		http.Error(w, "Apron's page is not built: run make build.", http.StatusInternalServerError)
		return
	}
	random := make([]byte, 16)
	if _, err := io.ReadFull(o.random, random); err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	nonce := base64.StdEncoding.EncodeToString(random)
	header := w.Header()
	header.Set("Content-Security-Policy", o.policy(nonce, bytes.Contains(content, []byte(noncePlaceholder))))
	header.Set("Content-Type", contentType("index.html"))
	header.Set("Cache-Control", "no-store") // the nonce is for one answer
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(bytes.ReplaceAll(content, []byte(noncePlaceholder), []byte(nonce))))
}

// policy lets the page load its own files and call Oriel and the backend. The
// SDK adds one style element, which needs the nonce.
func (o frontendOptions) policy(nonce string, pageHasNonce bool) string {
	styles := "'unsafe-inline'"
	if pageHasNonce {
		styles = "'nonce-" + nonce + "'"
	}
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'self'",
		"style-src 'self' " + styles,
		"img-src 'self' data:",
		"font-src 'self'",
		"manifest-src 'self'",
		"connect-src 'self' " + o.oriel + " " + o.backend,
		"base-uri 'none'",
		"form-action 'self'",
		"frame-ancestors 'none'",
	}, "; ")
}

func readFile(files fs.FS, name string) ([]byte, error) {
	if !fs.ValidPath(name) {
		return nil, fs.ErrNotExist
	}
	return fs.ReadFile(files, name)
}

// checkBuilt tells what to do when the page is not there.
func checkBuilt(files fs.FS, dir string) error {
	if _, err := fs.Stat(files, "index.html"); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the built page is not in %s: run make build, or name its folder with -frontend-dir", dir)
	} else if err != nil {
		return fmt.Errorf("read the built page in %s: %w", dir, err)
	}
	return nil
}

// contentType knows what a build of the page holds; the tables of the machine
// differ.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".json", ".map":
		return "application/json"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".ico":
		return "image/x-icon"
	case ".woff2":
		return "font/woff2"
	case ".txt":
		return "text/plain; charset=utf-8"
	case ".webmanifest":
		return "application/manifest+json"
	}
	return "application/octet-stream"
}
