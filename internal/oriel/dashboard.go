package oriel

// Collection holds questions and dashboards.
type Collection struct {
	Key  string `json:"key"`
	Name string `json:"name"`
}

// Dashboard is a page of cards on a 24-column grid.
type Dashboard struct {
	Key         string         `json:"key"`
	Name        string         `json:"name"`
	Description string         `json:"description,omitempty"`
	Collection  string         `json:"collection"`
	Parameters  []Parameter    `json:"parameters,omitempty"`
	Tabs        []DashboardTab `json:"tabs,omitempty"`
	Cards       []Card         `json:"cards"`
}

// DashboardTab names a tab; cards without one are on the first.
type DashboardTab struct {
	Key  string `json:"key"`
	Name string `json:"name"`
}

// Card shows one question. Units: columns of 24, rows of 56 CSS pixels.
type Card struct {
	Key      string `json:"key"`
	Question string `json:"question"`
	Title    string `json:"title,omitempty"` // default: the question's name
	Tab      string `json:"tab,omitempty"`
	X        int    `json:"x"`
	Y        int    `json:"y"`
	W        int    `json:"w"`
	H        int    `json:"h"`
	// Parameters maps dashboard parameter → question parameter.
	Parameters map[string]string `json:"parameters,omitempty"`
}
