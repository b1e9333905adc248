//! Both real halves in one process, driven step by step.
//!
//! A seed decides which of the enabled steps comes next: a gesture of the owner or of a customer, a delivery, intake,
//! a decision, a call and how it ends, the platform's own chaos on both edges, days in which tokens end, logins, the
//! kill switch, and crashes (everything in memory is dropped and the databases are opened again). After each step
//! nothing may have been said twice; when everything has come to rest, each message is answered, or listed with its
//! reason; and what was set aside can be taken up.
//!
//! A failing run prints its seed and its steps; `SELFSAME_SIMULATION_SEED=<seed>` runs that one alone (with
//! `SELFSAME_SIMULATION_STEPS=<count>` only its first steps, to find the shortest run that fails), and
//! `SELFSAME_SIMULATION_SEEDS=<count>` runs another number of them.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed, and says with which seed"
)]

mod checks;
mod network;
mod simulation;
mod steps;

use std::path::PathBuf;
use std::sync::OnceLock;

use bytes::Bytes;
use http::{Request, StatusCode};

use crate::network::ask;
use crate::simulation::{CALLBACK, OWNER, Simulation, temporary_folder};

/// Seeds in an ordinary test run.
const SEEDS: u64 = 1_600;
/// Names the only seed to run.
const ONE_SEED: &str = "SELFSAME_SIMULATION_SEED";
/// Steps that a seed chooses.
const STEPS: u64 = 40;

/// Answers everything, so that one answer too many shows; its public reply fits its own trigger.
const AUTOMATIONS: &str = r#"
automations:
  - name: menu
    when: { message: { contains: [menu] } }
    do: [ { send: { text: "Menu for {{ message.text }}" } }, { send: { text: "Enjoy {{ message.text }}" } } ]
  - name: plain
    when: { message: { everything: true } }
    do: [ { send: { text: "You said: {{ message.text }}" } } ]
  - name: price
    when: { comment: { contains: [price] } }
    do:
      - reply: { text: "Re: {{ comment.text }}" }
      - send: { text: "About {{ comment.text }}" }
"#;

/// A folder in which the demo world is made, the gateway connected, the handshake passed, and the
/// self thread open: each seed begins with a copy.
fn prepared() -> &'static PathBuf {
    static PREPARED: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    &PREPARED
        .get_or_init(|| {
            let folder = temporary_folder();
            std::fs::write(folder.path().join("automations.yaml"), AUTOMATIONS).unwrap();
            let folder = runtime().block_on(async {
                let mut simulation = Simulation::open(folder, 0).await;
                assert_eq!(simulation.platform().shake_hands_once().await.unwrap(), 1);
                assert!(simulation.log_in().await);
                simulation.writes(OWNER, "good morning".to_owned()).await;
                simulation.come_to_rest().await;
                let said = simulation.network.with(|wires| wires.seen.accepted.clone());
                assert_eq!(said.len(), 1, "{said:?}");
                assert_eq!(said[0].text, "You said: good morning");
                simulation.close_gateway();
                simulation.close_platform();
                simulation.folder
            });
            let path = folder.path().to_owned();
            (folder, path)
        })
        .1
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
}

fn run(seed: u64) {
    let folder = temporary_folder();
    for entry in std::fs::read_dir(prepared()).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    runtime().block_on(async {
        let mut simulation = Simulation::open(folder, seed).await;
        let outcome = std::panic::AssertUnwindSafe(live(&mut simulation));
        let outcome = futures_util::FutureExt::catch_unwind(outcome).await;
        simulation.close_gateway();
        simulation.close_platform();
        if outcome.is_err() || from_environment(ONE_SEED).is_some() {
            println!("seed {}: steps: {}", simulation.seed, simulation.log);
        }
        if let Err(panic) = outcome {
            std::panic::resume_unwind(panic);
        }
    });
}

async fn live(simulation: &mut Simulation) {
    // A third of the runs has no doubt in any call: then the answer is owed exactly once.
    let with_doubt = simulation.below(3) > 0;
    for _ in 0..from_environment("SELFSAME_SIMULATION_STEPS").unwrap_or(STEPS) {
        simulation.step(with_doubt).await;
        simulation.nothing_was_said_twice();
    }
    simulation.faults_end().await;
    simulation.come_to_rest().await;
    simulation.nothing_was_said_twice();
    simulation.each_thread_is_in_order();
    simulation.everything_has_its_end().await;
    simulation.no_echo_was_taken_for_hers().await;
    simulation.the_account_works_or_says_so().await;
    simulation.what_was_set_aside_is_taken_up().await;
    simulation.nothing_was_said_twice();
    simulation.everything_has_its_end().await;
    simulation.everything_was_answered_once();
    simulation.the_threads_agree().await;
}

#[expect(
    clippy::disallowed_methods,
    reason = "the seed of a failing run is given by whoever replays it"
)]
fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Runs every `n_parts`-th seed, so that the parts run side by side.
fn part(part: u64, n_parts: u64) {
    if let Some(seed) = from_environment(ONE_SEED) {
        if part == 0 {
            run(seed);
        }
        return;
    }
    let seeds = from_environment("SELFSAME_SIMULATION_SEEDS").unwrap_or(SEEDS);
    for seed in (1..=seeds).filter(|seed| seed % n_parts == part) {
        run(seed);
    }
}

#[test]
fn nothing_is_lost_and_nothing_is_said_twice_whatever_happens_first_quarter_of_the_seeds() {
    part(0, 4);
}

#[test]
fn nothing_is_lost_and_nothing_is_said_twice_whatever_happens_second_quarter_of_the_seeds() {
    part(1, 4);
}

#[test]
fn nothing_is_lost_and_nothing_is_said_twice_whatever_happens_third_quarter_of_the_seeds() {
    part(2, 4);
}

#[test]
fn nothing_is_lost_and_nothing_is_said_twice_whatever_happens_last_quarter_of_the_seeds() {
    part(3, 4);
}

#[test]
fn the_webhook_refuses_what_it_did_not_store() {
    // The simulation relies on it: an unanswered delivery is delivered again.
    runtime().block_on(async {
        let folder = temporary_folder();
        std::fs::write(folder.path().join("automations.yaml"), AUTOMATIONS).unwrap();
        let simulation = Simulation::open(folder, 1).await;
        simulation.platform().shake_hands_once().await.unwrap();
        let gateway = simulation.gateway();
        gateway.app().database.faults().disk_full(true);
        let body = Bytes::from_static(b"{}");
        let secret = selfsame_wire::secret::AppSecret::new("instagram secret");
        let signature = selfsame_wire::signature::sign(&secret, &body).sha256;
        let request = Request::post(CALLBACK)
            .header("x-hub-signature-256", signature)
            .body(body)
            .unwrap();
        assert_eq!(
            ask(gateway.router(), request).await.status(),
            StatusCode::SERVICE_UNAVAILABLE
        );
        drop(gateway);
        simulation.close_gateway();
        simulation.close_platform();
    });
}
