package httpapi

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestServer_limitsHeadersAndTime(t *testing.T) {
	s := NewServer(http.NotFoundHandler())
	for name, limit := range map[string]time.Duration{
		"header": s.ReadHeaderTimeout, "request": s.ReadTimeout, "answer": s.WriteTimeout, "idle": s.IdleTimeout,
	} {
		if limit <= 0 || limit > 2*time.Minute {
			t.Errorf("the time of the %s is limited to %v", name, limit)
		}
	}
	if s.MaxHeaderBytes <= 0 || s.MaxHeaderBytes > 64<<10 {
		t.Errorf("headers may have %d bytes", s.MaxHeaderBytes)
	}
}

// timedWriter remembers until when it was told to be done.
type timedWriter struct {
	*httptest.ResponseRecorder
	until []time.Time
}

func (w *timedWriter) SetWriteDeadline(until time.Time) error {
	w.until = append(w.until, until)
	return nil
}

func TestLines_eachHasItsOwnTime(t *testing.T) {
	w := &timedWriter{ResponseRecorder: httptest.NewRecorder()}
	stream := &lines{w: w, controller: http.NewResponseController(w), clock: time.Now}
	for range 3 {
		if err := stream.send(EndLine{Type: EndLineTypeEnd}); err != nil {
			t.Fatal(err)
		}
	}
	if len(w.until) != 3 || !w.until[2].After(w.until[0]) {
		t.Errorf("deadlines were set at %v", w.until)
	}
	for _, until := range w.until {
		if time.Until(until) > maxLineTime {
			t.Errorf("a client may take %v for a line", time.Until(until))
		}
	}
	if !w.Flushed {
		t.Error("lines wait in a buffer")
	}
}
