package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/oriel-bi/oriel/internal/oriel"
)

// providerDocument is a provider as it is stored and audited: without keys.
type providerDocument struct {
	Slug       string                      `json:"slug"`
	Method     oriel.Method                `json:"method,omitempty"` // empty: jwt
	Enabled    bool                        `json:"enabled"`
	Profile    oriel.Profile               `json:"profile,omitempty"`
	Issuer     string                      `json:"issuer,omitempty"`
	Audience   string                      `json:"audience,omitempty"`
	SignInURI  string                      `json:"sign_in_uri,omitempty"`
	Claims     oriel.ClaimNames            `json:"claims"`
	Groups     oriel.GroupsMode            `json:"groups,omitempty"`
	Mapping    map[string][]oriel.GroupKey `json:"mapping,omitempty"`
	Opened     []oriel.GroupKey            `json:"opened,omitempty"`
	Create     bool                        `json:"create"`
	Reactivate bool                        `json:"reactivate"`
	Tenants    oriel.ProviderTenants       `json:"tenants"`
	Realm      string                      `json:"realm,omitempty"`
	Origins    []string                    `json:"origins,omitempty"`
	Backend    bool                        `json:"backend_sessions,omitempty"`
	Legacy     bool                        `json:"legacy_exchange,omitempty"`
	Native     bool                        `json:"native,omitempty"`
	SAML       *samlDocument               `json:"saml,omitempty"`
}

// samlDocument is what only a SAML provider has.
type samlDocument struct {
	IdPInitiated        bool          `json:"idp_initiated,omitempty"`
	SignRequests        bool          `json:"sign_requests,omitempty"`
	WantEncrypted       bool          `json:"want_encrypted,omitempty"`
	SignOutURI          string        `json:"sign_out_uri,omitempty"`
	SignOutAnswerURI    string        `json:"sign_out_answer_uri,omitempty"`
	Callbacks           []string      `json:"callback_urls,omitempty"`
	RenewFor            time.Duration `json:"renew_for,omitempty"` // nanoseconds
	MetadataURL         string        `json:"metadata_url,omitempty"`
	MetadataCertificate string        `json:"metadata_certificate,omitempty"`
}

func documentOf(p oriel.Provider) providerDocument {
	d := providerDocument{
		Slug: p.Slug, Enabled: p.Enabled, Profile: p.Profile, Issuer: p.Issuer, Audience: p.Audience,
		SignInURI: p.SignInURI, Claims: p.Claims, Groups: p.Groups.Mode, Mapping: p.Groups.Mapping,
		Opened: p.Groups.Opened, Create: p.Create, Reactivate: p.Reactivate, Tenants: p.Tenants,
		Realm: p.Realm, Origins: entries(p.Origins), Backend: p.BackendSessions, Legacy: p.LegacyExchange, Native: p.Native,
	}
	if p.IsSAML() {
		saml := samlDocument(p.SAML)
		d.Method, d.SAML = oriel.MethodSAML, &saml
	}
	return d
}

func (d providerDocument) provider(id string) oriel.Provider {
	p := oriel.Provider{
		ID: id, Slug: d.Slug, Method: d.Method, Enabled: d.Enabled, Profile: d.Profile, Issuer: d.Issuer, Audience: d.Audience,
		SignInURI: d.SignInURI, Claims: d.Claims, Create: d.Create, Reactivate: d.Reactivate,
		Tenants: d.Tenants, Realm: d.Realm, BackendSessions: d.Backend, LegacyExchange: d.Legacy, Native: d.Native,
	}
	p.Groups.Mode, p.Groups.Mapping, p.Groups.Opened = d.Groups, d.Mapping, d.Opened
	if d.SAML != nil {
		p.SAML = oriel.SAMLSettings(*d.SAML)
	}
	return p
}

// putProviders keeps each provider under its slug, with its keys.
func (a *applying) putProviders(providers []oriel.Provider) error {
	for _, p := range providers {
		if p.Slug == "" {
			return fmt.Errorf("apply a provider: it has no slug")
		}
		if err := a.putProvider(p); err != nil {
			return fmt.Errorf("apply provider %s: %w", p.Slug, err)
		}
	}
	return nil
}

func (a *applying) putProvider(p oriel.Provider) error {
	id, err := a.putSettings(p)
	if err != nil {
		return err
	}
	return a.putKeys(id, p)
}

