-- +goose Up

-- What somebody must see and no more: run whenever policies change.
CREATE TABLE policy_tests (
  name     TEXT PRIMARY KEY,
  user_id  TEXT REFERENCES users (id), -- of the store's; NULL: somebody who is described
  document TEXT NOT NULL
) WITHOUT ROWID;

CREATE INDEX policy_tests_by_user ON policy_tests (user_id) WHERE user_id IS NOT NULL;
