package sourcetest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// person is a principal of the model. A value that is missing is not in the
// map; a list may be empty.
type person struct {
	id     string
	tenant string // "" for none
	values map[string][]string
	lists  map[string]bool
	groups []string
}

// attributeNames are those of a user or a tenant, by the type that they mostly
// have; a list is of texts.
func attributeNames() map[string]oriel.ColumnType {
	return map[string]oriel.ColumnType{
		"text": oriel.TypeText, "list": oriel.TypeText, "whole": oriel.TypeInteger, "real": oriel.TypeNumber,
		"yes": oriel.TypeBoolean, "day": oriel.TypeDate, "moment": oriel.TypeTimestamp,
	}
}

func randomPerson(c chance) person {
	p := person{id: pick(c, "A", "usr_1"), tenant: pick(c, "A", "A", "a", ""), values: map[string][]string{}, lists: map[string]bool{}}
	names := attributeNames()
	for _, from := range []string{"user.attr.", "tenant.attr."} {
		for _, name := range slices.Sorted(maps.Keys(names)) {
			switch {
			case c.oneIn(16):
			case name == "list":
				p.lists[from+name] = true
				p.values[from+name] = []string{}
				for range c.IntN(4) {
					p.values[from+name] = append(p.values[from+name], randomText(c, names[name]))
				}
			default:
				p.values[from+name] = []string{randomText(c, names[name])}
			}
		}
	}
	p.groups = pick(c, []string{"g1"}, []string{"g1", "g2"}, []string{"g3"})
	return p
}

// randomText is an attribute's value, mostly of the type, now and then of
// another and of none.
func randomText(c chance, kind oriel.ColumnType) string {
	if c.oneIn(12) {
		return pick(c, append(texts(), "2001-02-30", " 1", "+1", "2001-01-02T12:30:00Z", "TRUE", ".5")...)
	}
	for {
		if value := randomValue(c, kind); value != nil && value != "" {
			return fmt.Sprint(value)
		}
	}
}

func (p person) principal() oriel.Principal {
	user := oriel.User{ID: oriel.UserID(p.id), Tenant: oriel.TenantSlug(p.tenant), Attributes: oriel.Attributes{}, AttributesFrom: oriel.AttributeSets{Tenant: oriel.Attributes{}}}
	for name, values := range p.values {
		value := oriel.AttributeValue{List: p.lists[name], Values: values}
		if own, isUsers := strings.CutPrefix(name, "user.attr."); isUsers {
			user.Attributes[own] = value
		} else {
			user.AttributesFrom.Tenant[strings.TrimPrefix(name, "tenant.attr.")] = value
		}
	}
	for _, g := range p.groups {
		user.Groups = append(user.Groups, oriel.GroupKey(g))
	}
	return oriel.NewPrincipal(user, oriel.SessionEmbed)
}

// read gives the values of an operand of the person, as texts.
func (p person) read(name string) (values []string, list, ok bool) {
	switch name {
	case "user.id":
		return []string{p.id}, false, true
	case "tenant.slug":
		return []string{p.tenant}, false, p.tenant != ""
	case "user.groups":
		return p.groups, true, true
	}
	values, found := p.values[name]
	return values, p.lists[name], found && len(values) > 0 && !slices.Contains(values, "")
}

var (
	wholeText = regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`)
	floatText = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][0-9]+)?$`)
	dayText   = regexp.MustCompile(`^2001-01-[0-3][0-9]$`)
	timeText  = regexp.MustCompile(`^2001-01-[0-3][0-9]T[012][0-9]:[0-5][0-9]:00$`)
)

// typed reads a text as a value of the model; it knows what the suite writes.
func typed(text string, kind oriel.ColumnType) (any, bool) {
	switch kind {
	case oriel.TypeText:
		return text, true
	case oriel.TypeInteger:
		v, err := strconv.ParseInt(text, 10, 64)
		return v, err == nil && wholeText.MatchString(text)
	case oriel.TypeNumber:
		v, err := strconv.ParseFloat(text, 64)
		return v, err == nil && floatText.MatchString(text) && strings.TrimPrefix(text, "-") != "9007199254740993"
	case oriel.TypeBoolean:
		return text == "true", text == "true" || text == "false"
	case oriel.TypeDate:
		return text, dayText.MatchString(text)
	}
	if dayText.MatchString(text) {
		return text + "T00:00:00", true
	}
	return text, timeText.MatchString(text)
}
