//! Runs `wrk` and reads what it prints.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use tokio::process::Command;

use crate::webhooks::SignedWebhook;

/// What one run of `wrk` found.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// Answered requests a second.
    pub requests_per_second: f64,
    /// Half of the answers were faster than this, in milliseconds.
    pub p50_ms: f64,
    /// All but one in a hundred were faster than this, in milliseconds.
    pub p99_ms: f64,
}

/// Posts `webhook` over and over on `connections` connections. Any answer but 2xx is an error of the benchmark.
pub async fn post(
    folder: &Path,
    url: &str,
    webhook: &SignedWebhook,
    connections: u32,
    time: Duration,
) -> anyhow::Result<Run> {
    run(folder, url, &lua(webhook)?, connections, time).await
}

/// Posts JSON bodies in turns, over and over, on `connections` connections. Any answer but 2xx is an error of the benchmark.
pub async fn post_json(
    folder: &Path,
    url: &str,
    bodies: &[String],
    connections: u32,
    time: Duration,
) -> anyhow::Result<Run> {
    let mut script = String::from("local bodies = {\n");
    for body in bodies {
        writeln!(script, "[==[{body}]==],")?;
    }
    // Requests are made once: what is measured is not Lua.
    script.push_str(
        "}\nlocal requests, turn = {}, 0\n\
         function init(args)\n  for i, body in ipairs(bodies) do\n    \
         requests[i] = wrk.format(\"POST\", nil, {[\"content-type\"] = \"application/json\"}, body)\n  end\nend\n\
         function request()\n  turn = turn % #requests + 1\n  return requests[turn]\nend\n",
    );
    run(folder, url, &script, connections, time).await
}

async fn run(folder: &Path, url: &str, lua: &str, connections: u32, time: Duration) -> anyhow::Result<Run> {
    let script = folder.join("post.lua");
    tokio::fs::write(&script, lua).await?;
    let output = Command::new("wrk")
        .args(["-t1", "--latency"])
        .arg(format!("-c{connections}"))
        .arg(format!("-d{}s", time.as_secs()))
        .arg("-s")
        .arg(&script)
        .arg(url)
        .output()
        .await
        .context("cannot run wrk; is it installed?")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(
        output.status.success(),
        "wrk failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    ensure!(
        !text.contains("Non-2xx") && !text.contains("Socket errors"),
        "not every request was answered with 2xx:\n{text}"
    );
    read(&text).with_context(|| format!("cannot read what wrk printed:\n{text}"))
}

fn lua(webhook: &SignedWebhook) -> anyhow::Result<String> {
    let mut script = String::from("wrk.method = \"POST\"\nwrk.headers[\"content-type\"] = \"application/json\"\n");
    for (name, value) in &webhook.headers {
        writeln!(script, "wrk.headers[\"{name}\"] = \"{value}\"")?;
    }
    writeln!(script, "wrk.body = [==[{}]==]", std::str::from_utf8(&webhook.body)?)?;
    Ok(script)
}

fn read(text: &str) -> anyhow::Result<Run> {
    let word_after = |label: &str| {
        text.lines()
            .find_map(|line| line.trim().strip_prefix(label))
            .and_then(|rest| rest.split_whitespace().next())
            .with_context(|| format!("no {label:?}"))
    };
    Ok(Run {
        requests_per_second: word_after("Requests/sec:")?.parse()?,
        p50_ms: milliseconds(word_after("50%")?)?,
        p99_ms: milliseconds(word_after("99%")?)?,
    })
}

fn milliseconds(text: &str) -> anyhow::Result<f64> {
    for (unit, factor) in [("us", 0.001), ("ms", 1.0), ("s", 1_000.0)] {
        if let Some(number) = text.strip_suffix(unit) {
            return Ok(number.parse::<f64>()? * factor);
        }
    }
    anyhow::bail!("{text:?} is not a time")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_wrk_prints_is_read() {
        let text = "Running 1s test\n  Latency Distribution\n     50%  834.00us\n     75%    1.02ms\n     90%    1.20ms\n     99%    1.54s \n\
                    Requests/sec:  75643.12\nTransfer/sec:      6.78MB\n";
        let run = read(text).unwrap();
        assert!((run.requests_per_second - 75_643.12).abs() < 0.001);
        assert!((run.p50_ms - 0.834).abs() < 0.001);
        assert!((run.p99_ms - 1_540.0).abs() < 0.001);
    }
}
