//! Reads everything a thread page shows, in one snapshot.

use std::collections::BTreeMap;

use rusqlite::Connection;
use selfsame_ui::thread::{Shareable, ThreadLine};

use super::lines::thread_lines;
use crate::domain::account::Account;
use crate::domain::connection::Connection as AppConnection;
use crate::domain::media::{Media, STORY_LIFE_MS};
use crate::domain::messenger_profile;
use crate::domain::thread::Thread;
use crate::domain::view::MessageView;
use crate::store::receipts::DeliveryReceipt;
use crate::store::taps::TapView;
use crate::store::{
    Slice, StoreError, accounts, connections, media, messages, messenger_profiles, receipts, stream as sequence, taps,
    threads,
};

/// Messages a page shows when it is opened.
const FIRST_MESSAGES: i64 = 60;
/// Messages a live page may grow to before it is loaded anew.
const MAX_MESSAGES: i64 = 300;
/// Posts and stories of each side that can be shared.
const MAX_SHAREABLE: i64 = 20;
/// Characters of a caption in a choice.
const MAX_LABEL_CHARACTERS: usize = 40;
/// Taps shown between those messages.
const MAX_TAPS: i64 = 300;

/// Which part of a thread to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The newest messages.
    Newest,
    /// The messages before this message id.
    Before(i64),
    /// Everything from this message id on: what a live page has grown to.
    From(i64),
}

/// A thread as read.
#[derive(Debug)]
pub(super) struct Conversation {
    pub(super) me: Account,
    pub(super) other: Account,
    pub(super) thread: Option<Thread>,
    /// Oldest first.
    pub(super) messages: Vec<MessageView>,
    pub(super) taps: Vec<TapView>,
    /// By mid, of messages and taps.
    pub(super) receipts: BTreeMap<String, Vec<DeliveryReceipt>>,
    /// Mid of the newest message that the other side has seen.
    pub(super) seen_mid: Option<String>,
    /// Connections of the professional account in the thread.
    pub(super) connections: Vec<AppConnection>,
    /// Questions the other side offers before anything was said.
    pub(super) ice_breakers: Vec<String>,
    /// Items of the other side's menu.
    pub(super) menu: Vec<String>,
    /// What either side has published and can be shared.
    pub(super) shareable: Vec<Shareable>,
    /// Stories of the other side.
    pub(super) stories: Vec<Shareable>,
    pub(super) lines: Vec<ThreadLine>,
    /// Message id before which there is more.
    pub(super) earlier_than: Option<i64>,
    pub(super) is_outgrown: bool,
    pub(super) last: i64,
}

impl Conversation {
    /// Whether somebody talks to herself.
    pub(super) fn is_self(&self) -> bool {
        self.me.key == self.other.key
    }

    /// From which message on a live page shows everything.
    pub(super) fn first_message(&self) -> i64 {
        self.messages.first().map_or(0, |message| message.id)
    }
}

/// Reads a thread of `me` with `other`; `None` when there is no such account.
pub(super) fn read(
    connection: &Connection,
    me: &str,
    other: &str,
    part: Part,
    now_ms: i64,
) -> Result<Option<Conversation>, StoreError> {
    let last = sequence::last(connection)?;
    let (Some(me), Some(other)) = (
        accounts::by_username(connection, me)?,
        accounts::by_username(connection, other)?,
    ) else {
        return Ok(None);
    };
    let thread = threads::between(connection, me.key, other.key)?;
    let mut conversation = Conversation {
        lines: thread_lines(connection, &me, Some(&other))?,
        connections: professional_connections(connection, &me, &other)?,
        ice_breakers: profile_items(connection, &other, "ice_breakers", "question")?,
        shareable: shareable(connection, &me, &other, now_ms)?,
        stories: stories(connection, &other, now_ms)?,
        menu: profile_items(connection, &other, "persistent_menu", "title")?,
        me,
        other,
        thread,
        messages: Vec::new(),
        taps: Vec::new(),
        receipts: BTreeMap::new(),
        seen_mid: None,
        earlier_than: None,
        is_outgrown: false,
        last,
    };
    if let Some(thread) = conversation.thread.clone() {
        read_messages(connection, &mut conversation, &thread, part)?;
    }
    Ok(Some(conversation))
}

