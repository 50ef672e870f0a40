package oriel

import (
	"fmt"
	"maps"
	"slices"
)

// Quotas bound what one tenant may take of a site; 0 bounds nothing.
type Quotas struct {
	// Users is how many of its users may be active.
	Users int `json:"users,omitempty"`
	// QueriesPerMinute is how many queries the data sources are asked for it, in
	// the long run; as many may come at once. QueriesAtOnce is how many run at
	// the same time. Both are counted by each server for itself; results that
	// are kept count for nothing.
	QueriesPerMinute int `json:"queries_per_minute,omitempty"`
	QueriesAtOnce    int `json:"queries_at_once,omitempty"`
}

// mostQuota is the greatest quota; without one there is none.
const mostQuota = 1_000_000

// ParseQuotas reads quotas by their names. Errors: invalid_request with what to
// do.
func ParseQuotas(named map[string]int) (Quotas, error) {
	var q Quotas
	for _, name := range slices.Sorted(maps.Keys(named)) {
		to := map[string]*int{"users": &q.Users, "queries_per_minute": &q.QueriesPerMinute, "queries_at_once": &q.QueriesAtOnce}[name]
		switch value := named[name]; {
		case to == nil:
			return Quotas{}, E(CodeInvalidRequest, "There is no quota %s: there are users, queries_per_minute and queries_at_once.", Quoted(name))
		case value < 1 || value > mostQuota:
			return Quotas{}, E(CodeInvalidRequest, "The quota %s is a number from 1 to %d: leave it out to bound nothing.", name, mostQuota)
		default:
			*to = value
		}
	}
	return q, nil
}

// Named are the quotas that bound something, by name.
func (q Quotas) Named() map[string]int {
	all := map[string]int{"users": q.Users, "queries_per_minute": q.QueriesPerMinute, "queries_at_once": q.QueriesAtOnce}
	maps.DeleteFunc(all, func(_ string, value int) bool { return value == 0 })
	return all
}

// Full is why a tenant takes no more users.
func (q Quotas) Full(tenant TenantSlug) error {
	return &Error{Code: CodeConflict, Message: fmt.Sprintf("The tenant %s has as many active users as its quota allows, %d: deactivate one, or raise it.", tenant, q.Users)}
}
