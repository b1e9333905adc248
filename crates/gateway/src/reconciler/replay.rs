//! A missing message or comment as the webhook that would have brought it.

use jiff::Timestamp;
use selfsame_wire::ids::IgUserId;
use serde_json::json;

use super::report::{Gap, GapKind};

/// The body of the webhook; none when too little is known.
pub fn body_of(account: &IgUserId, gap: &Gap, now_ms: i64) -> Option<Vec<u8>> {
    let person = gap.person.as_ref()?;
    let text = gap.text.as_ref()?;
    let account = account.as_str();
    let at_ms = gap.created_at.map_or(now_ms, Timestamp::as_millisecond);
    let entry = match gap.kind {
        GapKind::Message => json!({"id": account, "time": at_ms, "messaging": [{
            "sender": {"id": person}, "recipient": {"id": account}, "timestamp": at_ms,
            "message": {"mid": gap.id, "text": text}}]}),
        GapKind::Comment => {
            let mut from = json!({"id": person});
            if let (Some(from), Some(username)) = (from.as_object_mut(), &gap.username) {
                from.insert("username".to_owned(), username.as_str().into());
            }
            let media = gap.media.as_ref()?;
            json!({"id": account, "time": at_ms / 1_000, "changes": [{"field": "comments", "value": {
                "id": gap.id, "text": text, "from": from, "media": {"id": media}}}]})
        }
    };
    Some(
        json!({"object": "instagram", "entry": [entry]})
            .to_string()
            .into_bytes(),
    )
}

#[cfg(test)]
mod tests {
    use selfsame_wire::webhook::{Event, parse};

    use super::*;

    #[test]
    fn a_gap_becomes_the_webhook_that_would_have_brought_it() {
        let account = IgUserId::new("17");
        let mut gap = Gap {
            id: "m1".to_owned(),
            kind: GapKind::Message,
            person: Some("9".to_owned()),
            username: Some("sam".to_owned()),
            text: Some("menu".to_owned()),
            created_at: None,
            media: None,
            replayable: true,
            replayed: false,
        };
        let parsed = parse(&body_of(&account, &gap, 5).unwrap());
        assert!(matches!(&parsed.events[0].event, Event::Message(message) if message.mid.as_str() == "m1"));
        assert_eq!(
            body_of(
                &account,
                &Gap {
                    text: None,
                    ..gap.clone()
                },
                5
            ),
            None
        );
        gap.kind = GapKind::Comment;
        assert_eq!(body_of(&account, &gap, 5), None, "a comment needs its post");
        gap.media = Some("p1".to_owned());
        let parsed = parse(&body_of(&account, &gap, 5).unwrap());
        assert!(matches!(&parsed.events[0].event, Event::Comment(comment) if comment.text.as_deref() == Some("menu")));
    }
}
