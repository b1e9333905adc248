//! Identifiers: one newtype per number space (contract "Identifiers and objects").
//!
//! One account carries several ids side by side in one event. Confusing two of them is the usual bug
//! of a self-messaging bot, so there is no `Deref`, no `From` between them and no comparison across.
//! Reading is lenient (a JSON string, or an integer that never passes through a float); writing is
//! always a string, as Meta writes them.

use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! define_ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Names this text as an id of this kind. Ids are opaque: nothing is checked.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The id as it stands on the wire.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The id as it stands on the wire, owned.
            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}({:?})", stringify!($name), self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(IdVisitor).map(Self)
            }
        }
    )+};
}

define_ids! {
    /// The Instagram professional account: `user_id` of `/me`, `entry.id` of every webhook, the path
    /// of `/{IG_ID}/messages`. Global per account.
    IgUserId;
    /// A person as one professional account sees her (IGSID). The self IGSID is the account as seen
    /// by itself; it is never equal to its [`IgUserId`].
    IgScopedId;
    /// `id` of `/me` on graph.instagram.com: app × user. Never in a webhook, never a recipient.
    AppScopedId;
    /// The Facebook Page linked to the account (Facebook login only).
    PageId;
    /// A Facebook user as one app sees her: `debug_token.user_id`, `/me` of a user token.
    FacebookUserId;
    /// The Meta app id: client id of Facebook login.
    MetaAppId;
    /// The Instagram app id: client id of Instagram login, another number than [`MetaAppId`].
    InstagramAppId;
    /// A message id (`mid`): opaque, case-sensitive, around 156 characters.
    MessageId;
    /// A conversation id.
    ConversationId;
    /// A comment or a reply to one.
    CommentId;
    /// A post, reel, story or broadcast.
    MediaId;
    /// A reusable upload.
    AttachmentId;
    /// A party of a webhook event before it is known which kind of id it is: the account's own
    /// [`IgUserId`] or a person's [`IgScopedId`]. Only comparing it with the account tells.
    ParticipantId;
}

impl ParticipantId {
    /// The account, as a party of an event.
    pub fn of_account(account: &IgUserId) -> Self {
        Self(account.0.clone())
    }

    /// A person, as a party of an event.
    pub fn of_person(person: &IgScopedId) -> Self {
        Self(person.0.clone())
    }

    /// Is this party the given account?
    pub fn is_account(&self, account: &IgUserId) -> bool {
        self.0 == account.0
    }

    /// Is this party the given person?
    pub fn is_person(&self, person: &IgScopedId) -> bool {
        self.0 == person.0
    }

    /// Reads the party as a person. The caller has made sure that it is not the account.
    pub fn to_person(&self) -> IgScopedId {
        IgScopedId(self.0.clone())
    }

    /// Reads the party as an account. The caller has made sure that it is not a person.
    pub fn to_account(&self) -> IgUserId {
        IgUserId(self.0.clone())
    }
}

/// Accepts a string or an integer; a float has lost digits already and is refused.
struct IdVisitor;

impl Visitor<'_> for IdVisitor {
    type Value = String;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an id: a string or an integer")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<String, E> {
        Ok(text)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_u128<E: de::Error>(self, number: u128) -> Result<String, E> {
        Ok(number.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_from_a_string_and_from_an_integer_beyond_53_bits() {
        let from_text: IgUserId = serde_json::from_str("\"17841400000000001\"").unwrap();
        let from_number: IgUserId = serde_json::from_str("17841400000000001").unwrap();
        assert_eq!(from_text, from_number);
        assert_eq!(serde_json::to_string(&from_number).unwrap(), "\"17841400000000001\"");
    }

    #[test]
    fn an_id_that_has_been_a_float_is_refused() {
        assert!(serde_json::from_str::<IgUserId>("1.7841e16").is_err());
        assert!(serde_json::from_str::<IgUserId>("340282366841710300949128000000000000000").is_err());
    }
}
