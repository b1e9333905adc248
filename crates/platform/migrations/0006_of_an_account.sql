-- Looked up with every message: who is connected to the account.
CREATE INDEX grants_of_account ON grants (account_id, app_id, flow DESC);

-- Whom a person is to which account.
CREATE INDEX scoped_ids_of_person ON scoped_ids (person_id, account_id);
