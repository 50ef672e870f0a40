package httpapi_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-bi/oriel/internal/httpapi"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
)

const downloadPath = "/api/v1/questions/latest/download?format="

func TestDownload_holdsTheOwnRowsAlone(t *testing.T) {
	s := newSite(t)
	for airport, want := range map[string][2]string{
		"DFW": {
			"departed_at,destination,delay_minutes\r\n2001-01-01T08:00:00,\"LAX\",5\r\n2001-01-01T09:00:00,\"ORD\",-3\r\n",
			`[{"departed_at":"2001-01-01T08:00:00","destination":"LAX","delay_minutes":5},{"departed_at":"2001-01-01T09:00:00","destination":"ORD","delay_minutes":-3}]`,
		},
		"ORD": {"departed_at,destination,delay_minutes\r\n2001-01-02T10:00:00,\"DFW\",12\r\n", `[{"departed_at":"2001-01-02T10:00:00","destination":"DFW","delay_minutes":12}]`},
		"JFK": {"departed_at,destination,delay_minutes\r\n", `[]`},
	} {
		session := s.signIn("person-"+airport, airport)
		r := s.as(session, "POST", downloadPath+"csv", "")
		if string(r.body) != want[0] || r.header.Get("Content-Type") != "text/csv; charset=utf-8; header=present" || r.header.Get("X-Oriel-Row-Limit") != "1000000" {
			t.Errorf("%s: %d %q of %v", airport, r.status, r.body, r.header)
		}
		if kind, names, err := mime.ParseMediaType(r.header.Get("Content-Disposition")); err != nil || kind != "attachment" || names["filename"] != "Latest departures.csv" {
			t.Errorf("%s: the file is called %v: %v", airport, r.header["Content-Disposition"], err)
		}
		r = s.as(session, "POST", downloadPath+"json", `{}`)
		if got := strings.ReplaceAll(string(r.body), "\n", ""); got != want[1] || r.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d %s", airport, r.status, r.body)
		}
	}
}

func TestDownload_takesAGrantParametersAndAFormat(t *testing.T) {
	s := newSite(t)
	session := s.signIn("dana", "DFW")
	for path, want := range map[string]string{
		downloadPath + "CSV":                                          "invalid_request",
		downloadPath + "xls":                                          "invalid_request",
		downloadPath + "csv&format=json":                              "invalid_request",
		downloadPath + "csv&limit=5":                                  "invalid_request",
		"/api/v1/questions/hidden/download?format=csv":                "not_found",
		"/api/v1/questions/absent/download?format=csv":                "not_found",
		"/api/v1/questions/broken/download?format=csv":                "query_failed",
		"/api/v1/dashboards/operations/download?format=csv":           "not_found",
		"/api/v1/questions/" + strings.Repeat("x", 200) + "/download": "not_found",
	} {
		if r := s.as(session, "POST", path, ""); r.code() != want || r.header.Get("Content-Disposition") != "" {
			t.Errorf("%s: %d %s %v, want %s", path, r.status, r.body, r.header, want)
		}
	}
	if r := s.as(session, "POST", downloadPath+"csv", `{"sql":"select 1"}`); r.code() != "invalid_request" {
		t.Errorf("with an SQL text: %d %s", r.status, r.body)
	}
	if r := s.ask("POST", downloadPath+"csv", "", "Origin", origin); r.code() != "not_authenticated" {
		t.Errorf("without a session: %d %s", r.status, r.body)
	}
}

// partQueries give parts of their own.
type partQueries struct {
	httpapi.Queries
	give func(ctx context.Context, rows query.Rows) error
}

func (q partQueries) Download(ctx context.Context, _ oriel.Principal, _ string, _ map[string]json.RawMessage, rows query.Rows) error {
	return q.give(ctx, rows)
}

func begun(rows query.Rows, name string) error {
	return rows.Begin(oriel.Question{Key: "q", Name: name}, 10)
}

func TestDownload_writesEachValueSoThatNothingElseIsReadOfIt(t *testing.T) {
	texts := []string{"plain", "", `a "b", c`, "two\r\nlines", "=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'x", "ünï", `<a>&`, " =1"}
	part := oriel.Result{RowCount: len(texts) + 1, Columns: []oriel.Column{
		{Name: "text", Type: oriel.TypeText}, {Name: `=cmd|"x"`, Type: oriel.TypeDecimal}, {Name: "n", Type: oriel.TypeInteger}, {Name: "b", Type: oriel.TypeBoolean},
	}, Values: make([][]oriel.RawValue, 4)}
	for _, text := range texts {
		raw, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		for i, value := range []string{string(raw), `"-1.50"`, `"9007199254740993"`, "true"} {
			part.Values[i] = append(part.Values[i], oriel.RawValue(value))
		}
	}
	for i := range part.Values {
		part.Values[i] = append(part.Values[i], oriel.RawValue("null"))
	}
	s := newSite(t, func(p *parts) {
		p.queries = partQueries{give: func(_ context.Context, rows query.Rows) error {
			return errors.Join(begun(rows, "../../etc/päss\u202ewd\r\nX-Bad: 1;\"'"), rows.Part(part), rows.Part(oriel.Result{Columns: part.Columns, Values: make([][]oriel.RawValue, 4), Truncated: true}))
		}}
	})
	session := s.signIn("dana", "DFW")
	r := s.as(session, "POST", downloadPath+"csv", "")
	lines, err := csv.NewReader(strings.NewReader(strings.ReplaceAll(string(r.body), "\r\n", "\n"))).ReadAll()
	if err != nil {
		t.Fatalf("%v: %q", err, r.body)
	}
	want := [][]string{{"text", `'=cmd|"x"`, "n", "b"}}
	for _, text := range texts {
		if text != "" && strings.Contains("=+-@\t\r", text[:1]) {
			text = "'" + text
		}
		want = append(want, []string{strings.ReplaceAll(text, "\r\n", "\n"), "-1.50", "9007199254740993", "true"})
	}
	want = append(want, []string{"", "", "", ""})
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	if raw := string(r.body); !strings.Contains(raw, "\r\n\"\",-1.50") || !strings.HasSuffix(raw, "\r\n,,,\r\n") {
		t.Errorf("an empty text and no value are alike: %q", raw)
	}
	if _, names, err := mime.ParseMediaType(r.header.Get("Content-Disposition")); err != nil || names["filename"] != "etc-pässwdX-Bad- 1.csv" || r.header.Get("X-Bad") != "" {
		t.Errorf("the file is called %q: %v", r.header.Get("Content-Disposition"), err)
	}
	r = s.as(session, "POST", downloadPath+"json", "")
	var objects []map[string]any
	if err := json.Unmarshal(r.body, &objects); err != nil || len(objects) != len(texts)+1 {
		t.Fatalf("%v: %s", err, r.body)
	}
	for i, text := range texts {
		if objects[i]["text"] != text || objects[i][`=cmd|"x"`] != "-1.50" || objects[i]["n"] != "9007199254740993" {
			t.Errorf("%q became %v", text, objects[i])
		}
	}
}

