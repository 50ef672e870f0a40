package access

import "github.com/oriel-bi/oriel/internal/oriel"

// EditQuestion tells whether the principal may change a question, and so read
// what an engine says of it: who curates its collection and may write SQL for its
// source in this session, or administers content (access §2). Errors: not_found
// when they may not even view it; forbidden; not_authenticated for the zero
// principal.
func EditQuestion(p oriel.Principal, d *oriel.Declaration, question oriel.Question) error {
	if p.Holds(oriel.ScopeAdminContent) {
		return nil
	}
	if err := CurateCollection(p, d.Groups, question.Collection); err != nil {
		return err
	}
	return WriteSQL(p, d, question.Source)
}
