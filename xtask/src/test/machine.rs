//! Programs that the tests of the browser and of other people's clients need: Debian's packages.

use anyhow::bail;

use crate::command::Run;

/// Each program with the package that brings it.
const PROGRAMS: &[(&str, &str)] = &[
    ("chromium", "chromium"),
    ("chromedriver", "chromium-driver"),
    ("curl", "curl"),
    ("node", "nodejs"),
    ("npm", "npm"),
    ("python3", "python3"),
];

/// Installs what is missing, when this user may.
///
/// # Errors
/// When something is missing and cannot be installed; what to do is said.
pub(super) fn prepare() -> anyhow::Result<()> {
    let mut missing: Vec<&str> = PROGRAMS
        .iter()
        .filter(|(program, _)| !is_there(program))
        .map(|(_, package)| *package)
        .collect();
    // Debian's python3 has no virtual environments without this package.
    if !Run::new("python3", &["-c", "import ensurepip, venv"]).succeeds() {
        missing.push("python3-venv");
    }
    if missing.is_empty() {
        return Ok(());
    }
    let packages = missing.join(" ");
    if !is_there("apt-get") {
        bail!("these programs are missing, and this is no Debian: {packages}");
    }
    let is_root = Run::new("id", &["-u"]).captured().is_ok_and(|id| id.trim() == "0");
    if !is_root && !Run::new("sudo", &["-n", "true"]).succeeds() {
        bail!("as root: apt-get install --no-install-recommends {packages}");
    }
    let apt = |arguments: &[&str]| {
        let mut words = vec!["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"];
        words.extend(arguments);
        if is_root {
            Run::new("env", &words[1..])
        } else {
            Run::new("sudo", &words)
        }
    };
    apt(&["update", "-q"]).shown()?;
    let mut install = vec!["install", "-q", "-y", "--no-install-recommends"];
    install.extend(&missing);
    apt(&install).shown()
}

fn is_there(program: &str) -> bool {
    Run::new("sh", &["-c", &format!("command -v {program}")]).succeeds()
}
