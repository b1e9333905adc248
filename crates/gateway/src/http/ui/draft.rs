//! `/studio/draft`, and `/studio/accounts/{id}/draft` for the automations of one account: a draft as text, what is wrong with it while
//! it is written, what publishing it would change, and what was published before.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use selfsame_ui::maud::{Markup, html};
use selfsame_ui::node::{Node, Tag, render_all};
use selfsame_ui::parts::{TimeFormat, Tone, callout, pill, segment, time};
use selfsame_wire::ids::IgUserId;
use serde::Deserialize;

use super::diff::diff;
use super::form::PageForm;
use super::page::{Page, PageError, frame};
use super::studio::RollBack;
use crate::automation::{Library, Problem, Problems, Severity};
use crate::http::App;
use crate::http::api::automations::{PublishedView, history_of};
use crate::http::api::page::PageQuery;
use crate::http::api::{ApiError, find_account};
use crate::lanes::{DraftState, SaveError};
use crate::store::accounts::Account;

/// The published versions that are shown.
const SHOWN_VERSIONS: usize = 10;

/// A text for the draft.
#[derive(Debug, Deserialize)]
pub(super) struct DraftText {
    text: String,
    /// The version that was edited; without it whatever is there is replaced.
    edited: Option<String>,
}

/// Whose automations: those of one account, or those for all.
struct Whose(Option<Account>);

impl Whose {
    async fn find(app: &App, id: Option<Path<String>>) -> Result<Self, PageError> {
        Ok(Self(match id {
            Some(Path(id)) => Some(find_account(app, &id).await?),
            None => None,
        }))
    }

    fn id(&self) -> Option<&IgUserId> {
        self.0.as_ref().map(|account| &account.ig_id)
    }

    /// Below this address all forms are posted.
    fn path(&self) -> String {
        match &self.0 {
            Some(account) => format!("/studio/accounts/{}", segment(account.ig_id.as_str())),
            None => "/studio".to_owned(),
        }
    }

    fn title(&self) -> String {
        match &self.0 {
            Some(account) => format!("Draft of @{}", account.username),
            None => "Draft".to_owned(),
        }
    }

    fn back(&self) -> Redirect {
        Redirect::to(&format!("{}/draft", self.path()))
    }
}

/// Why the page is shown again instead of saving, and what was written.
struct NotSaved {
    status: StatusCode,
    headline: &'static str,
    remedy: &'static str,
    text: String,
    problems: Vec<Problem>,
}

/// The page.
pub(super) async fn draft(State(app): State<App>, id: Option<Path<String>>) -> Result<Page, PageError> {
    let whose = Whose::find(&app, id).await?;
    page_of(&app, &whose, None).await
}

/// Saves the draft, unless the new text has errors or somebody else has saved meanwhile: then the old one stays and both are shown.
pub(super) async fn save_draft(
    State(app): State<App>,
    id: Option<Path<String>>,
    PageForm(written): PageForm<DraftText>,
) -> Result<Response, PageError> {
    let whose = Whose::find(&app, id).await?;
    // Browsers send the ends of lines as two characters.
    let text = written.text.replace("\r\n", "\n");
    let saved = app
        .lanes
        .save_draft(whose.id(), written.edited.as_deref(), text.clone())
        .await;
    let not_saved = match saved {
        Ok(()) => return Ok(whose.back().into_response()),
        Err(SaveError::HasErrors(Problems(problems))) => NotSaved {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            headline: "Not saved: the text has errors.",
            remedy: "The draft is as it was. Your text is below.",
            text,
            problems,
        },
        Err(SaveError::SavedMeanwhile) => NotSaved {
            status: StatusCode::CONFLICT,
            headline: "Not saved: somebody else has saved this draft meanwhile.",
            remedy: "Nothing is lost: your text is below, and what differs from theirs under it. Saving now replaces theirs.",
            problems: check(text.clone()).await?,
            text,
        },
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a draft was not saved");
            return Err(PageError::refused(
                error.to_string(),
                "Nothing was changed; the log says why.",
            ));
        }
    };
    let status = not_saved.status;
    Ok(page_of(&app, &whose, Some(not_saved))
        .await?
        .with_status(status)
        .into_response())
}

