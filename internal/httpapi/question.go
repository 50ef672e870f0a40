package httpapi

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/session"
)

// GetQuestion answers GET /api/v1/questions/{id}.
func (a *API) GetQuestion(w http.ResponseWriter, r *http.Request, id ID) {
	a.signedIn(w, r, nil, func(p oriel.Principal, _ session.Session) error {
		question, tree, err := a.queries.Question(r.Context(), p, id)
		if err != nil {
			return err
		}
		out := wireQuestion(question, a.queries.MayDownload(p))
		if tree != nil {
			structured := wireTree(*tree)
			out.Structured = &structured
		}
		a.answer(w, r, out)
		return nil
	})
}

// RunQuestion answers POST /api/v1/questions/{id}/run.
func (a *API) RunQuestion(w http.ResponseWriter, r *http.Request, id ID) {
	a.signedIn(w, r, nil, func(p oriel.Principal, _ session.Session) error {
		parameters, err := parseRunRequest(w, r)
		if err != nil {
			return err
		}
		done, err := a.runs.begin(r.Context(), p)
		if err != nil {
			return err
		}
		defer done()
		question, result, err := a.queries.RunQuestion(r.Context(), p, id, parameters)
		if err != nil {
			return err
		}
		a.answer(w, r, QuestionRun{Question: wireQuestion(question, a.queries.MayDownload(p)), Result: wireResult(result)})
		return nil
	})
}

// parseRunRequest reads {"parameters": {…}}, or no body at all. It is the whole
// of what a run takes: a text of SQL has nowhere to stand.
func parseRunRequest(w http.ResponseWriter, r *http.Request) (map[string]json.RawMessage, error) {
	body, err := readRunBody(w, r)
	if err != nil {
		return nil, err
	}
	if len(body) == 0 {
		return map[string]json.RawMessage{}, nil
	}
	members, err := parseObject(body, "parameters")
	if err != nil {
		return nil, err
	}
	return parseValues(members)
}

// readRunBody reads the body of a run, which may last.
func readRunBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := readBody(w, r, maxRunBody, "application/json")
	if err != nil {
		return nil, err
	}
	// The server's read deadline was for this body. It would end the request's
	// context when it passes, long run or not.
	if err := http.NewResponseController(w).SetReadDeadline(time.Time{}); err != nil {
		return nil, err
	}
	return body, nil
}

// parseValues reads the values for a question's parameters.
func parseValues(members map[string]json.RawMessage) (map[string]json.RawMessage, error) {
	raw, found := members["parameters"]
	if !found {
		return map[string]json.RawMessage{}, nil
	}
	var parameters map[string]json.RawMessage
	if err := json.Unmarshal(raw, &parameters); err != nil || parameters == nil {
		return nil, fieldError("parameters", "This is an object: a value for each parameter by name.")
	}
	return parameters, nil
}
