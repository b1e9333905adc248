//! The names of lines, lanes and places.

use selfsame_wire::ids::{IgScopedId, IgUserId, ParticipantId};
use selfsame_wire::webhook::{Event, Incoming};

/// The inbox line of an event: events of one person, or comments under one media, are decided in
/// order. None when the event tells neither: then it waits for nobody.
///
/// Worked out from the event alone, before its account is known. Self events go by their sender, which
/// is the account whatever `entry.id` says.
pub(super) fn line(incoming: &Incoming) -> Option<String> {
    match &incoming.event {
        Event::Comment(comment) | Event::LiveComment(comment) => {
            let media = comment.media.as_ref().map_or("", |media| media.id.as_str());
            Some(format!("c:{}:{media}", incoming.entry_id.as_ref()?.as_str()))
        }
        Event::Mention(_) | Event::StoryInsights(_) | Event::Unrecognised { .. } => None,
        _ => {
            let (account, person) = parties(incoming)?;
            Some(format!("m:{}:{}", account.as_str(), person.as_str()))
        }
    }
}

/// The line of an event on its way to an engine: that of the inbox, or one of its own. It always names the
/// connected account, so that its offers can be counted and its words erased.
pub(super) fn forward_line(incoming: &Incoming, account: &IgUserId, event_id: i64) -> String {
    let line = line(incoming);
    let mut parts = line.as_deref().into_iter().flat_map(|line| line.splitn(3, ':'));
    match (parts.next(), parts.nth(1)) {
        (Some(kind), Some(place)) => format!("{kind}:{account}:{place}"),
        _ => format!("e:{account}:{event_id}"),
    }
}

/// The account that a line names.
pub fn account_of_line(key: &str) -> Option<IgUserId> {
    key.split(':').nth(1).map(IgUserId::new)
}

fn parties(incoming: &Incoming) -> Option<(&ParticipantId, &ParticipantId)> {
    let (sender, recipient) = (incoming.sender.as_ref()?, incoming.recipient.as_ref()?);
    let is_self = incoming.is_self || matches!(&incoming.event, Event::Message(message) if message.is_self);
    let is_echo = matches!(&incoming.event, Event::Message(message) if message.is_echo);
    let from_account = incoming
        .entry_id
        .as_ref()
        .is_some_and(|entry_id| sender.is_account(entry_id));
    Some(if is_self || is_echo || from_account {
        (sender, recipient)
    } else {
        (recipient, sender)
    })
}

/// The outbox lane of a person: what is said to her is said in order, one call at a time.
pub fn lane(account: &IgUserId, person: &IgScopedId) -> String {
    format!("{account}:{person}")
}

/// The place where echoes of messages to a person show up.
pub fn thread_place(account: &IgUserId, person: &IgScopedId) -> String {
    format!("t:{account}:{person}")
}

/// The place where public replies show up as comments. One for the whole account, because a comment
/// webhook may not tell its media; the media, where told, is compared besides.
pub fn comments_place(account: &IgUserId) -> String {
    format!("c:{account}")
}

/// The place where replies to mentions show up. Instagram sends them back only when they mention the account
/// again.
pub fn mentions_place(account: &IgUserId) -> String {
    format!("n:{account}")
}

#[cfg(test)]
mod tests {
    use selfsame_wire::webhook::parse;
    use serde_json::json;

    use super::*;

    fn line_of(entry: &serde_json::Value) -> Option<String> {
        let body = json!({"object": "instagram", "entry": [entry]}).to_string();
        line(&parse(body.as_bytes()).events[0])
    }

    #[test]
    fn a_self_tap_stands_in_the_line_of_the_self_thread_whatever_its_entry_says() {
        let echo = json!({"id": "17", "messaging": [{"sender": {"id": "17"}, "recipient": {"id": "5"},
            "message": {"mid": "m", "text": "x", "is_echo": true, "is_self": true}}]});
        let tap = json!({"id": "45202218377435", "messaging": [{"sender": {"id": "17"}, "recipient": {"id": "5"},
            "is_self": true, "postback": {"title": "t", "payload": "p"}}]});
        assert_eq!(line_of(&echo), Some("m:17:5".to_owned()));
        assert_eq!(line_of(&tap), line_of(&echo));
    }

    #[test]
    fn a_person_and_the_echo_to_her_share_a_line() {
        let message = json!({"id": "17", "messaging": [{"sender": {"id": "9"}, "recipient": {"id": "17"},
            "message": {"mid": "m", "text": "x"}}]});
        let echo = json!({"id": "17", "messaging": [{"sender": {"id": "17"}, "recipient": {"id": "9"},
            "message": {"mid": "n", "text": "y", "is_echo": true}}]});
        assert_eq!(line_of(&message), Some("m:17:9".to_owned()));
        assert_eq!(line_of(&echo), line_of(&message));
    }

    #[test]
    fn comments_stand_in_the_line_of_their_media() {
        let comment = json!({"id": "17", "changes": [{"field": "comments", "value": {"id": "c", "text": "x",
            "from": {"id": "9", "username": "u"}, "media": {"id": "m1"}}}]});
        assert_eq!(line_of(&comment), Some("c:17:m1".to_owned()));
    }

    #[test]
    fn what_is_not_understood_waits_for_nobody() {
        assert_eq!(line(&parse(b"not json").events[0]), None);
    }

    #[test]
    fn on_its_way_to_an_engine_every_event_stands_in_a_line_of_its_account() {
        let account = IgUserId::new("17");
        let of = |entry: &serde_json::Value| {
            let body = json!({"object": "instagram", "entry": [entry]}).to_string();
            forward_line(&parse(body.as_bytes()).events[0], &account, 4)
        };
        let message = json!({"id": "9001", "messaging": [{"sender": {"id": "9"}, "recipient": {"id": "9001"},
            "message": {"mid": "m", "text": "x"}}]});
        let mention = json!({"id": "17", "changes": [{"field": "mentions", "value": {"media_id": "m1"}}]});
        assert_eq!(of(&message), "m:17:9", "whatever id of the account the event names");
        assert_eq!(of(&mention), "e:17:4");
        for line in ["m:17:9", "c:17:m1", "e:17:4"] {
            assert_eq!(account_of_line(line), Some(account.clone()));
        }
    }
}