// putSettings keeps all of a provider but its keys, and gives its id.
func (a *applying) putSettings(p oriel.Provider) (id string, err error) {
	next, err := document(documentOf(p))
	if err != nil {
		return "", err
	}
	var before string
	found, err := a.tx.find("read provider", `SELECT id, document FROM providers WHERE slug = ?`, []any{p.Slug}, &id, &before)
	if err != nil {
		return "", err
	}
	switch {
	case !found:
		if id, err = oriel.NewID(a.tx.writer.store.options.Random, "prv_"); err != nil {
			return "", err
		}
		err = a.tx.change("create provider",
			`INSERT INTO providers (id, slug, enabled, document) VALUES (?, ?, ?, ?)`, id, p.Slug, p.Enabled, next)
	case before != next:
		var stored providerDocument
		if err := json.Unmarshal([]byte(before), &stored); err != nil {
			return "", fmt.Errorf("a stored provider: %w", err)
		}
		if (stored.Method == oriel.MethodSAML) != p.IsSAML() {
			return "", oriel.E(oriel.CodeConflict, "the provider %q is of kind %s, and keeps it: choose another slug", p.Slug, stored.provider(id).MethodName())
		}
		// What was refused while it was off stays over, as with a user.
		if p.Enabled {
			if _, err := a.tx.endSessions(a.tx.writer.store.options.Clock(),
				`provider_id = ? AND provider_id IN (SELECT id FROM providers WHERE id = ? AND NOT enabled)`, id, id); err != nil {
				return "", err
			}
		}
		err = a.tx.change("update provider",
			`UPDATE providers SET enabled = ?, document = ? WHERE id = ?`, p.Enabled, next, id)
	}
	if err != nil || before == next {
		return id, err
	}
	return id, a.changed("provider", p.Slug, before, next)
}

// putKeys makes the provider's keys those that are declared. Other material
// under a known kid is another key: it ends the sessions of the one before.
func (a *applying) putKeys(provider string, p oriel.Provider) error {
	current, err := a.tx.keys(provider)
	if err != nil {
		return err
	}
	declared := make(map[string]bool)
	for _, key := range p.Keys {
		if key.ID == "" || declared[key.ID] {
			return fmt.Errorf("its keys need ids that differ")
		}
		declared[key.ID] = true
		if old, found := current[key.ID]; found {
			if sameKey(old, key) {
				continue
			}
			if err := a.deleteKey(provider, p.Slug, old); err != nil {
				return err
			}
		}
		if err := a.insertKey(provider, p.Slug, key); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(current)) {
		if !declared[id] {
			if err := a.deleteKey(provider, p.Slug, current[id]); err != nil {
				return err
			}
		}
	}
	return nil
}

func sameKey(a, b oriel.ProviderKey) bool {
	return a.Kind == b.Kind && a.URL == b.URL && hmac.Equal(a.Secret, b.Secret) && hmac.Equal(a.Public, b.Public)
}

