//! The real binary, as a user runs it: started, asked, ended, killed.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::time::Duration;

use selfsame_workbench::connection::Endpoint;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// Longest wait for a process to do what it is asked, in real time.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often a state is looked at meanwhile.
const PERIOD: Duration = Duration::from_millis(100);

/// A running `selfsame` that has said that it is ready. It is killed when this is dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    /// Kept open: a program whose output nobody can read any more ends.
    _stdout: Lines<BufReader<ChildStdout>>,
    ready: Value,
    /// Its user's folder, when it has one of its own.
    _home: Option<TempDir>,
}

/// Where the binary under test lies: `SELFSAME_BINARY`, else the release build of this workspace.
pub fn path() -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "the test run says which binary it built")]
    let told = std::env::var_os("SELFSAME_BINARY").map(PathBuf::from);
    let path = told.unwrap_or_else(|| root().join("target/release/selfsame"));
    assert!(
        path.is_file(),
        "{} is not built; run `cargo xtask test`",
        path.display()
    );
    path
}

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A command in surroundings that say nothing to it but where programs and the user's folder are.
pub fn command(program: impl AsRef<OsStr>, home: &Path) -> Command {
    #[expect(
        clippy::disallowed_methods,
        reason = "programs are found where the test run finds them"
    )]
    let search_path = std::env::var_os("PATH").unwrap_or_default();
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", search_path)
        .env("HOME", home)
        .current_dir(home)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// Runs `selfsame arguments…` to its end.
pub async fn run(home: &Path, arguments: &[&str]) -> Output {
    let output = command(path(), home).args(arguments).output();
    tokio::time::timeout(PATIENCE, output)
        .await
        .unwrap_or_else(|_| panic!("`selfsame {}` does not end", arguments.join(" ")))
        .expect("the binary starts")
}

/// Runs `selfsame arguments… --json` to its end and reads what it prints; it must succeed.
pub async fn json(home: &Path, arguments: &[&str]) -> Value {
    let output = run(home, &[arguments, &["--json"]].concat()).await;
    let errors = String::from_utf8_lossy(&output.stderr);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "`selfsame {}`: {}: {errors}{printed}",
        arguments.join(" "),
        output.status
    );
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

impl Running {
    /// Starts `selfsame arguments… --json` and waits for its line.
    pub async fn start(home: &Path, arguments: &[&str]) -> Self {
        Self::started(home, None, arguments).await
    }

    /// The same for a user without any settings, whose folder goes with the program.
    pub async fn start_alone(arguments: &[&str]) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let path = home.path().to_owned();
        Self::started(&path, Some(home), arguments).await
    }

    async fn started(home: &Path, own_home: Option<TempDir>, arguments: &[&str]) -> Self {
        let mut child = command(path(), home)
            .args(arguments)
            .arg("--json")
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the binary starts");
        let stdout = child.stdout.take().expect("a piped output");
        let mut lines = BufReader::new(stdout).lines();
        let line = tokio::time::timeout(PATIENCE, lines.next_line())
            .await
            .unwrap_or_else(|_| panic!("`selfsame {}` is not ready in time", arguments.join(" ")))
            .expect("a readable output")
            .unwrap_or_else(|| panic!("`selfsame {}` ended before it was ready", arguments.join(" ")));
        let ready = serde_json::from_str(&line).expect("the first line is JSON");
        Self {
            child,
            _stdout: lines,
            ready,
            _home: own_home,
        }
    }

    /// Both halves on free ports, wired to each other, with the demo world in a folder that goes with them.
    pub async fn start_house() -> Self {
        Self::start_alone(&["start", "--ephemeral", "--port", "0", "--gateway-port", "0"]).await
    }

    /// Its line of URLs.
    pub fn ready(&self) -> &Value {
        &self.ready
    }

    /// Base URL of its platform.
    pub fn platform(&self) -> String {
        self.url("platform")
    }

    /// Base URL of its gateway.
    pub fn gateway(&self) -> String {
        self.url("gateway")
    }

    /// Kills it as a power cut would, and waits until it is gone.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("it can be killed");
    }

    /// Sends it a signal by name (`INT`, `TERM`) and waits for its end.
    pub async fn signal(mut self, name: &str) -> ExitStatus {
        let pid = self.child.id().expect("it still runs").to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &pid]).status().await;
        assert!(sent.is_ok_and(|status| status.success()), "no signal {name} for {pid}");
        tokio::time::timeout(PATIENCE, self.child.wait())
            .await
            .unwrap_or_else(|_| panic!("SIG{name} does not end it"))
            .expect("its exit status")
    }

    /// Ends it as a service manager does; it must end well.
    pub async fn end(self) {
        let status = self.signal("TERM").await;
        assert!(status.success(), "the program ended with {status}");
    }

    fn url(&self, half: &str) -> String {
        let url = self.ready[half].as_str();
        let url = url.unwrap_or_else(|| panic!("no {half} in {}", self.ready));
        url.trim_end_matches('/').to_owned()
    }
}

/// One half of a house, over HTTP.
pub fn endpoint(base: &str) -> Endpoint {
    let base = base.parse().unwrap_or_else(|error| panic!("{base}: {error}"));
    Endpoint::new(base, None).expect("an HTTP client")
}

/// Waits until whoever receives the demo app's webhooks, and came up after the platform, has passed the handshake.
pub async fn until_hands_are_shaken(platform: &Endpoint) {
    until(platform, "/_sim/world", |world| {
        world["apps"][0]["callback_state"] == "verified"
    })
    .await;
}

/// Reads `path` until it answers what is expected, and answers that.
pub async fn until(half: &Endpoint, path: &str, is_expected: impl Fn(&Value) -> bool) -> Value {
    let mut period = tokio::time::interval(PERIOD);
    let expected = async {
        loop {
            period.tick().await;
            let answer = half.get(path, &[]).await.expect("an answer");
            if is_expected(&answer) {
                return answer;
            }
        }
    };
    tokio::time::timeout(PATIENCE, expected)
        .await
        .unwrap_or_else(|_| panic!("{path} never answers what is expected"))
}

/// A port that was free a moment ago.
pub async fn free_port() -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    listener.local_addr().expect("its address").port()
}