/// `POST /studio/lint` — what is wrong with a text that is being written, as a part of the page.
pub(super) async fn lint(PageForm(written): PageForm<DraftText>) -> Result<Response, PageError> {
    let problems = check(written.text.replace("\r\n", "\n")).await?;
    Ok(Page::new(render_all(&[lint_node(&problems)])).into_response())
}

/// Publishes the draft of an account, for it only.
pub(super) async fn publish_own(State(app): State<App>, id: Path<String>) -> Result<Response, PageError> {
    let whose = Whose::find(&app, Some(id)).await?;
    app.lanes.publish(whose.id(), "studio").await.map_err(ApiError::from)?;
    Ok(whose.back().into_response())
}

/// Publishes an older version of an account again.
pub(super) async fn roll_back_own(
    State(app): State<App>,
    id: Path<String>,
    PageForm(wanted): PageForm<RollBack>,
) -> Result<Response, PageError> {
    let whose = Whose::find(&app, Some(id)).await?;
    app.lanes
        .roll_back(whose.id(), wanted.id)
        .await
        .map_err(ApiError::from)?;
    Ok(whose.back().into_response())
}

/// Compiling a large text takes a while.
async fn check(text: String) -> Result<Vec<Problem>, PageError> {
    tokio::task::spawn_blocking(move || match Library::compile(&text) {
        Ok(library) => library.warnings().to_vec(),
        Err(Problems(problems)) => problems,
    })
    .await
    .map_err(|_panicked| PageError::refused("The text could not be checked.", "See the log."))
}

async fn page_of(app: &App, whose: &Whose, not_saved: Option<NotSaved>) -> Result<Page, PageError> {
    let own = app.lanes.draft(whose.id());
    let has_own = own.is_some();
    let draft = own
        .or_else(|| app.lanes.draft(None))
        .ok_or_else(|| PageError::refused("There is no draft.", ""))?;
    let live = app.lanes.live(whose.id()).or_else(|| app.lanes.live(None));
    let live = live.map(|live| live.text).unwrap_or_default();
    let published = history_of(app, whose.id().cloned(), &PageQuery::default()).await?;
    let path = whose.path();
    let (text, problems) = match &not_saved {
        Some(not_saved) => (&not_saved.text, &not_saved.problems),
        None => (&draft.text, &draft.problems),
    };
    let conflict = not_saved
        .as_ref()
        .filter(|not_saved| not_saved.status == StatusCode::CONFLICT);
    let content = html! {
        header {
            h1 { (whose.title()) }
            p.lead { (lead(app, whose, has_own)) }
        }
        @if let Some(not_saved) = &not_saved { (callout(Tone::Bad, not_saved.headline, not_saved.remedy)) }
        div.editor {
            form.card method="post" action={ (path) "/draft" } {
                input type="hidden" name="edited" value=(app.lanes.draft_version(whose.id()));
                label.field {
                    span { "Automations" }
                    textarea.mono #automations-text name="text" rows="26" spellcheck="false" autocapitalize="off" wrap="off" data-check="/studio/lint" { "\n" (text) }
                }
                div.row {
                    button.button type="submit" { @if conflict.is_some() { "Save mine over theirs" } @else { "Save the draft" } }
                    @if conflict.is_some() { a.button.quiet href={ (path) "/draft" } { "Drop mine, take theirs" } }
                    @else { a.button.quiet href="/studio" { "Back to the studio" } }
                }
            }
            (render_all(&[lint_node(problems)]))
        }
        @if let Some(mine) = conflict {
            section.card aria-label="Theirs and yours" {
                h2 { "From theirs to yours" }
                @match diff(&draft.text, &mine.text) {
                    Some(shown) => (shown),
                    None => p.empty { "Both are the same." },
                }
            }
        } @else {
            (publishing_card(whose, &draft, has_own, &live))
            section.card aria-label="History" { (history(&path, &published.data, &live)) }
        }
    };
    Ok(Page::new(frame(&whose.title(), Some("/studio"), None).around(&content)))
}

