//! `POST /_sim/tap`: a button, an ice breaker or a menu item tapped on somebody's phone.

use serde::Serialize;
use serde_json::{Value, json};

use super::dm::post_gesture;
use super::{GestureError, Gestured, Parties};
use crate::connection::HouseClient;
use crate::gestures::answers::newest_message_with_buttons;

/// A tap.
#[derive(Debug, Clone, Default)]
pub struct Tap {
    /// Who taps; the only business account when absent.
    pub acting: Option<String>,
    /// Whose message; one's own when absent.
    pub towards: Option<String>,
    /// The message that carries the button; the newest one with buttons when absent.
    pub mid: Option<String>,
    /// Title or 0-based index of the button; the first when absent.
    pub button: Option<String>,
    /// An ice breaker instead of a button.
    pub ice_breaker: Option<String>,
    /// An item of the persistent menu instead of a button.
    pub menu: Option<String>,
}

/// What a tap did.
#[derive(Debug, Clone, Serialize)]
pub struct Tapped {
    /// What the platform stored.
    #[serde(flatten)]
    pub gestured: Gestured,
    /// The newest message of the thread before the tap: answers come after it.
    #[serde(skip)]
    pub after: Option<u64>,
}

impl Tap {
    /// Taps.
    ///
    /// # Errors
    /// See [`GestureError`]; also when no message of the thread carries a button.
    pub async fn make(self, house: &HouseClient) -> Result<(Parties, Tapped), GestureError> {
        let parties = Parties::meant(house, self.acting, self.towards).await?;
        let after = super::answers::newest_place(house, &parties).await?;
        let body = match (self.ice_breaker, self.menu) {
            (Some(title), _) => {
                json!({"as": parties.acting, "to": parties.towards, "ice_breaker": title})
            }
            (None, Some(title)) => {
                json!({"as": parties.acting, "to": parties.towards, "menu": title})
            }
            (None, None) => {
                let mid = match self.mid {
                    Some(mid) => mid,
                    None => newest_message_with_buttons(house, &parties, self.button.as_deref())
                        .await?
                        .ok_or_else(|| {
                            GestureError::Missing(format!(
                                "no message from {} to {} carries {}",
                                parties.towards,
                                parties.acting,
                                self.button
                                    .as_ref()
                                    .map_or_else(|| "a button".to_owned(), |title| format!("a button “{title}”")),
                            ))
                        })?,
                };
                json!({"as": parties.acting, "mid": mid, "button": button_value(self.button.as_deref())})
            }
        };
        let gestured = post_gesture(house, "/_sim/tap", body).await?;
        Ok((parties, Tapped { gestured, after }))
    }
}

/// A number is an index; anything else a title; nothing the first button.
fn button_value(button: Option<&str>) -> Value {
    match button {
        None => json!(0),
        Some(button) => button
            .parse::<u64>()
            .map_or_else(|_| json!(button), |index| json!(index)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_an_index_and_a_word_is_a_title() {
        assert_eq!(button_value(Some("1")), json!(1));
        assert_eq!(button_value(Some("Coffee")), json!("Coffee"));
        assert_eq!(button_value(None), json!(0));
    }
}
