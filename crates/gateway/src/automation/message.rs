//! Makes a message's texts, and fits them to what Instagram takes.

use selfsame_wire::send::{Button, MediaKind, MediaSource, OutboundMedia, OutgoingMessage, QuickReply};

use unicode_segmentation::UnicodeSegmentation as _;

use super::decision::TraceNote;
use super::program::{ChipTemplate, Message};
use super::texts::{Names, TextError, render};

/// The longest text of one message, in bytes (contract, Send API §5.2).
pub(super) const TEXT_LIMIT_BYTES: usize = 1000;
/// The longest text above buttons, in characters.
pub(super) const BUTTON_TEXT_LIMIT_CHARS: usize = 640;
/// The most buttons under one text.
pub(super) const BUTTON_LIMIT: usize = 3;
/// The most chips under one text.
pub(super) const CHIP_LIMIT: usize = 13;
/// The longest title of a button or chip, in characters.
pub(super) const TITLE_LIMIT_CHARS: usize = 20;
/// The longest payload, in characters.
pub(super) const PAYLOAD_LIMIT_CHARS: usize = 1000;
/// What stands above the fourth and later chips when they come as buttons: a template needs a text.
const CONTINUATION: &str = "…";

/// A message, ready to be sent as one or more messages of the platform.
#[derive(Debug, Default)]
pub(super) struct Rendered {
    /// In order, each with the chips under it.
    pub(super) contents: Vec<(OutgoingMessage, Vec<QuickReply>)>,
    /// What was changed on the way.
    pub(super) notes: Vec<TraceNote>,
}

/// Makes the texts of a message. `own` says that it goes to the self thread.
pub(super) fn render_message(message: &Message, names: &Names, own: bool) -> Result<Rendered, TextError> {
    let mut rendered = Rendered::default();
    if let Some(url) = &message.image {
        let source = MediaSource::Url(render(url, names)?);
        let media = vec![OutboundMedia {
            kind: MediaKind::Image,
            source,
        }];
        rendered.push(OutgoingMessage::Media { media });
    }
    let Some(template) = &message.text else {
        return Ok(rendered);
    };
    let text = render(template, names)?;
    if text.trim().is_empty() {
        return Err(TextError {
            message: "the text of the message came out empty".to_owned(),
            line: None,
        });
    }
    let buttons = message
        .buttons
        .iter()
        .map(|button| {
            let title = render(&button.title, names)?;
            Ok(match (&button.payload, &button.url) {
                (_, Some(url)) => Button::WebUrl {
                    title,
                    url: render(url, names)?,
                },
                (payload, None) => {
                    let payload = render(payload.as_deref().unwrap_or_default(), names)?;
                    Button::Postback { title, payload }
                }
            })
        })
        .collect::<Result<Vec<_>, TextError>>()?;
    let chips = render_chips(&message.chips, names)?;

    rendered.push_with(text, buttons, chips, own);
    Ok(rendered)
}

/// A message as a person writes it through the API.
#[derive(Debug, Clone, Default)]
pub struct OutgoingDraft {
    /// The text.
    pub text: Option<String>,
    /// A picture, by its address.
    pub image: Option<String>,
    /// Buttons under the text.
    pub buttons: Vec<Button>,
    /// Chips under the text.
    pub quick_replies: Vec<QuickReply>,
}

/// Messages of the platform, each with its chips, and what was changed on the way.
pub type Fitted = (Vec<(OutgoingMessage, Vec<QuickReply>)>, Vec<TraceNote>);

