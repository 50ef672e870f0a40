package query

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// Check tells whether a declaration could run for principals under a policy:
// policies fit their tables, models and filters name columns that are there,
// and every question can be narrowed, with all of its parameters and with none
// of the optional ones. Its sources must have been synchronised. Errors:
// invalid_request with one line for each thing that is wrong, a sentence that
// names it, with line and column of an SQL text where they are known; that of
// an engine which could not check; ctx's own.
func (q *Queries) Check(ctx context.Context, d oriel.Declaration) error {
	s := snapshot{&d}
	found := s.checkPolicies()
	found = append(found, s.checkModels()...)
	found = append(found, s.checkFilters()...)
	for _, question := range d.Questions {
		question, _ = s.Question(question.Key) // with the types of its columns
		if err := q.checkQuestion(ctx, s, question); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			var refused *oriel.Error
			if !errors.As(err, &refused) || refused.Message == "" {
				return fmt.Errorf("check question %q: %w", question.Key, err)
			}
			found = append(found, fmt.Sprintf("question %q: %s", question.Key, refused.Message))
		}
	}
	if len(found) > 0 {
		return oriel.E(oriel.CodeInvalidRequest, "%s", strings.Join(found, "\n"))
	}
	return nil
}

func (s snapshot) checkPolicies() []string {
	var found []string
	for _, p := range s.Policies {
		ref := p.Table
		if p.Model != "" {
			model, _ := s.Model(p.Model)
			ref = model.Table
		}
		src, _ := s.Source(ref.Source)
		table, ok := src.Table(ref.Table)
		if !ok {
			found = append(found, noTable("policy on", ref))
			continue
		}
		if _, err := access.CheckPolicy(p, src, table); err != nil {
			found = append(found, fmt.Sprintf("policy on %s: %s", p.On(), oriel.MessageOf(err)))
		}
	}
	return found
}

func (s snapshot) table(ref oriel.TableRef) (oriel.SourceTable, bool) {
	src, _ := s.Source(ref.Source)
	return src.Table(ref.Table)
}

func noTable(what string, ref oriel.TableRef) string {
	return fmt.Sprintf("%s %s: the source has no such table: check the file that it is made of", what, ref)
}

func (s snapshot) checkModels() []string {
	var found []string
	for _, m := range s.Models {
		table, ok := s.table(m.Table)
		if !ok {
			found = append(found, noTable("model "+m.Key+" of", m.Table))
			continue
		}
		names := make([]string, 0, len(m.Columns)+1)
		for _, c := range m.Columns {
			names = append(names, c.Name)
		}
		if m.TimeColumn != "" {
			names = append(names, m.TimeColumn)
			if c, ok := table.Column(m.TimeColumn); ok && c.Type != oriel.TypeDate && c.Type != oriel.TypeTimestamp {
				found = append(found, fmt.Sprintf("model %q: its time_column %q is of the type %s: name a date or a timestamp", m.Key, c.Name, c.Type))
			}
		}
		for _, name := range names {
			if _, ok := table.Column(name); !ok {
				found = append(found, fmt.Sprintf("model %q: the table %s has no column %q: check its name", m.Key, m.Table, name))
			}
		}
		for _, c := range m.Columns {
			if own, ok := table.Column(c.Name); ok && c.Time != "" && own.Type != oriel.TypeTimestamp {
				found = append(found, fmt.Sprintf("model %q: the column %q is of the type %s, and only a timestamp holds moments: remove its time", m.Key, c.Name, own.Type))
			}
		}
		found = append(found, s.checkKeys(m, table)...)
	}
	return found
}

// checkKeys holds a model's foreign keys to columns of the same type.
func (s snapshot) checkKeys(m oriel.Model, table oriel.SourceTable) []string {
	var found []string
	for _, c := range m.Columns {
		if c.ForeignKey == nil {
			continue
		}
		to, _ := s.Model(c.ForeignKey.Model)
		other, _ := s.table(to.Table)
		own, _ := table.Column(c.Name)
		switch key, ok := other.Column(c.ForeignKey.Column); {
		case !ok:
			found = append(found, fmt.Sprintf("model %q: the foreign key of %q leads to the model %q, whose table %s has no column %q: check its name", m.Key, c.Name, to.Key, to.Table, c.ForeignKey.Column))
		case !source.Joinable(own.Type, key.Type):
			found = append(found, fmt.Sprintf("model %q: the foreign key %q is of the type %s and %q of the model %q of the type %s: only values of one type can be equal", m.Key, c.Name, own.Type, key.Name, to.Key, key.Type))
		}
	}
	return found
}