fn lead(app: &App, whose: &Whose, has_own: bool) -> Markup {
    let file = app.lanes.draft_path().display().to_string();
    html! {
        @match (&whose.0, has_own) {
            (None, _) => { "What answers you when you write to yourself. It is the file " code { (file) } "." },
            (Some(account), true) => { "What answers @" (account.username) " when she writes to herself. Other accounts run the draft for all." },
            (Some(account), false) => { "@" (account.username) " has none of her own: this is the draft for all. What you save here is hers alone from then on." },
        }
    }
}

/// What is wrong with the text in the editor. The script asks for it anew while somebody writes.
fn lint_node(problems: &[Problem]) -> Node {
    let errors = problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .count();
    let inner = html! {
        h2 { "Problems" }
        p role="status" {
            @match (errors, problems.len() - errors) {
                (0, 0) => (pill("none", Tone::Good)),
                (0, warnings) => (pill(&counted(warnings, "warning"), Tone::Warn)),
                (errors, 0) => (pill(&counted(errors, "error"), Tone::Bad)),
                (errors, warnings) => { (pill(&counted(errors, "error"), Tone::Bad)) " " (pill(&counted(warnings, "warning"), Tone::Warn)) },
            }
        }
        @for problem in problems { (problem_line(problem, true)) }
    };
    Node::fixed(Tag::Block, "lint", "card lint", inner)
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A problem with its place, which leads there beside an editor.
pub(super) fn problem_line(problem: &Problem, beside_editor: bool) -> Markup {
    let class = match problem.severity {
        Severity::Error => "note bad",
        Severity::Warning => "note warn",
    };
    let place = format!("Line {}, column {}", problem.line, problem.column);
    html! {
        div class=(class) role="note" {
            @if problem.line == 0 { strong { "The whole file" } }
            @else if beside_editor {
                button.place type="button" data-line=(problem.line) data-column=(problem.column) { (place) }
            } @else { strong { (place) } }
            span { (problem.message) }
        }
    }
}

fn publishing_card(whose: &Whose, draft: &DraftState, has_own: bool, live: &str) -> Markup {
    let changes = diff(live, &draft.text);
    let action = format!("{}/publish", whose.path());
    html! {
        section.card aria-label="Publishing" {
            h2 { "What publishing changes" }
            @match (&changes, &whose.0, has_own) {
                (_, Some(_), false) => p.empty { "Save a draft of her own first." },
                (None, _, _) => p { (pill("the draft is published", Tone::Good)) },
                (Some(changes), _, _) => (changes),
            }
            @if !draft.is_current() {
                (callout(Tone::Bad, "The draft has errors; the version before it keeps running.", "It can be published when they are gone."))
            }
            @if changes.is_some() && (has_own || whose.0.is_none()) {
                form method="post" action=(action) {
                    button.button type="submit" disabled[!draft.is_current()] {
                        @match &whose.0 { Some(account) => { "Publish for @" (account.username) }, None => "Publish the draft" }
                    }
                }
            }
        }
    }
}

/// What was published, and the way back to it.
pub(super) fn history(path: &str, versions: &[PublishedView], live: &str) -> Markup {
    html! {
        h2 { "What was published" }
        @if versions.is_empty() { p.empty { "Nothing yet." } }
        @for version in versions.iter().take(SHOWN_VERSIONS) {
            div.version {
                div.row {
                    span.grow {
                        code { (version.version) } " · "
                        @if let Ok(at) = version.published_at.parse() { (time(at, TimeFormat::Day)) }
                        " · " (version.published_by.replace('_', " "))
                    }
                    @if version.is_live { (pill("live", Tone::Good)) } @else {
                        form method="post" action={ (path) "/roll-back" } {
                            input type="hidden" name="id" value=(version.id);
                            button.button.quiet type="submit" { "Publish again" span.away { " version " (version.version) } }
                        }
                    }
                }
                @if let Some(changes) = (!version.is_live).then(|| diff(live, &version.text)).flatten() {
                    details { summary { "What that would change" } (changes) }
                }
            }
        }
    }
}