func (a *applying) insertKey(provider, slug string, key oriel.ProviderKey) error {
	s := a.tx.writer.store
	var public, secret any
	if len(key.Public) > 0 {
		public = key.Public
	}
	if len(key.Secret) > 0 {
		sealed, err := a.tx.seal(key.Secret, secretPlace(provider, key.ID))
		if err != nil {
			return err
		}
		secret = sealed
	}
	err := a.tx.change("create key "+key.ID,
		`INSERT INTO provider_keys (provider_id, kid, kind, public, secret, url, created) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		provider, key.ID, string(key.Kind), public, secret, orNull(key.URL), micros(s.options.Clock()))
	if err != nil {
		return err
	}
	if key.Kind == oriel.KeyX509 {
		if err := a.tx.change("forget that a certificate was deleted",
			`DELETE FROM dropped_certificates WHERE provider_id = ? AND fingerprint = ?`, provider, fingerprint(key)); err != nil {
			return err
		}
	}
	return a.keyChanged(slug, key, true)
}

// dropCertificate remembers that an administrator deleted a certificate.
func (tx *Tx) dropCertificate(provider string, key oriel.ProviderKey) error {
	if key.Kind != oriel.KeyX509 {
		return nil
	}
	return tx.change("remember that a certificate was deleted",
		`INSERT INTO dropped_certificates (provider_id, fingerprint) VALUES (?, ?) ON CONFLICT DO NOTHING`, provider, fingerprint(key))
}

// fingerprint is the SHA-256 of a certificate, whichever way its PEM is written.
func fingerprint(key oriel.ProviderKey) []byte {
	certificate := key.Public
	if block, _ := pem.Decode(key.Public); block != nil {
		certificate = block.Bytes
	}
	sum := sha256.Sum256(certificate)
	return sum[:]
}

func (a *applying) deleteKey(provider, slug string, key oriel.ProviderKey) error {
	err := a.tx.change("delete key "+key.ID,
		`DELETE FROM provider_keys WHERE provider_id = ? AND kid = ?`, provider, key.ID)
	if err != nil {
		return err
	}
	return a.keyChanged(slug, key, false)
}

// keyChanged names a key's id and kind; never what it is made of.
func (a *applying) keyChanged(slug string, key oriel.ProviderKey, created bool) error {
	about, err := document(map[string]string{"kind": string(key.Kind)})
	if err != nil {
		return err
	}
	if created {
		return a.changed("key", slug+"/"+key.ID, "", about)
	}
	return a.changed("key", slug+"/"+key.ID, about, "")
}

// keyUpdated tells which end a key was given.
func (a *applying) keyUpdated(slug string, before, after oriel.ProviderKey) error {
	about := func(key oriel.ProviderKey) (string, error) {
		text := map[string]string{"kind": string(key.Kind)}
		if !key.Ends.IsZero() {
			text["ends"] = key.Ends.Format(time.RFC3339)
		}
		return document(text)
	}
	from, err := about(before)
	if err != nil {
		return err
	}
	to, err := about(after)
	if err != nil {
		return err
	}
	return a.changed("key", slug+"/"+after.ID, from, to)
}

func secretPlace(provider, kid string) place {
	return place{table: "provider_keys", row: provider + "/" + kid, column: "secret"}
}

const keysSQL = `SELECT provider_id, serial, kid, kind, public, secret, coalesce(url, ''), created, retired, ends FROM provider_keys`

// keys are the stored keys of one provider, by kid.
func (tx *Tx) keys(provider string) (map[string]oriel.ProviderKey, error) {
	if _, err := tx.sealer(); err != nil {
		return nil, err
	}
	stmt, err := tx.writer.prepared(keysSQL + ` WHERE provider_id = ?`)
	if err != nil {
		return nil, failed("read the keys", err)
	}
	rows, err := stmt.QueryContext(context.Background(), provider)
	if err != nil {
		return nil, failed("read the keys", err)
	}
	defer func() { _ = rows.Close() }()
	keys := make(map[string]oriel.ProviderKey)
	for rows.Next() {
		_, key, err := tx.writer.store.scanKey(rows)
		if err != nil {
			return nil, err
		}
		keys[key.ID] = key
	}
	return keys, failed("read the keys", rows.Err())
}

func (s *Store) scanKey(rows *sql.Rows) (provider string, key oriel.ProviderKey, err error) {
	var sealed []byte
	var created, retired, ends sql.NullInt64
	if err := rows.Scan(&provider, &key.Serial, &key.ID, &key.Kind, &key.Public, &sealed, &key.URL, &created, &retired, &ends); err != nil {
		return "", key, failed("read a key", err)
	}
	key.Created, key.Retired, key.Ends = moment(created), moment(retired), moment(ends)
	// An empty value is read as NULL is; a secret that was cut to nothing is none.
	if sealed != nil || key.Kind.IsSecret() {
		if key.Secret, err = s.seal.open(sealed, secretPlace(provider, key.ID)); err != nil {
			return "", key, fmt.Errorf("read key %s: %w", key.ID, err)
		}
	}
	return provider, key, nil
}

func (s *Store) readProviders(ctx context.Context, tx *sql.Tx) ([]oriel.Provider, error) {
	keys := make(map[string][]oriel.ProviderKey)
	err := eachRow(ctx, tx, keysSQL+` ORDER BY serial`, func(rows *sql.Rows) error {
		provider, key, err := s.scanKey(rows)
		keys[provider] = append(keys[provider], key)
		return err
	})
	if err != nil {
		return nil, err
	}
	var all []oriel.Provider
	err = eachRow(ctx, tx, `SELECT id, document FROM providers ORDER BY slug`, func(rows *sql.Rows) error {
		var id, text string
		if err := rows.Scan(&id, &text); err != nil {
			return err
		}
		var d providerDocument
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			return fmt.Errorf("a stored provider: %w", err)
		}
		p := d.provider(id)
		p.Keys, p.Origins = keys[id], s.origins(d.Origins)
		if len(d.Origins) > 0 && len(p.Origins) == 0 {
			// All its origins are gone, and none is not any: it is off, and
			// whoever changes it must first say which they are now.
			p.Enabled, p.Origins = false, unchecked(d.Origins)
		}
		all = append(all, p)
		return nil
	})
	return all, err
}

// KeyStands tells whether the provider is on and still has the very key with
// the serial, inside the transaction that relies on it.
func (tx *Tx) KeyStands(provider string, serial int64) (on, live bool, err error) {
	found, err := tx.find("check the provider",
		`SELECT enabled, EXISTS (SELECT 1 FROM provider_keys k WHERE k.provider_id = p.id AND k.serial = ?)
		 FROM providers p WHERE id = ?`, []any{serial, provider}, &on, &live)
	return found && on, found && live, err
}
