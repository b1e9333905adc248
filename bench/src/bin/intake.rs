//! Durable intake against a handler that only verifies the signature and answers, under the same load, in turns.
//!
//! Both run in this process on the same server code; `wrk` runs beside them. The gateway's workers do not run: this measures the raw
//! append, each body committed and synced before its 200.

#![expect(clippy::print_stdout, reason = "a program for people at a terminal")]

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use clap::Parser;
use selfsame_bench::house::{House, now_ms};
use selfsame_bench::processor::cpu_time;
use selfsame_bench::webhooks::{SECRET, message};
use selfsame_bench::wrk;
use selfsame_runtime::http::{Limits, serve};
use selfsame_runtime::shutdown::Shutdown;
use selfsame_wire::secret::AppSecret;
use selfsame_wire::signature::{SIGNATURE_1_HEADER, SIGNATURE_256_HEADER, Unverified};
use tokio::net::TcpListener;

const PATH: &str = "/webhooks/instagram";

#[derive(Parser)]
struct Arguments {
    /// Turns of each of the two.
    #[arg(long, default_value_t = 5)]
    turns: u32,
    /// Length of a turn.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Connections of wrk.
    #[arg(long, default_value_t = 64)]
    connections: u32,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let shutdown = Shutdown::new();
    let house = House::open().await?;
    let bare = Router::new().route(PATH, post(verify_and_answer));
    let bare_url = start("bare", bare, &shutdown).await?;
    let durable_url = start("durable", house.gateway.router(), &shutdown).await?;
    let webhook = message(1, 1, now_ms());

    let time = Duration::from_secs(arguments.seconds);
    let run = async |url: &str| {
        let folder = house.folder.path();
        wrk::post(folder, url, &webhook, arguments.connections, time).await
    };
    let mut ratios = Vec::new();
    println!(
        "turn    bare req/s  durable req/s  ratio  durable p50  durable p99  bodies per sync  bare CPU  durable CPU"
    );
    for turn in 1..=arguments.turns {
        let started = cpu_time();
        let bare = run(&bare_url).await?;
        let bare_cpu = per_request(started, &bare, time);
        let started = cpu_time();
        let before = house.gateway.app().database.stats();
        let durable = run(&durable_url).await?;
        let durable_cpu = per_request(started, &durable, time);
        let after = house.gateway.app().database.stats();
        let ratio = durable.requests_per_second / bare.requests_per_second;
        let n_syncs = after.synced_commits - before.synced_commits;
        println!(
            "{turn:>4}  {:>12.0}  {:>13.0}  {ratio:>5.2}  {:>8.2} ms  {:>8.2} ms  {:>15}  {bare_cpu:>5.1} µs  {durable_cpu:>8.1} µs",
            bare.requests_per_second,
            durable.requests_per_second,
            durable.p50_ms,
            durable.p99_ms,
            (after.writes - before.writes) / n_syncs.max(1),
        );
        ratios.push(ratio);
    }
    ratios.sort_by(f64::total_cmp);
    if let Some(median) = ratios.get(ratios.len() / 2) {
        println!("median ratio {median:.2}");
    }
    shutdown.finished(Duration::from_secs(5)).await?;
    house.gateway.app().database.close().await;
    Ok(())
}

/// Microseconds of processor time per request.
fn per_request(started: Duration, turn: &wrk::Run, time: Duration) -> f64 {
    cpu_time().saturating_sub(started).as_secs_f64() * 1e6 / (turn.requests_per_second * time.as_secs_f64())
}

async fn start(name: &'static str, router: Router, shutdown: &Shutdown) -> anyhow::Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}{PATH}", listener.local_addr()?);
    let token = shutdown.token();
    shutdown.spawn(name, serve(listener, router, Limits::default(), token));
    Ok(url)
}

async fn verify_and_answer(headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    // As many secrets as the gateway knows.
    let secrets = [SECRET, SECRET].map(|secret| AppSecret::new(secret.to_owned()));
    let (sha256, sha1) = (header(SIGNATURE_256_HEADER), header(SIGNATURE_1_HEADER));
    match Unverified::new(body, sha256, sha1).verify(&secrets) {
        Ok(_verified) => StatusCode::OK,
        Err(_refused) => StatusCode::FORBIDDEN,
    }
}
