//! `GET /phone/@{user}/apps`, `POST /phone/@{user}/apps` — "Apps and websites": what is connected, and how to end it.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use rusqlite::Connection;
use selfsame_ui::icon;
use selfsame_ui::maud::{Markup, html};
use selfsame_ui::parts::{TimeFormat, Tone, callout, pill, problem, time};
use selfsame_wire::flow::LoginFlow;
use serde_json::Value;

use super::super::fields::Fields;
use super::super::frame;
use super::super::page::{Page, PageError};
use super::paths;
use crate::domain::account::Account;
use crate::http::App;
use crate::http::oauth::{CalledBack, Disconnection, disconnect};
use crate::store::grants::Grant;
use crate::store::{Failure, StoreError, accounts, apps, grants};

/// Characters of a callback's answer that are shown.
const ANSWER_CHARACTERS: usize = 300;

/// The page.
pub(in super::super) async fn connected_apps(
    State(app): State<App>,
    Path(me): Path<String>,
) -> Result<Page, PageError> {
    page(&app, &me, &html! {}).await
}

/// Removes an app, tells it, and shows what it answered.
pub(in super::super) async fn remove_app(State(app): State<App>, Path(me): Path<String>, fields: Fields) -> Response {
    match remove(&app, &me, &fields).await {
        Ok(news) => page(&app, &me, &news).await.into_response(),
        Err(PageError::Refused(why)) if !fields.stays_on_page => {
            page(&app, &me, &problem(Some(&why))).await.into_response()
        }
        Err(error) => error.answer(fields.stays_on_page),
    }
}

async fn remove(app: &App, me: &str, fields: &Fields) -> Result<Markup, PageError> {
    let name = fields
        .filled("app")
        .ok_or_else(|| PageError::refused("The form names no app."))?;
    let flow = match fields.filled("flow") {
        None => None,
        Some(given) => Some(
            LoginFlow::ALL
                .into_iter()
                .find(|flow| flow.name() == given)
                .ok_or_else(|| PageError::refused(format!("There is no login called {given}.")))?,
        ),
    };
    let ending = Disconnection {
        app: name.clone(),
        account: me.to_owned(),
        flow,
        deletes_data: fields.filled("data_deletion").is_some(),
    };
    let called = disconnect(app, ending).await.map_err(|failure| match failure {
        Failure::Refused(refusal) => PageError::refused(refusal.to_string()),
        Failure::Store(error) => PageError::Store(error),
    })?;
    Ok(html! {
        (callout(Tone::Good, &format!("{name} is removed"), "Its tokens are dead, and it gets no webhooks of this account any more."))
        @for one in &called { (told(&name, one)) }
        @if called.is_empty() {
            p.soft.small { (name) " has no deauthorize callback, so nobody told it. Set one in the dashboard." }
        }
    })
}

fn told(app: &str, called: &CalledBack) -> Markup {
    let answer = &called.answer;
    let what = match called.kind {
        "data_deletion" => format!("{app} was asked to delete your data"),
        _ => format!("{app} was told"),
    };
    let went_well = answer.status == Some(200);
    let outcome = match (&answer.error, answer.status) {
        (Some(error), _) => error.clone(),
        (None, Some(status)) => format!("{} answered {status}.", answer.url),
        (None, None) => format!("{} did not answer.", answer.url),
    };
    let deletion = (called.kind == "data_deletion" && went_well).then(|| Deletion::of(&answer.body));
    html! {
        (callout(if went_well { Tone::Good } else { Tone::Bad }, &what, &outcome))
        @match deletion {
            Some(Ok(deletion)) => {
                p.small { "Confirmation code " code { (deletion.code) } ". " a href=(deletion.url) rel="noreferrer" { "See how far it is" } }
            }
            Some(Err(())) => {
                p.note.warn {
                    strong { "The answer is not the documented one" }
                    "It has to be JSON with url and confirmation_code, and is: "
                    code { (answer.body.chars().take(ANSWER_CHARACTERS).collect::<String>()) }
                }
            }
            None => {}
        }
    }
}