/// Fits a message to what Instagram takes: long texts are split, quick replies in the self thread
/// become buttons.
///
/// # Errors
/// What Instagram would refuse whatever we did, in words for people.
pub fn fit_message(draft: OutgoingDraft, own: bool) -> Result<Fitted, String> {
    let OutgoingDraft {
        text,
        image,
        buttons,
        quick_replies,
    } = draft;
    let text = text.filter(|text| !text.trim().is_empty());
    if text.is_none() && image.is_none() {
        return Err("a message needs a text or an image".to_owned());
    }
    if text.is_none() && !(buttons.is_empty() && quick_replies.is_empty()) {
        return Err("buttons and quick replies stand under a text".to_owned());
    }
    if !buttons.is_empty() && !quick_replies.is_empty() {
        return Err("a message has either buttons or quick replies, not both".to_owned());
    }
    if buttons.len() > BUTTON_LIMIT {
        return Err(format!(
            "Instagram takes at most {BUTTON_LIMIT} buttons, not {}",
            buttons.len()
        ));
    }
    if quick_replies.len() > CHIP_LIMIT {
        return Err(format!(
            "Instagram takes at most {CHIP_LIMIT} quick replies, not {}",
            quick_replies.len()
        ));
    }
    let mut fitted = Rendered::default();
    if let Some(url) = image {
        let media = vec![OutboundMedia {
            kind: MediaKind::Image,
            source: MediaSource::Url(url),
        }];
        fitted.push(OutgoingMessage::Media { media });
    }
    if let Some(text) = text {
        fitted.push_with(text, buttons, quick_replies, own);
    }
    Ok((fitted.contents, fitted.notes))
}

/// Makes the texts of chips.
pub(super) fn render_chips(chips: &[ChipTemplate], names: &Names) -> Result<Vec<QuickReply>, TextError> {
    chips
        .iter()
        .map(|chip| {
            Ok(QuickReply {
                title: render(&chip.title, names)?,
                payload: render(&chip.payload, names)?,
            })
        })
        .collect()
}

impl Rendered {
    fn push(&mut self, content: OutgoingMessage) {
        self.contents.push((content, Vec::new()));
    }

    fn push_with(&mut self, text: String, buttons: Vec<Button>, chips: Vec<QuickReply>, own: bool) {
        if !buttons.is_empty() {
            self.push_with_buttons(&text, buttons);
        } else if chips.is_empty() {
            self.push_text(&text);
        } else if own {
            self.push_chips_as_buttons(text, chips);
        } else {
            let last = self.push_all_but_the_last(&text, TEXT_LIMIT_BYTES, str::len);
            self.contents.push((OutgoingMessage::Text { text: last }, chips));
        }
    }

    fn push_text(&mut self, text: &str) {
        let last = self.push_all_but_the_last(text, TEXT_LIMIT_BYTES, str::len);
        self.push(OutgoingMessage::Text { text: last });
    }

    fn push_with_buttons(&mut self, text: &str, buttons: Vec<Button>) {
        let text = self.push_all_but_the_last(text, BUTTON_TEXT_LIMIT_CHARS, |text| text.chars().count());
        self.push(OutgoingMessage::Buttons { text, buttons });
    }

    /// Quick replies do not exist in the self thread (contract, self messaging §8.1 rule 9).
    fn push_chips_as_buttons(&mut self, text: String, chips: Vec<QuickReply>) {
        let count = chips.len();
        let mut buttons = chips
            .into_iter()
            .map(|chip| Button::Postback {
                title: as_shown(&chip.title),
                payload: chip.payload,
            })
            .peekable();
        let mut text = text;
        while buttons.peek().is_some() {
            let group: Vec<Button> = buttons.by_ref().take(BUTTON_LIMIT).collect();
            self.push_with_buttons(&text, group);
            CONTINUATION.clone_into(&mut text);
        }
        self.note(
            "quick_replies_as_buttons",
            format!(
                "{count} quick {} sent as buttons, because Instagram has no quick replies in a self \
                 thread; your customers see chips here",
                if count == 1 { "reply" } else { "replies" }
            ),
        );
    }

    /// Sends the beginning of a text that is too long for one message on its own, cut at words, and
    /// gives back its end.
    fn push_all_but_the_last(&mut self, text: &str, limit: usize, measure: fn(&str) -> usize) -> String {
        let mut parts = split_at_words(text, limit, measure);
        let last = parts.pop().unwrap_or_default();
        if !parts.is_empty() {
            self.note(
                "text_split",
                format!(
                    "the text is too long for one message and was sent as {}",
                    parts.len() + 1
                ),
            );
        }
        for text in parts {
            self.push(OutgoingMessage::Text { text });
        }
        last
    }

    fn note(&mut self, code: &str, text: String) {
        self.notes.push(TraceNote {
            code: code.to_owned(),
            text,
        });
    }
}

