//! `GET /studio/signatures` — the signature lab, and the webhooks whose signature failed.

use axum::extract::State;
use jiff::Timestamp;
use selfsame_ui::maud::{Markup, html};
use selfsame_ui::parts::{Tone, callout, pill};
use serde::Deserialize;

use super::form::PageForm;
use super::page::{Page, PageError, frame};
use crate::http::App;
use crate::signature_lab::{LabReport, Specimen, examine};
use crate::store::StoreError;
use crate::store::failed_signatures::{self, FailedSignature};

/// The refused webhooks that are shown, the newest first.
const SHOWN: u32 = 50;

/// A webhook to examine.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Pasted {
    body: String,
    sha256: String,
    sha1: String,
}

/// The page.
pub(super) async fn signatures(State(app): State<App>) -> Result<Page, PageError> {
    page(&app, &Pasted::default(), None).await
}

/// Examines a webhook.
pub(super) async fn examine_pasted(
    State(app): State<App>,
    PageForm(pasted): PageForm<Pasted>,
) -> Result<Page, PageError> {
    let given = |text: &'_ str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    // Browsers send line breaks of a text field as CR LF, whatever was pasted.
    let body = pasted.body.replace("\r\n", "\n");
    let (sha256, sha1) = (given(&pasted.sha256), given(&pasted.sha1));
    let specimen = Specimen {
        body: body.as_bytes(),
        sha256: sha256.as_deref(),
        sha1: sha1.as_deref(),
    };
    let report = examine(specimen, &app.webhook_secrets, &app.secret_names);
    page(&app, &pasted, Some(&report)).await
}

async fn page(app: &App, pasted: &Pasted, report: Option<&LabReport>) -> Result<Page, PageError> {
    let failed = app
        .database
        .read(|connection| failed_signatures::list(connection, SHOWN))
        .await
        .map_err(StoreError::from)?;
    let content = html! {
        header { h1 { "Signatures" } p.lead { "Why does a webhook's signature fit, or not? Paste what you received. The secrets stay here." } }
        section.card {
            h2 { "Signature lab" }
            form method="post" action="/studio/signatures" {
                p.field { label for="body" { "Raw body" } textarea #body name="body" rows="6" required dir="auto" { (pasted.body) } }
                p.field { label for="sha256" { "X-Hub-Signature-256" } input #sha256 name="sha256" value=(pasted.sha256) placeholder="sha256=…"; }
                p.field { label for="sha1" { "X-Hub-Signature" } input #sha1 name="sha1" value=(pasted.sha1) placeholder="sha1=…"; }
                p { button.button type="submit" { "Examine" } }
            }
        }
        @if let Some(report) = report { (shown(report)) }
        section.card {
            h2 { "Refused webhooks" }
            @if failed.is_empty() { p.empty { "None." } }
            @for row in &failed { (line(row)) }
        }
    };
    Ok(Page::new(
        frame("Signatures", Some("/studio/signatures"), None).around(&content),
    ))
}

fn shown(report: &LabReport) -> Markup {
    let tone = if report.accepted { Tone::Good } else { Tone::Bad };
    html! {
        section.card {
            h2 { "Finding" }
            (callout(tone, &report.verdict, &report.remedy))
            p { (report.length_bytes) " bytes" }
            @for secret in &report.secrets {
                h3 {
                    (secret.name) " "
                    @if secret.sha256_matches { (pill("sha256 fits", Tone::Good)) " " }
                    @if secret.sha1_matches { (pill("sha1 fits", Tone::Good)) }
                }
                p { code { (secret.sha256) } }
                p { code { (secret.sha1) } }
            }
            h3 { "The same body, written anew" }
            @for rewriting in &report.reserialised {
                p {
                    strong { (rewriting.style) } ": "
                    @match &rewriting.first_difference {
                        None => "the same, byte for byte",
                        Some(difference) => {
                            "differs first at byte " (difference.byte) ": " code { (difference.received) } " becomes " code { (difference.reserialised) }
                        }
                    }
                    @if let Some(secret) = &rewriting.signed_by { " " (pill(&format!("signed by {secret}"), Tone::Warn)) }
                }
            }
        }
    }
}

fn line(row: &FailedSignature) -> Markup {
    let at = Timestamp::from_millisecond(row.received_at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    html! {
        p {
            (at.to_string()) " · " (row.reason) " · " (row.length_bytes) " bytes · tried "
            (row.secrets_tried.replace(',', ", ")) " " code { (row.head) }
        }
    }
}
