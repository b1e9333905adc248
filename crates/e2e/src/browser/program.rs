//! The `selfsame` program as a person runs it, on free ports and a folder that goes when it ends.

use std::process::Stdio;

use anyhow::{Context, anyhow, ensure};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

/// A running program. It is killed when dropped; [`Program::end`] ends it as Ctrl-C does.
#[derive(Debug)]
pub struct Program {
    child: Child,
    _stdout: BufReader<ChildStdout>,
    /// Base URL of the platform, without a slash at the end.
    pub platform: String,
}

impl Program {
    /// Runs `selfsame` with these arguments and waits until it says that it is ready.
    pub async fn start(arguments: &[&str]) -> anyhow::Result<Self> {
        let path = crate::binary::path();
        let mut child = Command::new(&path)
            .args(arguments)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| {
                format!(
                    "{} does not start; build it with `cargo build -p selfsame-cli`",
                    path.display()
                )
            })?;
        let mut stdout = BufReader::new(child.stdout.take().context("no standard output")?);
        let mut line = String::new();
        stdout.read_line(&mut line).await.context("the program says nothing")?;
        let ready: Value = serde_json::from_str(&line).with_context(|| format!("not the line of --json: {line:?}"))?;
        let platform = ready
            .get("platform")
            .and_then(Value::as_str)
            .ok_or_else(|| anyhow!("no platform in {ready}"))?;
        Ok(Self {
            child,
            _stdout: stdout,
            platform: platform.trim_end_matches('/').to_owned(),
        })
    }

    /// Both halves, wired to each other, with the demo world.
    pub async fn start_house() -> anyhow::Result<Self> {
        Self::start(&["start", "--ephemeral", "--port", "0", "--gateway-port", "0", "--json"]).await
    }

    /// Ends the program as a service manager does, and waits for it.
    pub async fn end(mut self) -> anyhow::Result<()> {
        let id = self.child.id().context("the program has ended by itself")?;
        let asked = Command::new("kill").args(["-TERM", &id.to_string()]).status().await?;
        ensure!(asked.success(), "the program cannot be ended");
        let status = self.child.wait().await?;
        ensure!(status.success(), "the program ended with {status}");
        Ok(())
    }
}
