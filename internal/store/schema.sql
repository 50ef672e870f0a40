-- The schema after all migrations. Made by: go test ./internal/store -update

CREATE TABLE api_keys (
  hash      BLOB PRIMARY KEY, -- SHA-256; the key is nowhere
  id        TEXT NOT NULL UNIQUE,
  name      TEXT NOT NULL,
  user_id   TEXT REFERENCES users (id) ON DELETE CASCADE,
  group_key TEXT REFERENCES groups (key) ON DELETE CASCADE,
  scopes    TEXT NOT NULL, -- a JSON list
  created   INTEGER NOT NULL,
  expires   INTEGER, -- NULL: never
  last_used INTEGER, -- to the minute
  revoked   INTEGER,
  replaces  TEXT NOT NULL, -- the id of the key that it was rotated from, or empty
  CHECK ((user_id IS NULL) <> (group_key IS NULL))
) WITHOUT ROWID;

CREATE TABLE audit_entries (
  id     INTEGER PRIMARY KEY,
  at     INTEGER NOT NULL,
  who    TEXT NOT NULL,
  action TEXT NOT NULL,
  kind   TEXT NOT NULL,
  key    TEXT NOT NULL,
  before TEXT NOT NULL,
  after  TEXT NOT NULL
, acting TEXT NOT NULL DEFAULT '');

CREATE TABLE audit_values (
  entry   INTEGER PRIMARY KEY REFERENCES audit_entries (id) ON DELETE CASCADE,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  before  TEXT NOT NULL,
  after   TEXT NOT NULL
);

