-- +goose Up

-- A key may be a URL, be given an end, and tell when it was last used. Its
-- check could not be widened in place.
CREATE TABLE provider_keys_next (
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
INSERT INTO provider_keys_next (serial, provider_id, kid, kind, public, secret, created)
SELECT serial, provider_id, kid, kind, public, secret, created FROM provider_keys;
-- Serials of deleted keys are not used again either.
DELETE FROM sqlite_sequence WHERE name = 'provider_keys_next';
INSERT INTO sqlite_sequence (name, seq) SELECT 'provider_keys_next', seq FROM sqlite_sequence WHERE name = 'provider_keys';
DROP TABLE provider_keys;
ALTER TABLE provider_keys_next RENAME TO provider_keys;

ALTER TABLE tenants ADD COLUMN not_before INTEGER; -- NULL: its sessions were never revoked

ALTER TABLE sessions ADD COLUMN bindable INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN idle_ends INTEGER; -- NULL: no idle limit
CREATE INDEX sessions_by_key ON sessions (key_serial, created);
CREATE INDEX sessions_by_host_sid ON sessions (provider_id, host_sid) WHERE host_sid <> '';

-- What a host logged out: a token issued until not_before makes no session
-- for that subject or host session, whether anybody is known by it or not.
CREATE TABLE host_logouts (
  provider_id TEXT NOT NULL,
  kind        TEXT NOT NULL CHECK (kind IN ('sub', 'sid')),
  value       TEXT NOT NULL,
  not_before  INTEGER NOT NULL,
  until       INTEGER NOT NULL, -- no token from before can pass any more
  PRIMARY KEY (provider_id, kind, value)
) WITHOUT ROWID;

CREATE INDEX host_logouts_by_end ON host_logouts (until);

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

CREATE INDEX api_keys_by_user ON api_keys (user_id);
CREATE INDEX api_keys_by_group ON api_keys (group_key);

-- What other processes have to forget of what they read before. A number is
-- never used again.
CREATE TABLE notices (
  seq  INTEGER PRIMARY KEY AUTOINCREMENT,
  at   INTEGER NOT NULL,
  kind TEXT NOT NULL,
  key  TEXT NOT NULL
);

CREATE INDEX notices_by_time ON notices (at);

CREATE INDEX sign_in_records_by_user ON sign_in_records (user_id) WHERE user_id <> '';
CREATE INDEX sign_in_records_by_outcome ON sign_in_records (outcome) WHERE outcome <> '';
