package postgres

import (
	"errors"
	"strings"

	"github.com/wasilibs/go-pgquery/parser"
	"google.golang.org/protobuf/encoding/protowire"
)

// The parser runs in a sandbox with a stack of 64 KiB that has no end: what is
// nested too deep overwrites the parser's own data, silently, and it reads every
// later text wrongly. It held 800 levels of everything that nests; what could be
// deeper than maxNesting by its tokens is never given to it.
const (
	maxNesting = 600
	maxChained = 60 // set operations, and joins, each
)

// scan tells whether a text is flat enough for the parser. Each token since the
// last comma, AND or OR counts as a level, in every bracket around it: the three
// separate operands that the parser keeps side by side. The scanner itself
// nests nothing. Errors: query_refused.
func scan(query string) error {
	encoded, err := parser.ScanToProtobuf(query)
	if err != nil {
		return refusedBy(query, err)
	}
	tokens, err := tokensOf(query, encoded)
	if err != nil {
		return err
	}
	open, level, operations, joins := []int{}, 0, 0, 0
	total := 0 // of the levels that are open
	for _, token := range tokens {
		switch strings.ToLower(token) {
		case ",", "and", "or":
			total -= level
			level = 0
		case "(", "[", "case":
			open = append(open, level)
			level = 0
			total++
		case ")", "]", "end":
			if len(open) == 0 {
				return refuse("the query closes what it did not open")
			}
			total -= level + 1
			level = open[len(open)-1]
			open = open[:len(open)-1]
			level++
			total++
		case "union", "except", "intersect":
			operations++
		case "join":
			joins++
		default:
			level++
			total++
		}
		if total > maxNesting {
			return refuse("the query is nested too deep, or strings too many operators together")
		}
	}
	if operations > maxChained || joins > maxChained {
		return refuse("the query has more than %d joins or set operations", maxChained)
	}
	return nil
}

// tokensOf reads a ScanResult: the texts of the tokens, comments left out.
func tokensOf(query string, data []byte) ([]string, error) {
	unread := errors.New("the scanner's answer can't be read")
	var tokens []string
	for len(data) > 0 {
		num, wire, size := protowire.ConsumeTag(data)
		if size < 0 {
			return nil, unread
		}
		data = data[size:]
		if num != 2 || wire != protowire.BytesType {
			if size = protowire.ConsumeFieldValue(num, wire, data); size < 0 {
				return nil, unread
			}
			data = data[size:]
			continue
		}
		token, size := protowire.ConsumeBytes(data)
		if size < 0 {
			return nil, unread
		}
		data = data[size:]
		ends := [3]uint64{} // [1] start, [2] end
		for len(token) > 0 {
			num, wire, size := protowire.ConsumeTag(token)
			if size < 0 || wire != protowire.VarintType {
				return nil, unread
			}
			v, more := protowire.ConsumeVarint(token[size:])
			if more < 0 {
				return nil, unread
			}
			if num <= 2 {
				ends[num] = v
			}
			token = token[size+more:]
		}
		if ends[1] > ends[2] || ends[2] > uint64(len(query)) {
			return nil, unread
		}
		word := query[ends[1]:ends[2]]
		if !strings.HasPrefix(word, "--") && !strings.HasPrefix(word, "/*") {
			tokens = append(tokens, word)
		}
	}
	return tokens, nil
}
