//! Row keys: how rows refer to each other inside the program. External ids are strings and live in `selfsame-wire`.

macro_rules! key {
    ($($(#[$doc:meta])* $name:ident;)+) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
            #[serde(transparent)]
            pub struct $name(pub i64);

            impl std::fmt::Display for $name {
                fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    self.0.fmt(formatter)
                }
            }
        )+
    };
}

key! {
    /// An app of a developer.
    AppKey;
    /// An account: a person or a professional account.
    AccountKey;
    /// What an account allowed an app through one login flow.
    GrantKey;
    /// A thread of two accounts, or of an account with itself.
    ThreadKey;
    /// A message.
    MessageKey;
    /// A post, reel, story or live broadcast.
    MediaKey;
    /// A container of media to publish.
    ContainerKey;
    /// A comment.
    CommentKey;
    /// A notification to a callback; public as the id of a delivery.
    DeliveryKey;
    /// One attempt at a delivery.
    AttemptKey;
}
