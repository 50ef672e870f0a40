package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/query"
)

// Explanations tell why somebody sees something.
type Explanations interface {
	Explain(ctx context.Context, p oriel.Principal, r query.ExplainRequest) (query.Explanation, error)
}

// ExplainAccess answers GET /api/v1/explain/access.
func (a *API) ExplainAccess(w http.ResponseWriter, r *http.Request, params ExplainAccessParams) {
	names := []string{"user", "question", "dashboard", "table", "provider"}
	a.administering(w, r, names, oriel.ScopeAdminAccess, func(p oriel.Principal) error {
		request := query.ExplainRequest{User: oriel.UserID(params.User), Question: params.Question, Dashboard: params.Dashboard}
		if params.Table != "" {
			var err error
			if request.Table, err = parseTableRef(params.Table); err != nil {
				return err
			}
		}
		if params.Provider != "" {
			if request.Provider = a.providerNames.ProviderID(params.Provider); request.Provider == "" {
				return fieldError("provider", "There is no provider of this slug.")
			}
		}
		done, err := a.runs.begin(r.Context(), p)
		if err != nil {
			return err
		}
		defer done()
		explanation, err := a.explanations.Explain(r.Context(), p, request)
		if err != nil {
			return err
		}
		a.answer(w, r, ExplanationOf(explanation, a.providerNames.ProviderSlug(explanation.Provider)))
		return nil
	})
}

// ExplanationOf is an explanation as the API and the command write it; provider
// is the slug.
func ExplanationOf(x query.Explanation, provider string) AccessExplanation {
	out := AccessExplanation{
		User: string(x.User.ID), Active: x.Active, Groups: wireTexts(x.User.Groups), Provider: orNoText(provider),
		Kind: AccessExplanationKind(x.Kind), Key: x.Key,
		Visible: x.Visible, Grants: wireAccessGrants(x.Grants), Missing: wireTexts(x.Missing),
		Questions: []QuestionAccess{}, Tables: []TableAccess{},
	}
	for _, q := range x.Questions {
		reads := make([]AccessRead, 0, len(q.Reads))
		for _, read := range q.Reads {
			reads = append(reads, AccessRead{Table: read.Table.String(), Model: read.Model})
		}
		out.Questions = append(out.Questions, QuestionAccess{
			ID: q.Key, Name: q.Name, Visible: q.Visible, Grants: wireAccessGrants(q.Grants), Missing: wireTexts(q.Missing),
			Reads: reads, Statements: wireStatements(q.Statements), Examples: wireTexts(q.Examples), Refused: q.Refused,
		})
	}
	for _, t := range x.Tables {
		out.Tables = append(out.Tables, wireTableAccess(t))
	}
	return out
}

func wireTableAccess(t query.TableAccess) TableAccess {
	out := TableAccess{
		Table: t.Table.String(), Model: t.Model, Visible: t.Visible, Missing: wireTexts(t.Missing), Rows: t.Explanation.Rows,
		Seen: t.Seen, Of: t.All, Policies: []PolicyAccess{}, Columns: []ColumnAccess{},
		Statements: wireStatements(t.Statements), Refused: t.Refused,
	}
	for _, p := range t.Policies {
		masks := map[string]string{}
		for name, mask := range p.Policy.Columns {
			masks[name] = string(wireMask(mask))
		}
		one := PolicyAccess{
			On: p.Policy.On(), Holds: p.Holds, ExemptBy: wireTexts(p.ExemptBy), Declared: p.Policy.Rows, Rows: p.Rows,
			Columns: masks, Shared: p.Policy.Shared, Values: []PolicyValue{},
		}
		for _, v := range p.Values {
			one.Values = append(one.Values, PolicyValue{Name: v.Name, Values: wireTexts(v.Values), From: PolicyValueFrom(v.From), Lacking: v.Lacking})
		}
		out.Policies = append(out.Policies, one)
	}
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, ColumnAccess{Name: c.Name, Mask: wireMask(c.Mask)})
	}
	return out
}

func wireMask(mask oriel.Mask) ColumnAccessMask {
	if mask == oriel.MaskNone {
		return "none"
	}
	return ColumnAccessMask(mask)
}

func wireAccessGrants(grants []query.Grant) []AccessGrant {
	out := make([]AccessGrant, 0, len(grants))
	for _, g := range grants {
		out = append(out, AccessGrant{Group: string(g.Group), Kind: AccessGrantKind(g.On), Key: g.Key, Grant: AccessGrantGrant(g.Grant)})
	}
	return out
}

func wireStatements(statements []query.Statement) []AccessStatement {
	out := make([]AccessStatement, 0, len(statements))
	for _, s := range statements {
		one := AccessStatement{SQL: s.Text, Values: make([]AccessValue, 0, len(s.Values))}
		for _, v := range s.Values {
			bound := AccessValue{Type: string(v.Type), Secret: v.Secret}
			if !v.Secret {
				text := boundText(v.Scalar)
				bound.Value = &text
			}
			one.Values = append(one.Values, bound)
		}
		out = append(out, one)
	}
	return out
}

// boundText is a bound value as a text.
func boundText(s oriel.Scalar) string {
	at, ok := s.Value.(time.Time)
	switch {
	case ok && s.Type == oriel.TypeDate:
		return at.Format(time.DateOnly)
	case ok:
		return at.Format("2006-01-02T15:04:05.999999")
	}
	return fmt.Sprint(s.Value)
}
