//! `/studio/draft` — the draft as text, with what is wrong with it; saving writes its file.

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use selfsame_runtime::folder::replace_file;
use selfsame_ui::maud::{Markup, html};
use selfsame_ui::parts::{Tone, callout};
use serde::Deserialize;

use super::page::{Page, PageError, frame};
use super::studio::problem_line;
use crate::automation::{Library, Problem, Problems};
use crate::http::App;

/// A text for the draft.
#[derive(Debug, Deserialize)]
pub(super) struct DraftText {
    text: String,
}

/// The page.
pub(super) async fn draft(State(app): State<App>) -> Result<Page, PageError> {
    let draft = app
        .lanes
        .draft(None)
        .ok_or_else(|| PageError::refused("There is no draft.", ""))?;
    Ok(page_of(&app, &draft.text, &draft.problems, None))
}

/// Saves the draft, unless the new text has errors: then the old one stays and both are shown.
pub(super) async fn save_draft(State(app): State<App>, Form(written): Form<DraftText>) -> Result<Response, PageError> {
    // Browsers send the ends of lines as two characters.
    let text = written.text.replace("\r\n", "\n");
    let kept = text.clone();
    let (path, lanes) = (app.lanes.draft_path(), app.lanes.clone());
    let saved = tokio::task::spawn_blocking(move || {
        if let Err(Problems(problems)) = Library::compile(&text) {
            return Ok(Err(problems));
        }
        replace_file(&path, text.as_bytes())?;
        lanes.look_at_file();
        Ok::<_, std::io::Error>(Ok(()))
    })
    .await
    .map_err(|_panicked| PageError::refused("The draft could not be checked.", "See the log."))?;
    match saved {
        Ok(Ok(())) => Ok(Redirect::to("/studio").into_response()),
        Ok(Err(problems)) => {
            let refused = "Not saved: the text has errors. The draft is as it was.";
            let page = page_of(&app, &kept, &problems, Some(refused));
            Ok(page.with_status(StatusCode::UNPROCESSABLE_ENTITY).into_response())
        }
        Err(error) => Err(PageError::refused(
            "The file of the draft cannot be written.",
            error.to_string(),
        )),
    }
}

fn page_of(app: &App, text: &str, problems: &[Problem], refused: Option<&str>) -> Page {
    let file = app.lanes.draft_path().display().to_string();
    let content: Markup = html! {
        header { h1 { "Draft" } p.lead { "What answers you when you write to yourself. It is the file " code { (file) } "." } }
        @if let Some(refused) = refused { (callout(Tone::Bad, refused, "")) }
        @if !problems.is_empty() {
            section.card { h2 { "Problems" } @for problem in problems { (problem_line(problem)) } }
        }
        form.card method="post" action="/studio/draft" {
            label.field { span { "Automations" } textarea.mono name="text" rows="28" spellcheck="false" wrap="off" { "\n" (text) } }
            div.row { button.button type="submit" { "Save the draft" } a.button.quiet href="/studio" { "Back" } }
        }
    };
    Page::new(frame("Draft", Some("/studio"), None).around(&content))
}
