package duckdb

import (
	"encoding/json"
	"regexp"
)

// maxGrowth bounds how many times longer all replacements of a text together
// can make a value. Each works inside one call that no deadline interrupts, in
// memory that the engine's own limit does not count: six, one in another, of a
// letter by twenty make a gigabyte.
const maxGrowth = 100

// replacing are the functions that put a text in place of others; the third
// operand is what is put.
var replacing = set(`replace regexp_replace`)

// replacement refuses one whose length is not in the text, as it may be what
// another one made, and more growth than all of them may have.
func (w *walker) replacement(name string, o object) error {
	operands, _ := o.members["children"].([]any)
	if len(operands) < 3 {
		return refuseAt(w.text, o.at, "%s without a replacement is not allowed", name)
	}
	put, isText := constantText(operands[2])
	if !isText {
		return refuseAt(w.text, o.at, "the replacement of %s must be a text in quotes", name)
	}
	factor := len(put)
	if from, isText := constantText(operands[1]); isText && from != "" && name == "replace" {
		factor = (len(put) + len(from) - 1) / len(from)
	} else if name == "regexp_replace" {
		factor = 2 * len(put) // it may stand at every place, and \0 in it for all
	}
	if factor > 1 {
		w.growth = max(w.growth, 1) * min(factor, maxGrowth+1)
	}
	if w.growth > maxGrowth {
		return refuseAt(w.text, o.at, "the replacements can make a text more than %d times longer", maxGrowth)
	}
	return nil
}

// maxPadded bounds how long lpad and rpad make a text.
const maxPadded = 100

// formats are the formats that say nothing of a width.
var formats = map[string]*regexp.Regexp{
	"format": regexp.MustCompile(`^([^{}]|\{\{|\}\}|\{(:,?(\.\d{1,2})?[dfs]?)?\})*$`),
	"printf": regexp.MustCompile(`^([^%]|%%|%(\.\d{1,2})?[dfs])*$`),
}

// width refuses what could make a long text by a number, or by a format that
// somebody else chooses.
func (w *walker) width(name string, o object) error {
	operands, _ := o.members["children"].([]any)
	if name == "lpad" || name == "rpad" {
		if len(operands) > 1 && constantUpTo(operands[1], maxPadded) {
			return nil
		}
		return refuseAt(w.text, o.at, "the length of %s must be a number up to %d", name, maxPadded)
	}
	if formats[name] == nil {
		return nil
	}
	if len(operands) > 0 {
		if text, isText := constantText(operands[0]); isText && formats[name].MatchString(text) {
			return nil
		}
	}
	return refuseAt(w.text, o.at, "the format of %s must be a text in quotes without a width", name)
}

// constantUpTo tells whether an operand is a whole number from 0 to most.
func constantUpTo(v any, most int64) bool {
	constant, _ := v.(map[string]any)
	value, _ := constant["value"].(map[string]any)
	number, isNumber := value["value"].(json.Number)
	if !isNumber || constant["class"] != "CONSTANT" {
		return false
	}
	n, err := number.Int64()
	return err == nil && n >= 0 && n <= most
}

// constantText reads an operand that is a text in quotes.
func constantText(v any) (string, bool) {
	constant, _ := v.(map[string]any)
	value, _ := constant["value"].(map[string]any)
	text, isText := value["value"].(string)
	return text, isText && constant["class"] == "CONSTANT"
}
