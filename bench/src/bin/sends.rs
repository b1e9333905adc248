//! The platform as a bot loads it: sends a second without and with a subscriber, deliveries a second to a local sink while it is
//! loaded and afterwards, of many threads and of one, and whether a send costs the same among many stored messages. Load, platform
//! and sink share the machine.

#![expect(clippy::print_stdout, reason = "a program for people at a terminal")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use axum::Router;
use axum::routing::any;
use clap::Parser;
use selfsame_bench::processor::cpu_time;
use selfsame_bench::wrk;
use selfsame_platform::{Config, DeliveryTransport, Platform};
use selfsame_runtime::clock::{ProcessClock, WorldClock};
use selfsame_runtime::http::{Limits, serve};
use selfsame_runtime::random::Random;
use selfsame_runtime::shutdown::Shutdown;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

const VERIFY_TOKEN: &str = "bench";
/// How long the deliveries of one phase may take.
const PATIENCE: Duration = Duration::from_mins(2);
/// How long a backlog gathers at most: a delivery is given up after twenty seconds without an answer.
const BACKLOG_TIME_MAX: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(50);

#[derive(Parser)]
struct Arguments {
    /// Seconds of each phase of load.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Connections of the load.
    #[arg(long, default_value_t = 64)]
    connections: u32,
    /// People who are written to in turns, each a thread of its own.
    #[arg(long, default_value_t = 64)]
    people: usize,
    /// Stored messages of the second measurement; 0 leaves it out.
    #[arg(long, default_value_t = 1_000_000)]
    stored: u64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let time = Duration::from_secs(arguments.seconds);
    let shutdown = Shutdown::new();
    let sink = Sink::start(&shutdown).await?;
    let house = House::open(&shutdown, arguments.people).await?;
    let all = house.people.len();

    println!("sends a second to {all} people, standard form, stored, no subscriber:");
    let few = house.load(all, arguments.connections, time).await?;
    report(&few, house.messages().await?);

    println!("the same with one subscriber, whose sink answers at once:");
    house.subscribe(&sink.url).await?;
    let (heard, started) = (sink.heard(), tokio::time::Instant::now());
    let told = house.load(all, arguments.connections, time).await?;
    report(&told, house.messages().await?);
    let n_meanwhile = sink.heard() - heard;
    println!(
        "  deliveries meanwhile: {:.0} a second",
        per_second(n_meanwhile, started.elapsed())
    );
    house.until_delivered(&sink).await?;

    println!("deliveries a second of a backlog, nothing else to do:");
    house.deliver_backlog(&sink, all, arguments.connections, time).await?;
    house.deliver_backlog(&sink, 1, arguments.connections, time).await?;

    if arguments.stored > 0 {
        println!("cost of a send among many stored messages (one connection, no subscriber):");
        house.unsubscribe().await?;
        let few = house.load(all, 1, time).await?;
        println!(
            "  among {}: {:.1} µs",
            house.messages().await?,
            1e6 / few.run.requests_per_second
        );
        house.fill(arguments.stored).await?;
        let many = house.load(all, 1, time).await?;
        println!(
            "  among {}: {:.1} µs",
            house.messages().await?,
            1e6 / many.run.requests_per_second
        );
        println!(
            "  ratio {:.2} (aim: at most 1.25)",
            few.run.requests_per_second / many.run.requests_per_second
        );
    }
    shutdown.begin();
    Ok(())
}

/// What one phase of load found.
struct Load {
    run: wrk::Run,
    /// Processor time of platform and sink for each send, without the load generator's, in µs.
    cpu_us_each: f64,
}