CREATE TABLE collections (key TEXT PRIMARY KEY, document TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE dashboards  (key TEXT PRIMARY KEY, document TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE dropped_certificates (
  provider_id TEXT NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
  fingerprint BLOB NOT NULL, -- SHA-256 of the DER
  PRIMARY KEY (provider_id, fingerprint)
) WITHOUT ROWID;

CREATE TABLE facts (
  name  TEXT PRIMARY KEY,
  value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE group_members (
  user_id   TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  group_key TEXT NOT NULL REFERENCES groups (key) ON DELETE CASCADE,
  PRIMARY KEY (user_id, group_key)
) WITHOUT ROWID;

CREATE TABLE groups (
  key      TEXT PRIMARY KEY,
  document TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE "host_logouts" (
  provider_id TEXT NOT NULL,
  kind        TEXT NOT NULL CHECK (kind IN ('sub', 'sid', 'name')),
  value       TEXT NOT NULL,
  not_before  INTEGER NOT NULL,
  until       INTEGER NOT NULL, -- no token from before can pass any more
  PRIMARY KEY (provider_id, kind, value)
) WITHOUT ROWID;

CREATE TABLE identities (
  provider_id        TEXT NOT NULL REFERENCES providers (id),
  subject            TEXT NOT NULL,
  user_id            TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  greatest_issued_at INTEGER NOT NULL,
  not_before         INTEGER, -- NULL: never revoked
  created            INTEGER NOT NULL,
  PRIMARY KEY (provider_id, subject)
) WITHOUT ROWID;

CREATE TABLE models      (key TEXT PRIMARY KEY, document TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE notices (
  seq  INTEGER PRIMARY KEY AUTOINCREMENT,
  at   INTEGER NOT NULL,
  kind TEXT NOT NULL,
  key  TEXT NOT NULL
);

CREATE TABLE origins (
  position INTEGER PRIMARY KEY,
  entry    TEXT NOT NULL UNIQUE
);

CREATE TABLE policies (
  source   TEXT NOT NULL,
  tbl      TEXT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (source, tbl)
) WITHOUT ROWID;

CREATE TABLE policy_tests (
  name     TEXT PRIMARY KEY,
  user_id  TEXT REFERENCES users (id), -- of the store's; NULL: somebody who is described
  document TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE "provider_keys" (
  serial      INTEGER PRIMARY KEY AUTOINCREMENT,
  provider_id TEXT NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
  kid         TEXT NOT NULL,
  kind        TEXT NOT NULL,
  public      BLOB,
  secret      BLOB, -- sealed
  url         TEXT,
  created     INTEGER NOT NULL,
  retired     INTEGER, -- when it was given an end; NULL: it has none
  ends        INTEGER, -- from then on it verifies nothing
  last_used   INTEGER, -- as of the last sweep; sessions tell what came after
  not_before  INTEGER, -- tokens issued until then make no session; NULL: never revoked
  UNIQUE (provider_id, kid),
  CHECK ((public IS NOT NULL) + (secret IS NOT NULL) + (url IS NOT NULL) = 1),
  CHECK ((retired IS NULL) = (ends IS NULL))
);

CREATE TABLE providers (
  id       TEXT PRIMARY KEY,
  slug     TEXT NOT NULL UNIQUE,
  enabled  INTEGER NOT NULL,
  document TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE questions   (key TEXT PRIMARY KEY, document TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE saml_codes (
  hash        BLOB PRIMARY KEY, -- SHA-256 of the code
  provider_id TEXT NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
  document    TEXT NOT NULL,
  expires     INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE saml_keys (
  serial      INTEGER PRIMARY KEY,
  certificate BLOB NOT NULL, -- DER
  secret      BLOB NOT NULL, -- sealed; PKCS #8
  created     INTEGER NOT NULL,
  signs_from  INTEGER NOT NULL
);

CREATE TABLE saml_requests (
  relay       BLOB PRIMARY KEY, -- SHA-256 of the RelayState
  provider_id TEXT NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
  document    TEXT NOT NULL,
  used        INTEGER NOT NULL DEFAULT 0,
  expires     INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE saml_sessions (
  session_id    TEXT PRIMARY KEY,
  provider_id   TEXT NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
  name          BLOB NOT NULL, -- SHA-256 of the NameID
  session_index TEXT NOT NULL, -- empty: none was told
  document      TEXT NOT NULL,
  sign_in       TEXT NOT NULL, -- the first session of the sign-in: those that renew it end with it
  renewable     INTEGER, -- until when it is renewed without the identity provider; null: it is not
  renewed       INTEGER NOT NULL DEFAULT 0,
  attempt       BLOB, -- the renewal that made it; null: a sign-in, or a page that names none
  expires       INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE saml_trials (
  id          TEXT PRIMARY KEY,
  provider_id TEXT NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
  document    TEXT NOT NULL,
  expires     INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE sessions (
  token_hash  BLOB PRIMARY KEY, -- SHA-256; the token is nowhere
  id          TEXT NOT NULL UNIQUE,
  user_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  provider_id TEXT NOT NULL,
  kid         TEXT NOT NULL,
  key_serial  INTEGER NOT NULL, -- outlives the key: then the session is refused
  kind        TEXT NOT NULL,
  origin      TEXT NOT NULL,
  host_sid    TEXT NOT NULL,
  created     INTEGER NOT NULL,
  expires     INTEGER NOT NULL,
  ended       INTEGER -- NULL: not ended before its time
, bindable INTEGER NOT NULL DEFAULT 0, idle_ends INTEGER, viewer TEXT NOT NULL DEFAULT '') WITHOUT ROWID;

CREATE TABLE sign_in_records (
  id        INTEGER PRIMARY KEY,
  reference TEXT NOT NULL,
  at        INTEGER NOT NULL,
  provider  TEXT NOT NULL,
  method    TEXT NOT NULL,
  origin    TEXT NOT NULL,
  client_ip TEXT NOT NULL,
  user_id   TEXT NOT NULL,
  outcome   TEXT NOT NULL, -- empty: accepted
  attempts  INTEGER NOT NULL,
  document  TEXT NOT NULL  -- checks, clock skew, dropped claims
);

CREATE TABLE source_syncs (
  source    TEXT PRIMARY KEY REFERENCES sources (key) ON DELETE CASCADE,
  id        TEXT NOT NULL,
  beat      INTEGER NOT NULL, -- when whoever runs it last told of itself
  cancelled INTEGER NOT NULL, -- somebody asked for its end
  document  TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE source_urls (
  source TEXT PRIMARY KEY REFERENCES sources (key) ON DELETE CASCADE,
  url    BLOB NOT NULL -- sealed
) WITHOUT ROWID;

CREATE TABLE sources     (key TEXT PRIMARY KEY, document TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE spent_tokens (
  one_use BLOB PRIMARY KEY, -- SHA-256 (provider id, 0, jti or token hash)
  until   INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE tenants (
  slug       TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  active     INTEGER NOT NULL,
  attributes TEXT NOT NULL,
  created    INTEGER NOT NULL
, not_before INTEGER, origins TEXT, time_zone TEXT NOT NULL DEFAULT '', quotas TEXT NOT NULL DEFAULT '{}') WITHOUT ROWID;

CREATE TABLE user_attributes (
  user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  set_by     TEXT NOT NULL,
  attributes TEXT NOT NULL,
  PRIMARY KEY (user_id, set_by)
) WITHOUT ROWID;

CREATE TABLE users (
  id         TEXT PRIMARY KEY,
  email      TEXT NOT NULL,
  email_key  TEXT NOT NULL, -- the form that is compared
  first_name TEXT NOT NULL,
  last_name  TEXT NOT NULL,
  tenant     TEXT REFERENCES tenants (slug),
  active     INTEGER NOT NULL,
  created    INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX api_keys_by_group ON api_keys (group_key);

CREATE INDEX api_keys_by_user ON api_keys (user_id);

CREATE INDEX audit_entries_by_key ON audit_entries (key);

CREATE INDEX audit_entries_by_time ON audit_entries (at);

CREATE INDEX audit_values_by_user ON audit_values (user_id);

CREATE INDEX group_members_by_group ON group_members (group_key);

CREATE INDEX host_logouts_by_end ON host_logouts (until);

CREATE INDEX identities_by_user ON identities (user_id);

CREATE INDEX notices_by_time ON notices (at);

CREATE INDEX policy_tests_by_user ON policy_tests (user_id) WHERE user_id IS NOT NULL;

CREATE INDEX saml_codes_by_end ON saml_codes (expires);

CREATE INDEX saml_codes_by_provider ON saml_codes (provider_id);

CREATE INDEX saml_requests_by_end ON saml_requests (expires);

CREATE INDEX saml_requests_by_provider ON saml_requests (provider_id);

CREATE INDEX saml_sessions_by_end ON saml_sessions (expires);

CREATE INDEX saml_sessions_by_name ON saml_sessions (provider_id, name);

CREATE INDEX saml_sessions_by_sign_in ON saml_sessions (sign_in);

CREATE INDEX saml_trials_by_end ON saml_trials (expires);

CREATE INDEX saml_trials_by_provider ON saml_trials (provider_id);

CREATE INDEX sessions_by_expiry ON sessions (expires);

CREATE INDEX sessions_by_host_sid ON sessions (provider_id, host_sid) WHERE host_sid <> '';

CREATE INDEX sessions_by_key ON sessions (key_serial, created);

CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE INDEX sign_in_records_by_outcome ON sign_in_records (outcome) WHERE outcome <> '';

CREATE INDEX sign_in_records_by_reference ON sign_in_records (reference);

CREATE INDEX sign_in_records_by_time ON sign_in_records (at);

CREATE INDEX sign_in_records_by_user ON sign_in_records (user_id) WHERE user_id <> '';

CREATE INDEX spent_tokens_by_end ON spent_tokens (until);

CREATE UNIQUE INDEX users_by_email ON users (email_key) WHERE email_key <> '';

CREATE INDEX users_by_tenant ON users (tenant);

CREATE TRIGGER audit_entries_once BEFORE INSERT ON audit_entries
WHEN EXISTS (SELECT 1 FROM audit_entries WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'an audit entry is never changed'); END;

CREATE TRIGGER audit_entries_stand BEFORE UPDATE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'an audit entry is never changed'); END;

CREATE TRIGGER audit_entries_stay BEFORE DELETE ON audit_entries
WHEN OLD.at >= (SELECT value FROM facts WHERE name = 'audit_kept_from')
BEGIN SELECT RAISE(ABORT, 'an audit entry goes by retention only'); END;

CREATE TRIGGER audit_values_stand BEFORE UPDATE ON audit_values
BEGIN SELECT RAISE(ABORT, 'an audit entry is never changed'); END;
