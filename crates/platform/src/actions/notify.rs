//! From notifications to rows: one delivery per receiver with its job, or one suppressed row with its reason.

use selfsame_wire::events::{EventKind, Placement, STANDBY_FIELD};
use selfsame_wire::webhook::Escapes;

use crate::domain::account::Account;
use crate::domain::keys::DeliveryKey;
use crate::domain::notification::{Audience, Notification};
use crate::domain::requirements::verdicts;
use crate::store::delivery_jobs::{self, DeliveryJob};
use crate::store::{StoreError, Tx, accounts, connections, deliveries, settings};
use crate::switches::Switches;

/// Setting that is present while new deliveries are held back (`/_sim/deliveries/hold`).
pub(crate) const HOLD_SETTING: &str = "deliveries.hold";

/// Stores what became of each notification, in order, and answers the deliveries made.
pub(crate) fn notify(
    tx: &Tx<'_>,
    switches: &Switches,
    notifications: &[Notification],
    now_ms: i64,
) -> Result<Vec<DeliveryKey>, StoreError> {
    let mut made = Vec::new();
    for notification in notifications {
        let Some(account) = accounts::by_key(tx, notification.account)? else {
            continue;
        };
        notify_account(tx, switches, &account, notification, now_ms, &mut made)?;
    }
    Ok(made)
}

/// Stores what became of one notification to an account that is at hand.
pub(super) fn notify_account(
    tx: &Tx<'_>,
    switches: &Switches,
    account: &Account,
    notification: &Notification,
    now_ms: i64,
    made: &mut Vec<DeliveryKey>,
) -> Result<(), StoreError> {
    let escapes = if switches.webhooks_older_escapes {
        Escapes::Older
    } else {
        Escapes::Current
    };
    let body = Body {
        kind: notification.kind,
        mid: notification.mid.as_ref().map(|mid| mid.as_str().to_owned()),
        comment_id: notification.comment_id.as_ref().map(|id| id.as_str().to_owned()),
        line: &notification.line,
        audience: &notification.audience,
        bytes: &|include_values, stands_by| notification.to_bytes(include_values, stands_by, escapes),
    };
    tell_account(tx, switches, account, &body, now_ms, made)
}

/// What is told to whoever may be told.
pub(crate) struct Body<'b> {
    /// Decides field, flows and permissions.
    pub(crate) kind: EventKind,
    /// Message it is about.
    pub(crate) mid: Option<String>,
    /// Comment it is about.
    pub(crate) comment_id: Option<String>,
    /// First attempts keep their order within it.
    pub(crate) line: &'b str,
    /// Which apps it is meant for.
    pub(crate) audience: &'b Audience,
    /// The exact bytes, with or without values, for the owner of a thread or for one on standby.
    pub(crate) bytes: &'b dyn Fn(bool, bool) -> Vec<u8>,
}

/// Stores one delivery per connection that is told, or the reason why there is none.
pub(crate) fn tell_account(
    tx: &Tx<'_>,
    switches: &Switches,
    account: &Account,
    body: &Body<'_>,
    now_ms: i64,
    made: &mut Vec<DeliveryKey>,
) -> Result<(), StoreError> {
    let mut connections = connections::of_account(tx, account.key)?;
    let is_messaging = body
        .kind
        .spec()
        .is_some_and(|spec| spec.placement == Placement::Messaging);
    match body.audience {
        Audience::All => {}
        Audience::Owned { owner } => {
            for connection in &mut connections {
                connection.stands_by = is_messaging && connection.meta_app_id.as_str() != owner;
            }
        }
        Audience::App(app) => connections.retain(|connection| connection.app == *app),
    }
    for verdict in verdicts(account, body.kind, &connections, switches) {
        let connection = verdict.connection;
        let stands_by = connection.is_some_and(|connection| connection.stands_by);
        let field = if stands_by { STANDBY_FIELD } else { body.kind.field() };
        let include_values = connection.is_none_or(|connection| connection.include_values);
        let is_told = verdict.suppression.is_none();
        let key = deliveries::insert(
            tx,
            &deliveries::NewDelivery {
                app: connection.map(|connection| connection.app),
                account: account.key,
                flow: connection.map(|connection| connection.flow),
                field: field.to_owned(),
                mid: body.mid.clone(),
                comment_id: body.comment_id.clone(),
                suppressed: verdict
                    .suppression
                    .map(|reason| (reason.code().to_owned(), reason.remedy(account, connection, field))),
                raw: (body.bytes)(include_values, stands_by),
                created_at_ms: now_ms,
            },
        )?;
        if let (true, Some(connection)) = (is_told, connection) {
            let line = format!(
                "{}:{}:{}:{}",
                connection.app,
                connection.flow.name(),
                account.key,
                body.line
            );
            send_or_hold(tx, key, &line, now_ms)?;
        }
        made.push(key);
    }
    Ok(())
}

/// Puts a new delivery on its way, unless deliveries are held back.
pub(super) fn send_or_hold(tx: &Tx<'_>, key: DeliveryKey, line: &str, now_ms: i64) -> Result<(), StoreError> {
    if settings::get(tx, HOLD_SETTING)?.is_some() {
        deliveries::hold(tx, key)
    } else {
        delivery_jobs::enqueue(tx, DeliveryJob::first(key), Some(line), now_ms)
    }
}