fn report(load: &Load, stored: i64) {
    println!(
        "  {:.0} a second, p50 {:.2} ms, p99 {:.2} ms, {:.0} µs of processor time each; {stored} messages stored",
        load.run.requests_per_second, load.run.p50_ms, load.run.p99_ms, load.cpu_us_each
    );
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn per_second(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

/// A bot that acknowledges and counts, while it is open.
struct Sink {
    url: String,
    heard: Arc<AtomicU64>,
    is_open: watch::Sender<bool>,
}

impl Sink {
    async fn start(shutdown: &Shutdown) -> anyhow::Result<Self> {
        let heard = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&heard);
        let (is_open, opens) = watch::channel(true);
        let router = Router::new().fallback(any(move |request: axum::extract::Request| {
            let (counted, mut opens) = (Arc::clone(&counted), opens.clone());
            async move {
                let challenge = request.uri().query().and_then(|query| {
                    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
                    pairs
                        .find(|(name, _)| *name == "hub.challenge")
                        .map(|(_, value)| value.to_owned())
                });
                if challenge.is_none() {
                    // Its sender lives as long as the benchmark.
                    let _open = opens.wait_for(|is_open| *is_open).await;
                    counted.fetch_add(1, Ordering::Relaxed);
                }
                challenge.unwrap_or_default()
            }
        }));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/webhook", listener.local_addr()?);
        let stop = shutdown.token();
        shutdown.spawn("sink", serve(listener, router, Limits::default(), stop));
        Ok(Self { url, heard, is_open })
    }

    fn heard(&self) -> u64 {
        self.heard.load(Ordering::Relaxed)
    }
}

/// A platform in a temporary folder.
struct House {
    folder: tempfile::TempDir,
    platform: Platform,
    client: reqwest::Client,
    base: String,
    token: String,
    people: Vec<String>,
}

impl House {
    async fn open(shutdown: &Shutdown, people: usize) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let transport = DeliveryTransport::http()?;
        let platform = Platform::open(
            Config::new(folder.path()),
            WorldClock::open(folder.path().join("clock.json"))?,
            ProcessClock::real(),
            Random::system(),
            transport,
        )
        .await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let base = format!("http://{}", listener.local_addr()?);
        let (running, stop) = (platform.clone(), shutdown.clone());
        shutdown.spawn("platform", async move {
            if let Err(error) = running.run(listener, stop).await {
                tracing::error!(error = &error as &dyn std::error::Error, "the platform ended");
            }
        });
        let client = reqwest::Client::builder().no_proxy().build()?;
        let mut house = Self {
            folder,
            platform,
            client,
            base,
            token: String::new(),
            people: Vec::new(),
        };
        // What is measured is the platform, not how well it imitates Instagram's 100 sends a second.
        house
            .call("PUT", "/_sim/switches", &json!({"limits.enforced": false}))
            .await?;
        house.unsubscribe().await?;
        let names: Vec<String> = (0..people.max(1)).map(|number| format!("person{number}")).collect();
        for name in &names {
            house
                .call("POST", "/_sim/accounts", &json!({ "username": name }))
                .await?;
            // She writes first, as a person must.
            let hello = json!({"as": format!("@{name}"), "to": "@luna.coffee", "text": "hello"});
            house.call("POST", "/_sim/dm", &hello).await?;
        }
        let world = house.call("GET", "/_sim/world", &Value::Null).await?;
        let accounts = world["accounts"].as_array().context("no accounts")?;
        let of = |name: &str| {
            accounts
                .iter()
                .find(|one| one["username"] == name)
                .context("no account")
        };
        let tokens = of("luna.coffee")?["tokens"].as_array().context("no tokens")?;
        let token = tokens
            .iter()
            .find(|one| one["flow"] == "instagram")
            .context("no token")?;
        token["access_token"]
            .as_str()
            .context("no token")?
            .clone_into(&mut house.token);
        for name in &names {
            let id = of(name)?["scoped_ids"]["@luna.coffee"].as_str();
            house.people.push(id.context("no id")?.to_owned());
        }
        Ok(house)
    }

    async fn call(&self, method: &str, path: &str, body: &Value) -> anyhow::Result<Value> {
        let method = reqwest::Method::from_bytes(method.as_bytes())?;
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        if !body.is_null() {
            request = request.json(body);
        }
        let answer = request.send().await?;
        let status = answer.status();
        let body: Value = answer.json().await?;
        ensure!(status.is_success(), "{path}: {status} {body}");
        Ok(body)
    }

    /// Standard-form sends over and over, to so many people in turns.
    async fn load(&self, people: usize, connections: u32, time: Duration) -> anyhow::Result<Load> {
        let bodies: Vec<String> = self
            .people
            .iter()
            .take(people)
            .map(|person| json!({"recipient": {"id": person}, "message": {"text": "Your order is ready"}}).to_string())
            .collect();
        let url = format!("{}/v25.0/me/messages?access_token={}", self.base, self.token);
        let cpu = cpu_time();
        let run = wrk::post_json(self.folder.path(), &url, &bodies, connections, time).await?;
        let cpu = cpu_time().saturating_sub(cpu).as_secs_f64();
        Ok(Load {
            run,
            cpu_us_each: 1e6 * cpu / (run.requests_per_second * time.as_secs_f64()),
        })
    }

    /// Makes a backlog behind a sink that does not answer, and lets it answer.
    async fn deliver_backlog(
        &self,
        sink: &Sink,
        people: usize,
        connections: u32,
        time: Duration,
    ) -> anyhow::Result<()> {
        sink.is_open.send_replace(false);
        self.load(people, connections, time.min(BACKLOG_TIME_MAX)).await?;
        let (before, started) = (sink.heard(), tokio::time::Instant::now());
        sink.is_open.send_replace(true);
        self.until_delivered(sink).await?;
        let n_delivered = sink.heard() - before;
        println!(
            "  {n_delivered} of {people} threads: {:.0} a second",
            per_second(n_delivered, started.elapsed())
        );
        Ok(())
    }

    async fn messages(&self) -> anyhow::Result<i64> {
        let count = self
            .platform
            .world()
            .store
            .read(|connection| Ok(connection.query_row("SELECT count(*) FROM messages", [], |row| row.get(0))?));
        Ok(count.await?)
    }

    async fn subscribe(&self, url: &str) -> anyhow::Result<()> {
        let callback = json!({"callback_url": url, "verify_token": VERIFY_TOKEN});
        self.call("PATCH", "/_sim/apps/demo", &callback).await?;
        let install = format!(
            "/v25.0/me/subscribed_apps?subscribed_fields=messages&access_token={}",
            self.token
        );
        self.call("POST", &install, &Value::Null).await?;
        for _ in 0..200 {
            let world = self.call("GET", "/_sim/world", &Value::Null).await?;
            if world["apps"][0]["callback_state"] == "verified" {
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        anyhow::bail!("the sink was not verified")
    }

    /// Without a callback every notification is a suppressed row, as it is for an app that subscribed to nothing.
    async fn unsubscribe(&self) -> anyhow::Result<()> {
        self.call("PATCH", "/_sim/apps/demo", &json!({"callback_url": null}))
            .await?;
        Ok(())
    }

    async fn until_delivered(&self, sink: &Sink) -> anyhow::Result<()> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let is_waiting: bool = self
                .platform
                .world()
                .store
                .read(
                    |connection| Ok(connection.query_row("SELECT EXISTS (SELECT 1 FROM jobs)", [], |row| row.get(0))?),
                )
                .await?;
            if !is_waiting {
                return Ok(());
            }
            ensure!(
                tokio::time::Instant::now() < deadline,
                "deliveries still wait; {} were heard",
                sink.heard()
            );
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Stores messages until there are so many, as copies of one.
    async fn fill(&self, count: u64) -> anyhow::Result<()> {
        const COPY: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) \
            INSERT INTO messages (mid, thread_id, sender_id, side, origin, text, created_at_ms) \
            SELECT 'filled-' || i, m.thread_id, m.sender_id, m.side, m.origin, m.text, m.created_at_ms \
            FROM n, (SELECT * FROM messages ORDER BY id DESC LIMIT 1) m";
        let filled = self.platform.world().store.write(
            selfsame_platform::store::Durability::Relaxed,
            move |tx| -> Result<(), selfsame_platform::store::Failure<std::convert::Infallible>> {
                tx.execute(COPY, [i64::try_from(count).unwrap_or(i64::MAX)])?;
                Ok(())
            },
        );
        filled.await.map_err(|error| anyhow::anyhow!("{error:?}"))
    }
}
