package httpapi

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
)

// maxAdminBody is the most bytes of a body of administration.
const maxAdminBody = 64 << 10

// maxProviderBody is the most bytes of a provider's settings, among which may be an
// identity provider's metadata, as JSON.
const maxProviderBody = 2 << 20

// maxSeconds is the longest time that a body may name: ten years.
const maxSeconds = 10 * 366 * 24 * 60 * 60

// administering runs a handler for a principal who holds the scope. The
// capability asks again; here it is asked before anything of the request is
// read, so that whoever may not gets no other answer.
func (a *API) administering(w http.ResponseWriter, r *http.Request, names []string, scope oriel.Scope, handle func(oriel.Principal) error) {
	a.signedInAs(w, r, names, func(p oriel.Principal) error { return access.Require(p, scope) },
		func(p oriel.Principal, _ session.Session) error { return handle(p) })
}

// readObject reads a body that is a JSON object with no members but the names.
// Without optional there must be one.
func readObject(w http.ResponseWriter, r *http.Request, optional bool, names ...string) (map[string]json.RawMessage, error) {
	return readObjectOf(w, r, maxAdminBody, optional, names...)
}

func readObjectOf(w http.ResponseWriter, r *http.Request, most int64, optional bool, names ...string) (map[string]json.RawMessage, error) {
	body, err := readBody(w, r, most, "application/json")
	if err != nil {
		return nil, err
	}
	if len(body) == 0 && optional {
		return map[string]json.RawMessage{}, nil
	}
	return parseObject(body, names...)
}

// readKeyAndName reads the body that makes a group or a collection; both are held
// to what they are by the capability.
func readKeyAndName(w http.ResponseWriter, r *http.Request) (key, name string, err error) {
	members, err := readObject(w, r, false, "key", "name")
	if err != nil {
		return "", "", err
	}
	if key, _, err = parseText(members, "key"); err != nil {
		return "", "", err
	}
	name, _, err = parseText(members, "name")
	return key, name, err
}

// readName reads the body that gives one of them another name.
func readName(w http.ResponseWriter, r *http.Request) (string, error) {
	members, err := readObject(w, r, false, "name")
	if err != nil {
		return "", err
	}
	name, _, err := parseText(members, "name")
	return name, err
}

// parseTexts reads a member that must be a list of strings.
func parseTexts(members map[string]json.RawMessage, name string) ([]string, error) {
	raw, found := members[name]
	if !found {
		return nil, nil
	}
	var list []*string
	wrong := fieldError(name, "This must be a list of strings.")
	if len(raw) == 0 || raw[0] != '[' || json.Unmarshal(raw, &list) != nil || slices.Contains(list, nil) {
		return nil, wrong
	}
	texts := make([]string, 0, len(list))
	for _, text := range list {
		texts = append(texts, *text)
	}
	return texts, nil
}

// parseSeconds reads a member that must be a whole number of seconds.
func parseSeconds(members map[string]json.RawMessage, name string) (d time.Duration, found bool, err error) {
	raw, found := members[name]
	if !found {
		return 0, false, nil
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || n < 0 || n > maxSeconds {
		return 0, true, fieldError(name, "This must be a whole number of seconds.")
	}
	return time.Duration(n) * time.Second, true, nil
}

// parseOverlap reads {"overlap_seconds"?}, or no body at all.
func parseOverlap(w http.ResponseWriter, r *http.Request, usual time.Duration) (time.Duration, error) {
	members, err := readObject(w, r, true, "overlap_seconds")
	if err != nil {
		return 0, err
	}
	overlap, found, err := parseSeconds(members, "overlap_seconds")
	if !found {
		overlap = usual
	}
	return overlap, err
}

// done answers that something is gone.
func (a *API) done(w http.ResponseWriter, r *http.Request) {
	a.shareSuccess(w, r)
	w.WriteHeader(http.StatusNoContent)
}

// orNoTime leaves out a moment that never was.
func orNoTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
