//! Both halves as owners load them: self messages answered a second, from the gesture on the phone to the stored answer.
//!
//! One process runs the platform, the gateway and the driver; they meet over HTTP only. Many owners write to themselves, first as fast as
//! the driver can (the rate), then at a steady rate (the latency). At the end every thread is read: each message must have
//! exactly one answer.

#![expect(clippy::print_stdout, reason = "a program for people at a terminal")]

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use clap::Parser;
use jiff::Timestamp;
use selfsame_bench::processor::cpu_time;
use selfsame_runtime::clock::ProcessClock;
use selfsame_runtime::shutdown::Shutdown;
use selfsame_workbench::house::{self, DataChoice, House, HouseOptions};
use serde_json::{Value, json};
use tokio::time::MissedTickBehavior;

/// One step, no typing: what is measured is the two halves, not the automation.
const AUTOMATIONS: &str = "automations:\n  - name: answer\n    when: { message: { everything: true } }\n    do: [ { send: { text: \"re {{ message.text }}\" } } ]\n";
/// Connections of the driver.
const CONNECTIONS: usize = 64;
/// The gateway answers one owner so often a minute: the circuit breaker for loops, which is left as it is.
const MESSAGES_OF_AN_OWNER_MAX: usize = 60;
/// How long the last answers may take after the last gesture.
const PATIENCE: Duration = Duration::from_mins(1);
const LOOK_EVERY: Duration = Duration::from_millis(200);

#[derive(Parser)]
struct Arguments {
    /// Owners who write to themselves; each has one thread, and a thread has one answer under way at a time.
    #[arg(long, default_value_t = 400)]
    owners: usize,
    /// Messages of each owner as fast as possible.
    #[arg(long, default_value_t = 30)]
    fast: usize,
    /// Messages of each owner at the steady rate.
    #[arg(long, default_value_t = 20)]
    steady: usize,
    /// Messages a second of all owners together, in the second part.
    #[arg(long, default_value_t = 500)]
    rate: u32,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    ensure!(
        arguments.fast + arguments.steady <= MESSAGES_OF_AN_OWNER_MAX,
        "an owner is answered {MESSAGES_OF_AN_OWNER_MAX} times a minute: use more owners"
    );
    let shutdown = Shutdown::new();
    let bench = Bench::open(&arguments, &shutdown).await?;
    println!("{} owners, each a thread of her own", bench.owners.len());

    println!("as fast as {CONNECTIONS} connections can write:");
    bench.part("fast", arguments.fast, None).await?;
    println!("{} a second:", arguments.rate);
    bench.part("steady", arguments.steady, Some(arguments.rate)).await?;

    let Bench { house, .. } = bench;
    shutdown.begin();
    house.until_ended().await?;
    Ok(())
}

/// A house and its owners.
struct Bench {
    _folder: tempfile::TempDir,
    house: House,
    client: reqwest::Client,
    platform: String,
    gateway: String,
    owners: Arc<[String]>,
}

