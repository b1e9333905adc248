//! Texts of automations: minijinja templates over a fixed set of names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use minijinja::value::ValueKind;
use minijinja::{Environment, Output, State, UndefinedBehavior};
use serde::Serialize;
use serde_json::Value;

/// The most that one text may compute, in steps of the template engine: enough for any message,
/// and an end for every loop.
const FUEL: u64 = 20_000;
/// The largest text that a template may produce, in bytes. A message holds 1,000, a split one many.
const TEXT_LIMIT_BYTES: usize = 20_000;

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_formatter(write_for_people);
    environment
});

/// Writes a value into a text: nothing where there is none, and what is neither text nor number as the JSON that they came as.
fn write_for_people(
    output: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &minijinja::Value,
) -> Result<(), minijinja::Error> {
    match value.kind() {
        ValueKind::None => Ok(()),
        ValueKind::Bool | ValueKind::Map | ValueKind::Seq => {
            let json = serde_json::to_string(value).unwrap_or_else(|_not_json| value.to_string());
            Ok(output.write_str(&json)?)
        }
        _ => minijinja::escape_formatter(output, state, value),
    }
}

/// Why a text could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct TextError {
    /// For people.
    pub(crate) message: String,
    /// The line within the text, from 1.
    pub(crate) line: Option<usize>,
}

/// What the texts of one event can name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, serde::Deserialize)]
pub(crate) struct Names(pub(crate) BTreeMap<String, Value>);

/// Whether a text is a template at all. Most are not, and cost nothing.
pub(crate) fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%") || text.contains("{#")
}

/// Makes a text.
pub(crate) fn render(text: &str, names: &Names) -> Result<String, TextError> {
    if !is_template(text) {
        return Ok(text.to_owned());
    }
    let rendered = ENVIRONMENT
        .template_from_str(text)
        .and_then(|template| template.render(minijinja::value::Serde(&names.0)))
        .map_err(|error| describe(&error))?;
    if rendered.len() > TEXT_LIMIT_BYTES {
        return Err(TextError {
            message: format!(
                "the text came out with {} bytes; at most {TEXT_LIMIT_BYTES} are sent",
                rendered.len()
            ),
            line: None,
        });
    }
    Ok(rendered)
}

/// Makes every text inside a JSON value.
pub(crate) fn render_value(value: &Value, names: &Names) -> Result<Value, TextError> {
    Ok(match value {
        Value::String(text) => Value::String(render(text, names)?),
        Value::Array(items) => Value::Array(
            items
                .iter()
                .map(|item| render_value(item, names))
                .collect::<Result<_, _>>()?,
        ),
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .map(|(key, item)| Ok((key.clone(), render_value(item, names)?)))
                .collect::<Result<_, TextError>>()?,
        ),
        other => other.clone(),
    })
}

/// Whether an expression is true.
pub(crate) fn is_true(expression: &str, names: &Names) -> Result<bool, TextError> {
    ENVIRONMENT
        .compile_expression(expression)
        .and_then(|expression| expression.eval(minijinja::value::Serde(&names.0)))
        .map(|value| value.is_true())
        .map_err(|error| describe(&error))
}

/// The names a text needs from outside, nested ones with dots; or why it is not a template.
pub(crate) fn needed_by_text(text: &str) -> Result<BTreeSet<String>, TextError> {
    if !is_template(text) {
        return Ok(BTreeSet::new());
    }
    ENVIRONMENT
        .template_from_str(text)
        .map(|template| template.undeclared_variables(true).into_iter().collect())
        .map_err(|error| describe(&error))
}

/// The names an expression needs from outside; or why it is not an expression.
pub(crate) fn needed_by_expression(expression: &str) -> Result<BTreeSet<String>, TextError> {
    ENVIRONMENT
        .compile_expression(expression)
        .map(|expression| expression.undeclared_variables(true).into_iter().collect())
        .map_err(|error| describe(&error))
}

fn describe(error: &minijinja::Error) -> TextError {
    let kind = error.kind();
    let message = match (kind, error.detail()) {
        (minijinja::ErrorKind::UndefinedError, None) => "it uses a name that has no value here".to_owned(),
        (minijinja::ErrorKind::OutOfFuel, _) => "it computes too long; is there an endless loop?".to_owned(),
        (_, Some(detail)) => format!("{kind}: {detail}"),
        (_, None) => kind.to_string(),
    };
    TextError {
        message,
        line: error.line(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names() -> Names {
        Names(BTreeMap::from([
            ("person".to_owned(), json!({"username": "sam"})),
            ("size".to_owned(), json!("large")),
        ]))
    }

    #[test]
    fn a_text_is_made_with_the_names_of_its_event() {
        assert_eq!(render("Hello {{ person.username }}", &names()).unwrap(), "Hello sam");
        assert_eq!(render("3 < 4 & \"quoted\"", &names()).unwrap(), "3 < 4 & \"quoted\"");
        assert_eq!(render("{{ '<b>' }}", &names()).unwrap(), "<b>");
    }

    #[test]
    fn a_value_is_written_for_people_and_not_for_programs() {
        let names = Names(BTreeMap::from([
            ("nothing".to_owned(), json!(null)),
            ("yes".to_owned(), json!(true)),
            ("number".to_owned(), json!(2.5)),
            ("list".to_owned(), json!(["Zoë", 1, null])),
            ("object".to_owned(), json!({"open": true})),
        ]));
        for (text, expected) in [
            ("<{{ nothing }}>", "<>"),
            ("{{ yes }}", "true"),
            ("{{ number }}", "2.5"),
            ("{{ list }}", r#"["Zoë",1,null]"#),
            ("{{ object }}", r#"{"open":true}"#),
        ] {
            assert_eq!(render(text, &names).unwrap(), expected);
        }
        assert!(
            render("{{ nobody }}", &names).is_err(),
            "a name that is unknown stays an error"
        );
    }

    #[test]
    fn an_undefined_name_is_an_error_and_not_an_empty_hole() {
        assert!(render("Hello {{ person.usrname }}", &names()).is_err());
        assert!(render("Hello {{ nobody }}", &names()).is_err());
    }

    #[test]
    fn what_a_text_needs_is_known_before_it_runs() {
        let needed = needed_by_text("{{ person.usrname }} {% for x in [1] %}{{ x }}{% endfor %}").unwrap();
        assert_eq!(needed.into_iter().collect::<Vec<_>>(), ["person.usrname"]);
        assert!(needed_by_text("{{ person.").is_err());
        assert_eq!(needed_by_expression("size == 'x'").unwrap().len(), 1);
    }

    #[test]
    fn an_endless_template_ends() {
        let text = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
        let error = render(text, &names()).unwrap_err();
        assert!(error.message.contains("too long"), "{error}");
    }
}
