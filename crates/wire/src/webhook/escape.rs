//! Turning a body into the exact bytes that are signed and sent.
//!
//! Meta escapes before signing: every non-ASCII character as `\uXXXX` with lower-case hex, characters
//! beyond the basic plane as surrogate pairs, and `/` as `\/`. A receiver that parses and writes the
//! body again therefore hashes other bytes, which is the classic signature bug.

use serde_json::Value;

/// Which characters are escaped beyond those that JSON demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Escapes {
    /// Non-ASCII and `/`: what is sent today.
    #[default]
    Current,
    /// Also `<`, `%` and `@`, as older documents list them.
    Older,
}

/// Writes compact JSON with those escapes. The result is pure ASCII.
pub fn to_wire_bytes(value: &Value, escapes: Escapes) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    write_value(&mut out, value, escapes);
    out
}

fn write_value(out: &mut Vec<u8>, value: &Value, escapes: Escapes) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => out.extend_from_slice(number.to_string().as_bytes()),
        Value::String(text) => write_string(out, text, escapes),
        Value::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_value(out, item, escapes);
            }
            out.push(b']');
        }
        Value::Object(members) => {
            out.push(b'{');
            for (index, (name, member)) in members.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_string(out, name, escapes);
                out.push(b':');
                write_value(out, member, escapes);
            }
            out.push(b'}');
        }
    }
}

fn write_string(out: &mut Vec<u8>, text: &str, escapes: Escapes) {
    out.push(b'"');
    for character in text.chars() {
        match character {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '/' => out.extend_from_slice(b"\\/"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            '\u{8}' => out.extend_from_slice(b"\\b"),
            '\u{c}' => out.extend_from_slice(b"\\f"),
            '<' if escapes == Escapes::Older => out.extend_from_slice(b"\\u003C"),
            '%' if escapes == Escapes::Older => out.extend_from_slice(b"\\u0025"),
            '@' if escapes == Escapes::Older => out.extend_from_slice(b"\\u0040"),
            ' '..='~' => {
                let mut buffer = [0; 4];
                out.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
            }
            _ => {
                let mut buffer = [0; 2];
                for unit in character.encode_utf16(&mut buffer) {
                    out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
                }
            }
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(value: &Value, escapes: Escapes) -> String {
        String::from_utf8(to_wire_bytes(value, escapes)).unwrap()
    }

    #[test]
    fn non_ascii_is_escaped_in_lower_case_hex_with_surrogate_pairs() {
        assert_eq!(
            written(&json!({"text": "ä ❤️ 😀"}), Escapes::Current),
            r#"{"text":"\u00e4 \u2764\ufe0f \ud83d\ude00"}"#
        );
    }

    #[test]
    fn slashes_are_escaped_and_the_older_escapes_are_an_option() {
        let value = json!("https://a.b/<50%@x>");
        assert_eq!(written(&value, Escapes::Current), r#""https:\/\/a.b\/<50%@x>""#);
        assert_eq!(
            written(&value, Escapes::Older),
            r#""https:\/\/a.b\/\u003C50\u0025\u0040x>""#
        );
    }

    #[test]
    fn control_characters_are_escaped_as_json_demands() {
        assert_eq!(
            written(&json!("\u{0}\n\u{7f}\"\\"), Escapes::Current),
            r#""\u0000\n\u007f\"\\""#
        );
    }
}
