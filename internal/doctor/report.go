package doctor

import "github.com/oriel-bi/oriel/internal/oriel"

// Status is how a check ended.
type Status string

// The statuses.
const (
	OK      Status = "ok"
	Finding Status = "finding"
	Skipped Status = "skipped"
)

// Check is one thing that was looked at.
type Check struct {
	About    string `json:"about"` // "oriel", "provider apron", "host of apron", …
	Name     string `json:"name"`
	Status   Status `json:"status"`
	Expected string `json:"expected,omitempty"`
	Received string `json:"received,omitempty"`
	Fix      string `json:"fix,omitempty"` // what to do about a finding
}

// Report is what was found, in the order in which it was looked at.
type Report struct {
	Checks []Check `json:"checks"`
}

// Findings counts them.
func (r Report) Findings() int {
	n := 0
	for _, c := range r.Checks {
		if c.Status == Finding {
			n++
		}
	}
	return n
}

// section writes the checks about one thing.
type section struct {
	about  string
	report *Report
}

func (s section) add(c Check) {
	c.About = s.about
	s.report.Checks = append(s.report.Checks, c)
}

func (s section) ok(name, received string) {
	s.add(Check{Name: name, Status: OK, Received: received})
}

func (s section) finding(name, expected, received, fix string) {
	s.add(Check{Name: name, Status: Finding, Expected: expected, Received: received, Fix: fix})
}

func (s section) skipped(name, why string) {
	s.add(Check{Name: name, Status: Skipped, Received: why})
}

// took passes on the check of a sign-in.
func (s section) took(c oriel.Check, fix string) {
	switch c.Outcome {
	case oriel.CheckPassed:
		s.add(Check{Name: c.Name, Status: OK, Expected: c.Expected, Received: c.Received})
	case oriel.CheckFailed:
		s.add(Check{Name: c.Name, Status: Finding, Expected: c.Expected, Received: c.Received, Fix: fix})
	default:
		s.add(Check{Name: c.Name, Status: Skipped, Expected: c.Expected, Received: c.Received})
	}
}
