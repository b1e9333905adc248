-- Further Pages that a person chose in the dialog of one Facebook login, each by its own grant.
CREATE TABLE further_grants (
  grant_id         INTEGER NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
  further_grant_id INTEGER NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
  PRIMARY KEY (grant_id, further_grant_id)
) STRICT, WITHOUT ROWID;