/// The title of a chip as customers see it: Instagram cuts it, while it refuses a button with a longer one.
fn as_shown(title: &str) -> String {
    title.chars().take(TITLE_LIMIT_CHARS).collect()
}

/// Cuts a text into parts of at most `limit`, at white space where there is some, and never inside what
/// people see as one letter (unless that alone is longer than a part).
pub(crate) fn split_at_words(text: &str, limit: usize, measure: fn(&str) -> usize) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while measure(rest) > limit {
        let (mut fits, mut word_end, mut measured) = (0, 0, 0_usize);
        for (position, letter) in rest.grapheme_indices(true) {
            measured = measured.saturating_add(measure(letter));
            if measured > limit {
                break;
            }
            if letter.starts_with(char::is_whitespace) {
                word_end = position;
            }
            fits = position + letter.len();
        }
        // A word that ends exactly at the limit needs no cut inside it.
        if rest[fits..].starts_with(char::is_whitespace) {
            word_end = fits;
        }
        let cut = match (word_end, fits) {
            (0, 0) => most_characters(rest, limit, measure),
            (0, fits) => fits,
            (word_end, _) => word_end,
        };
        if cut == 0 {
            break;
        }
        let part = rest[..cut].trim_end();
        if !part.is_empty() {
            parts.push(part.to_owned());
        }
        rest = rest[cut..].trim_start();
    }
    if !rest.is_empty() {
        parts.push(rest.to_owned());
    }
    parts
}

/// Where to cut a single letter that is longer than a part: between two of its characters.
fn most_characters(text: &str, limit: usize, measure: fn(&str) -> usize) -> usize {
    text.char_indices()
        .map(|(position, character)| position + character.len_utf8())
        .take_while(|end| measure(&text[..*end]) <= limit)
        .last()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_at_words_and_loses_none() {
        let text = "word ".repeat(450);
        let parts = split_at_words(text.trim(), TEXT_LIMIT_BYTES, str::len);
        assert_eq!(parts.len(), 3);
        assert!(parts.iter().all(|part| part.len() <= TEXT_LIMIT_BYTES));
        assert_eq!(parts.join(" "), text.trim());
    }

    #[test]
    fn a_word_longer_than_a_message_is_cut_between_letters_and_never_inside_one() {
        let text = "é".repeat(700);
        let parts = split_at_words(&text, TEXT_LIMIT_BYTES, str::len);
        assert_eq!(parts.iter().map(String::len).collect::<Vec<_>>(), [1000, 400]);
        assert_eq!(parts.concat(), text);
    }

    #[test]
    fn letters_of_several_characters_stay_whole() {
        // A family of four is one letter of 25 bytes; 40 of them are a thousand.
        let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}\u{200d}\u{1f466}";
        let flagged = format!("x{}", family.repeat(41));
        let parts = split_at_words(&flagged, TEXT_LIMIT_BYTES, str::len);
        assert_eq!(parts, [format!("x{}", family.repeat(39)), family.repeat(2)]);
        // A letter that is longer than a message is cut all the same, and nothing is lost.
        let zalgo = format!("a{}", "\u{301}".repeat(900));
        let parts = split_at_words(&zalgo, TEXT_LIMIT_BYTES, str::len);
        assert!(parts.iter().all(|part| part.len() <= TEXT_LIMIT_BYTES));
        assert_eq!(parts.concat(), zalgo);
    }

    #[test]
    fn a_chip_that_comes_as_a_button_shows_as_much_as_customers_see() {
        let draft = OutgoingDraft {
            text: Some("Which?".to_owned()),
            quick_replies: vec![QuickReply {
                title: "the very largest of all".to_owned(),
                payload: "L".to_owned(),
            }],
            ..OutgoingDraft::default()
        };
        let (contents, _) = fit_message(draft, true).unwrap();
        let [(OutgoingMessage::Buttons { buttons, .. }, _)] = &contents[..] else {
            panic!("{contents:?}");
        };
        let expected = Button::Postback {
            title: "the very largest of ".to_owned(),
            payload: "L".to_owned(),
        };
        assert_eq!(buttons, &[expected]);
    }

    #[test]
    fn a_text_that_fits_is_left_as_it_is() {
        assert_eq!(split_at_words(" a b ", 1000, str::len), [" a b "]);
    }
}
