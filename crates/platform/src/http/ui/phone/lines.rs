//! The list of conversations of one phone.

use rusqlite::Connection;
use selfsame_ui::person::Person;
use selfsame_ui::thread::ThreadLine;

use super::paths;
use crate::domain::account::{Account, AccountKind};
use crate::domain::message::Message;
use crate::domain::thread::Thread;
use crate::store::{StoreError, accounts, messages, threads};

/// Conversations shown at most.
const MAX_LINES: i64 = 100;
/// Characters of the last message shown in the list.
const PREVIEW_CHARACTERS: usize = 80;

/// `account` as the views want it.
pub(super) fn person(account: &Account) -> Person {
    let kind = match account.kind {
        AccountKind::Business => "Business account",
        AccountKind::Creator => "Creator account",
        AccountKind::Personal => "Person",
    };
    Person {
        username: account.username.clone(),
        name: account.name.clone(),
        kind: kind.to_owned(),
    }
}

/// The thread with oneself on top, then conversations by age, then professional accounts to begin one with.
pub(super) fn thread_lines(
    connection: &Connection,
    me: &Account,
    current: Option<&Account>,
) -> Result<Vec<ThreadLine>, StoreError> {
    let everybody = accounts::all(connection)?;
    let mut lines = Vec::new();
    let mut listed = Vec::new();
    if me.kind.is_professional() {
        let own = threads::between(connection, me.key, me.key)?;
        let newest = own
            .map(|thread| messages::newest(connection, thread.key, 1))
            .transpose()?;
        let last = newest.and_then(|mut newest| newest.pop());
        lines.push(line(me, me, last.as_ref(), current));
        listed.push(me.key);
    }
    for thread in threads::of_account(connection, me.key, MAX_LINES, 0)? {
        let other_key = thread.other(me.key);
        if listed.contains(&other_key) {
            continue;
        }
        let Some(other) = everybody.iter().find(|account| account.key == other_key) else {
            continue;
        };
        let last = messages::newest(connection, thread.key, 1)?.pop();
        let mut line = line(me, other, last.as_ref(), current);
        line.is_request = is_request(&thread, me);
        lines.push(line);
        listed.push(other_key);
    }
    for other in &everybody {
        let is_visible_to_apps = me.kind.is_professional() || other.kind.is_professional();
        let is_listed = listed.contains(&other.key) || other.key == me.key;
        if is_visible_to_apps && !is_listed && lines.len() < usize::try_from(MAX_LINES).unwrap_or(usize::MAX) {
            lines.push(line(me, other, None, current));
        }
    }
    Ok(lines)
}

fn line(me: &Account, other: &Account, last: Option<&Message>, current: Option<&Account>) -> ThreadLine {
    let is_self = me.key == other.key;
    let preview = match last {
        Some(message) => preview(message),
        None if is_self => "Message yourself and see your automation answer".to_owned(),
        None => "Say something".to_owned(),
    };
    ThreadLine {
        other: person(other),
        is_self,
        preview,
        last_at: last.and_then(|message| jiff::Timestamp::from_millisecond(message.created_at_ms).ok()),
        href: paths::thread(&me.username, &other.username),
        is_current: current.is_some_and(|current| current.key == other.key),
        is_request: false,
    }
}

/// Whether the thread waits among the message requests of `me`.
pub(super) fn is_request(thread: &Thread, me: &Account) -> bool {
    thread.folder == threads::REQUESTS && thread.a == me.key
}

fn preview(message: &Message) -> String {
    if message.deleted_at_ms.is_some() {
        return "Message unsent".to_owned();
    }
    let template_text = || {
        let text = message
            .content
            .attachments
            .first()?
            .pointer("/payload/text")?
            .as_str()?;
        Some(text.to_owned())
    };
    let text = message.content.text.clone().or_else(template_text);
    text.map_or_else(
        || "An attachment".to_owned(),
        |text| text.chars().take(PREVIEW_CHARACTERS).collect(),
    )
}
