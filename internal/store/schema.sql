-- The schema after all migrations. Made by: go test ./internal/store -update

CREATE TABLE audit_entries (
  id     INTEGER PRIMARY KEY,
  at     INTEGER NOT NULL,
  who    TEXT NOT NULL,
  action TEXT NOT NULL,
  kind   TEXT NOT NULL,
  key    TEXT NOT NULL,
  before TEXT NOT NULL,
  after  TEXT NOT NULL
);

CREATE TABLE collections (key TEXT PRIMARY KEY, document TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE dashboards  (key TEXT PRIMARY KEY, document TEXT NOT NULL) WITHOUT ROWID;

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

CREATE TABLE provider_keys (
  serial      INTEGER PRIMARY KEY AUTOINCREMENT,
  provider_id TEXT NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
  kid         TEXT NOT NULL,
  kind        TEXT NOT NULL,
  public      BLOB,
  secret      BLOB, -- sealed
  created     INTEGER NOT NULL,
  UNIQUE (provider_id, kid),
  CHECK ((public IS NULL) <> (secret IS NULL))
);

CREATE TABLE providers (
  id       TEXT PRIMARY KEY,
  slug     TEXT NOT NULL UNIQUE,
  enabled  INTEGER NOT NULL,
  document TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE questions   (key TEXT PRIMARY KEY, document TEXT NOT NULL) WITHOUT ROWID;

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
) WITHOUT ROWID;

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
) WITHOUT ROWID;

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

CREATE INDEX audit_entries_by_time ON audit_entries (at);

CREATE INDEX group_members_by_group ON group_members (group_key);

CREATE INDEX identities_by_user ON identities (user_id);

CREATE INDEX sessions_by_expiry ON sessions (expires);

CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE INDEX sign_in_records_by_reference ON sign_in_records (reference);

CREATE INDEX sign_in_records_by_time ON sign_in_records (at);

CREATE INDEX spent_tokens_by_end ON spent_tokens (until);

CREATE UNIQUE INDEX users_by_email ON users (email_key) WHERE email_key <> '';

CREATE INDEX users_by_tenant ON users (tenant);
