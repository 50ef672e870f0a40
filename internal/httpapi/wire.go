package httpapi

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
)

// The wire's types are generated from the API description; these functions
// make them of ours, so that a change within never changes the API unseen.

func wireUser(u oriel.User) User {
	out := User{
		ID: string(u.ID), Email: u.Email, Name: u.Name(),
		Groups: make([]string, 0, len(u.Groups)), Attributes: make(map[string]any, len(u.Attributes)),
	}
	if u.Tenant != "" {
		tenant := string(u.Tenant)
		out.Tenant = &tenant
	}
	for _, group := range u.Groups {
		out.Groups = append(out.Groups, string(group))
	}
	for name, value := range u.Attributes {
		switch {
		case value.List && value.Values == nil:
			out.Attributes[name] = []string{}
		case value.List:
			out.Attributes[name] = value.Values
		case len(value.Values) > 0:
			out.Attributes[name] = value.Values[0]
		}
	}
	return out
}

func encodeUser(u oriel.User) ([]byte, error) {
	text, err := json.Marshal(wireUser(u))
	if err != nil {
		return nil, fmt.Errorf("encode a user: %w", err)
	}
	return text, nil
}

// encodeSession writes what json.Marshal does, with a user who was encoded
// before: pages ask on every load, and the user is most of the answer.
func encodeSession(s SessionInfo, user []byte) []byte {
	text := make([]byte, 0, len(user)+128)
	text = strconv.AppendInt(append(text, `{"expires_at":`...), s.ExpiresAt, 10)
	text = strconv.AppendInt(append(text, `,"expires_in":`...), s.ExpiresIn, 10)
	text = append(append(append(text, `,"kind":"`...), s.Kind...), `"`...)
	text = strconv.AppendInt(append(text, `,"server_time":`...), s.ServerTime, 10)
	return append(append(append(text, `,"user":`...), user...), '}')
}

func wireQuestion(q oriel.Question, mayDownload bool) Question {
	downloads := []QuestionDownloads{}
	if mayDownload {
		downloads = append(downloads, QuestionDownloadsCsv, QuestionDownloadsXlsx, QuestionDownloadsJSON)
	}
	return Question{
		ID: q.Key, Name: q.Name, Description: q.Description, Chart: wireChart(q), Parameters: wireParameters(q.Parameters),
		Downloads: downloads,
	}
}

func wireChart(q oriel.Question) Chart {
	c := q.Chart
	out := Chart{Kind: ChartKind(c.Kind), X: c.X, Y: c.Y, Label: c.Label, Better: ChartBetter(c.Better), Note: c.Note}
	if unit, zero := q.Step(); unit != "" {
		out.Step, out.Missing = ChartStep(unit), ChartMissingGap
		if zero {
			out.Missing = ChartMissingZero
		}
	}
	return out
}

func wireParameters(parameters []oriel.Parameter) []Parameter {
	out := make([]Parameter, 0, len(parameters))
	for _, p := range parameters {
		label := p.Label
		if label == "" {
			label = p.Name
		}
		wire := Parameter{
			Name: p.Name, Label: label, Type: ParameterType(p.Type), ColumnType: ParameterColumnType(p.ColumnType),
			Required: p.Required, HasValues: p.Values != nil,
		}
		if len(p.Default) > 0 {
			wire.Default = p.Default
		}
		out = append(out, wire)
	}
	return out
}

func wireDashboard(d oriel.Dashboard, mayDownload bool) DashboardInfo {
	downloads := []DashboardInfoDownloads{}
	if mayDownload {
		downloads = append(downloads, DashboardInfoDownloadsCsv, DashboardInfoDownloadsXlsx, DashboardInfoDownloadsJSON)
	}
	out := DashboardInfo{
		ID: d.Key, Name: d.Name, Description: d.Description, Downloads: downloads,
		Parameters: wireParameters(d.Parameters), Tabs: make([]DashboardTab, 0, len(d.Tabs)),
	}
	for _, tab := range d.Tabs {
		out.Tabs = append(out.Tabs, DashboardTab{ID: tab.Key, Name: tab.Name})
	}
	return out
}

func wireCards(cards []query.DashboardCard) []DashboardCard {
	out := make([]DashboardCard, 0, len(cards))
	for _, c := range cards {
		title := c.Card.Title
		if title == "" {
			title = c.Question.Name
		}
		out = append(out, DashboardCard{
			ID: c.Card.Key, Question: c.Card.Question, Title: title, Description: c.Question.Description,
			Tab: c.Card.Tab, Chart: wireChart(c.Question), Parameters: c.Card.Parameters, X: c.Card.X, Y: c.Card.Y, W: c.Card.W, H: c.Card.H,
		})
	}
	return out
}

func wireResult(r oriel.Result) Result {
	out := Result{Columns: make([]Column, 0, len(r.Columns)), Values: r.Values, RowCount: r.RowCount, Truncated: r.Truncated, DurationMs: r.Duration}
	if !r.CachedAt.IsZero() {
		made := r.CachedAt.UTC()
		out.CachedAt = &made
	}
	for _, c := range r.Columns {
		out.Columns = append(out.Columns, Column{
			Name: c.Name, Label: c.Label, Type: ColumnType(c.Type),
			Format: wireFormat(c.Format),
		})
	}
	return out
}
