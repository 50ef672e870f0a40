package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// claims are those of the benchmark's tokens.
type claims struct {
	Iss, Sub, Aud, Jti, Sid, Email, Airport string
	FirstName                               string `json:"first_name"`
	LastName                                string `json:"last_name"`
	Iat, Exp                                int64
	Groups                                  []string
}

// exchange turns tokens into sessions in one durable transaction, and into the
// answers that the server would give: what peers/exchange.js does, in Go.
func (d *direct) exchange(ctx context.Context, tokens []string) error {
	verified := make([]claims, len(tokens))
	for i, token := range tokens {
		var err error
		if verified[i], err = d.verify(token); err != nil {
			return err
		}
	}
	if _, err := d.sql["begin"].ExecContext(ctx); err != nil {
		return err
	}
	answers := make([]map[string]any, 0, len(tokens))
	for _, c := range verified {
		answer, err := d.arrive(ctx, c)
		if err != nil {
			_, undone := d.sql["rollback"].ExecContext(ctx)
			return errors.Join(err, undone)
		}
		answers = append(answers, answer)
	}
	if _, err := d.sql["commit"].ExecContext(ctx); err != nil {
		return err
	}
	for _, answer := range answers {
		if _, err := json.Marshal(answer); err != nil {
			return err
		}
	}
	return nil
}

func (d *direct) verify(token string) (c claims, err error) {
	parsed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.HS256})
	if err != nil {
		return c, err
	}
	payload, err := parsed.Verify([]byte(d.secret))
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(payload, &c); err != nil {
		return c, err
	}
	now := time.Now().Unix()
	switch {
	case c.Iss != d.issuer || c.Aud != d.audience:
		return c, errors.New("the token is another's, or for another")
	case now > c.Exp+30 || now < c.Iat-30 || c.Exp-c.Iat > 300:
		return c, errors.New("the token's time is not now")
	case c.Sub == "" || c.Jti == "" || c.Email == "":
		return c, errors.New("the token has no identity")
	}
	return c, nil
}

// person is a stored user with what the identity remembers.
type person struct {
	id, email, firstName, lastName string
	active                         bool
	issued                         int64
}

// arrive does what one sign-in writes and gives its answer.
func (d *direct) arrive(ctx context.Context, c claims) (map[string]any, error) {
	now := time.Now()
	spent := sha256.Sum256([]byte("prv_1\x00" + c.Jti))
	result, err := d.sql["spend"].ExecContext(ctx, spent[:], (c.Exp+90)*1e6)
	if err != nil {
		return nil, err
	}
	if rows, err := result.RowsAffected(); err != nil || rows == 0 {
		return nil, errors.Join(errors.New("the token was used before"), err)
	}
	p, err := d.settle(ctx, c, now)
	if err != nil {
		return nil, err
	}
	groups, err := d.join(ctx, p.id, c.Groups)
	if err != nil {
		return nil, err
	}
	random := make([]byte, 32+16+6)
	if _, err := rand.Read(random); err != nil {
		return nil, err
	}
	bearer := "ors_" + base64.RawURLEncoding.EncodeToString(random[:32])
	hash := sha256.Sum256([]byte(bearer))
	expires := now.Add(10 * time.Minute)
	if _, err := d.sql["session"].ExecContext(ctx, hash[:], "ses_"+hex.EncodeToString(random[32:48]), p.id, "prv_1", d.kid,
		hostOrigin, c.Sid, now.UnixMicro(), expires.UnixMicro()); err != nil {
		return nil, err
	}
	record, err := json.Marshal(d.record(c, now))
	if err != nil {
		return nil, err
	}
	if _, err := d.sql["record"].ExecContext(ctx, reference(random[48:]), now.UnixMicro(), "apron", hostOrigin, "127.0.0.1", p.id, string(record)); err != nil {
		return nil, err
	}
	return map[string]any{
		"token": bearer, "token_type": "Bearer", "expires_in": 600, "expires_at": expires.Unix(), "server_time": now.Unix(),
		"user": map[string]any{
			"id": p.id, "email": c.Email, "name": c.FirstName + " " + c.LastName, "tenant": nil,
			"groups": groups, "attributes": map[string]string{"airport": c.Airport}, "locale": nil,
		},
		"settings": map[string]any{"site_name": "Oriel", "site_url": d.audience, "version": "bench", "formats": map[string]any{}},
	}, nil
}

