package httpapi

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// anyName stands for every name in a query or a body.
const anyName = "*"

// anything is the pattern of the route for what no other route takes.
const anything = "/"

// makeRoutes registers each operation of the API description, the page for
// whoever opens the server's own address, and one handler for the rest.
func (a *API) makeRoutes() *http.ServeMux {
	mux := http.NewServeMux()
	HandlerWithOptions(a, StdHTTPServerOptions{
		BaseRouter:       mux,
		ErrorHandlerFunc: func(w http.ResponseWriter, r *http.Request, err error) { a.fail(w, r, parameterError(err)) },
	})
	mux.HandleFunc("GET /{$}", a.getFrontPage)
	mux.HandleFunc(anything, a.unmatched)
	return mux
}

// routeOf is the pattern that the request's path matches, for the log: a path
// can hold whatever a client put there.
func (a *API) routeOf(r *http.Request) string {
	_, pattern := a.routes.Handler(r)
	return pattern
}

// unmatched tells a wrong method from a wrong path.
func (a *API) unmatched(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := &http.Request{Method: method, URL: r.URL, Host: r.Host}
		if _, pattern := a.routes.Handler(other); pattern != anything {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		a.fail(w, r, oriel.E(oriel.CodeNotFound, ""))
		return
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	err := oriel.E(oriel.CodeInvalidRequest, "This address takes %s.", strings.Join(allowed, " and "))
	a.failWith(w, r, err, http.StatusMethodNotAllowed)
}

// failWith answers with a status that is more exact than the code's own.
func (a *API) failWith(w http.ResponseWriter, r *http.Request, err error, status int) {
	t := traceOf(r.Context())
	t.failure = err
	shareFailure(w.Header(), r)
	p := problemOf(err, t.reference, a.clock())
	p.Status = status
	writeProblem(w, p, err)
}

// parameterError tells a fault that the generated wrapper found.
func parameterError(err error) error {
	const form = "This is not of the form that the API describes."
	var format *InvalidParamFormatError
	var many *TooManyValuesForParamError
	var missing *RequiredParamError
	switch {
	case errors.As(err, &format):
		return fieldError(format.ParamName, form)
	case errors.As(err, &many):
		return fieldError(many.ParamName, "This stands more than once.")
	case errors.As(err, &missing):
		return fieldError(missing.ParamName, "This is missing.")
	}
	return &oriel.Error{Code: oriel.CodeInvalidRequest, Err: err}
}

// parseQuery reads the query strictly: well-formed, and no name twice, since
// two readers could each take another of the values. names are the only ones
// that may stand there; [anyName] lets all stand.
func parseQuery(r *http.Request, names ...string) (url.Values, error) {
	if r.URL.RawQuery == "" {
		return nil, nil
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, oriel.E(oriel.CodeInvalidRequest, "The query of the address is not well-formed.")
	}
	for name, values := range query {
		if len(values) > 1 {
			return nil, fieldError(shorten(name), "This stands more than once.")
		}
		if !slices.Contains(names, name) && !slices.Contains(names, anyName) {
			return nil, fieldError(shorten(name), "There is no such parameter.")
		}
	}
	return query, nil
}
