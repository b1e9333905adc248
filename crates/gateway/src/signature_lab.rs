//! The signature lab: why does a webhook's signature fit, or not?
//!
//! Pure. It makes the HMACs of a body with every app secret, compares them with the headers that came
//! with it, and writes the body anew the way that programs do who parse first and verify later, to show
//! the first byte at which theirs differs. The secrets themselves are never shown.

use std::fmt::Write as _;

use selfsame_wire::secret::AppSecret;
use selfsame_wire::signature::{Unverified, sign};
use serde::Serialize;
use utoipa::ToSchema;

/// Bytes shown on each side of a difference.
const AROUND_BYTES: usize = 24;

/// A body with the signatures that came with it.
#[derive(Debug, Clone, Copy)]
pub struct Specimen<'a> {
    /// The bytes as received.
    pub body: &'a [u8],
    /// `X-Hub-Signature-256`.
    pub sha256: Option<&'a str>,
    /// `X-Hub-Signature`.
    pub sha1: Option<&'a str>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LabReport {
    /// Whether the webhook would be taken in.
    pub accepted: bool,
    /// The finding, for people.
    pub verdict: String,
    /// What to do about it; empty when it is accepted.
    pub remedy: String,
    /// The length of the body.
    pub length_bytes: usize,
    /// The signatures that each secret makes.
    pub secrets: Vec<SecretReport>,
    /// The body as other programs would write it anew.
    pub reserialised: Vec<Reserialised>,
}

/// The signatures that one secret makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SecretReport {
    /// Its name.
    pub name: String,
    /// What `X-Hub-Signature-256` would have to be.
    pub sha256: String,
    /// What `X-Hub-Signature` would have to be.
    pub sha1: String,
    /// Whether the SHA-256 header is this.
    pub sha256_matches: bool,
    /// Whether the SHA-1 header is this. It counts only when the other header is absent.
    pub sha1_matches: bool,
}

/// The body, written anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Reserialised {
    /// By what.
    pub style: &'static str,
    /// Where it differs first; absent when it is the same, byte for byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_difference: Option<Difference>,
    /// The secret whose signature over *these* bytes is the one that was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<String>,
}

/// The first byte at which two bodies differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Difference {
    /// Its position, from 0.
    pub byte: usize,
    /// What stands there in the body as received, with its surroundings.
    pub received: String,
    /// What stands there in the body written anew.
    pub reserialised: String,
}

/// Looks at a body. `names` are those of `secrets`.
pub fn examine(specimen: Specimen<'_>, secrets: &[AppSecret], names: &[String]) -> LabReport {
    let verified = Unverified::new(specimen.body, specimen.sha256, specimen.sha1).verify(secrets);
    let name_at = |index: usize| names.get(index).cloned().unwrap_or_default();
    let reports = secrets
        .iter()
        .enumerate()
        .map(|(index, secret)| report_of(name_at(index), secret, specimen))
        .collect();
    let reserialised = rewritings(specimen.body)
        .into_iter()
        .map(|(style, bytes)| Reserialised {
            style,
            first_difference: first_difference(specimen.body, &bytes),
            signed_by: Unverified::new(&bytes, specimen.sha256, specimen.sha1)
                .verify(secrets)
                .ok()
                .map(|verified| name_at(verified.secret_index())),
        })
        .collect::<Vec<_>>();
    let (accepted, verdict, remedy) = match verified {
        Ok(verified) => {
            let name = name_at(verified.secret_index());
            (
                true,
                format!("The signature is that of the secret {name}."),
                String::new(),
            )
        }
        Err(error) => {
            let changed = reserialised.iter().find(|rewriting| rewriting.signed_by.is_some());
            let remedy = match changed {
                Some(changed) => format!(
                    "These are not the bytes that were signed: signed was what {} makes of them. Verify and copy the \
                     raw body, before anything parses it.",
                    changed.style
                ),
                None => "Compare the app secret with the App Dashboard (Instagram login has a secret of its own), and \
                         verify the raw body, before anything parses it."
                    .to_owned(),
            };
            (false, sentence(&error.to_string()), remedy)
        }
    };
    LabReport {
        accepted,
        verdict,
        remedy,
        length_bytes: specimen.body.len(),
        secrets: reports,
        reserialised,
    }
}