// settle makes or updates the user, and replaces the attributes.
func (d *direct) settle(ctx context.Context, c claims, now time.Time) (p person, err error) {
	issued := c.Iat * 1e6
	err = d.sql["find"].QueryRowContext(ctx, "prv_1", c.Sub).Scan(&p.id, &p.email, &p.firstName, &p.lastName, &p.active, &p.issued)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		random := make([]byte, 16)
		if _, err := rand.Read(random); err != nil {
			return p, err
		}
		p.id = "usr_" + hex.EncodeToString(random)
		_, err = d.sql["create_user"].ExecContext(ctx, p.id, c.Email, strings.ToLower(c.Email), c.FirstName, c.LastName, now.UnixMicro())
		if err == nil {
			_, err = d.sql["create_identity"].ExecContext(ctx, "prv_1", c.Sub, p.id, issued, now.UnixMicro())
		}
	case err != nil:
	case !p.active:
		err = errors.New("the user is not active")
	case issued < p.issued-60e6:
		err = errors.New("a later token was accepted before")
	default:
		if c.Email != p.email || c.FirstName != p.firstName || c.LastName != p.lastName {
			_, err = d.sql["update_user"].ExecContext(ctx, c.Email, strings.ToLower(c.Email), c.FirstName, c.LastName, p.id)
		}
		if err == nil && issued > p.issued {
			_, err = d.sql["raise"].ExecContext(ctx, issued, "prv_1", c.Sub)
		}
	}
	if err != nil {
		return p, err
	}
	attributes, err := json.Marshal(map[string]string{"airport": c.Airport})
	if err != nil {
		return p, err
	}
	_, err = d.sql["attributes"].ExecContext(ctx, p.id, "prv_1", string(attributes))
	return p, err
}

// join puts the user into the group that the claim names, or takes them out.
func (d *direct) join(ctx context.Context, user string, claimed []string) (_ []string, err error) {
	rows, err := d.sql["groups"].QueryContext(ctx, user)
	if err != nil {
		return nil, err
	}
	groups := []string{"all-users"}
	for rows.Next() {
		var group string
		if err := rows.Scan(&group); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		groups = append(groups, group)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	switch is, wanted := slices.Contains(groups, "operators"), slices.Contains(claimed, "operators"); {
	case wanted && !is:
		_, err = d.sql["join"].ExecContext(ctx, user, "operators")
		groups = append(groups, "operators")
	case is && !wanted:
		_, err = d.sql["leave"].ExecContext(ctx, user, "operators")
		groups = slices.DeleteFunc(groups, func(group string) bool { return group == "operators" })
	}
	return groups, err
}

type checked struct {
	Name     string `json:"name"`
	Outcome  string `json:"outcome"`
	Expected string `json:"expected,omitempty"`
	Received string `json:"received,omitempty"`
}

// record is the ordered checks with expected against received, as Oriel keeps them.
func (d *direct) record(c claims, now time.Time) any {
	return struct {
		Checks []checked `json:"checks"`
		Skew   int64     `json:"clock_skew_ms"`
	}{
		Skew: c.Iat*1000 - now.UnixMilli(),
		Checks: []checked{
			{"embedding", "passed", "on", ""},
			{"provider", "passed", "", "apron"},
			{"origin", "passed", "", `"` + hostOrigin + `"`},
			{"key", "passed", `one of "` + d.kid + `" (hs256)`, `kid "` + d.kid + `", alg "HS256"`},
			{"signature", "passed", "made with the provider's key", `key "` + d.kid + `"`},
			{"time", "passed", "valid at " + now.UTC().Format(time.RFC3339) + " ± 30 s", fmt.Sprintf("iat %d, exp %d", c.Iat, c.Exp)},
			{"issuer", "passed", `"` + d.issuer + `"`, `"` + c.Iss + `"`},
			{"audience", "passed", `"` + d.audience + `"`, `"` + c.Aud + `"`},
			{"replay", "passed", "a token that was not used before", ""},
			{"tenant", "passed", "", "none"},
			{"account", "passed", "", ""},
			{"groups", "passed", "", ""},
		},
	}
}

// reference is the short name of the attempt.
func reference(drawn []byte) string {
	const letters = "23456789ABCDEFGHJKMNPQRSTWXYZ"
	name := make([]byte, 0, 7)
	for i, b := range drawn {
		if i == 3 {
			name = append(name, '-')
		}
		name = append(name, letters[int(b)%len(letters)])
	}
	return string(name)
}