func TestDownload_thatFailsLateIsCutOff(t *testing.T) {
	part := oriel.Result{RowCount: 1, Columns: []oriel.Column{{Name: "n", Type: oriel.TypeInteger}}, Values: [][]oriel.RawValue{{oriel.RawValue("1")}}}
	s := newSite(t, func(p *parts) {
		p.queries = partQueries{give: func(_ context.Context, rows query.Rows) error {
			if err := begun(rows, "q"); err != nil {
				return err
			}
			for i := range 100_000 { // numbers that no packing makes small
				part.Values[0][0] = fmt.Append(nil, i*i%999_983)
				if err := rows.Part(part); err != nil {
					return err
				}
			}
			return &oriel.Error{Code: oriel.CodeQueryFailed, Err: errors.New("secret words")}
		}}
	})
	for _, format := range []string{"csv", "json", "xlsx"} {
		response := s.open(t, s.signIn("dana", "DFW"), downloadPath+format)
		body, err := io.ReadAll(response.Body)
		if err == nil || strings.Contains(string(body), "secret") || len(body) == 0 {
			t.Errorf("%s ended as if it were whole, with %d bytes", format, len(body))
		}
	}
}

func TestDownload_endsWithItsClient(t *testing.T) {
	ended := make(chan error, 1)
	part := oriel.Result{RowCount: 1, Columns: []oriel.Column{{Name: "n", Type: oriel.TypeInteger}}, Values: [][]oriel.RawValue{{oriel.RawValue("1")}}}
	s := newSite(t, func(p *parts) {
		p.queries = partQueries{give: func(ctx context.Context, rows query.Rows) error {
			err := begun(rows, "q")
			for err == nil {
				if err = rows.Part(part); err == nil {
					err = ctx.Err()
				}
			}
			ended <- err
			return err
		}}
	})
	response := s.open(t, s.signIn("dana", "DFW"), downloadPath+"csv")
	_ = response.Body.Close()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Error("it goes on without its client")
	}
}

// open asks for a download, whose body the caller reads.
func (s *site) open(t *testing.T, session, path string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.server.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+session)
	request.Header.Set("Origin", origin)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s", response.Status)
	}
	return response
}

// TestQuestion_tellsWhatADownloadWouldSay: whoever shows a button shows it to
// those alone whom the download serves.
func TestQuestion_tellsWhatADownloadWouldSay(t *testing.T) {
	s := newSite(t)
	admin, dana := s.admin(oriel.ScopeAdmin), s.signIn("dana", "DFW")
	for grant, want := range map[string]string{"none": `[]`, "limited": `["csv","xlsx","json"]`, "full": `["csv","xlsx","json"]`} {
		if r := s.with(admin, "PATCH", "/api/v1/permissions/operators", fmt.Sprintf(`{"download":%q}`, grant)); r.status != 200 {
			t.Fatalf("%s: %d %s", grant, r.status, r.body)
		}
		told := `"downloads":` + want
		for _, ask := range [][2]string{{"GET", "/api/v1/questions/latest"}, {"POST", "/api/v1/questions/latest/run"}, {"POST", "/api/v1/dashboards/operations/run"}} {
			if r := s.as(dana, ask[0], ask[1], ""); r.status != 200 || !strings.Contains(string(r.body), told) {
				t.Errorf("%s, %s: %d %s", grant, ask[1], r.status, r.body)
			}
		}
		if r := s.as(dana, "POST", downloadPath+"csv", ""); (r.status == 200) != (grant != "none") {
			t.Errorf("%s: %d %s", grant, r.status, r.body)
		}
		for path, method := range map[string]string{"/api/v1/questions/latest": "GET", "/api/v1/dashboards/operations/run": "POST"} {
			viewer := s.viewing(s.viewAs(admin, s.userOf(dana)), method, path, "")
			if !strings.Contains(string(viewer.body), `"downloads":[]`) {
				t.Errorf("%s, who views as dana: %s: %s", grant, path, viewer.body)
			}
		}
	}
}
