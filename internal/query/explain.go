package query

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
)

// ExplainStore finds whom an explanation is about, and keeps who asked for it.
type ExplainStore interface {
	FindUserDetail(ctx context.Context, id oriel.UserID) (oriel.UserDetail, bool, error)
	FindPerson(ctx context.Context, user oriel.UserID, provider string) (oriel.Person, bool, error)
	KeepExplained(ctx context.Context, who string, user oriel.UserID, kind, key string, now time.Time) error
}

// Explanations tell administrators why somebody sees what they see (access §5).
type Explanations struct {
	queries *Queries
	store   ExplainStore
	clock   func() time.Time
}

// NewExplanations makes Explanations of what the queries run.
func NewExplanations(queries *Queries, store ExplainStore, clock func() time.Time) *Explanations {
	return &Explanations{queries, store, clock}
}

// ExplainRequest names somebody and exactly one thing.
type ExplainRequest struct {
	User oriel.UserID
	// Provider is the id of the one whose session it would be; "" is the one
	// through which they came last.
	Provider            string
	Question, Dashboard string
	Table               oriel.TableRef
}

// The kinds of what is explained.
const (
	kindQuestion  = "question"
	kindDashboard = "dashboard"
	kindTable     = "table"
)

// Explanation is why a user sees what they see of one thing, in a session that
// a host vouched for. It holds values of the user.
type Explanation struct {
	User oriel.User
	// Active tells whether the user can be signed in at all.
	Active   bool
	Provider string // id; "" when they never signed in
	Kind     string // question, dashboard or table
	Key      string
	Access
	// Questions are that of a question, or each of a dashboard's cards.
	Questions []QuestionAccess
	// Tables are those that they read, each once for each model on it.
	Tables []TableAccess
}

// Access is whether something is seen, by which grants, or what is missing.
type Access struct {
	Visible bool
	Grants  []Grant
	Missing []string // a sentence each
}

// Grant is what one group of the user may do to a collection or a data source.
type Grant struct {
	Group oriel.GroupKey
	On    string // collection or source
	Key   string
	Grant string
}

// QuestionAccess is what is seen of a question.
type QuestionAccess struct {
	Key, Name string
	Access
	Reads []Read
	Run
}

// Read is a table that a question reads, through a model or not.
type Read struct {
	Table oriel.TableRef
	Model string
}

// Run is what would run on the engine; nothing of it does.
type Run struct {
	Statements []Statement
	// Examples are the parameters that must be brought: example values stand for
	// theirs. Others are left out.
	Examples []string
	// Refused is why nothing would run, in the words for an analyst.
	Refused string
}

// Statement is a text with what is bound to it: Values[0] to the first place.
type Statement struct {
	Text   string
	Values []BoundValue
}

// BoundValue is one value, or one that is kept from everybody.
type BoundValue struct {
	oriel.Scalar
	Secret bool
}

// TableAccess is what is seen of a table or model, as the policies let it. Run
// is that of a table which was asked for by itself.
type TableAccess struct {
	access.Explanation
	Missing []string
	// Seen are the rows that the user sees of All; nil when the engine did not
	// count them, or the asker does not see all of them.
	Seen, All *int
	Run
}

// Explain tells why the user sees the thing, or why not, and keeps who asked
// before it does. It is for whoever holds admin:access, never for a session of
// a host. Errors: not_authenticated; scope_denied; invalid_request unless
// exactly one thing is named; not_found without such a user or thing; internal
// for a policy that no longer fits; those of the store; ctx's own.
func (e *Explanations) Explain(ctx context.Context, p oriel.Principal, r ExplainRequest) (Explanation, error) {
	if err := access.Require(p, oriel.ScopeAdminAccess); err != nil {
		return Explanation{}, err
	}
	x := Explanation{}
	var err error
	if x.Kind, x.Key, err = r.thing(); err != nil {
		return Explanation{}, err
	}
	person, provider, err := e.person(ctx, r)
	if err != nil {
		return Explanation{}, err
	}
	x.User, x.Provider = person.Effective(), provider
	s := snapshot{e.queries.declared()}
	if !s.has(r) {
		return Explanation{}, &oriel.Error{Code: oriel.CodeNotFound}
	}
	if err := e.store.KeepExplained(ctx, p.Who(), r.User, x.Kind, x.Key, e.clock()); err != nil {
		return Explanation{}, err
	}
	w := explaining{
		queries: e.queries, s: s, p: oriel.NewPrincipal(x.User, oriel.SessionEmbed).VouchedBy(provider), barred: bar(person), asker: p, x: &x,
	}
	x.Active = len(w.barred) == 0
	if err := w.thing(ctx, r); err != nil {
		return Explanation{}, err
	}
	return x, nil
}

// thing tells the kind and the key of the one thing that is named.
func (r ExplainRequest) thing() (kind, key string, err error) {
	named := 0
	for _, one := range []struct{ kind, key string }{{kindQuestion, r.Question}, {kindDashboard, r.Dashboard}, {kindTable, r.tableKey()}} {
		if one.key != "" {
			kind, key = one.kind, one.key
			named++
		}
	}
	if named != 1 {
		return "", "", oriel.E(oriel.CodeInvalidRequest, "Name exactly one question, dashboard or table.")
	}
	return kind, key, nil
}

func (r ExplainRequest) tableKey() string {
	if r.Table == (oriel.TableRef{}) {
		return ""
	}
	return r.Table.String()
}

func (s snapshot) has(r ExplainRequest) bool {
	_, question := s.Question(r.Question)
	_, dashboard := s.Dashboard(r.Dashboard)
	_, table := s.table(r.Table)
	return question || dashboard || table
}

// person finds the user with the attributes of a session of the provider.
func (e *Explanations) person(ctx context.Context, r ExplainRequest) (oriel.Person, string, error) {
	provider := r.Provider
	if provider == "" {
		detail, found, err := e.store.FindUserDetail(ctx, r.User)
		if err != nil {
			return oriel.Person{}, "", err
		}
		if found && len(detail.Identities) > 0 {
			provider = slices.MaxFunc(detail.Identities, func(a, b oriel.LinkedIdentity) int {
				return cmp.Or(a.GreatestIssuedAt.Compare(b.GreatestIssuedAt), cmp.Compare(a.Provider, b.Provider))
			}).Provider
		}
	}
	person, found, err := e.store.FindPerson(ctx, r.User, provider)
	if err == nil && !found {
		err = &oriel.Error{Code: oriel.CodeNotFound}
	}
	return person, provider, err
}
