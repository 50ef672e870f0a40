package httpapi

import (
	"fmt"
	"io"
)

// referenceLetters leaves out what is misread or misheard: 0 O, 1 I L, U V.
const referenceLetters = "23456789ABCDEFGHJKMNPQRSTWXYZ"

// newReference makes the short name of a request, as XK7-4QF: people read it
// to each other, so it is not meant to be unguessable, only rare (29^6).
func newReference(random io.Reader) (string, error) {
	letters := make([]byte, 0, 6)
	// Bytes at or above the last whole multiple would favour some letters.
	const ceiling = 256 - 256%len(referenceLetters)
	var drawn [8]byte
	for len(letters) < 6 {
		if _, err := io.ReadFull(random, drawn[:]); err != nil {
			return "", fmt.Errorf("draw a reference: %w", err)
		}
		for _, b := range drawn {
			if int(b) < ceiling && len(letters) < 6 {
				letters = append(letters, referenceLetters[int(b)%len(referenceLetters)])
			}
		}
	}
	return string(letters[:3]) + "-" + string(letters[3:]), nil
}
