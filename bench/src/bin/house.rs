//! The binary as a person meets it: how long a start takes, how soon an idle house answers a self message, how much memory it holds.
//!
//! Everything is seen from outside, over HTTP. An answer counts when it is stored on the platform.

#![expect(clippy::print_stdout, reason = "a program for people at a terminal")]

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use clap::Parser;
use selfsame_runtime::clock::ProcessClock;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

const ACCOUNT: &str = "@luna.coffee";
/// One step, no typing: what is measured is the house, not the automation.
const AUTOMATIONS: &str =
    "automations:\n  - name: ping\n    when: { message: { exact: ping } }\n    do: [ { send: { text: pong } } ]\n";
/// Between two messages: idle, and below the budget of 60 answers a minute.
const PAUSE: Duration = Duration::from_millis(1_050);
/// How long a house may take for anything.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Parser)]
struct Arguments {
    /// The binary to measure.
    #[arg(long, default_value = "target/release/selfsame")]
    binary: PathBuf,
    /// Starts with existing data.
    #[arg(long, default_value_t = 10)]
    starts: u32,
    /// Messages.
    #[arg(long, default_value_t = 50)]
    messages: u32,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let clock = ProcessClock::real();

    let first = Running::start(&arguments.binary, &data, &clock).await?;
    println!("first start, which makes the demo world: {} ms", first.took.as_millis());
    first.stop().await?;
    std::fs::write(data.join("automations.yaml"), AUTOMATIONS)?;

    let mut starts = Vec::new();
    for _ in 0..arguments.starts {
        let house = Running::start(&arguments.binary, &data, &clock).await?;
        starts.push(house.took);
        house.stop().await?;
    }
    report("start with existing data", starts);

    let house = Running::start(&arguments.binary, &data, &clock).await?;
    println!("memory when just ready: {}", house.memory());
    let mut answers = Vec::new();
    let mut after = 0;
    for _ in 0..arguments.messages {
        let asked = tokio::time::Instant::now();
        after = house.ping(after).await?;
        answers.push(asked.elapsed());
        clock.sleep(PAUSE).await;
    }
    report("self message to stored answer", answers);
    println!("memory after {} messages: {}", arguments.messages, house.memory());
    house.stop().await
}

struct Running {
    process: Child,
    took: Duration,
    platform: String,
    client: reqwest::Client,
}

impl Running {
    async fn start(binary: &Path, data: &Path, clock: &ProcessClock) -> anyhow::Result<Self> {
        // Refused when it has been done before; there is only one provider to choose.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build()?;
        let started = clock.now();
        let mut process = Command::new(binary)
            .args(["start", "--json", "--port", "0", "--gateway-port", "0", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot run {}", binary.display()))?;
        let output = process.stdout.take().context("no output")?;
        let line = BufReader::new(output).lines().next_line().await?;
        let took = clock.now().since(started);
        let ready: Value = serde_json::from_str(&line.context("it ended before it was ready")?)?;
        let platform = ready["platform"].as_str().context("no platform")?;
        Ok(Self {
            process,
            took,
            platform: platform.trim_end_matches('/').to_owned(),
            client,
        })
    }

    /// Says `ping` on the phone and waits until the answer is stored; answers its number.
    async fn ping(&self, after: i64) -> anyhow::Result<i64> {
        let gesture = json!({ "as": ACCOUNT, "to": ACCOUNT, "text": "ping" });
        let said = self
            .client
            .post(format!("{}/_sim/dm", self.platform))
            .json(&gesture)
            .send()
            .await?;
        ensure!(said.status().is_success(), "{}", said.text().await?);
        let query = format!("for=message&a={ACCOUNT}&b={ACCOUNT}&origin=api&text=pong&after={after}");
        let url = format!("{}/_sim/wait?{query}", self.platform);
        let answer: Value = self.client.get(url).send().await?.json().await?;
        match answer["item"]["id"].as_i64() {
            Some(id) => Ok(id),
            None => bail!("no answer came: {answer}"),
        }
    }

    /// Resident memory, where the system tells it.
    fn memory(&self) -> String {
        let status = self
            .process
            .id()
            .and_then(|pid| std::fs::read_to_string(format!("/proc/{pid}/status")).ok());
        let field = |name: &str| {
            let line = status.as_deref()?.lines().find_map(|line| line.strip_prefix(name))?;
            Some(line.trim_start_matches(':').trim().to_owned())
        };
        match (field("VmRSS"), field("RssAnon")) {
            (Some(resident), Some(own)) => {
                format!("{resident} resident, of which {own} not shared with the file")
            }
            _ => "unknown on this system".to_owned(),
        }
    }

    async fn stop(mut self) -> anyhow::Result<()> {
        let pid = self.process.id().context("it ended by itself")?;
        let interrupted = Command::new("kill").args(["-INT", &pid.to_string()]).status().await?;
        ensure!(interrupted.success(), "cannot interrupt {pid}");
        let status = tokio::time::timeout(PATIENCE, self.process.wait()).await??;
        ensure!(status.success(), "it did not end cleanly: {status}");
        Ok(())
    }
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |percent: usize| {
        let index = times.len().saturating_sub(1) * percent / 100;
        times.get(index).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
    };
    println!(
        "{what}: p50 {:.1} ms, p99 {:.1} ms, slowest {:.1} ms, of {}",
        at(50),
        at(99),
        at(100),
        times.len()
    );
}