// checkFilters holds the dashboards' filters to columns of texts, those of days
// to columns of days, and column filters to columns that are there; and what they
// give to a question's column filter to the type of its column.
func (s snapshot) checkFilters() []string {
	var found []string
	for _, d := range s.Dashboards {
		d = s.typed(d)
		for _, p := range d.Parameters {
			if _, _, complaint := parseValue(p, p.Default); complaint != "" && (p.Type != oriel.ParameterColumn || p.ColumnType != "") {
				found = append(found, fmt.Sprintf("dashboard %q: the default of its filter %q can't be taken: %s", d.Key, p.Name, complaint))
			}
			if p.Values == nil {
				continue
			}
			model, _ := s.Model(p.Values.Model)
			fit, what := []oriel.ColumnType{oriel.TypeText}, " of texts"
			switch p.Type {
			case oriel.ParameterDateRange:
				fit, what = []oriel.ColumnType{oriel.TypeDate, oriel.TypeTimestamp}, " of dates or timestamps"
			case oriel.ParameterColumn:
				fit, what = []oriel.ColumnType{p.ColumnType}, ""
			}
			if c, ok := s.columnOf(model, p.Values.Joins, p.Values.Column); !ok || !slices.Contains(fit, c.Type) {
				found = append(found, fmt.Sprintf("dashboard %q: its filter %q takes values from %q, which is no column%s of the model %q", d.Key, p.Name, p.Values.Column, what, p.Values.Model))
			}
		}
		found = append(found, s.checkMappings(d)...)
	}
	return found
}

// checkMappings holds what a dashboard gives to column filters to their columns.
func (s snapshot) checkMappings(d oriel.Dashboard) []string {
	var found []string
	for _, card := range d.Cards {
		question, _ := s.Question(card.Question)
		for _, to := range question.Parameters {
			if to.Type != oriel.ParameterColumn || to.ColumnType == "" {
				continue
			}
			for _, from := range d.Parameters {
				if card.Parameters[from.Name] == to.Name && !gives(from, to.ColumnType) {
					found = append(found, fmt.Sprintf("dashboard %q: its filter %q is a %s, which fits no column of the type %s, as %q of the question %q is",
						d.Key, from.Name, from.Type, to.ColumnType, to.Name, question.Key))
				}
			}
		}
	}
	return found
}

// gives tells whether each value of a parameter fits a column filter.
func gives(p oriel.Parameter, column oriel.ColumnType) bool {
	value := standIn(p)
	if p.Type == oriel.ParameterColumn && p.ColumnType == "" {
		return true // said already
	}
	for _, s := range scalarsOf(value) {
		if !fits(column, s.Type) {
			return false
		}
	}
	return true
}

func (q *Queries) checkQuestion(ctx context.Context, s snapshot, question oriel.Question) error {
	src, _ := s.Source(question.Source)
	engine, found := q.engines[src.Kind]
	if !found {
		return oriel.E(oriel.CodeQueryRefused, "%v", errNoSource)
	}
	if err := s.checkColumns(question); err != nil {
		return err
	}
	for _, all := range []bool{true, false} {
		values := stand(question.Parameters, all)
		if err := withDefaults(question.Parameters, values); err != nil {
			return err
		}
		asked, from, err := s.query(question, values, maxRows)
		if err != nil {
			return err
		}
		if err := engine.Check(ctx, asked, src); err != nil {
			if words := from.words(err); words != "" {
				return &oriel.Error{Code: oriel.CodeQueryRefused, Message: words, Err: err}
			}
			return err
		}
	}
	return nil
}

// checkColumns holds column filters to columns that are there.
func (s snapshot) checkColumns(question oriel.Question) error {
	for _, p := range question.Parameters {
		if p.Column == nil || p.ColumnType != "" {
			continue
		}
		ref := oriel.TableRef{Source: question.Source, Table: p.Column.Table}
		if _, found := s.table(ref); !found {
			return oriel.E(oriel.CodeQueryRefused, "the parameter %q filters by a column of %s, and the source has no such table: check its name", p.Name, ref)
		}
		return oriel.E(oriel.CodeQueryRefused, "the parameter %q filters by the column %q, which the table %s doesn't have: check its name", p.Name, p.Column.Name, ref)
	}
	return nil
}

// stand makes values that stand for those of a run: of all parameters, or of
// the required ones.
func stand(parameters []oriel.Parameter, all bool) map[string]source.ParameterValue {
	values := map[string]source.ParameterValue{}
	for _, p := range parameters {
		if all || p.Required {
			values[p.Name] = standIn(p)
		}
	}
	return values
}

func standIn(p oriel.Parameter) source.ParameterValue {
	text, number, truth := oriel.TextScalar("a"), oriel.IntegerScalar(1), oriel.BooleanScalar(true)
	day := oriel.DateScalar(time.Date(2001, 2, 1, 0, 0, 0, 0, time.UTC))
	switch p.Type {
	case oriel.ParameterNumber:
		return source.ParameterValue{Scalar: &number}
	case oriel.ParameterBoolean:
		return source.ParameterValue{Scalar: &truth}
	case oriel.ParameterDate:
		return source.ParameterValue{Scalar: &day}
	case oriel.ParameterDateRange:
		return source.ParameterValue{From: &day, To: &day}
	case oriel.ParameterList:
		return source.ParameterValue{List: []oriel.Scalar{text, oriel.TextScalar("b")}}
	case oriel.ParameterColumn:
		switch p.ColumnType {
		case oriel.TypeText:
			return source.ParameterValue{List: []oriel.Scalar{text}}
		case oriel.TypeBoolean:
			return source.ParameterValue{Scalar: &truth}
		case oriel.TypeDate, oriel.TypeTimestamp:
			return source.ParameterValue{From: &day, To: &day}
		case oriel.TypeInteger, oriel.TypeInteger64, oriel.TypeNumber, oriel.TypeDecimal:
			return source.ParameterValue{From: &number, To: &number}
		}
	case oriel.ParameterText:
	}
	return source.ParameterValue{Scalar: &text}
}
