package main

import "strings"

// customer is an airport that bought the product.
type customer struct {
	Name  string `json:"name"`
	Color string `json:"color"` // of its mark; white text is legible on it
}

// person is someone who may sign in to the product.
type person struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Airport  string   `json:"airport"`
	Title    string   `json:"title"`
	Customer customer `json:"customer"`
}

// people are everyone there is, in the order in which the page offers them.
func people() []person {
	dallas := customer{Name: "Dallas/Fort Worth International", Color: "#0b5c8c"}
	chicago := customer{Name: "Chicago O'Hare International", Color: "#9a3412"}
	return []person{
		{ID: "dana-dfw", Name: "Dana Reyes", Airport: "DFW", Title: "Duty manager, airside", Customer: dallas},
		{ID: "marcus-dfw", Name: "Marcus Hill", Airport: "DFW", Title: "Gate planner", Customer: dallas},
		{ID: "olivia-ord", Name: "Olivia Kowalski", Airport: "ORD", Title: "Head of ramp operations", Customer: chicago},
		{ID: "theo-ord", Name: "Theo Lindqvist", Airport: "ORD", Title: "Punctuality analyst", Customer: chicago},
	}
}

func findPerson(id string) (person, bool) {
	for _, p := range people() {
		if p.ID == id {
			return p, true
		}
	}
	return person{}, false
}

// names splits the name for the host token.
func (p person) names() (first, last string) {
	first, last, _ = strings.Cut(p.Name, " ")
	return first, last
}

// email is the person's address at their airport.
func (p person) email() string {
	first, last := p.names()
	return strings.ToLower(first + "." + last + "@" + p.Airport + ".example")
}
