package spelling

import "strings"

// longest is the name beyond which nothing is compared: the work grows with
// the product of the lengths, and no name of ours is longer.
const longest = 64

// Nearest is the known name that is the fewest edits away from name, at most
// so many; the first of several, and empty without one. Upper and lower case
// are equal, so that a name in the wrong case is no edit away.
func Nearest(name string, known []string, most int) string {
	best, fewest := "", most+1
	for _, candidate := range known {
		if candidate == name {
			return candidate
		}
		if n := edits(strings.ToLower(name), strings.ToLower(candidate)); n < fewest {
			best, fewest = candidate, n
		}
	}
	return best
}

// edits counts the letters to insert, delete, replace or swap with their
// neighbour (optimal string alignment) that make b of a.
func edits(a, b string) int {
	if len(a) > longest || len(b) > longest {
		return longest
	}
	before := make([]int, len(b)+1)
	previous := make([]int, len(b)+1)
	current := make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := 1; i <= len(a); i++ {
		current[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			current[j] = min(previous[j]+1, current[j-1]+1, previous[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				current[j] = min(current[j], before[j-2]+1)
			}
		}
		before, previous, current = previous, current, before
	}
	return previous[len(b)]
}
