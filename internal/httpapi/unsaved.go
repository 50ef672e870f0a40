package httpapi

import (
	"encoding/json"
	"net/http"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
	"github.com/oriel-bi/oriel/internal/session"
)

// RunUnsavedQuestion answers POST /api/v1/questions/run.
func (a *API) RunUnsavedQuestion(w http.ResponseWriter, r *http.Request) {
	a.asking(w, r, nil, func(p oriel.Principal) error {
		settings, parameters, err := parseUnsavedRun(w, r)
		if err != nil {
			return err
		}
		done, err := a.runs.begin(r.Context(), p)
		if err != nil {
			return err
		}
		defer done()
		question, result, err := a.queries.RunUnsaved(r.Context(), p, settings, parameters)
		if err != nil {
			return err
		}
		a.answer(w, r, UnsavedQuestionRun{Chart: wireChart(question), Parameters: wireParameters(question.Parameters), Result: wireResult(result)})
		return nil
	})
}

// DownloadUnsavedQuestion answers POST /api/v1/questions/download.
func (a *API) DownloadUnsavedQuestion(w http.ResponseWriter, r *http.Request, params DownloadUnsavedQuestionParams) {
	a.asking(w, r, []string{"format"}, func(p oriel.Principal) error {
		file, err := parseFormat(string(params.Format))
		if err != nil {
			return err
		}
		settings, parameters, err := parseUnsavedRun(w, r)
		if err != nil {
			return err
		}
		return a.download(w, r, p, file, func(rows query.Rows) error {
			return a.queries.DownloadUnsaved(r.Context(), p, settings, parameters, rows)
		})
	})
}

// asking is signedIn for those who may ask questions of their own: nobody else's
// is read.
func (a *API) asking(w http.ResponseWriter, r *http.Request, names []string, handle func(oriel.Principal) error) {
	a.signedInAs(w, r, names, a.queries.MayAsk, func(p oriel.Principal, _ session.Session) error { return handle(p) })
}

// parseUnsavedRun reads {"question": {…}, "chart": {…}, "parameters": {…}}. What
// the question says is for the reader of declarations.
func parseUnsavedRun(w http.ResponseWriter, r *http.Request) (settings map[string]any, parameters map[string]json.RawMessage, err error) {
	body, err := readRunBody(w, r)
	if err != nil {
		return nil, nil, err
	}
	if len(body) == 0 {
		return nil, nil, fieldError("question", "This is missing.")
	}
	members, err := parseObject(body, "question", "chart", "parameters")
	if err != nil {
		return nil, nil, err
	}
	if raw, found := members["question"]; !found || json.Unmarshal(raw, &settings) != nil || settings == nil {
		return nil, nil, fieldError("question", "This is an object: structured, or sql and source.")
	}
	for name := range settings {
		switch name {
		case "structured", "sql", "source", "parameters", "columns":
		default:
			return nil, nil, fieldError("question", "There is no such field: "+shorten(name)+".")
		}
	}
	if raw, found := members["chart"]; found {
		var chart any
		if err := json.Unmarshal(raw, &chart); err != nil {
			return nil, nil, fieldError("chart", "This is an object with a kind.")
		}
		settings["chart"] = chart
	}
	parameters, err = parseValues(members)
	return settings, parameters, err
}

// wireTree is a structured question as the API describes it, and takes it.
func wireTree(s oriel.Structured) QuestionTree {
	out := QuestionTree{Model: s.Model, Columns: s.Columns, Limit: s.Limit}
	for _, j := range s.Joins {
		out.Joins = append(out.Joins, QuestionJoin{Column: j.Column, As: j.As})
	}
	for _, f := range s.Filters {
		out.Filters = append(out.Filters, QuestionFilter{Column: f.Column, Op: QuestionFilterOp(f.Op), Value: f.Value, Parameter: f.Parameter})
	}
	for _, b := range s.Breakouts {
		breakout := QuestionBreakout{Column: b.Column, Unit: QuestionBreakoutUnit(b.Unit), As: b.As}
		if b.Bin != nil {
			breakout.Bin = &QuestionBin{Width: b.Bin.Width}
		}
		out.Breakouts = append(out.Breakouts, breakout)
	}
	for _, x := range s.Aggregations {
		out.Aggregations = append(out.Aggregations, QuestionAggregation{
			Function: QuestionAggregationFunction(x.Function), Column: x.Column, At: x.At, Where: constantFilters(x.Where), As: x.As,
		})
	}
	out.Having = constantFilters(s.Having)
	for _, x := range s.Sort {
		out.Sort = append(out.Sort, QuestionSort{By: x.By, Descending: x.Descending})
	}
	if s.Compare != nil {
		out.Compare = &QuestionComparison{Column: s.Compare.Column, Parameter: s.Compare.Parameter}
	}
	return out
}

func constantFilters(filters []oriel.Filter) []ConstantFilter {
	var out []ConstantFilter
	for _, f := range filters {
		out = append(out, ConstantFilter{Column: f.Column, Op: ConstantFilterOp(f.Op), Value: f.Value})
	}
	return out
}
