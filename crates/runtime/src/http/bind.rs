//! Binding the listening socket, with errors that say what to do.

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpListener;

/// Why a listening socket could not be bound, in words for the person who started the program.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Somebody else listens there.
    #[error(
        "port {} is already in use on {}: stop the program that listens there (another selfsame, perhaps), or choose another port (0 picks a free one)",
        .address.port(), .address.ip()
    )]
    PortInUse {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The system does not let this user listen there.
    #[error(
        "this user may not listen on port {} of {}: choose a port above 1023 (0 picks a free one)",
        .address.port(), .address.ip()
    )]
    NotPermitted {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The address belongs to no interface of this machine.
    #[error("{} is no address of this machine: bind to 127.0.0.1, to 0.0.0.0, or to an address of one of its interfaces", .address.ip())]
    NotHere {
        /// The address asked for.
        address: SocketAddr,
    },
    /// Anything else.
    #[error("cannot listen on {address}")]
    Other {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// Binds `address`; port 0 picks a free port, which `local_addr` of the listener then tells.
///
/// # Errors
/// [`BindError`], by what the person can do about it.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => BindError::PortInUse { address },
        io::ErrorKind::PermissionDenied => BindError::NotPermitted { address },
        io::ErrorKind::AddrNotAvailable => BindError::NotHere { address },
        _ => BindError::Other { address, source },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_is_named_together_with_what_to_do() {
        let first = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let taken = first.local_addr().unwrap();

        let error = bind(taken).await.unwrap_err();

        assert!(matches!(error, BindError::PortInUse { .. }), "{error:?}");
        let words = error.to_string();
        assert!(
            words.contains(&format!("port {} is already in use", taken.port())),
            "{words}"
        );
        assert!(words.contains("choose another port"), "{words}");
    }

    #[tokio::test]
    async fn an_address_of_another_machine_is_explained() {
        let error = bind(SocketAddr::from(([192, 0, 2, 1], 0))).await.unwrap_err();

        assert!(matches!(error, BindError::NotHere { .. }), "{error:?}");
    }
}
