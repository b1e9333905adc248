//! A steady rate of events into the whole gateway: intake, splitting and deciding must keep up, and nothing may be lost.
//!
//! Each event is a webhook of its own, from one of many people, and matches no automation. The backlog is read every few seconds; it
//! may swing but must not grow, and at the end every event must have been decided once.

#![expect(clippy::print_stdout, reason = "a program for people at a terminal")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::ensure;
use clap::Parser;
use selfsame_bench::house::{House, now_ms};
use selfsame_bench::webhooks::message;
use selfsame_gateway::store::{StoreError, status};
use selfsame_runtime::clock::ProcessClock;
use selfsame_runtime::db::Database;
use selfsame_runtime::shutdown::Shutdown;
use tokio::net::TcpListener;
use tokio::time::MissedTickBehavior;

/// Connections that share the rate.
const SENDERS: u64 = 64;
/// People who write.
const PEOPLE: u64 = 1_000;
/// How often the backlog is read.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// A backlog that takes longer than this to empty after the load has grown.
const LONGEST_DRAIN: Duration = Duration::from_secs(5);

#[derive(Parser)]
struct Arguments {
    /// Events a second.
    #[arg(long, default_value_t = 3_000)]
    rate: u64,
    /// Length of the load.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

#[derive(Default)]
struct Counters {
    taken: AtomicU64,
    refused: AtomicU64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let clock = ProcessClock::real();
    let house = House::open().await?;
    let database = house.gateway.app().database.clone();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}/webhooks/instagram", listener.local_addr()?);
    // The gateway waits for the tasks of its own shutdown, so it cannot be one of them.
    let (serving, gateways) = (Shutdown::new(), Shutdown::new());
    let gateway = house.gateway.clone();
    gateways.spawn("gateway", gateway.run(listener, serving.clone()));

    let counters = Arc::new(Counters::default());
    let sending = Shutdown::new();
    let period = Duration::from_secs(SENDERS) / u32::try_from(arguments.rate)?;
    // Refused when something in this process has chosen a provider already; there is only one to choose.
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(10))
        .no_proxy()
        .build()?;
    let started = clock.now();
    for sender in 0..SENDERS {
        let sender = Sender {
            client: client.clone(),
            url: url.clone(),
            number: sender,
            counters: Arc::clone(&counters),
        };
        sending.spawn("sender", sender.send(period, sending.clone()));
    }

    println!("  second       taken     decided     backlog");
    while clock.now().since(started) < Duration::from_secs(arguments.seconds) {
        clock.sleep(LOOK_EVERY).await;
        let (backlog, decided) = look(&database).await?;
        let taken = counters.taken.load(Ordering::Relaxed);
        let second = clock.now().since(started).as_secs();
        println!("{second:>8}  {taken:>10}  {decided:>10}  {backlog:>10}");
    }
    sending.finished(Duration::from_secs(10)).await?;
    let taken = counters.taken.load(Ordering::Relaxed);
    let took = clock.now().since(started);

    let stopped = clock.now();
    while look(&database).await?.0 > 0 {
        ensure!(
            clock.now().since(stopped) < LONGEST_DRAIN,
            "the backlog had grown: it is not empty after {LONGEST_DRAIN:?}"
        );
        clock.sleep(Duration::from_millis(20)).await;
    }
    let drained_ms = clock.now().since(stopped).as_millis();
    let (_, decided) = look(&database).await?;
    let refused = counters.refused.load(Ordering::Relaxed);
    let per_second = u128::from(taken) * 1_000 / took.as_millis().max(1);
    println!(
        "{taken} taken ({per_second}/s), {refused} refused, {decided} decided, backlog empty after {drained_ms} ms"
    );
    ensure!(decided == taken, "{taken} were answered 200 and {decided} decided");
    ensure!(refused == 0, "{refused} events were not answered 200");

    serving.begin();
    gateways.finished(Duration::from_secs(20)).await?;
    Ok(())
}

struct Sender {
    client: reqwest::Client,
    url: String,
    number: u64,
    counters: Arc<Counters>,
}

impl Sender {
    /// Sends at a steady pace; a sender that falls behind catches up.
    async fn send(self, period: Duration, sending: Shutdown) {
        let mut ticks = tokio::time::interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let mut number = self.number;
        loop {
            tokio::select! {
                () = sending.begun() => return,
                _instant = ticks.tick() => {}
            }
            let webhook = message(number % PEOPLE, number, now_ms());
            number += SENDERS;
            let mut request = self.client.post(&self.url).body(webhook.body);
            for (name, value) in webhook.headers {
                request = request.header(name, value);
            }
            let is_taken = request.send().await.is_ok_and(|answer| answer.status().is_success());
            let counter = if is_taken {
                &self.counters.taken
            } else {
                &self.counters.refused
            };
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// What waits, and how many are decided.
async fn look(database: &Database) -> anyhow::Result<(i64, u64)> {
    let (backlog, decided) = database
        .read(|connection| {
            let status = status::read(connection)?;
            let sql = "SELECT count(*) FROM events";
            let decided: i64 = connection.query_row(sql, [], |row| row.get(0))?;
            Ok::<_, StoreError>((status.inbox.ready + status.inbox.leased, decided))
        })
        .await?;
    Ok((backlog, u64::try_from(decided)?))
}
