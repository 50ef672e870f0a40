package query

import (
	"context"
	"fmt"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// TestPolicies runs tests in their order, on a declaration, which need not be
// in force: on the same engines, and nothing of it is kept. A test that could not
// be run, or makes no sense, has not passed, and says why. Errors: those of find;
// ctx's own; internal.
func (q *Queries) TestPolicies(ctx context.Context, d *oriel.Declaration, tests []oriel.PolicyTest, find oriel.FindTester) ([]oriel.PolicyTestResult, error) {
	trial := New(Options{Declared: func() *oriel.Declaration { return d }, Engines: q.engines})
	results := make([]oriel.PolicyTestResult, 0, len(tests))
	for _, test := range tests {
		if test.User != "" {
			user, err := find(ctx, test.User)
			if err != nil {
				return nil, fmt.Errorf("policy test %q: %w", test.Name, err)
			}
			test.As = user
		}
		result, err := trial.testPolicy(ctx, test)
		if err != nil {
			if result.Wrong, err = untried(ctx, err); err != nil {
				return nil, fmt.Errorf("policy test %q: %w", test.Name, err)
			}
			result.Uncounted = result.Wrong
		}
		results = append(results, result)
	}
	return results, nil
}

// untried says why a test could not be run. The engine's words stay within.
func untried(ctx context.Context, err error) ([]string, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	switch oriel.CodeOf(err) {
	case oriel.CodeSourceUnavailable, oriel.CodeQueryFailed:
		return []string{"it could not be run, since its data source did not answer"}, nil
	case oriel.CodeInvalidRequest, oriel.CodeQueryRefused, oriel.CodeNotFound:
		return []string{"it makes no sense: " + oriel.MessageOf(err)}, nil
	}
	return nil, err
}

// Touched are the tests of next whose outcome the change from now may change.
// What a test reads of data and people may change at any time, and is no part
// of it.
func (*Queries) Touched(now, next *oriel.Declaration) []oriel.PolicyTest {
	c := change{now, next}
	var touched []oriel.PolicyTest
	for _, test := range next.PolicyTests {
		if c.bearsOn(test) {
			touched = append(touched, test)
		}
	}
	return touched
}

// change is from one declaration to another.
type change struct{ now, next *oriel.Declaration }

func (c change) bearsOn(test oriel.PolicyTest) bool {
	if differs(c.now.PolicyTests, c.next.PolicyTests, func(t oriel.PolicyTest) bool { return t.Name == test.Name }) {
		return true
	}
	if test.Question != "" {
		question, _ := c.next.Question(test.Question)
		return differs(c.now.Questions, c.next.Questions, func(q oriel.Question) bool { return q.Key == test.Question }) ||
			!oriel.Same(c.now.Groups, c.next.Groups) || c.bearsOnSource(question.Source)
	}
	table := test.Table
	if test.Model != "" {
		model, _ := c.next.Model(test.Model)
		table = model.Table
		if differs(c.now.Models, c.next.Models, func(m oriel.Model) bool { return m.Key == test.Model }) ||
			differs(c.now.Policies, c.next.Policies, func(p oriel.Policy) bool { return p.Model == test.Model }) {
			return true
		}
	}
	return c.sourceDiffers(table.Source) ||
		differs(c.now.Policies, c.next.Policies, func(p oriel.Policy) bool { return p.Model == "" && p.Table == table })
}

func (c change) sourceDiffers(key string) bool {
	now, _ := c.now.Source(key)
	next, _ := c.next.Source(key)
	return now.URL != next.URL || !oriel.Same(now, next)
}

// bearsOnSource is for questions: which tables and models one reads only its
// engine knows. A model whose policies differ is one of the source, or is taken
// for one.
func (c change) bearsOnSource(key string) bool {
	return c.sourceDiffers(key) || !oriel.Same(c.now.Models, c.next.Models) ||
		differs(c.now.Policies, c.next.Policies, func(p oriel.Policy) bool { return p.Model != "" || p.Table.Source == key })
}

// differs tells whether of all things those that are meant differ.
func differs[T any](now, next []T, meant func(T) bool) bool {
	return !oriel.Same(chosen(now, meant), chosen(next, meant))
}

func chosen[T any](all []T, meant func(T) bool) []T {
	var some []T
	for _, one := range all {
		if meant(one) {
			some = append(some, one)
		}
	}
	return some
}
