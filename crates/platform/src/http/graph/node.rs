//! What the first segment of a path names, as this token sees it.

use rusqlite::Connection;
use selfsame_wire::flow::LoginFlow;

use crate::domain::caller::{Caller, TokenKind};
use crate::domain::container::Container;
use crate::domain::keys::AccountKey;
use crate::domain::media::{Comment, Media};
use crate::domain::message::Message;
use crate::domain::thread::Thread;
use crate::store::{StoreError, accounts, apps, comments, containers, grants, media, messages, threads};

/// A node.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// The caller's professional account: `me` (Instagram login), its IG id, its app-scoped id.
    OwnAccount,
    /// The caller's Page: `me` with a Page token, or the Page id.
    OwnPage,
    /// The Facebook user behind a user token.
    OwnFacebookUser,
    /// A person as the caller's account sees her; itself for its self IGSID.
    Person(AccountKey),
    /// Media of the caller's account.
    Media(Box<Media>),
    /// Media that the caller's account prepares.
    Container(Box<Container>),
    /// A comment under the caller's media.
    Comment(Box<Comment>),
    /// A thread of the caller's account.
    Conversation(Box<Thread>),
    /// A message in such a thread.
    Message(Box<Message>),
    /// An app.
    App,
    /// Nothing that this token may see, with what it is as far as we know.
    Foreign(String),
}

/// The node of an id that is the caller's own; needs no look at the database.
pub(super) fn resolve_own(caller: &Caller, id: &str) -> Option<Node> {
    let account = &caller.account;
    if id == "me" {
        return Some(match caller.token.kind {
            TokenKind::InstagramShort | TokenKind::InstagramLong => Node::OwnAccount,
            TokenKind::Page => Node::OwnPage,
            TokenKind::FacebookUserShort | TokenKind::FacebookUserLong => Node::OwnFacebookUser,
        });
    }
    let is_ig_id = account.ig_id.as_ref().is_some_and(|ig_id| ig_id.as_str() == id);
    let is_app_scoped = caller.flow() == LoginFlow::Instagram && caller.app_scoped_id.as_str() == id;
    if is_ig_id || is_app_scoped {
        return Some(Node::OwnAccount);
    }
    if account.page.as_ref().is_some_and(|page| page.page_id.as_str() == id) {
        return Some(if caller.flow() == LoginFlow::Facebook {
            Node::OwnPage
        } else {
            Node::Foreign("that is the Page id; with an Instagram token use the IG id or me".to_owned())
        });
    }
    if caller.flow() == LoginFlow::Facebook && caller.facebook_user_id.as_str() == id {
        return Some(Node::OwnFacebookUser);
    }
    account
        .self_igsid
        .as_ref()
        .filter(|igsid| igsid.as_str() == id)
        .map(|_| Node::Person(account.key))
}

/// Finds the node of any id.
fn resolve(connection: &Connection, caller: &Caller, id: &str) -> Result<Node, StoreError> {
    let account = &caller.account;
    if let Some(own) = resolve_own(caller, id) {
        return Ok(own);
    }
    if let Some((seer, person)) = accounts::behind_scoped_id(connection, id)? {
        return Ok(if seer == account.key {
            Node::Person(person)
        } else {
            Node::Foreign(foreign_person(connection, account.key, person)?)
        });
    }
    content_node(connection, caller, id)
}

/// Finds the node of any id, and the Page through which it is seen when it is a further one of the Facebook user's.
pub(super) fn resolve_for(
    connection: &Connection,
    caller: &Caller,
    id: &str,
) -> Result<(Node, Option<Caller>), StoreError> {
    let node = resolve(connection, caller, id)?;
    if matches!(node, Node::Foreign(_)) {
        for other in grants::further_callers(connection, caller)? {
            let seen = resolve(connection, &other, id)?;
            if !matches!(seen, Node::Foreign(_)) {
                return Ok((seen, Some(other)));
            }
        }
    }
    Ok((node, None))
}

fn foreign_person(connection: &Connection, account: AccountKey, person: AccountKey) -> Result<String, StoreError> {
    let username = accounts::by_key(connection, person)?
        .map(|person| person.username)
        .unwrap_or_default();
    let right = accounts::scoped_id(connection, account, person)?;
    Ok(match right {
        Some(right) => {
            format!("that IGSID is @{username} as another account sees her; this account sees her as {right}")
        }
        None => format!("that IGSID is @{username} as another account sees her; this account has not met her"),
    })
}

fn content_node(connection: &Connection, caller: &Caller, id: &str) -> Result<Node, StoreError> {
    let own = caller.account.key;
    if let Some(found) = media::by_id(connection, id)? {
        return Ok(if found.owner == own {
            Node::Media(Box::new(found))
        } else {
            foreign("media of another account")
        });
    }
    if let Some(found) = containers::by_id(connection, id)? {
        return Ok(if found.account == own {
            Node::Container(Box::new(found))
        } else {
            foreign("a container of another account")
        });
    }
    if let Some(found) = comments::by_id(connection, id)? {
        return Ok(match media::by_key(connection, found.media)? {
            Some(under) if under.owner != own => foreign("a comment under another account's media"),
            Some(under) if under.is_live && !under.is_broadcasting() => {
                foreign("a comment of a broadcast that has ended; such comments are there only while it is on air")
            }
            _ => Node::Comment(Box::new(found)),
        });
    }
    if let Some(found) = threads::by_conversation(connection, id)? {
        let takes_part = found.a == own || found.b == own;
        return Ok(if takes_part {
            Node::Conversation(Box::new(found))
        } else {
            foreign("a conversation of other accounts")
        });
    }
    if let Some(found) = messages::by_mid(connection, id)? {
        let thread = threads::by_key(connection, found.thread)?;
        let takes_part = thread.is_some_and(|thread| thread.a == own || thread.b == own);
        return Ok(if takes_part {
            Node::Message(Box::new(found))
        } else {
            foreign("a message between other accounts")
        });
    }
    if apps::by_any_id(connection, id)?.is_some() {
        return Ok(Node::App);
    }
    if let Some(other) = accounts::by_ig_id(connection, id)? {
        return Ok(Node::Foreign(format!(
            "that is the IG id of @{}, whose token this is not",
            other.username
        )));
    }
    if grants::behind_app_scoped_id(connection, id)?.is_some() {
        return Ok(foreign(
            "an app-scoped id of another app or account, or one that graph.facebook.com does not know",
        ));
    }
    if let Some(other) = accounts::by_page_id(connection, id)? {
        return Ok(Node::Foreign(format!(
            "that is the Page of @{}, whose token this is not",
            other.username
        )));
    }
    Ok(Node::Foreign(format!(
        "nothing in this world has the id {id:?}; `selfsame world` and `selfsame whoami` list the ids"
    )))
}

fn foreign(what: &str) -> Node {
    Node::Foreign(format!("that id is {what}"))
}
