package sourcetest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// maskKey is that of every source of the suite.
func maskKey() []byte {
	key := sha256.Sum256([]byte("sourcetest"))
	return key[:]
}

// modelKey is the model on t that policies may be on too.
const modelKey = "m"

// policy is one on a table, as the model understands it.
type policy struct {
	declared   oriel.Policy
	conditions []condition
}

// randomPolicies are those on one table, or on the model when key isn't empty.
func randomPolicies(c chance, table Table, l Table, key string) []policy {
	on := oriel.Policy{Table: oriel.TableRef{Source: fullSource, Table: table.Name}}
	if key != "" {
		on = oriel.Policy{Model: key}
	}
	var policies []policy
	for i := range 1 + c.IntN(2) {
		p := policy{declared: on}
		if i == 0 || c.oneIn(3) {
			where := generator{c, table, &l}.condition(2)
			p.declared.Rows, p.conditions = where.text, []condition{where}
		}
		if p.declared.Rows == "" || c.oneIn(3) {
			p.declared.Columns = map[string]oriel.Mask{}
			for range 1 + c.IntN(2) {
				column := pick(c, table.Columns[1:]...)
				mask := pick(c, oriel.MaskHidden, oriel.MaskEmpty, oriel.MaskHash, oriel.MaskLast4)
				if !mask.Fits(column.Type) {
					mask = oriel.MaskEmpty
				}
				p.declared.Columns[column.Name] = mask
			}
		}
		if c.oneIn(3) {
			p.declared.Exempt = []oriel.GroupKey{pick[oriel.GroupKey](c, "g2", "g3", "g9")}
		}
		policies = append(policies, p)
	}
	return policies
}

func (p policy) holds(who person) bool {
	for _, g := range p.declared.Exempt {
		if slices.Contains(who.groups, string(g)) {
			return false
		}
	}
	return true
}

// permitted are the rows that the policies permit, with all of their values.
func permitted(table Table, policies []policy, who person) Table {
	kept := slices.Clone(table.Rows)
	for _, p := range policies {
		if !p.holds(who) {
			continue
		}
		for _, c := range p.conditions {
			kept = slices.DeleteFunc(kept, func(row []any) bool { return !c.reads(who) || !c.holds(row, who).yes })
		}
	}
	return Table{Name: table.Name, Columns: table.Columns, Rows: kept}
}

// left is the table of which nothing else was ever there: the rows and columns
// that the policies permit, with the values that the masks show.
func left(table Table, policies []policy, who person) Table {
	seen := map[string]map[oriel.Mask]bool{}
	kept := permitted(table, policies, who).Rows
	for _, p := range policies {
		if !p.holds(who) {
			continue
		}
		for name, mask := range p.declared.Columns {
			if seen[name] == nil {
				seen[name] = map[oriel.Mask]bool{}
			}
			seen[name][mask] = true
		}
	}
	result := Table{Name: table.Name}
	for range kept {
		result.Rows = append(result.Rows, nil)
	}
	for at, column := range table.Columns {
		masks := seen[column.Name]
		if masks[oriel.MaskHidden] {
			continue
		}
		mask := oriel.MaskNone
		switch {
		case masks[oriel.MaskEmpty] || masks[oriel.MaskHash] && masks[oriel.MaskLast4]:
			mask = oriel.MaskEmpty
		case masks[oriel.MaskHash]:
			mask, column.Type = oriel.MaskHash, oriel.TypeText
		case masks[oriel.MaskLast4]:
			mask, column.Type = oriel.MaskLast4, oriel.TypeText
		}
		result.Columns = append(result.Columns, column)
		for i, row := range kept {
			result.Rows[i] = append(result.Rows[i], shown(row[at], mask))
		}
	}
	return result
}

func shown(value any, mask oriel.Mask) any {
	if value == nil || mask == oriel.MaskNone {
		return value
	}
	text := fmt.Sprint(value)
	switch characters := []rune(text); {
	case mask == oriel.MaskHash:
		mac := hmac.New(sha256.New, maskKey())
		mac.Write([]byte(text))
		return hex.EncodeToString(mac.Sum(nil))
	case mask == oriel.MaskLast4 && len(characters) > 4:
		return string(characters[len(characters)-4:])
	}
	return nil
}
