//! A missing message or comment as the webhook that would have brought it.

use jiff::Timestamp;
use selfsame_wire::ids::IgScopedId;
use serde_json::{Value, json};

use super::report::{Gap, GapKind};
use crate::store::accounts::Account;

/// The body of the webhook; none when too little is known. What the business wrote itself becomes an echo, or
/// a comment of its own, so that the ledger is asked whether it was us.
pub fn body_of(account: &Account, gap: &Gap, now_ms: i64) -> Option<Vec<u8>> {
    let text = gap.text.as_ref()?;
    let ig_id = account.ig_id.as_str();
    let at_ms = gap.created_at.map_or(now_ms, Timestamp::as_millisecond);
    let entry = match gap.kind {
        GapKind::Message => {
            let person = gap.person.as_deref()?;
            let (sender, recipient) = if gap.own { (ig_id, person) } else { (person, ig_id) };
            let mut message = json!({"mid": gap.id, "text": text});
            if gap.own {
                set(&mut message, "is_echo", Some(true));
                let is_self = account.self_igsid.as_ref().is_some_and(|own| own.as_str() == person);
                set(&mut message, "is_self", is_self.then_some(true));
            }
            json!({"id": ig_id, "time": at_ms, "messaging": [{
                "sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": at_ms, "message": message}]})
        }
        GapKind::Comment => {
            let author = if gap.own { ig_id } else { gap.person.as_deref()? };
            let own_scoped_id = account.self_igsid.as_ref().filter(|_| gap.own);
            let mut from = json!({"id": author});
            set(&mut from, "username", gap.username.as_deref());
            set(&mut from, "self_ig_scoped_id", own_scoped_id.map(IgScopedId::as_str));
            let media = gap.media.as_ref()?;
            let mut value = json!({"id": gap.id, "text": text, "from": from, "media": {"id": media}});
            set(&mut value, "parent_id", gap.parent.as_deref());
            json!({"id": ig_id, "time": at_ms / 1_000, "changes": [{"field": "comments", "value": value}]})
        }
    };
    Some(
        json!({"object": "instagram", "entry": [entry]})
            .to_string()
            .into_bytes(),
    )
}

/// Adds a field whose value is known.
fn set(object: &mut Value, name: &str, value: Option<impl Into<Value>>) {
    if let (Some(object), Some(value)) = (object.as_object_mut(), value) {
        object.insert(name.to_owned(), value.into());
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use selfsame_wire::ids::IgUserId;
    use selfsame_wire::webhook::{Event, Incoming, parse};

    use super::*;
    use crate::store::accounts::{Mode, SelfMode};

    fn account() -> Account {
        Account {
            ig_id: IgUserId::new("17"),
            username: "luna.coffee".to_owned(),
            name: None,
            account_type: None,
            profile_picture_url: None,
            app_scoped_id: None,
            self_igsid: Some(IgScopedId::new("5")),
            page_id: None,
            mode: Mode::Live,
            self_mode: SelfMode::Always,
            connected_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn gap(kind: GapKind) -> Gap {
        Gap {
            id: "m1".to_owned(),
            kind,
            own: false,
            person: Some("9".to_owned()),
            username: Some("sam".to_owned()),
            text: Some("menu".to_owned()),
            created_at: None,
            media: Some("p1".to_owned()),
            parent: None,
            replayable: true,
            replayed: false,
        }
    }

    fn event_of(gap: &Gap) -> Incoming {
        let body = body_of(&account(), gap, 5).unwrap();
        parse(&body).events.into_iter().next().unwrap()
    }

    #[test]
    fn a_message_becomes_the_webhook_that_would_have_brought_it() {
        for (own, person, sender, is_echo, is_self) in [
            (false, "9", "9", false, false),
            (true, "9", "17", true, false),
            (true, "5", "17", true, true),
        ] {
            let gap = Gap {
                own,
                person: Some(person.to_owned()),
                ..gap(GapKind::Message)
            };
            let incoming = event_of(&gap);
            assert_eq!(incoming.sender.unwrap().as_str(), sender);
            let Event::Message(message) = incoming.event else {
                unreachable!("{own} {person}")
            };
            assert_eq!(
                (message.mid.as_str(), message.is_echo, message.is_self),
                ("m1", is_echo, is_self)
            );
        }
    }

    #[test]
    fn a_comment_becomes_the_webhook_that_would_have_brought_it() {
        for (own, parent, author, scoped) in [
            (false, None, "9", None),
            (false, Some("c0"), "9", None),
            (true, Some("c0"), "17", Some("5")),
        ] {
            let gap = Gap {
                own,
                parent: parent.map(str::to_owned),
                ..gap(GapKind::Comment)
            };
            let Event::Comment(comment) = event_of(&gap).event else {
                unreachable!("{own} {parent:?}")
            };
            let from = comment.from.unwrap();
            assert_eq!(from.id.unwrap().as_str(), author);
            assert_eq!(from.self_ig_scoped_id.as_ref().map(IgScopedId::as_str), scoped);
            assert_eq!(comment.parent_id.map(|id| id.as_str().to_owned()).as_deref(), parent);
        }
    }

    #[test]
    fn what_lacks_its_author_its_words_or_its_post_becomes_nothing() {
        for (name, gap) in [
            (
                "text",
                Gap {
                    text: None,
                    ..gap(GapKind::Message)
                },
            ),
            (
                "person",
                Gap {
                    person: None,
                    ..gap(GapKind::Message)
                },
            ),
            (
                "author",
                Gap {
                    person: None,
                    ..gap(GapKind::Comment)
                },
            ),
            (
                "post",
                Gap {
                    media: None,
                    ..gap(GapKind::Comment)
                },
            ),
        ] {
            assert_eq!(body_of(&account(), &gap, 5), None, "{name}");
        }
    }
}
