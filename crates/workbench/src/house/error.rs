//! Why a house does not come up.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use selfsame_runtime::clock::ClockError;
use selfsame_runtime::folder::FolderError;

use crate::connection::CallError;

/// Why a house does not come up. Nothing keeps running after it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder cannot be used, or belongs to another process.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Somebody else listens there.
    #[error("port {} is in use; choose another with {flag}, or 0 for a free one", .address.port())]
    PortInUse {
        /// Where it should have listened.
        address: SocketAddr,
        /// The flag that chooses the port.
        flag: &'static str,
    },
    /// The system does not let it listen there.
    #[error("cannot listen on {address}")]
    Listen {
        /// Where it should have listened.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The world clock's file cannot be used.
    #[error("cannot open the world clock")]
    Clock(#[from] ClockError),
    /// The platform does not open.
    #[error("the platform does not open")]
    Platform(#[from] selfsame_platform::OpenError),
    /// The client that delivers webhooks cannot be built.
    #[error("webhooks cannot be delivered")]
    Transport(#[from] selfsame_platform::TransportBuildError),
    /// The gateway does not open.
    #[error("the gateway does not open")]
    Gateway(#[from] selfsame_gateway::OpenError),
    /// A gateway alone has no app.
    #[error("the gateway needs the id and secret of an app")]
    NoCredentials,
    /// The automations file cannot be written for the first time.
    #[error("cannot write {}", .path.display())]
    Automations {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// One half does not answer the other.
    #[error("{step}")]
    Wiring {
        /// What was being done.
        step: &'static str,
        /// What went wrong.
        #[source]
        source: CallError,
    },
    /// The demo world is not there to be wired to.
    #[error("the platform has no app to wire the gateway to; start with an empty folder, or use `selfsame platform`")]
    NoApp,
    /// A half did not become ready.
    #[error("the {half} did not become ready within {} s", .within.as_secs())]
    NotReady {
        /// Which one.
        half: &'static str,
        /// The time it had.
        within: Duration,
    },
    /// No HTTP client can be built on this machine.
    #[error("no HTTP client can be built")]
    Client(#[source] reqwest::Error),
}

impl StartError {
    /// Whether another process has what this one needs.
    pub fn is_in_use(&self) -> bool {
        matches!(self, Self::Folder(FolderError::InUse { .. }) | Self::PortInUse { .. })
    }
}
