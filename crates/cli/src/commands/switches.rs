//! `selfsame switches`: fidelity switches.

use anyhow::Context as _;
use selfsame_workbench::connection::HouseClient;
use serde_json::{Map, Value};

use crate::arguments::SwitchesArgs;
use crate::output::Printer;

pub(super) async fn run(house: &HouseClient, args: &SwitchesArgs, printer: Printer) -> anyhow::Result<()> {
    let answer = if args.set.is_empty() {
        house.platform().get("/_sim/switches", &[]).await?
    } else {
        let mut wanted = Map::new();
        for setting in &args.set {
            let (name, value) = setting
                .split_once('=')
                .with_context(|| format!("`{setting}` is not NAME=VALUE"))?;
            wanted.insert(name.to_owned(), value_of(value));
        }
        house.platform().put("/_sim/switches", &Value::Object(wanted)).await?
    };
    printer.result(&answer, || {
        let switches = answer.as_object().into_iter().flatten();
        switches
            .map(|(name, value)| {
                format!(
                    "{name} = {}",
                    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
                )
            })
            .collect::<Vec<_>>()
            .join("\n")
    })
}

/// `true`, `3` and `null` are what they look like; anything else is a word.
fn value_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_need_no_quotes() {
        assert_eq!(value_of("true"), Value::Bool(true));
        assert_eq!(value_of("@luna.coffee"), Value::String("@luna.coffee".to_owned()));
    }
}
