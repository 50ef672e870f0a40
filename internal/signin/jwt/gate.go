package jwt

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// MaxToken is the size in bytes above which a token is refused unread.
const MaxToken = 8 << 10

// logoutType is the typ of tokens that end sessions, §3.5. Those of sign-ins
// have JWT or none, so that neither is ever taken for the other (RFC 8725 §3.11).
const logoutType = "oriel-logout+jwt"

// unverified is a token that passed the gate: well formed, and believed in
// nothing.
type unverified struct {
	compact string
	header  header
	claims  object
	dates   dates
}

// header is what a token's protected header may hold. No other member passes,
// so jku, jwk, x5u, x5c, zip, b64 and crit never reach the library.
type header struct {
	algorithm string
	keyID     string
	hasKeyID  bool
	isLogout  bool // by its typ
}

// parse is the gate. It fails with [oriel.CodeTokenMalformed], or with
// [oriel.CodeAlgorithmNotAllowed] for an unsigned token.
func parse(token string) (unverified, error) {
	header, payload, err := parseForm(token)
	if err != nil {
		return unverified{}, err
	}
	claims, err := parseObject(payload)
	if err != nil {
		return unverified{}, malformed(fmt.Errorf("read the payload: %w", err))
	}
	dates, err := parseDates(claims)
	if err != nil {
		return unverified{}, malformed(err)
	}
	return unverified{compact: token, header: header, claims: claims, dates: dates}, nil
}

// parseForm is the part of the gate that holds for every signed text, whatever
// its payload is: size, parts, alphabet and header.
func parseForm(token string) (header, []byte, error) {
	if len(token) > MaxToken {
		return header{}, nil, malformed(fmt.Errorf("it has %d bytes, over the %d that are read", len(token), MaxToken))
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return header{}, nil, malformed(fmt.Errorf("it has %d dots, not two", len(parts)-1))
	}
	headerText, err := decode(parts[0])
	if err != nil {
		return header{}, nil, malformed(fmt.Errorf("decode the header: %w", err))
	}
	h, err := parseHeader(headerText)
	if err != nil {
		return header{}, nil, err
	}
	payload, err := decode(parts[1])
	if err != nil {
		return header{}, nil, malformed(fmt.Errorf("decode the payload: %w", err))
	}
	if _, err := decode(parts[2]); err != nil {
		return header{}, nil, malformed(fmt.Errorf("decode the signature: %w", err))
	}
	return h, payload, nil
}

func parseHeader(text []byte) (header, error) {
	members, err := parseObject(text)
	if err != nil {
		return header{}, malformed(fmt.Errorf("read the header: %w", err))
	}
	var h header
	for name, value := range members {
		text, isText := value.(string)
		if !isText {
			return header{}, malformed(errors.New("a member of the header is not a text"))
		}
		switch name {
		case "alg":
			h.algorithm = text
		case "kid":
			h.keyID, h.hasKeyID = text, true
		case "typ":
			if text != "JWT" && text != logoutType {
				return header{}, malformed(errors.New("typ is neither JWT nor " + logoutType))
			}
			h.isLogout = text == logoutType
		default:
			return header{}, malformed(errors.New("the header has a member other than alg, kid and typ"))
		}
	}
	if h.algorithm == "" {
		return header{}, malformed(errors.New("the header has no alg"))
	}
	// Before the signature part is looked at: an unsigned token has an empty
	// one (RFC 7519 §6.1), and is to be called what it is.
	if strings.EqualFold(h.algorithm, "none") {
		return header{}, &oriel.Error{Code: oriel.CodeAlgorithmNotAllowed, Err: errors.New("the token is unsigned")}
	}
	return h, nil
}

// decode reads base64url without padding, in its one spelling: the library
// would let line breaks and stray bits through (RFC 7515 §2), and one token
// would have several hashes.
func decode(part string) ([]byte, error) {
	if part == "" {
		return nil, errors.New("it is empty")
	}
	for i := range len(part) {
		c := part[i]
		if (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return nil, errors.New("it has a character that base64url has not")
		}
	}
	// Strict refuses bits at the end that encode nothing. With the alphabet
	// above, what is left is the one spelling.
	decoded, err := base64.RawURLEncoding.Strict().DecodeString(part)
	if err != nil {
		return nil, errors.New("it is not the one base64url spelling of any bytes")
	}
	return decoded, nil
}

func malformed(cause error) error {
	return &oriel.Error{Code: oriel.CodeTokenMalformed, Err: cause}
}
