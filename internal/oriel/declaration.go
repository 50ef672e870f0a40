package oriel

// Declaration is everything that `oriel apply` was given, read, resolved and
// found to be valid by itself.
type Declaration struct {
	Origins     []Origin
	Providers   []Provider // without ids: the store keeps those
	Groups      []Group
	Sources     []Source
	Models      []Model
	Policies    []Policy
	Collections []Collection
	Questions   []Question
	Dashboards  []Dashboard
}

// Change is one thing that applying a declaration did.
type Change struct {
	Kind   string `json:"kind"` // origin, provider, source, …
	Key    string `json:"key"`
	Action string `json:"action"` // created, updated, deleted
}
