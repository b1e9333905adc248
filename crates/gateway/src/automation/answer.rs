//! Reads a person's answer to a question as the kind of value that was asked for.

use serde_json::{Number, Value};

use super::fold::fold;
use super::program::{AnswerKind, Question};

/// The value of an answer, or why it does not fit.
pub(super) fn read_answer(question: &Question, text: &str, payload: Option<&str>) -> Result<Value, &'static str> {
    let trimmed = text.trim();
    if let Some(chip) = question.message.chips.iter().find(|chip| {
        payload.is_some_and(|payload| payload == chip.payload) || fold(trimmed).trim() == fold(&chip.title).trim()
    }) {
        return Ok(Value::String(chip.payload.clone()));
    }
    if trimmed.is_empty() {
        return Err("the answer holds no text");
    }
    match question.kind {
        AnswerKind::Text => Ok(Value::String(trimmed.to_owned())),
        AnswerKind::Number => read_number(trimmed).ok_or("the answer is not a number"),
        AnswerKind::YesNo => read_yes_no(trimmed).ok_or("the answer is neither yes nor no"),
        AnswerKind::Email => is_email(trimmed)
            .then(|| Value::String(trimmed.to_owned()))
            .ok_or("the answer is not an e-mail address"),
        AnswerKind::Phone => read_phone(trimmed).ok_or("the answer is not a telephone number"),
        AnswerKind::Choice => Err("the answer is none of the choices"),
    }
}

fn read_number(text: &str) -> Option<Value> {
    let text = text.replace(['\u{a0}', ' '], "");
    if let Ok(whole) = text.parse::<i64>() {
        return Some(Value::Number(whole.into()));
    }
    let decimal = text.replace(',', ".").parse::<f64>().ok()?;
    Number::from_f64(decimal).map(Value::Number)
}

fn read_yes_no(text: &str) -> Option<Value> {
    const YES: [&str; 14] = [
        "yes", "y", "yeah", "yep", "ok", "okay", "sure", "true", "1", "ja", "si", "sí", "oui", "👍",
    ];
    const NO: [&str; 9] = ["no", "n", "nope", "nah", "false", "0", "nein", "non", "👎"];
    let folded = fold(text);
    let word = folded.trim().trim_end_matches(['.', '!']);
    if YES.contains(&word) {
        Some(Value::Bool(true))
    } else if NO.contains(&word) {
        Some(Value::Bool(false))
    } else {
        None
    }
}

fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else {
        return false;
    };
    !local.is_empty()
        && text.len() <= 254
        && !text.contains(char::is_whitespace)
        && !local.contains('@')
        && host.split('.').count() >= 2
        && host
            .split('.')
            .all(|label| !label.is_empty() && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-'))
}

fn read_phone(text: &str) -> Option<Value> {
    let plus = if text.starts_with('+') { "+" } else { "" };
    let allowed = |letter: char| letter.is_ascii_digit() || " -./()+".contains(letter);
    if !text.chars().all(allowed) {
        return None;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (6..=15)
        .contains(&digits.len())
        .then(|| Value::String(format!("{plus}{digits}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::automation::program::{ChipTemplate, Message};

    fn question(kind: AnswerKind) -> Question {
        Question {
            message: Message {
                chips: vec![ChipTemplate {
                    title: "Large".to_owned(),
                    payload: "L".to_owned(),
                }],
                ..Message::default()
            },
            keep_as: "answer".to_owned(),
            kind,
            again: String::new(),
            tries: 3,
            timeout_ms: 1000,
            otherwise: Vec::new(),
        }
    }

    #[test]
    fn answers_are_read_as_the_kind_that_was_asked_for() {
        for (kind, text, expected) in [
            (AnswerKind::Text, " hello ", Some(json!("hello"))),
            (AnswerKind::Text, "  ", None),
            (AnswerKind::Number, "12", Some(json!(12))),
            (AnswerKind::Number, "3,5", Some(json!(3.5))),
            (AnswerKind::Number, "four", None),
            (AnswerKind::Number, "NaN", None),
            (AnswerKind::YesNo, "Yes!", Some(json!(true))),
            (AnswerKind::YesNo, "NEIN", Some(json!(false))),
            (AnswerKind::YesNo, "maybe", None),
            (AnswerKind::Email, "a@b.example", Some(json!("a@b.example"))),
            (AnswerKind::Email, "a@b", None),
            (AnswerKind::Email, "a b@c.example", None),
            (AnswerKind::Phone, "+49 (30) 123-456", Some(json!("+4930123456"))),
            (AnswerKind::Phone, "call me", None),
            (AnswerKind::Choice, "LARGE", Some(json!("L"))),
            (AnswerKind::Choice, "huge", None),
        ] {
            assert_eq!(read_answer(&question(kind), text, None).ok(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_tapped_choice_is_its_payload() {
        assert_eq!(
            read_answer(&question(AnswerKind::Choice), "", Some("L")),
            Ok(json!("L"))
        );
    }
}
