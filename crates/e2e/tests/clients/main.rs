//! Other people's programs against the real binary: bots in two languages, Meta's own client, curl.

mod clients;
