//! The `fields` parameter: a comma list, nested, with modifiers: `id,messages.limit(25){id,from}`.

use super::parameters::Parameters;

/// Levels of nesting.
const DEPTH_MAX: usize = 8;
/// Names in one list.
const NAMES_MAX: usize = 200;

/// One requested field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Field {
    /// Its name.
    pub(super) name: String,
    /// `.limit(n)`.
    pub(super) limit: Option<usize>,
    /// `.after(cursor)`.
    pub(super) after: Option<String>,
    /// `.before(cursor)`.
    pub(super) before: Option<String>,
    /// Any other modifier with its value: `.comment_id(17…)`.
    pub(super) argument: Option<(String, String)>,
    /// Fields in braces; empty means the defaults.
    pub(super) nested: Vec<Field>,
}

/// The requested fields of a call; empty means the defaults.
pub(super) fn requested(parameters: &Parameters) -> Vec<Field> {
    match parameters.get("fields") {
        Some(serde_json::Value::String(text)) if !text.trim_start().starts_with('[') => parse(text),
        Some(_) => parse(&parameters.names("fields").join(",")),
        None => Vec::new(),
    }
}

/// The list as a caller would write it.
pub(super) fn written(fields: &[Field]) -> String {
    let one = |field: &Field| {
        let mut text = field.name.clone();
        let limit = field.limit.map(|limit| ("limit", limit.to_string()));
        let after = field.after.clone().map(|cursor| ("after", cursor));
        let before = field.before.clone().map(|cursor| ("before", cursor));
        let argument = field
            .argument
            .as_ref()
            .map(|(name, value)| (name.as_str(), value.clone()));
        for (name, value) in [limit, after, before, argument].into_iter().flatten() {
            text.extend([".", name, "(", value.as_str(), ")"]);
        }
        if !field.nested.is_empty() {
            text.extend(["{", written(&field.nested).as_str(), "}"]);
        }
        text
    };
    fields.iter().map(one).collect::<Vec<_>>().join(",")
}

/// Parses a list. Whatever is irregular is skipped: Graph is as lenient.
pub(super) fn parse(text: &str) -> Vec<Field> {
    let mut parser = Parser {
        rest: text,
        left: NAMES_MAX,
    };
    parser.list(0)
}

struct Parser<'t> {
    rest: &'t str,
    left: usize,
}

impl<'t> Parser<'t> {
    fn list(&mut self, depth: usize) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        loop {
            self.rest = self.rest.trim_start_matches([',', ' ', '\n', '\t']);
            let name = self
                .take_until(&[',', '{', '}', '.', '('])
                .trim()
                .trim_matches(['"', '\''])
                .to_owned();
            if name.is_empty() {
                match self.rest.chars().next() {
                    None | Some('}') => return fields,
                    Some(other) => {
                        self.skip(other);
                        continue;
                    }
                }
            }
            let mut field = Field {
                name,
                ..Field::default()
            };
            self.modifiers(&mut field);
            if self.eat('{') {
                if depth < DEPTH_MAX {
                    field.nested = self.list(depth.saturating_add(1));
                } else {
                    self.take_until(&['}']);
                }
                self.eat('}');
            }
            self.left = self.left.saturating_sub(1);
            if self.left == 0 {
                self.rest = "";
            }
            if !fields.iter().any(|known| known.name == field.name) {
                fields.push(field);
            }
        }
    }

    fn modifiers(&mut self, field: &mut Field) {
        while self.eat('.') {
            let name = self.take_until(&['(', ',', '{', '}', '.']).trim().to_owned();
            if self.eat('(') {
                let value = self.take_until(&[')']).trim().to_owned();
                self.eat(')');
                match name.as_str() {
                    "limit" => field.limit = value.parse().ok(),
                    "after" => field.after = Some(value),
                    "before" => field.before = Some(value),
                    _ => field.argument = Some((name, value)),
                }
            }
        }
    }

    fn take_until(&mut self, stops: &[char]) -> &'t str {
        let end = self
            .rest
            .find(|character| stops.contains(&character))
            .unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn eat(&mut self, wanted: char) -> bool {
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn skip(&mut self, character: char) {
        self.rest = self.rest.get(character.len_utf8()..).unwrap_or("");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(fields: &[Field]) -> Vec<String> {
        fields
            .iter()
            .map(|field| {
                if field.nested.is_empty() {
                    field.name.clone()
                } else {
                    format!("{}[{}]", field.name, names(&field.nested).join(" "))
                }
            })
            .collect()
    }

    #[test]
    fn lists_nest_and_carry_modifiers() {
        let fields = parse("id,messages.limit(25){id,from,to{username},message},updated_time");
        assert_eq!(
            names(&fields),
            ["id", "messages[id from to[username] message]", "updated_time"]
        );
        assert_eq!(fields[1].limit, Some(25));
        let fields = parse("media.limit(5).after(abc){id}");
        assert_eq!((fields[0].limit, fields[0].after.as_deref()), (Some(5), Some("abc")));
        let fields = parse("mentioned_comment.comment_id(17){text},id");
        assert_eq!(fields[0].argument, Some(("comment_id".to_owned(), "17".to_owned())));
        assert_eq!(names(&fields), ["mentioned_comment[text]", "id"]);
    }

    #[test]
    fn irregular_lists_neither_panic_nor_loop() {
        for text in [
            "",
            ",",
            "{",
            "}",
            "}}}}",
            "a{",
            "a{b",
            "a.",
            "a.limit",
            "a.limit(",
            "a.limit(x){",
            "{{{{{{{{{{{{a}}}",
            "a)b",
            "\u{1f600},x",
            "a(b)c",
        ] {
            parse(text);
        }
        assert_eq!(names(&parse(" id , name ,, ")), ["id", "name"]);
    }

    #[test]
    fn repeated_names_count_once() {
        assert_eq!(names(&parse("id,id,name")), ["id", "name"]);
    }
}
