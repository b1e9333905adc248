//! Why a gesture was not answered: read from the delivery log.

use serde::Serialize;
use serde_json::Value;

use crate::connection::{CallError, HouseClient};

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

/// What became of the webhooks of a gesture.
///
/// # Errors
/// When the platform does not answer.
pub async fn explain_silence(house: &HouseClient, notifications: &[Value]) -> Result<Vec<DeliveryNote>, CallError> {
    let wanted: Vec<String> = notifications.iter().map(id_text).collect();
    let body = house
        .platform()
        .get("/_sim/deliveries", &[("limit", "10000".to_owned())])
        .await?;
    let deliveries = body.get("data").and_then(Value::as_array).cloned().unwrap_or_default();
    Ok(deliveries
        .iter()
        .filter(|delivery| delivery.get("id").is_some_and(|id| wanted.contains(&id_text(id))))
        .map(note)
        .collect())
}

fn note(delivery: &Value) -> DeliveryNote {
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
        "delivered" => format!("{field}: delivered. Your bot answered 200 and sent nothing: does it drop is_echo?"),
        "suppressed" => format!("{field}: not sent. {}", word("reason")),
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
        let sentence = |delivery: Value| note(&delivery).sentence;
        assert!(sentence(json!({"id": 1, "field": "messages", "status": "delivered"})).contains("is_echo"));
        assert!(
            sentence(json!({"id": 1, "field": "messages", "status": "suppressed", "reason": "no messages permission"}))
                .contains("no messages permission")
        );
        let failed = json!({"id": 1, "field": "messages", "status": "failed", "attempts": [{"status": 500}]});
        assert!(sentence(failed).contains("500"));
        let unreachable =
            json!({"id": 1, "field": "messages", "status": "dead", "attempts": [{"error": "connection refused"}]});
        assert!(sentence(unreachable).contains("connection refused"));
    }
}