fn report_of(name: String, secret: &AppSecret, specimen: Specimen<'_>) -> SecretReport {
    let made = sign(secret, specimen.body);
    let is_sent = |sent: Option<&str>, made: &str| sent.is_some_and(|sent| sent.trim().eq_ignore_ascii_case(made));
    SecretReport {
        name,
        sha256_matches: is_sent(specimen.sha256, &made.sha256),
        sha1_matches: is_sent(specimen.sha1, &made.sha1),
        sha256: made.sha256,
        sha1: made.sha1,
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

/// How a program writes JSON.
#[derive(Debug, Clone, Copy)]
struct Style {
    comma: &'static str,
    colon: &'static str,
    escapes_non_ascii: bool,
    escapes_slashes: bool,
}

/// The body as others would write it, where it is JSON, and as copying and pasting changes it.
fn rewritings(body: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let compact = Style {
        comma: ",",
        colon: ":",
        escapes_non_ascii: false,
        escapes_slashes: false,
    };
    let styles = [
        ("JSON.stringify (JavaScript)", compact),
        (
            "json.dumps (Python)",
            Style {
                comma: ", ",
                colon: ": ",
                escapes_non_ascii: true,
                ..compact
            },
        ),
        (
            "json_encode (PHP)",
            Style {
                escapes_non_ascii: true,
                escapes_slashes: true,
                ..compact
            },
        ),
    ];
    let text = std::str::from_utf8(body).ok();
    let mut rewritings: Vec<_> = text
        .into_iter()
        .flat_map(|text| {
            styles
                .iter()
                .filter_map(move |(name, style)| Some((*name, rewrite(text, *style)?.into_bytes())))
        })
        .collect();
    let trimmed = body.trim_ascii();
    if trimmed.len() < body.len() {
        rewritings.push(("leaving out white space around it", trimmed.to_vec()));
    }
    rewritings
}

/// Writes JSON anew. Members stay in their order and numbers as they are; strings are read and written.
fn rewrite(text: &str, style: Style) -> Option<String> {
    serde_json::from_str::<serde::de::IgnoredAny>(text).ok()?;
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        if letter == '"' {
            let end = end_of_string(rest)?;
            let (string, after) = rest.split_at_checked(end)?;
            write_string(&mut written, &serde_json::from_str::<String>(string).ok()?, style);
            rest = after;
            continue;
        }
        match letter {
            ' ' | '\t' | '\r' | '\n' => {}
            ',' => written.push_str(style.comma),
            ':' => written.push_str(style.colon),
            other => written.push(other),
        }
        rest = rest.get(letter.len_utf8()..)?;
    }
    Some(written)
}

/// The length of the string that the text begins with, its quotes included.
fn end_of_string(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    for (position, letter) in text.char_indices().skip(1) {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return Some(position + 1),
            _ => {}
        }
    }
    None
}

fn write_string(written: &mut String, string: &str, style: Style) {
    written.push('"');
    for letter in string.chars() {
        match letter {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '/' if style.escapes_slashes => written.push_str("\\/"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            '\u{8}' => written.push_str("\\b"),
            '\u{c}' => written.push_str("\\f"),
            letter if letter < ' ' || (style.escapes_non_ascii && !letter.is_ascii()) => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    // Writing to a string cannot fail.
                    let _written = write!(written, "\\u{unit:04x}");
                }
            }
            letter => written.push(letter),
        }
    }
    written.push('"');
}

