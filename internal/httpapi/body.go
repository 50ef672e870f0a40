package httpapi

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// The most bytes of a body. A host token has at most 8 KiB, its JSON little more.
const (
	maxSessionBody = 16 << 10
	maxRunBody     = 64 << 10
)

// readBody reads a body of one of the media types, at most limit bytes.
// Errors: too_large, invalid_request.
func readBody(w http.ResponseWriter, r *http.Request, limit int64, types ...string) ([]byte, error) {
	if len(r.Header.Values("Content-Encoding")) > 0 {
		return nil, oriel.E(oriel.CodeInvalidRequest, "The body must not be compressed.")
	}
	if r.ContentLength > limit {
		return nil, oriel.E(oriel.CodeTooLarge, "The body has more than %d bytes.", limit)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, oriel.E(oriel.CodeTooLarge, "The body has more than %d bytes.", limit)
	case err != nil:
		return nil, &oriel.Error{Code: oriel.CodeInvalidRequest, Message: "The body was cut off.", Err: err}
	}
	if len(body) > 0 {
		if err := checkMediaType(r, types); err != nil {
			return nil, err
		}
	}
	return body, nil
}

func checkMediaType(r *http.Request, types []string) error {
	refused := oriel.E(oriel.CodeInvalidRequest, "Send the body as %s.", strings.Join(types, " or "))
	sent := r.Header.Values("Content-Type")
	if len(sent) != 1 {
		return refused
	}
	mediaType, parameters, err := mime.ParseMediaType(sent[0])
	if err != nil {
		return refused
	}
	for name, value := range parameters {
		if name != "charset" || !strings.EqualFold(value, "utf-8") {
			return refused
		}
	}
	for _, accepted := range types {
		if mediaType == accepted {
			return nil
		}
	}
	return refused
}
