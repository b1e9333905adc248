//! Ids that look like Instagram's (contract: ids-and-objects). Made once by chance, then stored.

use selfsame_runtime::random::Random;
use selfsame_wire::ids::{
    AppScopedId, AttachmentId, CommentId, FacebookUserId, IgScopedId, IgUserId, InstagramAppId, MediaId, MessageId,
    MetaAppId, PageId,
};
use selfsame_wire::mid::{self, ThreadNumber};

use super::caller::TokenKind;

/// Bits of a message serial that chance fills; the rest is the row id, which keeps serials distinct and in order.
const SERIAL_CHANCE_BITS: u32 = 20;
/// Random bytes behind a token.
const TOKEN_BYTES: usize = 96;

/// `17841…`, 17 digits.
pub fn ig_user_id(random: &Random) -> IgUserId {
    IgUserId::new(format!("178414{}", random.digits(11)))
}

/// 16 digits, never like an [`IgUserId`].
pub fn ig_scoped_id(random: &Random) -> IgScopedId {
    IgScopedId::new(format!("{}{}", random.below(9).saturating_add(1), random.digits(15)))
}

/// 17 digits beginning with `2`.
pub fn app_scoped_id(random: &Random) -> AppScopedId {
    AppScopedId::new(format!("2{}", random.digits(16)))
}

/// 17 digits beginning with `1220`.
pub fn facebook_user_id(random: &Random) -> FacebookUserId {
    FacebookUserId::new(format!("1220{}", random.digits(13)))
}

/// 15 digits beginning with `1`.
pub fn page_id(random: &Random) -> PageId {
    PageId::new(format!("1{}", random.digits(14)))
}

/// 16 digits beginning with `1`.
pub fn meta_app_id(random: &Random) -> MetaAppId {
    MetaAppId::new(format!("1{}", random.digits(15)))
}

/// 16 digits beginning with `9`.
pub fn instagram_app_id(random: &Random) -> InstagramAppId {
    InstagramAppId::new(format!("9{}", random.digits(15)))
}

/// 32 hex digits.
pub fn app_secret(random: &Random) -> String {
    random.hex(16)
}

/// 17 digits beginning with `179`.
pub fn media_id(random: &Random) -> MediaId {
    MediaId::new(format!("179{}", random.digits(14)))
}

/// 17 digits beginning with `180`.
pub fn comment_id(random: &Random) -> CommentId {
    CommentId::new(format!("180{}", random.digits(14)))
}

/// 16 digits.
pub fn attachment_id(random: &Random) -> AttachmentId {
    AttachmentId::new(format!("1{}", random.digits(15)))
}

/// Eleven characters, as in permalinks.
pub fn shortcode(random: &Random) -> String {
    format!(
        "C{}",
        random
            .base64url(8)
            .trim_end_matches('=')
            .chars()
            .take(10)
            .collect::<String>()
    )
}

/// Trace id of an error: `A` and base64url.
pub fn trace_id(random: &Random) -> String {
    format!("A{}", random.base64url(16).trim_end_matches('='))
}

/// Serial of a thread, positive.
pub fn thread_serial(random: &Random) -> i64 {
    i64::try_from(random.u64() >> 1).unwrap_or(i64::MAX)
}

/// The thread number behind ids of a thread.
pub fn thread_number(serial: i64) -> ThreadNumber {
    ThreadNumber::from_serial(serial.unsigned_abs())
}

/// The id of the message that will be row `row` of its table.
pub fn message_id(random: &Random, owner: &IgUserId, thread_serial: i64, row: i64) -> MessageId {
    let chance = random.u64() >> (u64::BITS - SERIAL_CHANCE_BITS);
    let serial = (row.unsigned_abs() << SERIAL_CHANCE_BITS) | chance;
    mid::message_id(owner, thread_number(thread_serial), serial)
}

/// A token that looks like those of its kind. The prefix is a hint for people.
pub fn token(random: &Random, kind: TokenKind) -> String {
    let prefix = kind.flow().token_prefix();
    let tail: String = random
        .base64url(TOKEN_BYTES)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    format!("{prefix}{tail}ZDZD")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_ids_of_consecutive_rows_differ_and_keep_their_order() {
        let random = Random::seeded(1);
        let owner = IgUserId::new("17841400000000001");
        let ids: Vec<MessageId> = (1..200).map(|row| message_id(&random, &owner, 42, row)).collect();
        let plain: Vec<Vec<u8>> = ids.iter().map(|id| mid::decode(id.as_str()).unwrap()).collect();
        assert!(plain.is_sorted() && plain.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn ids_have_the_lengths_of_the_contract() {
        let random = Random::seeded(7);
        for _ in 0..50 {
            assert_eq!(ig_user_id(&random).as_str().len(), 17);
            assert_eq!(ig_scoped_id(&random).as_str().len(), 16);
            assert_eq!(app_scoped_id(&random).as_str().len(), 17);
            assert_eq!(shortcode(&random).len(), 11);
            assert!(!ig_scoped_id(&random).as_str().starts_with('0'));
        }
    }
}
