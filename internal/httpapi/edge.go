package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"path"
	"runtime/debug"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// maxTarget bounds path and query: a host token of 8 KiB and an address to
// return to fit.
const maxTarget = 12 << 10

// trace is what the log tells about a request when it is over.
type trace struct {
	reference string
	failure   error
}

type traceKey struct{}

// traceOf is the request's own trace. It holds nothing that decides anything.
func traceOf(ctx context.Context) *trace {
	if t, ok := ctx.Value(traceKey{}).(*trace); ok {
		return t
	}
	return &trace{}
}

// ServeHTTP gives the request a reference, answers it, and writes its log line.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := a.clock()
	reference, err := newReference(a.random)
	t := &trace{reference: reference, failure: err}
	r = r.WithContext(context.WithValue(r.Context(), traceKey{}, t))
	out := &recorder{ResponseWriter: w}
	a.secure(out.Header())
	out.Header()["X-Request-Id"] = []string{reference}
	defer func() {
		if thrown := recover(); thrown != nil {
			a.panicked(out, r, thrown)
		}
		a.logRequest(r, out, t, a.clock().Sub(started).Milliseconds())
		if out.cut {
			// Tells net/http to drop the connection: what was sent is not whole.
			panic(http.ErrAbortHandler)
		}
	}()
	if err != nil {
		a.fail(out, r, err)
		return
	}
	if err := a.admit(out, r); err != nil {
		a.fail(out, r, err)
	}
}

// admit refuses what no handler should see, answers preflights, and routes.
func (a *API) admit(w http.ResponseWriter, r *http.Request) error {
	if a.refuseForeignHost(w, r) {
		return nil
	}
	if err := a.share(w.Header(), r); err != nil {
		return err
	}
	if len(r.RequestURI) > maxTarget {
		return oriel.E(oriel.CodeTooLarge, "The address has more than %d bytes.", maxTarget)
	}
	// The mux would redirect these to the address that it takes them for.
	if r.URL.Path == "" || r.URL.Path[0] != '/' || path.Clean(r.URL.Path) != r.URL.Path {
		return oriel.E(oriel.CodeNotFound, "")
	}
	if isPreflight(r) {
		return a.preflight(w, r)
	}
	if err := a.guardChanges(r); err != nil {
		return err
	}
	a.routes.ServeHTTP(w, r)
	return nil
}

// secure sets what holds for every answer: it is data, not a page. The lists
// are the same for all: a handler replaces one or adds to a copy, it does not
// write into it.
func (a *API) secure(h http.Header) {
	h["X-Content-Type-Options"] = noSniff
	h["Content-Security-Policy"] = noContent
	h["Referrer-Policy"] = noReferrer
	h["Cross-Origin-Resource-Policy"] = sameOrigin
	h["Cache-Control"] = noStore
	if a.https {
		h["Strict-Transport-Security"] = httpsOnly
	}
}

var (
	noSniff    = []string{"nosniff"}
	noContent  = []string{"default-src 'none'; frame-ancestors 'none'"}
	noReferrer = []string{"no-referrer"}
	sameOrigin = []string{"same-origin"}
	noStore    = []string{"no-store"}
	httpsOnly  = []string{"max-age=31536000"}
)

// fail answers with the problem of err and keeps err for the log line.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	t := traceOf(r.Context())
	t.failure = err
	if r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		// The client went away. Returning would make this an empty 200.
		panic(http.ErrAbortHandler)
	}
	shareFailure(w.Header(), r)
	writeProblem(w, problemOf(err, t.reference, a.clock()), err)
}

// panicked makes a panic this one request's 500.
func (a *API) panicked(out *recorder, r *http.Request, thrown any) {
	t := traceOf(r.Context())
	if thrown == http.ErrAbortHandler {
		out.cut = true
		return
	}
	a.log.Error("a request panicked", "reference", t.reference, "panic", thrown, "stack", string(debug.Stack()))
	if out.status != 0 {
		out.cut = true
		return
	}
	a.fail(out, r, oriel.E(oriel.CodeInternal, ""))
}

// logRequest writes the one line of a request: no address with its query, no
// header, no body. What failed on our side is told with its cause.
func (a *API) logRequest(r *http.Request, out *recorder, t *trace, milliseconds int64) {
	level := slog.LevelDebug
	if t.failure == nil && !a.log.Enabled(r.Context(), level) {
		return
	}
	fields := []any{"reference", t.reference, "method", r.Method, "route", a.routeOf(r), "status", out.status, "ms", milliseconds}
	if t.failure != nil {
		level = slog.LevelInfo
		fields = append(fields, "code", codeOf(t.failure))
		if out.status >= http.StatusInternalServerError || out.status == http.StatusUnprocessableEntity {
			level = slog.LevelError
			fields = append(fields, "error", t.failure.Error())
		}
	}
	a.log.Log(context.WithoutCancel(r.Context()), level, "request", fields...)
}

// recorder remembers how a request was answered.
type recorder struct {
	http.ResponseWriter
	status int
	cut    bool // the answer was begun and cannot be finished
}

// WriteHeader remembers the status.
func (o *recorder) WriteHeader(status int) {
	if o.status == 0 {
		o.status = status
	}
	o.ResponseWriter.WriteHeader(status)
}

// Write sends bytes, with status 200 when none was set.
func (o *recorder) Write(p []byte) (int, error) {
	if o.status == 0 {
		o.status = http.StatusOK
	}
	return o.ResponseWriter.Write(p)
}

// Unwrap is for [http.ResponseController].
func (o *recorder) Unwrap() http.ResponseWriter { return o.ResponseWriter }
