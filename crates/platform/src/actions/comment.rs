//! A person comments on the phone.

use selfsame_wire::ids::CommentId;

use super::GestureRefusal;
use crate::domain::keys::DeliveryKey;
use crate::store::Failure;
use crate::world::World;

/// A comment typed on the phone.
#[derive(Debug, Clone)]
pub struct PhoneComment {
    /// Username of the author, with or without `@`.
    pub author: String,
    /// Media id, or `latest`: the newest media of the author if she has any, else the newest of all.
    pub media: String,
    /// Text.
    pub text: String,
    /// Id of the comment it answers.
    pub parent: Option<String>,
}

/// What a comment brought about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commented {
    /// Its id.
    pub comment_id: CommentId,
    /// Deliveries, suppressed ones included.
    pub notifications: Vec<DeliveryKey>,
}

impl World {
    /// Writes a comment as a person and notifies the apps of the media's owner.
    pub async fn comment(&self, comment: PhoneComment) -> Result<Commented, Failure<GestureRefusal>> {
        todo!("{comment:?}")
    }
}
