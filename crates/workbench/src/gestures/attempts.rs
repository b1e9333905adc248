//! Why a gesture was not answered: read from the delivery log.

use serde::Serialize;
use serde_json::Value;

use crate::connection::{CallError, Endpoint, HouseClient};

/// Deliveries made from the gesture's first on that are looked through; those of one gesture stand together.
const PAGE: u32 = 200;

/// What became of one webhook.
#[derive(Debug, Clone, Serialize)]
pub struct DeliveryNote {
    /// The delivery.
    pub id: String,
    /// Its webhook field.
    pub field: String,
    /// `pending`, `delivered`, `failed`, `dead` or `suppressed`.
    pub status: String,
    /// One sentence for a person.
    pub sentence: String,
}

/// What became of the webhooks of a gesture about `subject`, a message or comment. When the house has its own gateway, it is asked
/// what it decided.
///
/// # Errors
/// When the platform does not answer.
pub async fn explain_silence(
    house: &HouseClient,
    notifications: &[Value],
    subject: Option<&str>,
) -> Result<Vec<DeliveryNote>, CallError> {
    let wanted: Vec<String> = notifications.iter().map(id_text).collect();
    let gateway = house.gateway().await?;
    let Some(first) = wanted.iter().filter_map(|id| id.parse::<i64>().ok()).min() else {
        return Ok(Vec::new());
    };
    let page = [
        ("after", first.saturating_sub(1).to_string()),
        ("limit", PAGE.to_string()),
    ];
    let body = house.platform().get("/_sim/deliveries", &page).await?;
    let deliveries = body.get("data").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut notes = Vec::new();
    for delivery in &deliveries {
        if !delivery.get("id").is_some_and(|id| wanted.contains(&id_text(id))) {
            continue;
        }
        let decided = match (&gateway, subject, delivery.get("account").and_then(Value::as_str)) {
            (Some(gateway), Some(subject), Some(account)) => decision(gateway, account, subject).await,
            _ => None,
        };
        notes.push(note(delivery, decided.as_deref()));
    }
    Ok(notes)
}

/// What the gateway of the house decided about a message, if it is that gateway which got it.
async fn decision(gateway: &Endpoint, account: &str, subject: &str) -> Option<String> {
    let query = [("account", format!("@{account}")), ("cause_mid", subject.to_owned())];
    // A gateway that knows nothing of it is no error: the webhook may have gone to another bot.
    let body = gateway.get("/api/v1/messages", &query).await.ok()?;
    let rows = body.get("data")?.as_array()?;
    let row = rows.last()?;
    let word = |name: &str| row.get(name).and_then(Value::as_str);
    Some(match (word("state")?, word("reason")) {
        ("no_rule", None) => "no automation matches it (`selfsame automations list` shows them)".to_owned(),
        ("no_rule", Some(reason)) => format!("no automation answers it: {reason}"),
        (state, None) => state.to_owned(),
        (state, Some(reason)) => format!("{state}: {reason}"),
    })
}

fn note(delivery: &Value, decided: Option<&str>) -> DeliveryNote {
    let word = |name: &str| {
        delivery
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let (field, status) = (word("field"), word("status"));
    let attempts = delivery
        .get("attempts")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let last_failure = attempts.last().map(|attempt| {
        match (
            attempt.get("error").and_then(Value::as_str),
            attempt.get("status").and_then(Value::as_u64),
        ) {
            (Some(error), _) => error.to_owned(),
            (None, Some(status)) => format!("it answered {status}"),
            (None, None) => "no answer".to_owned(),
        }
    });
    let sentence = match status.as_str() {
        "delivered" => match decided {
            Some(decided) => format!("{field}: delivered to the gateway: {decided}"),
            None => format!("{field}: delivered. Your bot answered 200 and sent nothing: does it drop is_echo?"),
        },
        "suppressed" => format!("{field}: not sent ({}). {}", word("reason"), word("remedy")),
        "failed" => format!(
            "{field}: the callback failed ({}); it will be retried",
            last_failure.unwrap_or_default()
        ),
        "dead" => format!("{field}: given up ({})", last_failure.unwrap_or_default()),
        _ => format!("{field}: still waiting to be delivered"),
    };
    DeliveryNote {
        id: delivery.get("id").map(id_text).unwrap_or_default(),
        field,
        status,
        sentence,
    }
}

fn id_text(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_state_of_a_delivery_has_its_own_sentence() {
        let sentence = |delivery: Value| note(&delivery, None).sentence;
        assert!(sentence(json!({"id": 1, "field": "messages", "status": "delivered"})).contains("is_echo"));
        let decided = note(
            &json!({"id": 1, "field": "messages", "status": "delivered"}),
            Some("no automation"),
        );
        assert!(decided.sentence.contains("no automation") && !decided.sentence.contains("is_echo"));
        assert!(
            sentence(json!({"id": 1, "field": "messages", "status": "suppressed", "reason": "not_installed", "remedy": "do this"}))
                .ends_with("not sent (not_installed). do this")
        );
        let failed = json!({"id": 1, "field": "messages", "status": "failed", "attempts": [{"status": 500}]});
        assert!(sentence(failed).contains("500"));
        let unreachable =
            json!({"id": 1, "field": "messages", "status": "dead", "attempts": [{"error": "connection refused"}]});
        assert!(sentence(unreachable).contains("connection refused"));
    }
}
