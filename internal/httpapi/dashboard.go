package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
	"github.com/oriel-bi/oriel/internal/session"
)

// maxLineTime is how long a client may take to receive one line. A stream has
// no time limit as a whole: its queries have.
const maxLineTime = 10 * time.Second

// RunDashboard answers POST /api/v1/dashboards/{id}/run with a stream.
func (a *API) RunDashboard(w http.ResponseWriter, r *http.Request, id ID) {
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
		return a.streamDashboard(w, r, p, id, parameters)
	})
}

func (a *API) streamDashboard(w http.ResponseWriter, r *http.Request, p oriel.Principal, id string, parameters map[string]json.RawMessage) error {
	stream := &lines{w: w, controller: http.NewResponseController(w), clock: a.clock}
	err := a.queries.RunDashboard(r.Context(), p, id, parameters, query.Lines{
		Layout: func(dashboard oriel.Dashboard, cards []query.DashboardCard) error {
			return stream.send(LayoutLine{Type: LayoutLineTypeLayout, Dashboard: wireDashboard(dashboard, a.queries.MayDownload(p)), Cards: wireCards(cards)})
		},
		Card: func(key string, result oriel.Result, err error) error {
			return stream.send(a.cardLine(r, key, result, err))
		},
	})
	if err == nil {
		err = stream.send(EndLine{Type: EndLineTypeEnd})
	}
	if err != nil && stream.begun {
		return a.cutOff(r, err)
	}
	return err
}

// cardLine is a card's result, or its problem: a card that fails is an error
// on that card alone.
func (a *API) cardLine(r *http.Request, key string, result oriel.Result, err error) CardLine {
	if err == nil {
		wire := wireResult(result)
		return CardLine{Type: CardLineTypeCard, ID: key, Result: &wire}
	}
	reference := traceOf(r.Context()).reference
	a.log.Warn("a card failed", "reference", reference, "card", key, "code", codeOf(err), "error", err.Error())
	p := problemOf(err, reference, a.clock())
	return CardLine{Type: CardLineTypeCard, ID: key, Error: &p}
}

// lines writes newline-delimited JSON, each line sent at once.
type lines struct {
	w          http.ResponseWriter
	controller *http.ResponseController
	clock      func() time.Time
	begun      bool
}

func (l *lines) send(line any) error {
	content, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("encode a line: %w", err)
	}
	if err := l.controller.SetWriteDeadline(l.clock().Add(maxLineTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("limit the time of a line: %w", err)
	}
	if !l.begun {
		l.begun = true
		l.w.Header().Set("Content-Type", "application/x-ndjson")
		// Proxies that buffer would hold the first card back until the last.
		l.w.Header().Set("X-Accel-Buffering", "no")
		l.w.WriteHeader(http.StatusOK)
	}
	if _, err := l.w.Write(append(content, '\n')); err != nil {
		return fmt.Errorf("send a line: %w", err)
	}
	if err := l.controller.Flush(); err != nil {
		return fmt.Errorf("send a line: %w", err)
	}
	return nil
}
