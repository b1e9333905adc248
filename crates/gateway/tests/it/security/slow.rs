//! Callers who take their time, over a real socket: each is cut off at its limit, and nothing of it is kept.

use std::time::Duration;

use selfsame_gateway::store::{StoreError, raw_deliveries};
use selfsame_runtime::http::{Limits, serve};
use selfsame_runtime::shutdown::Shutdown;
use selfsame_wire::secret::AppSecret;
use selfsame_wire::signature::sign;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::business::Business;
use crate::open::INSTAGRAM_SECRET;

const BODY: &str = r#"{"object":"instagram","entry":[]}"#;
/// Short, so that the test need not wait as long as a caller may.
const PATIENCE: Duration = Duration::from_millis(200);

/// The head of a signed webhook that announces its body so.
fn head(announced: &str) -> String {
    let signature = sign(&AppSecret::new(INSTAGRAM_SECRET), BODY.as_bytes()).sha256;
    format!(
        "POST /webhooks/instagram HTTP/1.1\r\nhost: bot.example\r\nx-hub-signature-256: {signature}\r\n{announced}\r\n\r\n"
    )
}

/// Writes this, then nothing more, and reads until the other side closes.
async fn say(address: std::net::SocketAddr, words: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(words.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A reset is a close too.
    let _closed = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

async fn n_stored(business: &Business) -> usize {
    let read = business
        .gateway
        .app()
        .database
        .read(|connection| Ok::<_, StoreError>(raw_deliveries::list_after(connection, 0, 100)?.len()));
    read.await.map_err(StoreError::from).unwrap()
}

#[tokio::test]
async fn a_webhook_that_drips_in_is_given_up_and_nothing_of_it_is_kept() {
    let business = Business::connected("automations: []").await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let limits = Limits {
        header_read_timeout: PATIENCE,
        body_read_timeout: PATIENCE,
        idle_timeout: PATIENCE,
        ..Limits::default()
    };
    let shutdown = Shutdown::new();
    let serving = serve(listener, business.gateway.router(), limits, shutdown.token());
    let calling = async {
        let length = format!("content-length: {}", BODY.len());
        let half = &BODY[..BODY.len() / 2];
        for slow in [
            String::new(),
            "POST /webhooks/instagram HTTP/1.1\r\nhost: bot.exam".to_owned(),
            head(&length).trim_end().to_owned(),
            head(&length),
            format!("{}{half}", head(&length)),
            format!("{}5\r\n{{\"obj\r\n", head("transfer-encoding: chunked")),
        ] {
            let answer = say(address, &slow).await;
            assert!(!answer.starts_with("HTTP/1.1 200"), "{slow:?}: {answer}");
            assert_eq!(n_stored(&business).await, 0, "{slow:?}");
        }
        let whole = format!("{}{BODY}", head(&length));
        assert!(
            say(address, &whole).await.starts_with("HTTP/1.1 200"),
            "a whole one is taken"
        );
        assert_eq!(n_stored(&business).await, 1);
        shutdown.begin();
    };
    tokio::join!(serving, calling);
}