/// What an app answers to the request to delete somebody's data.
struct Deletion {
    url: String,
    code: String,
}

impl Deletion {
    /// Reads `{"url","confirmation_code"}`; the address has to be one that a link may lead to.
    fn of(body: &str) -> Result<Self, ()> {
        let value: Value = serde_json::from_str(body).map_err(drop)?;
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned).ok_or(());
        let (url, code) = (text("url")?, text("confirmation_code")?);
        let parsed = url::Url::parse(&url).map_err(drop)?;
        matches!(parsed.scheme(), "http" | "https")
            .then_some(Self { url, code })
            .ok_or(())
    }
}

/// One app that the account is connected to, through one login.
struct Connected {
    app: String,
    grant: Grant,
    expires_at: Option<Timestamp>,
}

async fn page(app: &App, me: &str, news: &Markup) -> Result<Page, PageError> {
    let username = me.to_owned();
    let found = app
        .world
        .store
        .read(move |connection| read(connection, &username))
        .await?;
    let (me, connected) = found.ok_or_else(|| PageError::no_account(me))?;
    let content = html! {
        div.phone.single {
            section.pane.main aria-label="Apps and websites" {
                header.head {
                    a.icon href=(paths::profile(&me.username)) aria-label="Back" { (icon::back()) }
                    div.who { h1 { "Apps and websites" } span.soft.small { "@" (me.username) } }
                }
                div.settings {
                    (news)
                    @if connected.is_empty() {
                        p.empty { "No app is connected to this account." }
                    }
                    @for one in &connected { (connection_card(&me.username, one)) }
                }
            }
        }
    };
    Ok(Page::new(
        frame::phone("Apps and websites", None, false).around(&content),
    ))
}

fn connection_card(me: &str, connected: &Connected) -> Markup {
    let grant = &connected.grant;
    let login = match grant.flow {
        LoginFlow::Instagram => "Instagram login",
        LoginFlow::Facebook => "Facebook login",
    };
    html! {
        article.card aria-label={ (connected.app) ", " (login) } {
            header {
                h2 { (connected.app) }
                (pill(login, Tone::Plain))
                @if let Some(at) = connected.expires_at { span.soft.small { "until " (time(at, TimeFormat::Day)) } }
            }
            ul.scopes {
                @for scope in &grant.scopes { li { code { (scope) } } }
                @for scope in &grant.declined { li.soft { code { (scope) } " not allowed" } }
            }
            form method="post" action=(paths::connected_apps(me)) {
                input type="hidden" name="app" value=(connected.app);
                input type="hidden" name="flow" value=(grant.flow.name());
                label.check { input type="checkbox" name="data_deletion" value="on"; span { "Also ask " (connected.app) " to delete my data" } }
                button.button.quiet type="submit" { "Remove" }
            }
        }
    }
}

fn read(connection: &Connection, me: &str) -> Result<Option<(Account, Vec<Connected>)>, StoreError> {
    let Some(me) = accounts::by_username(connection, me)? else {
        return Ok(None);
    };
    let mut connected = Vec::new();
    for grant in grants::grants_of_account(connection, me.key)? {
        if grant.revoked_at_ms.is_some() {
            continue;
        }
        let Some(app) = apps::by_key(connection, grant.app)? else {
            continue;
        };
        let ends = grants::tokens_of_grant(connection, grant.key)?
            .into_iter()
            .filter(|token| token.invalid_subcode.is_none())
            .filter_map(|token| token.expires_at_ms)
            .max();
        connected.push(Connected {
            app: app.name,
            grant,
            expires_at: ends.and_then(|at_ms| Timestamp::from_millisecond(at_ms).ok()),
        });
    }
    Ok(Some((me, connected)))
}