impl Bench {
    async fn open(arguments: &Arguments, shutdown: &Shutdown) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let automations = folder.path().join("automations.yaml");
        std::fs::write(&automations, AUTOMATIONS)?;
        let options = HouseOptions::on_free_ports(DataChoice::Folder(folder.path().join("data")), automations);
        let house = house::start(options, shutdown.clone()).await?;
        let base = |url: Option<&url::Url>| Some(url?.as_str().trim_end_matches('/').to_owned());
        let mut bench = Self {
            platform: base(house.platform()).context("no platform")?,
            gateway: base(house.gateway()).context("no gateway")?,
            house,
            client: reqwest::Client::builder().no_proxy().build()?,
            owners: Arc::new([]),
            _folder: folder,
        };
        // What is measured is not how well the platform imitates Instagram's limits.
        let switches = format!("{}/_sim/switches", bench.platform);
        bench
            .send(bench.client.put(switches).json(&json!({"limits.enforced": false})))
            .await?;
        let mut owners = Vec::new();
        for number in 0..arguments.owners {
            owners.push(bench.connect(number).await?);
        }
        bench.owners = owners.into();
        Ok(bench)
    }

    /// A new owner, connected to the gateway.
    async fn connect(&self, number: usize) -> anyhow::Result<String> {
        let name = format!("@owner{number}");
        let account = json!({"username": name, "kind": "business", "roles": {"demo": "instagram_tester"}});
        self.sim("accounts", &account).await?;
        let grant = json!({"app": "demo", "account": name, "flow": "instagram", "fields": ["messages"]});
        let granted = self.sim("grants", &grant).await?;
        let body = json!({"flow": "instagram", "access_token": granted["access_token"]});
        let url = format!("{}/api/v1/accounts", self.gateway);
        self.send(self.client.post(url).json(&body)).await?;
        Ok(name)
    }

    async fn sim(&self, what: &str, body: &Value) -> anyhow::Result<Value> {
        let url = format!("{}/_sim/{what}", self.platform);
        self.send(self.client.post(url).json(body)).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> anyhow::Result<Value> {
        let answer = request.send().await?;
        let (status, url) = (answer.status(), answer.url().clone());
        let text = answer.text().await?;
        ensure!(status.is_success(), "{url}: {status} {text}");
        Ok(serde_json::from_str(&text)?)
    }

    /// Every owner writes `count` messages; then all answers are waited for, and counted.
    async fn part(&self, name: &'static str, count: usize, rate: Option<u32>) -> anyhow::Result<()> {
        let clock = ProcessClock::real();
        let (started, cpu) = (clock.now(), cpu_time());
        self.write(name, count, rate).await?;
        let wrote = clock.now().since(started);
        self.until_quiet().await?;
        let cpu = cpu_time().saturating_sub(cpu);
        self.verdict(name, count, wrote, cpu).await
    }

    async fn write(&self, part: &'static str, count: usize, rate: Option<u32>) -> anyhow::Result<()> {
        let writers = Shutdown::new();
        let failed = Arc::new(std::sync::Mutex::new(None));
        let period = rate.map(|rate| Duration::from_secs(1) * u32::try_from(CONNECTIONS).unwrap_or(1) / rate);
        for writer in 0..CONNECTIONS {
            let (client, owners, failed) = (self.client.clone(), Arc::clone(&self.owners), Arc::clone(&failed));
            let url = format!("{}/_sim/dm", self.platform);
            writers.spawn("writer", async move {
                let mut ticks = period.map(|period| {
                    let mut ticks = tokio::time::interval(period);
                    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
                    ticks
                });
                for number in 0..count {
                    for owner in owners.iter().skip(writer).step_by(CONNECTIONS) {
                        if let Some(ticks) = &mut ticks {
                            ticks.tick().await;
                        }
                        let gesture = json!({"as": owner, "to": owner, "text": format!("{part} {number}")});
                        let answer = client.post(&url).json(&gesture).send().await;
                        let is_taken = match &answer {
                            Ok(answer) => answer.status().is_success(),
                            Err(_) => false,
                        };
                        if !is_taken {
                            let mut failed = failed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                            *failed = Some(format!("{owner}: {answer:?}"));
                            return;
                        }
                    }
                }
            });
        }
        writers.finished(PATIENCE).await?;
        let failed = failed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        ensure!(failed.is_none(), "a message was not taken: {failed:?}");
        Ok(())
    }

    /// Waits until no message is on its way to the gateway and it has nothing to do.
    async fn until_quiet(&self) -> anyhow::Result<()> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        let pending = format!("{}/_sim/deliveries?status=pending&limit=1", self.platform);
        loop {
            // Looking for deliveries that wait goes through all of them, so it is asked only when all seems quiet; what was taken in
            // meanwhile is at the gateway then.
            if self.gateway_waits().await? == 0 {
                let waiting = self.send(self.client.get(&pending)).await?;
                let is_delivered = waiting["data"].as_array().is_some_and(Vec::is_empty);
                if is_delivered && self.gateway_waits().await? == 0 {
                    return Ok(());
                }
            }
            ensure!(
                tokio::time::Instant::now() < deadline,
                "not quiet {PATIENCE:?} after the last message"
            );
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// How many events and sends are not done yet.
    async fn gateway_waits(&self) -> anyhow::Result<i64> {
        let url = format!("{}/api/v1/status", self.gateway);
        let status = self.send(self.client.get(url)).await?;
        let counts = [
            ("inbox", "ready"),
            ("inbox", "leased"),
            ("outbox", "ready"),
            ("outbox", "calling"),
        ];
        Ok(counts
            .iter()
            .filter_map(|(half, what)| status[half][what].as_i64())
            .sum())
    }

    async fn verdict(&self, part: &str, count: usize, wrote: Duration, cpu: Duration) -> anyhow::Result<()> {
        let (mut lost, mut twice) = (0_usize, 0_usize);
        let mut latencies = Vec::new();
        let (mut began, mut ended) = (Timestamp::MAX, Timestamp::MIN);
        for owner in self.owners.iter() {
            let url = format!("{}/_sim/threads", self.platform);
            let query = [("a", owner), ("b", owner)];
            let threads = self.send(self.client.get(url).query(&query)).await?;
            let messages = threads["data"][0]["messages"].as_array().context("no thread")?;
            let mut said: HashMap<&str, Vec<Timestamp>> = HashMap::new();
            for message in messages {
                let text = message["text"].as_str().unwrap_or_default();
                let at = message["created_at"].as_str().unwrap_or_default();
                said.entry(text).or_default().push(at.parse()?);
            }
            for number in 0..count {
                let asked = said.get(format!("{part} {number}").as_str()).and_then(|at| at.first());
                let asked = *asked.with_context(|| format!("{owner}: message {number} was not stored"))?;
                let answers = said.get(format!("re {part} {number}").as_str());
                match answers.map(Vec::as_slice).unwrap_or_default() {
                    [] => lost += 1,
                    [answered, more @ ..] => {
                        twice += usize::from(!more.is_empty());
                        latencies.push(answered.duration_since(asked).as_millis());
                        (began, ended) = (began.min(asked), ended.max(*answered));
                    }
                }
            }
        }
        latencies.sort_unstable();
        let at = |percent: usize| {
            let index = latencies.len().saturating_sub(1) * percent / 100;
            latencies.get(index).copied().unwrap_or(0)
        };
        let took = ended.duration_since(began).as_secs_f64();
        let n_answers = u32::try_from(latencies.len())?;
        println!(
            "  {n_answers} answers, {:.0} a second (written within {:.1} s, answered within {took:.1} s); {:.0} µs of processor time each",
            f64::from(n_answers) / took,
            wrote.as_secs_f64(),
            cpu.as_secs_f64() * 1e6 / f64::from(n_answers.max(1))
        );
        println!("  gesture to stored answer: p50 {} ms, p99 {} ms", at(50), at(99));
        println!("  lost {lost}, answered twice {twice}");
        ensure!(lost == 0 && twice == 0, "every message must be answered once");
        Ok(())
    }
}
