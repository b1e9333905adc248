//! TLS in front of the platform, as a proxy on one's own machine does it for programs with fixed host names.

use std::sync::Arc;

use anyhow::Context as _;
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// Ends TLS for these names on a free port and hands everything on to `platform`. Answers the port.
pub(super) async fn in_front_of(platform: &str, names: &[&str]) -> anyhow::Result<u16> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let made = rcgen::generate_simple_self_signed(names)?;
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)?;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let behind = platform.rsplit('/').next().context("an authority")?.to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    #[expect(clippy::disallowed_methods, reason = "a test's server ends with the test's runtime")]
    tokio::spawn(async move {
        while let Ok((plain, _)) = listener.accept().await {
            let (acceptor, behind) = (acceptor.clone(), behind.clone());
            #[expect(clippy::disallowed_methods, reason = "a test's server ends with the test's runtime")]
            tokio::spawn(async move {
                let mut inner = TcpStream::connect(behind).await?;
                let mut outer = acceptor.accept(plain).await?;
                copy_bidirectional(&mut outer, &mut inner).await
            });
        }
    });
    Ok(port)
}
