-- Whom a private reply reached, as Instagram told: the gateway may not have seen the comment.
ALTER TABLE sends ADD COLUMN recipient TEXT;
