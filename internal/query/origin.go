package query

import (
	"errors"
	"strings"

	"github.com/oriel-bi/oriel/internal/access"
	"github.com/oriel-bi/oriel/internal/oriel"
	"github.com/oriel-bi/oriel/internal/source"
)

// rendered is a template with values: what an engine gets, and where it is from.
type rendered struct {
	text      string
	arguments []oriel.Scalar
	origin    origin
}

// origin leads from a rendered text back to the one that the analyst wrote; the
// zero one, of a structured question, leads nowhere.
type origin struct {
	text  string
	spans []span // by out
}

// span is a part of a rendered text: length bytes from out on are those from at
// on in the template; of a value, all of them are its {{name}}.
type span struct{ out, at, length int }

// place is where a place in the rendered text is in the analyst's; -1 when it is
// nowhere.
func (o origin) place(out int) int {
	at := -1
	for _, s := range o.spans {
		if s.out > out {
			break
		}
		at = s.at + min(out-s.out, s.length)
	}
	return at
}

// words are what is wrong with a query, for those who may edit it: with line and
// column of the analyst's text where they are known, and empty when nothing is
// told. Each comes from the query as it was narrowed for whoever ran it.
func (o origin) words(err error) string {
	var fault *source.Fault
	if errors.As(err, &fault) {
		if at := o.place(fault.At); fault.At >= 0 && at >= 0 && fault.Words != "" {
			words := lineAndColumn(o.text, at) + ": " + fault.Words
			if strings.HasPrefix(o.text[at:], `"`) {
				words += " (in double quotes it is a name; a text stands in single quotes)"
			}
			return words
		}
		return fault.Words
	}
	// A refusal without a place is ours, below what was made of it for everybody.
	words := ""
	for {
		var refused *oriel.Error
		if !errors.As(err, &refused) {
			return words
		}
		if refused.Code == oriel.CodeQueryRefused && refused.Message != "" && refused.Message != notShown {
			words = refused.Message
		}
		err = refused.Err
	}
}

// forEditors adds the words to the error of a question's run when the principal
// may edit the question. Nobody else reads them.
func (s snapshot) forEditors(p oriel.Principal, question oriel.Question, o origin, err error) error {
	code := oriel.CodeOf(err)
	if code != oriel.CodeQueryRefused && code != oriel.CodeQueryFailed || !s.edits(p, question) {
		return err
	}
	return &oriel.Error{Code: code, Message: notShown, Words: o.words(err), Err: err}
}

// edits tells whether the principal reads what is wrong with a question: who wrote
// one that nobody saved does.
func (s snapshot) edits(p oriel.Principal, question oriel.Question) bool {
	return question.Key == "" || access.EditQuestion(p, s.Declaration, question) == nil
}