fn read_messages(
    connection: &Connection,
    conversation: &mut Conversation,
    thread: &Thread,
    part: Part,
) -> Result<(), StoreError> {
    conversation.messages = match part {
        Part::Newest => messages::latest_views_of_thread(connection, thread.key, None, FIRST_MESSAGES)?,
        Part::Before(before) => messages::latest_views_of_thread(connection, thread.key, Some(before), FIRST_MESSAGES)?,
        Part::From(first) => messages::views_of_thread(connection, thread.key, first.saturating_sub(1), MAX_MESSAGES)?,
    };
    let count = i64::try_from(conversation.messages.len()).unwrap_or(i64::MAX);
    conversation.is_outgrown = matches!(part, Part::From(_)) && count >= MAX_MESSAGES;
    let first = conversation.first_message();
    let has_earlier = !messages::latest_views_of_thread(connection, thread.key, Some(first), 1)?.is_empty();
    conversation.earlier_than = has_earlier.then_some(first);
    let taps_from = if has_earlier { first } else { 0 };
    let taps_before = match part {
        Part::Before(before) => before,
        Part::Newest | Part::From(_) => i64::MAX,
    };
    conversation.taps = taps::of_thread(connection, thread.key, taps_from, taps_before, MAX_TAPS)?;
    let mids = conversation
        .messages
        .iter()
        .map(|message| &message.mid)
        .chain(conversation.taps.iter().map(|tap| &tap.mid));
    for mid in mids {
        conversation
            .receipts
            .insert(mid.clone(), receipts::of_mid(connection, mid)?);
    }
    let seen = threads::view(connection, thread, i64::MAX, 0)?;
    conversation.seen_mid = if thread.a == conversation.me.key {
        seen.b_seen_mid
    } else {
        seen.a_seen_mid
    };
    Ok(())
}

/// What either side has published, newest first.
fn shareable(
    connection: &Connection,
    me: &Account,
    other: &Account,
    now_ms: i64,
) -> Result<Vec<Shareable>, StoreError> {
    let mut found = stories(connection, other, now_ms)?;
    found.extend(named(
        other,
        &media::of_account(connection, other.key, Slice::First, MAX_SHAREABLE)?,
    ));
    if me.key != other.key {
        found.extend(stories(connection, me, now_ms)?);
        found.extend(named(
            me,
            &media::of_account(connection, me.key, Slice::First, MAX_SHAREABLE)?,
        ));
    }
    Ok(found)
}

fn stories(connection: &Connection, of: &Account, now_ms: i64) -> Result<Vec<Shareable>, StoreError> {
    let since_ms = now_ms.saturating_sub(STORY_LIFE_MS);
    let living = media::stories_of_account(connection, of.key, Slice::First, MAX_SHAREABLE, since_ms)?;
    Ok(named(of, &living))
}

fn named(owner: &Account, media: &[Media]) -> Vec<Shareable> {
    let name = |one: &Media| {
        let kind = match one.media_product_type.as_str() {
            "REELS" => "reel",
            "STORY" => "story",
            _ if one.is_live => "broadcast",
            _ => "post",
        };
        let caption: String = one
            .caption
            .as_deref()
            .unwrap_or(&one.shortcode)
            .chars()
            .take(MAX_LABEL_CHARACTERS)
            .collect();
        format!("@{} · {kind} · {caption}", owner.username)
    };
    media
        .iter()
        .map(|one| Shareable {
            id: one.media_id.as_str().to_owned(),
            label: name(one),
        })
        .collect()
}

fn professional_connections(
    connection: &Connection,
    me: &Account,
    other: &Account,
) -> Result<Vec<AppConnection>, StoreError> {
    let professional = if other.kind.is_professional() { other } else { me };
    connections::of_account(connection, professional.key)
}

/// What can be tapped of a messenger profile, each title once.
fn profile_items(
    connection: &Connection,
    account: &Account,
    name: &str,
    title_key: &str,
) -> Result<Vec<String>, StoreError> {
    let set = messenger_profiles::get(connection, account.key, name)?.unwrap_or_default();
    let mut titles: Vec<String> = Vec::new();
    for title in messenger_profile::shown(&set)
        .iter()
        .filter_map(|item| item.get(title_key)?.as_str())
    {
        if !titles.iter().any(|known| known == title) {
            titles.push(title.to_owned());
        }
    }
    Ok(titles)
}
