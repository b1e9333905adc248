//! The network over real sockets: which failures mean "not sent" and which "nobody knows".

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use selfsame_client::transport::{RESPONSE_BYTES_MAX, Timeouts};
use selfsame_client::{BaseUrls, Caller, GraphClient, InDoubtCause, Outcome, Transport};
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::ids::{IgScopedId, MessageId};
use selfsame_wire::secret::AccessToken;
use selfsame_wire::send::OutgoingMessage;

const CALL: Duration = Duration::from_millis(400);

fn client(address: SocketAddr) -> GraphClient {
    let base = format!("http://{address}");
    let timeouts = Timeouts {
        call: CALL,
        connect: CALL,
    };
    GraphClient::new(Transport::network_with(timeouts), BaseUrls::new(&base, &base).unwrap())
}

async fn send(client: &GraphClient) -> Outcome<MessageId> {
    let caller = Caller {
        flow: LoginFlow::Instagram,
        token: AccessToken::new("IGAA"),
    };
    let message = OutgoingMessage::Text {
        text: "Hello".to_owned(),
    };
    client.send_to_self(&caller, &IgScopedId::new("81"), &message).await
}

/// A host that lets `serve` handle one connection after its first request has been read.
fn host(serve: impl FnOnce(&mut TcpStream) + Send + 'static) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let request = read_request(&mut stream);
        serve(&mut stream);
        request
    });
    (address, thread)
}

fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut buffer = [0; 1024];
    while !request.ends_with(b"}}") {
        let count = stream.read(&mut buffer).unwrap();
        assert!(count > 0, "the request ended early");
        request.extend_from_slice(&buffer[..count]);
    }
    String::from_utf8(request).unwrap()
}

fn answer(stream: &mut TcpStream, head: &str, body: &str) {
    write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
}

#[tokio::test]
async fn a_refused_connection_means_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    assert!(matches!(send(&client(address)).await, Outcome::NotSent { .. }));
}

#[tokio::test]
async fn an_unknown_host_means_not_sent() {
    let urls = BaseUrls::new("http://host.invalid", "http://host.invalid").unwrap();
    let client = GraphClient::new(Transport::network(), urls);
    assert!(matches!(send(&client).await, Outcome::NotSent { .. }));
}

#[tokio::test]
async fn a_failed_tls_handshake_means_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("https://{}", listener.local_addr().unwrap());
    let thread = thread::spawn(move || drop(listener.accept().unwrap()));
    let client = GraphClient::new(Transport::network(), BaseUrls::new(&base, &base).unwrap());
    assert!(matches!(send(&client).await, Outcome::NotSent { .. }));
    drop(TcpStream::connect(base.trim_start_matches("https://")));
    thread.join().unwrap();
}

#[tokio::test]
async fn a_connection_cut_after_the_request_is_in_doubt() {
    let (address, thread) = host(|_| ());
    let outcome = send(&client(address)).await;
    assert!(
        matches!(
            outcome,
            Outcome::InDoubt {
                cause: InDoubtCause::Cut(_),
                date: None
            }
        ),
        "{outcome:?}"
    );
    let request = thread.join().unwrap();
    assert!(request.starts_with("POST /v25.0/81/messages HTTP/1.1\r\n"), "{request}");
    assert!(
        request.to_lowercase().contains("\r\nauthorization: bearer igaa\r\n"),
        "{request}"
    );
}

#[tokio::test]
async fn a_connection_cut_within_the_answer_is_in_doubt() {
    let (address, thread) = host(|stream| {
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{{\"id\":").unwrap();
    });
    assert!(matches!(
        send(&client(address)).await,
        Outcome::InDoubt {
            cause: InDoubtCause::Cut(_),
            ..
        }
    ));
    thread.join().unwrap();
}

#[tokio::test]
async fn no_answer_in_time_is_in_doubt() {
    let (gave_up, has_given_up) = std::sync::mpsc::channel::<()>();
    let (address, thread) = host(move |_| has_given_up.recv().unwrap());
    let outcome = send(&client(address)).await;
    gave_up.send(()).unwrap();
    assert_eq!(
        outcome,
        Outcome::InDoubt {
            cause: InDoubtCause::TimedOut,
            date: None
        }
    );
    thread.join().unwrap();
}

#[tokio::test]
async fn an_answer_carries_the_clock_of_the_host() {
    let (address, thread) = host(|stream| {
        answer(
            stream,
            "HTTP/1.1 200 OK\r\ndate: Sun, 22 Nov 2026 19:20:00 GMT",
            r#"{"id":"m"}"#,
        );
    });
    let Outcome::Sent { id, date, .. } = send(&client(address)).await else {
        panic!()
    };
    assert_eq!(id, MessageId::new("m"));
    assert_eq!(date.unwrap().to_string(), "2026-11-22T19:20:00Z");
    thread.join().unwrap();
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let trap = TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    let location = trap.local_addr().unwrap();
    let (address, thread) = host(move |stream| {
        answer(
            stream,
            &format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: http://{location}/"),
            "",
        );
    });
    let outcome = send(&client(address)).await;
    assert!(
        matches!(outcome, Outcome::Refused { ref error, .. } if error.http_status == 307),
        "{outcome:?}"
    );
    assert_eq!(trap.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    thread.join().unwrap();
}

#[tokio::test]
async fn an_endless_answer_is_cut_off_and_in_doubt() {
    let (address, thread) = host(|stream| {
        let chunk = vec![b' '; 64 * 1024];
        let length = RESPONSE_BYTES_MAX * 2;
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n").unwrap();
        for _ in 0..length / chunk.len() {
            if stream.write_all(&chunk).is_err() {
                return;
            }
        }
    });
    let outcome = send(&client(address)).await;
    assert!(matches!(outcome, Outcome::InDoubt { .. }), "{outcome:?}");
    thread.join().unwrap();
}
