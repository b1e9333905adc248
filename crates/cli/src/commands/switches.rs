//! `selfsame switches`: fidelity switches.

use selfsame_workbench::connection::HouseClient;
use serde_json::{Map, Value};

use crate::arguments::SwitchesArgs;
use crate::output::Printer;

pub(super) async fn run(house: &HouseClient, args: SwitchesArgs, printer: Printer) -> anyhow::Result<()> {
    let answer = if args.set.is_empty() {
        house.platform().get("/_sim/switches", &[]).await?
    } else {
        let wanted: Map<String, Value> = args.set.into_iter().collect();
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