fn first_difference(received: &[u8], rewritten: &[u8]) -> Option<Difference> {
    if received == rewritten {
        return None;
    }
    let byte = received
        .iter()
        .zip(rewritten)
        .position(|(one, other)| one != other)
        .unwrap_or_else(|| received.len().min(rewritten.len()));
    Some(Difference {
        byte,
        received: around(received, byte),
        reserialised: around(rewritten, byte),
    })
}

fn around(bytes: &[u8], at: usize) -> String {
    let from = at.saturating_sub(AROUND_BYTES);
    let until = at.saturating_add(AROUND_BYTES).min(bytes.len());
    String::from_utf8_lossy(bytes.get(from..until).unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{"entry":[{"id":"17","time":1,"messaging":[{"message":{"text":"caf\u00e9 \/ tea"}}]}]}"#;

    fn secrets() -> (Vec<AppSecret>, Vec<String>) {
        (
            vec![AppSecret::new("one"), AppSecret::new("two")],
            vec!["instagram".to_owned(), "shop".to_owned()],
        )
    }

    fn examined(body: &str, signed: &str) -> LabReport {
        let (secrets, names) = secrets();
        let signatures = sign(&secrets[1], signed.as_bytes());
        let specimen = Specimen {
            body: body.as_bytes(),
            sha256: Some(&signatures.sha256),
            sha1: Some(&signatures.sha1),
        };
        examine(specimen, &secrets, &names)
    }

    #[test]
    fn the_secret_that_signed_is_named() {
        let report = examined(BODY, BODY);
        assert!(report.accepted && report.verdict.contains("shop"), "{report:?}");
        assert!(report.secrets[1].sha256_matches && report.secrets[1].sha1_matches);
        assert!(!report.secrets[0].sha256_matches && !report.secrets[0].sha1_matches);
    }

    #[test]
    fn the_first_byte_that_a_parser_changes_is_found() {
        let report = examined(BODY, BODY);
        let javascript = report.reserialised[0].first_difference.clone().unwrap();
        assert_eq!(javascript.byte, BODY.find(r"\u00e9").unwrap());
        assert!(javascript.received.contains(r"caf\u00e9") && javascript.reserialised.contains("café"));
        let python = report.reserialised[1].first_difference.clone().unwrap();
        assert_eq!(python.byte, BODY.find("[{\"id\"").unwrap());
        assert_eq!(
            report.reserialised[2].first_difference, None,
            "PHP writes what was received"
        );
    }

    #[test]
    fn a_body_that_was_parsed_and_written_anew_is_recognised_as_such() {
        let parsed = BODY.replace(r"\u00e9", "é").replace(r"\/", "/");
        let report = examined(&parsed, BODY);
        assert!(!report.accepted);
        assert_eq!(report.reserialised[2].signed_by.as_deref(), Some("shop"));
        assert!(report.remedy.contains("json_encode (PHP)"), "{}", report.remedy);
    }

    #[test]
    fn a_line_break_that_copying_added_is_found() {
        let report = examined(&format!("{BODY}\n"), BODY);
        let trimmed = report.reserialised.last().unwrap();
        assert_eq!(trimmed.signed_by.as_deref(), Some("shop"));
    }

    #[test]
    fn a_signature_of_nobody_is_said_to_be_so() {
        let (secrets, names) = secrets();
        let specimen = Specimen {
            body: b"\xff",
            sha256: None,
            sha1: None,
        };
        let report = examine(specimen, &secrets, &names);
        assert_eq!(report.verdict, "The request carries no signature header.");
        assert!(report.reserialised.is_empty(), "what is not JSON is not written anew");
        assert!(!report.remedy.is_empty());
    }

    #[test]
    fn no_secret_is_in_a_report() {
        let secret = AppSecret::new("MARKERSECRET");
        let specimen = Specimen {
            body: b"{}",
            sha256: Some("sha256=00"),
            sha1: None,
        };
        let report = examine(specimen, &[secret], &["a".to_owned()]);
        assert!(!serde_json::to_string(&report).unwrap().contains("MARKERSECRET"));
    }
}
