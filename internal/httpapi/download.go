package httpapi

import (
	"bufio"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
	"github.com/oriel-bi/oriel/internal/session"
)

// How many downloads are under way at once, in all and for one user or API key.
// One lasts for as long as its reader takes.
const (
	maxDownloads     = 4
	maxDownloadsEach = 2
)

// What a download's answer says beside the rows: how many there can be, and,
// when all have gone out, whether there were more.
const (
	headerRowLimit  = "X-Oriel-Row-Limit"
	headerTruncated = "X-Oriel-Truncated" // a trailer (RFC 9110 §6.5)
)

// DownloadQuestion answers POST /api/v1/questions/{id}/download with rows as
// they come.
func (a *API) DownloadQuestion(w http.ResponseWriter, r *http.Request, id ID, params DownloadQuestionParams) {
	a.signedIn(w, r, []string{"format"}, func(p oriel.Principal, _ session.Session) error {
		file, err := parseFormat(string(params.Format))
		if err != nil {
			return err
		}
		parameters, err := parseRunRequest(w, r)
		if err != nil {
			return err
		}
		return a.download(w, r, p, file, func(rows query.Rows) error {
			return a.queries.Download(r.Context(), p, id, parameters, rows)
		})
	})
}

// download sends the rows of a query as a file.
func (a *API) download(w http.ResponseWriter, r *http.Request, p oriel.Principal, file file, run func(query.Rows) error) error {
	done, err := a.downloads.begin(r.Context(), p)
	if err != nil {
		return err
	}
	defer done()
	pace := &paced{w: w, controller: http.NewResponseController(w), clock: a.clock}
	to := bufio.NewWriterSize(pace, 32<<10)
	err = run(query.Rows{
		Most: file.maxRows(),
		Begin: func(question oriel.Question, limit int) error {
			beginFile(w.Header(), question, file, limit)
			return nil
		},
		Part: func(part oriel.Result) error {
			if err := file.part(to, part); err != nil {
				return fmt.Errorf("send a part: %w", err)
			}
			w.Header().Set(headerTruncated, strconv.FormatBool(part.Truncated))
			return nil
		},
	})
	if err == nil {
		err = file.end(to)
	}
	if err == nil {
		err = to.Flush()
	}
	switch {
	case err == nil:
		return nil
	case pace.begun:
		return a.cutOff(r, err)
	}
	for _, name := range []string{"Content-Disposition", headerRowLimit, headerTruncated, "Trailer", "X-Accel-Buffering"} {
		w.Header().Del(name) // it is no file after all
	}
	return err
}

// cutOff ends an answer whose status is sent: without its end it says that
// something is missing.
func (a *API) cutOff(r *http.Request, err error) error {
	t := traceOf(r.Context())
	t.failure = err
	a.log.Warn("a stream was cut off", "reference", t.reference, "error", err.Error())
	panic(http.ErrAbortHandler)
}

// file writes rows in a format.
type file interface {
	mediaType() string
	extension() string
	// maxRows is how many the format has room for; 0 for all.
	maxRows() int
	part(to *bufio.Writer, part oriel.Result) error
	end(to *bufio.Writer) error
}

func parseFormat(format string) (file, error) {
	switch format {
	case "csv", "":
		return &csvFile{}, nil
	case "json":
		return &jsonFile{}, nil
	case "xlsx":
		return &sheetFile{}, nil
	}
	return nil, fieldError("format", "This is csv, json or xlsx.")
}

func beginFile(h http.Header, question oriel.Question, f file, limit int) {
	h.Set("Content-Type", f.mediaType())
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fileName(question) + f.extension()}))
	h.Set(headerRowLimit, strconv.Itoa(limit))
	h.Set("Trailer", headerTruncated)
	// Proxies that buffer would hold a million rows.
	h.Set("X-Accel-Buffering", "no")
}

// maxFileName leaves room for an extension and " (2)" on every file system.
const maxFileName = 80

// fileName is the question's name without what means something to a file system,
// a shell or a header.
func fileName(question oriel.Question) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(`/\:*?"<>|%$;'`+"`", r):
			return '-'
		case !unicode.IsPrint(r): // also what turns the direction of writing
			return -1
		}
		return r
	}, question.Name)
	if runes := []rune(clean); len(runes) > maxFileName {
		clean = string(runes[:maxFileName])
	}
	if clean = strings.Trim(clean, " .-~"); clean == "" {
		return "download"
	}
	return clean
}

// paced writes as long as the client takes something from time to time. The
// download as a whole has no limit: its query has.
type paced struct {
	w          http.ResponseWriter
	controller *http.ResponseController
	clock      func() time.Time
	begun      bool
}

func (p *paced) Write(content []byte) (int, error) {
	if err := p.controller.SetWriteDeadline(p.clock().Add(maxLineTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, fmt.Errorf("limit the time of a part: %w", err)
	}
	p.begun = true
	return p.w.Write(content)
}
