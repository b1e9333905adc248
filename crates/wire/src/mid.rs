//! Message ids, conversation ids and paging cursors: base64 with `Z` as an escape character
//! (contract "mid / conversation id encoding").
//!
//! The encoding is inferred from published ids. Receivers treat these ids as opaque; the platform
//! writes them this way so that they look and measure like the real ones.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::ids::{ConversationId, IgUserId, MessageId};

/// Encodes bytes: standard base64, then `Z`→`ZA`, `+`→`ZB`, `/`→`ZC`, `=`→`ZD`.
pub fn encode(plain: &[u8]) -> String {
    let mut out = String::new();
    for character in STANDARD.encode(plain).chars() {
        match character {
            'Z' => out.push_str("ZA"),
            '+' => out.push_str("ZB"),
            '/' => out.push_str("ZC"),
            '=' => out.push_str("ZD"),
            other => out.push(other),
        }
    }
    out
}

/// Decodes what [`encode`] wrote. None for anything else.
pub fn decode(encoded: &str) -> Option<Vec<u8>> {
    let mut base64 = String::with_capacity(encoded.len());
    let mut characters = encoded.chars();
    while let Some(character) = characters.next() {
        base64.push(match character {
            'Z' => match characters.next()? {
                'A' => 'Z',
                'B' => '+',
                'C' => '/',
                'D' => '=',
                _ => return None,
            },
            '+' | '/' | '=' => return None,
            other => other,
        });
    }
    STANDARD.decode(base64).ok()
}

/// The number of a thread: 39 digits just under 2^128.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ThreadNumber(u128);

/// First thread number; the rest lies above it and stays below 2^128.
const THREAD_NUMBER_FIRST: u128 = 340_282_366_841_710_300_949_110_000_000_000_000_000;
/// First item number: 35 digits.
const ITEM_NUMBER_FIRST: u128 = 32_000_000_000_000_000_000_000_000_000_000_000;

impl ThreadNumber {
    /// Makes a thread number from any distinct number, such as a row id or random bits.
    pub fn from_serial(serial: u64) -> Self {
        Self(THREAD_NUMBER_FIRST.saturating_add(u128::from(serial)))
    }
}

/// The id of a message of `account` in a thread. `serial` must differ from message to message.
pub fn message_id(account: &IgUserId, thread: ThreadNumber, serial: u64) -> MessageId {
    let item = ITEM_NUMBER_FIRST.saturating_add(u128::from(serial));
    MessageId::new(encode(
        format!("ig_dm_item:1:IGMessageID:{account}:{}:{item}", thread.0).as_bytes(),
    ))
}

/// The id of the conversation that a thread is.
pub fn conversation_id(thread: ThreadNumber) -> ConversationId {
    ConversationId::new(encode(format!("ig_dm:{}", thread.0).as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_ids_look_and_measure_like_published_ones() {
        let account = IgUserId::new("17841400000000001");
        let id = message_id(&account, ThreadNumber::from_serial(7), u64::MAX);
        assert!(id.as_str().starts_with("aWdfZAG1f"), "{id}");
        assert!((150..=200).contains(&id.as_str().len()), "{}", id.as_str().len());
        assert!(id.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let plain = String::from_utf8(decode(id.as_str()).unwrap()).unwrap();
        assert!(plain.starts_with("ig_dm_item:1:IGMessageID:17841400000000001:3402823668417103"));
        let item = plain.rsplit(':').next().unwrap();
        assert_eq!(item.len(), 35);
    }

    #[test]
    fn conversation_ids_begin_like_published_ones() {
        assert!(
            conversation_id(ThreadNumber::from_serial(1))
                .as_str()
                .starts_with("aWdfZAG06")
        );
    }

    #[test]
    fn thread_numbers_have_39_digits_below_two_to_the_128() {
        assert_eq!(ThreadNumber::from_serial(0).0.to_string().len(), 39);
        assert!(ThreadNumber::from_serial(u64::MAX).0 < u128::MAX);
    }

    #[test]
    fn what_was_not_encoded_here_does_not_decode() {
        for bad in ["Z", "ZE", "a+b=", "ä", "a"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
        assert_eq!(decode(""), Some(Vec::new()));
    }
}
