//! The gateway dies at each of its commits, in the middle of every kind of step of an automation, and is started
//! again: everything that was to be said is said, once. Only `http` calls are made at least once, always with the same
//! key, and typing signs and reactions, whose repetition nobody sees.
//!
//! A story is played once undisturbed, to count its commits, and then once for each of them: that commit and all after
//! it fail, as if the process had ended there; what the process did in between (a call to Instagram) stays done.

use std::sync::Mutex;
use std::time::Duration;

use axum::http::StatusCode;
use jiff::SignedDuration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::business::Business;
use crate::open::deliver;

/// Longer than a call of an `http` step keeps its turn, and than a send in doubt blocks its thread.
const A_WHILE: Duration = Duration::from_secs(31);
/// Fewest commits of a story that was taken in, decided and answered; fewer were not killed in the middle of anything.
const FEWEST_COMMITS: u64 = 6;

/// What happens in a story.
#[derive(Debug, Clone, Copy)]
enum Act {
    /// Sam writes.
    Sam(&'static str),
    /// The owner comments under her own post.
    OwnerComments(&'static str),
    /// World time passes.
    Hours(i64),
}

/// Does what can be done now, and answers whether the process died of it.
async fn work(business: &Business) -> Result<usize, ()> {
    let gateway = &business.gateway;
    let mut n_done = 0;
    n_done += gateway.split_once().await.map_err(drop)?;
    n_done += gateway.inbox_once().await.map_err(drop)?;
    n_done += gateway.runs_once().await.map_err(drop)?;
    n_done += gateway.outbox_once().await.map_err(drop)?;
    n_done += gateway.upkeep_once().await.map_err(drop)?;
    Ok(n_done)
}

/// Works until nothing can be done now, through a death.
async fn settle(business: &mut Business) -> usize {
    let mut n_deaths = 0;
    loop {
        match work(business).await {
            Ok(0) => return n_deaths,
            Ok(_) => {}
            Err(()) => {
                business.restart().await;
                n_deaths += 1;
            }
        }
    }
}

/// Instagram delivers until it is answered 200.
async fn arrives(business: &mut Business, body: &serde_json::Value) -> usize {
    let body = body.to_string();
    let mut n_deaths = 0;
    while deliver(&business.gateway, body.as_bytes()).await != StatusCode::OK {
        business.restart().await;
        n_deaths += 1;
    }
    n_deaths
}

/// Plays a story. `dies_at`: after so many commits the process ends; answers how many there were without a death.
async fn play(automations: &str, acts: &[Act], dies_at: Option<u64>) -> (Business, u64) {
    let mut business = Business::connected(automations).await;
    // The self thread is open, and the self IGSID known, before the story begins.
    business.owner_writes("good morning").await;
    business.graph.forget_sent();
    let before = business.gateway.app().database.stats().commits;
    if let Some(dies_at) = dies_at {
        let n_passing = u32::try_from(dies_at).unwrap();
        business
            .gateway
            .app()
            .database
            .faults()
            .fail_commits_after(n_passing, u32::MAX);
    }
    let mut n_deaths = 0;
    for act in acts {
        match act {
            Act::Sam(text) => {
                let body = business.message_of_sam(text);
                n_deaths += arrives(&mut business, &body).await;
            }
            Act::OwnerComments(text) => {
                let body = business.comment_of_owner(text);
                n_deaths += arrives(&mut business, &body).await;
            }
            Act::Hours(hours) => business
                .clocks
                .world
                .advance(SignedDuration::from_hours(*hours))
                .unwrap(),
        }
        for _ in 0..3 {
            n_deaths += settle(&mut business).await;
            business.clocks.process.advance(A_WHILE);
        }
    }
    n_deaths += settle(&mut business).await;
    assert_eq!(n_deaths, usize::from(dies_at.is_some()), "it dies once: {dies_at:?}");
    let n_commits = business.gateway.app().database.stats().commits.saturating_sub(before);
    (business, n_commits)
}

/// Plays a story through a death at each of its commits.
async fn nothing_is_lost_or_doubled(steps: &str, acts: &[Act], said: &[&str]) {
    let when = if matches!(acts.first(), Some(Act::OwnerComments(_))) {
        "comment: { contains: [price] }"
    } else {
        "message: { any: [go] }"
    };
    let automations = format!("automations:\n  - name: go\n    when: {{ {when} }}\n    do:\n{steps}");
    let (undisturbed, n_commits) = Box::pin(play(&automations, acts, None)).await;
    assert_eq!(undisturbed.graph.texts(), said);
    assert!(n_commits >= FEWEST_COMMITS, "only {n_commits} commits");
    let calls = undisturbed.graph.sent();
    for dies_at in 0..n_commits {
        let (business, _) = Box::pin(play(&automations, acts, Some(dies_at))).await;
        assert_eq!(
            business.graph.texts(),
            said,
            "it died at commit {dies_at} of {n_commits}"
        );
        // A typing sign or a reaction whose end nobody heard is repeated, which changes nothing for anybody.
        let mut sent = business.graph.sent();
        sent.dedup_by(|again, before| again == before && again.1.get("sender_action").is_some());
        assert_eq!(sent, calls, "it died at commit {dies_at} of {n_commits}");
    }
}

#[tokio::test]
async fn killed_at_any_commit_a_send_is_made_once() {
    let steps = "      - send: { text: one }\n      - send: { text: two }\n";
    nothing_is_lost_or_doubled(steps, &[Act::Sam("go")], &["one", "two"]).await;
}

#[tokio::test]
async fn killed_at_any_commit_a_typing_sign_is_shown_and_holds_back_what_follows() {
    let steps = "      - typing: 2s\n      - send: { text: one }\n";
    nothing_is_lost_or_doubled(steps, &[Act::Sam("go"), Act::Hours(1)], &["one"]).await;
}

#[tokio::test]
async fn killed_at_any_commit_a_public_reply_is_made_once() {
    let steps = "      - reply: { text: see your messages }\n      - send: { text: the price }\n";
    let said = ["see your messages", "the price"];
    nothing_is_lost_or_doubled(steps, &[Act::OwnerComments("price?")], &said).await;
}

#[tokio::test]
async fn killed_at_any_commit_a_question_is_asked_once_and_its_answer_kept() {
    let steps = "      - ask: { text: \"how many?\", keep_as: n, answer: number, again: \"a number\", timeout: 1d, otherwise: [ { send: { text: late } } ] }\n      - send: { text: \"{{ n }} then\" }\n";
    let acts = [Act::Sam("go"), Act::Sam("some"), Act::Sam("4")];
    nothing_is_lost_or_doubled(steps, &acts, &["how many?", "a number", "4 then"]).await;
}

#[tokio::test]
async fn killed_at_any_commit_a_question_times_out_once() {
    let steps = "      - ask: { text: \"how many?\", keep_as: n, answer: number, timeout: 1d, otherwise: [ { send: { text: late } } ] }\n";
    let acts = [Act::Sam("go"), Act::Hours(25), Act::Hours(25)];
    nothing_is_lost_or_doubled(steps, &acts, &["how many?", "late"]).await;
}

#[tokio::test]
async fn killed_at_any_commit_a_choice_is_made_once() {
    let steps = "      - if: { condition: \"message.text == 'go'\", then: [ { send: { text: this } } ], else: [ { send: { text: that } } ] }\n      - send: { text: after }\n";
    nothing_is_lost_or_doubled(steps, &[Act::Sam("go")], &["this", "after"]).await;
}

#[tokio::test]
async fn killed_at_any_commit_a_value_is_kept() {
    let steps = "      - set: { size: large }\n      - wait: 1d\n      - send: { text: \"a {{ size }} one\" }\n";
    nothing_is_lost_or_doubled(steps, &[Act::Sam("go"), Act::Hours(25)], &["a large one"]).await;
}

#[tokio::test]
async fn killed_at_any_commit_a_wait_of_days_ends_once() {
    let steps = "      - send: { text: now }\n      - wait: 3d\n      - send: { text: later }\n";
    let acts = [Act::Sam("go"), Act::Hours(71), Act::Hours(2), Act::Hours(100)];
    nothing_is_lost_or_doubled(steps, &acts, &["now", "later"]).await;
}

#[tokio::test]
async fn killed_at_any_commit_a_reaction_is_made() {
    let steps = "      - react: love\n      - send: { text: one }\n";
    nothing_is_lost_or_doubled(steps, &[Act::Sam("go")], &["one"]).await;
}

#[tokio::test]
async fn killed_at_any_commit_a_hand_over_lasts() {
    let steps = "      - send: { text: one moment }\n      - hand_over: { note: help }\n";
    let acts = [Act::Sam("go"), Act::Sam("go"), Act::Hours(100), Act::Sam("go")];
    nothing_is_lost_or_doubled(steps, &acts, &["one moment"]).await;
}

/// Another program: answers every call, and keeps the idempotency key of each.
async fn answer_calls(listener: TcpListener, keys: &Mutex<Vec<String>>) {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            if stream.read(&mut byte).await.unwrap_or(0) == 0 {
                break;
            }
            head.extend(byte);
        }
        let head = String::from_utf8_lossy(&head).to_lowercase();
        let key = head.lines().find_map(|line| line.strip_prefix("idempotency-key: "));
        keys.lock().unwrap().push(key.unwrap_or_default().to_owned());
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\nconnection: close\r\n\r\n{\"n\": 42}";
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
}

#[tokio::test]
async fn killed_at_any_commit_an_http_call_is_made_at_least_once_and_always_with_the_same_key() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let keys = Mutex::default();
    tokio::select! {
        () = answer_calls(listener, &keys) => {}
        () = plays_with_calls(address, &keys) => {}
    }
}

async fn plays_with_calls(address: std::net::SocketAddr, keys: &Mutex<Vec<String>>) {
    let automations = format!(
        "automations:\n  - name: go\n    when: {{ message: {{ any: [go] }} }}\n    do:\n      - http: {{ url: \"http://{address}/\", keep_as: got }}\n      - send: {{ text: \"got {{{{ got.n }}}}\" }}\n"
    );
    let acts = [Act::Sam("go")];
    let (undisturbed, n_commits) = Box::pin(play(&automations, &acts, None)).await;
    assert_eq!(undisturbed.graph.texts(), ["got 42"]);
    assert_eq!(
        keys.lock().unwrap().drain(..).count(),
        1,
        "undisturbed, it is called once"
    );
    let mut most = 0;
    for dies_at in 0..n_commits {
        let (business, _) = Box::pin(play(&automations, &acts, Some(dies_at))).await;
        let case = format!("it died at commit {dies_at} of {n_commits}");
        assert_eq!(business.graph.texts(), ["got 42"], "{case}");
        let told: Vec<String> = keys.lock().unwrap().drain(..).collect();
        assert!(!told.is_empty() && !told[0].is_empty(), "{case}: {told:?}");
        assert!(told.iter().all(|key| *key == told[0]), "{case}: {told:?}");
        most = most.max(told.len());
    }
    assert!(
        most >= 2,
        "no death lay between the call and its record: the test looks at nothing"
    );
}
