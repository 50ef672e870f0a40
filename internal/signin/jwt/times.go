package jwt

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// The limits of the contract, §1.
const (
	leeway      = 30 * time.Second
	maxLifetime = 5 * time.Minute   // strict: exp - iat
	maxAge      = 180 * time.Second // compat: now - iat
	rememberFor = 60 * time.Second  // beyond the last moment of validity
)

// maxDate is the end of the year 9999; what lies behind it is no date.
const maxDate = 253402300799

// dates are a token's NumericDates (RFC 7519 §2); nil when absent.
type dates struct {
	issued, notBefore, expires *time.Time
}

func parseDates(claims object) (dates, error) {
	var d dates
	for _, date := range []struct {
		claim string
		to    **time.Time
	}{{"iat", &d.issued}, {"nbf", &d.notBefore}, {"exp", &d.expires}} {
		value, present := claims[date.claim]
		if !present {
			continue
		}
		at, err := parseDate(value)
		if err != nil {
			return dates{}, fmt.Errorf("the claim %s %w", date.claim, err)
		}
		*date.to = &at
	}
	return d, nil
}

func parseDate(value any) (time.Time, error) {
	number, isNumber := value.(json.Number)
	if !isNumber {
		return time.Time{}, fmt.Errorf("is not a JSON number")
	}
	seconds, err := strconv.ParseFloat(number.String(), 64)
	if err != nil || strings.HasPrefix(number.String(), "-") || seconds > maxDate {
		return time.Time{}, fmt.Errorf("is not a date from 1970 to 9999")
	}
	whole, fraction := math.Modf(seconds)
	return time.Unix(int64(whole), int64(fraction*1e9)).UTC(), nil
}

// check holds the dates against now (§1, RFC 7519 §4.1.4 and §4.1.5).
func (d dates) check(profile oriel.Profile, now time.Time) error {
	switch {
	case d.expires == nil:
		return missing("exp")
	case d.issued == nil:
		return missing("iat")
	case !now.Before(d.expires.Add(leeway)):
		return &oriel.Error{Code: oriel.CodeTokenExpired}
	case d.issued.After(now.Add(leeway)), d.notBefore != nil && d.notBefore.After(now.Add(leeway)):
		return &oriel.Error{Code: oriel.CodeTokenNotYetValid}
	case d.expires.Before(*d.issued):
		return &oriel.Error{Code: oriel.CodeTokenLifetime, Err: errors.New("it ends before it begins")}
	case profile == oriel.ProfileCompat && now.Sub(*d.issued) > maxAge+leeway:
		return &oriel.Error{Code: oriel.CodeTokenTooOld}
	case profile != oriel.ProfileCompat && d.expires.Sub(*d.issued) > maxLifetime:
		return &oriel.Error{Code: oriel.CodeTokenLifetime}
	}
	return nil
}

// spentUntil is until when a use must be remembered: the last moment at which
// the token could pass check, and a minute more.
func (d dates) spentUntil(profile oriel.Profile) time.Time {
	last := d.expires.Add(leeway)
	if profile == oriel.ProfileCompat {
		if oldest := d.issued.Add(maxAge + leeway); oldest.Before(last) {
			last = oldest
		}
	}
	return last.Add(rememberFor)
}

// String tells the dates for the sign-in record.
func (d dates) String() string {
	var parts []string
	for _, date := range []struct {
		claim string
		at    *time.Time
	}{{"iat", d.issued}, {"nbf", d.notBefore}, {"exp", d.expires}} {
		if date.at != nil {
			parts = append(parts, date.claim+" "+date.at.Format(time.RFC3339))
		}
	}
	return strings.Join(parts, ", ")
}
