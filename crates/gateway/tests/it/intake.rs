//! The webhook: what is answered 200 is on disk, what is not on disk is not answered 200.

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use selfsame_client::Transport;
use selfsame_gateway::Gateway;
use selfsame_gateway::store::{StoreError, failed_signatures, raw_deliveries};
use selfsame_wire::secret::AppSecret;
use selfsame_wire::signature::sign;
use tower::ServiceExt as _;

use crate::book::Book;
use crate::instagram::{Instagram, Manners};
use crate::open::{Clocks, META_SECRET, config, deliver, open, post, temporary_folder};

async fn gateway(folder: &std::path::Path) -> Gateway {
    let clocks = Clocks::standing();
    let transport = Transport::new(Instagram::new(Manners::DEFAULT, &clocks));
    open(config(folder), &clocks, transport, &Book::default(), "automations: []").await
}

async fn stored(gateway: &Gateway) -> Vec<Vec<u8>> {
    let listed = gateway
        .app()
        .database
        .read(|connection| raw_deliveries::list_after(connection, 0, 1_000))
        .await;
    listed
        .map_err(StoreError::from)
        .unwrap()
        .into_iter()
        .map(|delivery| delivery.body)
        .collect()
}

#[tokio::test]
async fn a_signed_body_is_stored_byte_for_byte_before_it_is_answered() {
    let folder = temporary_folder();
    let gateway = gateway(folder.path()).await;
    let body = b"{\"text\":\"\\u00e4 \\/ not even valid webhook json";
    let before = gateway.app().database.stats();
    assert_eq!(deliver(&gateway, body).await, StatusCode::OK);
    let after = gateway.app().database.stats();
    assert_eq!(stored(&gateway).await, [body.to_vec()]);
    assert_eq!(after.synced_commits - before.synced_commits, 1);
    let by_facebook = sign(&AppSecret::new(META_SECRET), body).sha256;
    assert_eq!(post(&gateway, body, Some(&by_facebook)).await, StatusCode::OK);
}

#[tokio::test]
async fn requests_at_the_same_time_share_syncs() {
    let folder = temporary_folder();
    let gateway = gateway(folder.path()).await;
    let (release, held) = std::sync::mpsc::channel::<()>();
    let database = gateway.app().database.clone();
    let holding = database.write(selfsame_runtime::db::Durability::Relaxed, move |_tx| {
        held.recv().unwrap();
        Ok::<_, StoreError>(())
    });
    let bodies: Vec<Vec<u8>> = (0..200).map(|n| format!("{{\"n\":{n}}}").into_bytes()).collect();
    let deliveries = futures_util::future::join_all(bodies.iter().map(|body| deliver(&gateway, body)));
    let all = futures_util::future::join(holding, deliveries);
    tokio::pin!(all);
    // One poll puts the holder and every request into the writer's queue.
    tokio::select! {
        biased;
        _ = &mut all => panic!("nothing can be answered while the writer is held"),
        () = std::future::ready(()) => {}
    }
    let before = gateway.app().database.stats();
    release.send(()).unwrap();
    let (_holder, statuses) = all.await;
    assert!(statuses.iter().all(|status| *status == StatusCode::OK));
    let after = gateway.app().database.stats();
    assert_eq!(stored(&gateway).await.len(), 200);
    assert!(after.synced_commits - before.synced_commits <= 2, "{after:?}");
}

#[tokio::test]
async fn a_commit_that_fails_is_answered_503_and_stores_nothing() {
    let folder = temporary_folder();
    let gateway = gateway(folder.path()).await;
    gateway.app().database.faults().fail_commits(1);
    assert_eq!(deliver(&gateway, b"{}").await, StatusCode::SERVICE_UNAVAILABLE);
    assert!(stored(&gateway).await.is_empty());
    gateway.app().database.faults().disk_full(true);
    assert_eq!(deliver(&gateway, b"{}").await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(get(&gateway, "/readyz").await.0, StatusCode::SERVICE_UNAVAILABLE);
    gateway.app().database.faults().disk_full(false);
    assert_eq!(deliver(&gateway, b"{}").await, StatusCode::OK);
    assert_eq!(get(&gateway, "/readyz").await.0, StatusCode::OK);
}

#[tokio::test]
async fn the_writer_syncs_in_full() {
    let folder = temporary_folder();
    let gateway = gateway(folder.path()).await;
    let read = gateway
        .app()
        .database
        .write(selfsame_runtime::db::Durability::Durable, |tx| {
            let synchronous: i64 = tx.query_row("PRAGMA synchronous", [], |row| row.get(0))?;
            let journal: String = tx.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
            Ok::<_, StoreError>((synchronous, journal))
        })
        .await;
    assert_eq!(read.map_err(StoreError::from).unwrap(), (2, "wal".to_owned()));
}

#[tokio::test]
async fn a_body_that_nobody_we_know_has_signed_is_refused_and_recorded_once_in_a_while() {
    let folder = temporary_folder();
    let gateway = gateway(folder.path()).await;
    let forged = sign(&AppSecret::new("other"), b"{}").sha256;
    assert_eq!(post(&gateway, b"{\"a\":1}", Some(&forged)).await, StatusCode::FORBIDDEN);
    assert_eq!(post(&gateway, b"{}", None).await, StatusCode::FORBIDDEN);
    assert!(stored(&gateway).await.is_empty());
    let listed = gateway
        .app()
        .database
        .read(|connection| failed_signatures::list(connection, 10))
        .await;
    let listed = listed.map_err(StoreError::from).unwrap();
    assert_eq!(listed.len(), 1, "a flood of forgeries costs no flood of rows");
    assert_eq!(listed[0].head, "{\"a\":1}");
    assert_eq!(listed[0].length_bytes, 7);
    assert_eq!(listed[0].secrets_tried, "instagram,facebook");
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let folder = temporary_folder();
    let gateway = gateway(folder.path()).await;
    let body = vec![b' '; 5 * 1024 * 1024];
    assert_eq!(deliver(&gateway, &body).await, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn the_handshake_echoes_the_challenge_for_our_token_only() {
    let folder = temporary_folder();
    let gateway = gateway(folder.path()).await;
    let ask = |query: &'static str| {
        let gateway = gateway.clone();
        async move { get(&gateway, &format!("/webhooks/instagram?{query}")).await }
    };
    let right = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=verify";
    assert_eq!(ask(right).await, (StatusCode::OK, "1158201444".to_owned()));
    let wrong = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=other";
    assert_eq!(ask(wrong).await.0, StatusCode::FORBIDDEN);
    let mode = "hub.mode=unsubscribe&hub.challenge=1158201444&hub.verify_token=verify";
    assert_eq!(ask(mode).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn metrics_have_bounded_labels_and_live_is_live() {
    let folder = temporary_folder();
    let gateway = gateway(folder.path()).await;
    deliver(&gateway, b"{}").await;
    assert_eq!(get(&gateway, "/livez").await.0, StatusCode::OK);
    let (status, text) = get(&gateway, "/metrics").await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        text.contains("selfsame_gateway_webhooks_total{end=\"taken\"} 1"),
        "{text}"
    );
    assert!(
        text.contains("selfsame_gateway_queue_depth{queue=\"raw\",state=\"unsplit\"} 1"),
        "{text}"
    );
    for (queue, state) in [("inbox", "parked"), ("outbox", "in_doubt"), ("forward", "ready")] {
        let depth = format!("selfsame_gateway_queue_depth{{queue=\"{queue}\",state=\"{state}\"}} 0");
        assert!(text.contains(&depth), "{depth}: {text}");
    }
}

#[tokio::test]
async fn old_bodies_are_forgotten_once_split_and_ids_are_never_used_again() {
    let folder = temporary_folder();
    let clocks = Clocks::standing();
    let transport = Transport::new(Instagram::new(Manners::DEFAULT, &clocks));
    let gateway = open(
        config(folder.path()),
        &clocks,
        transport,
        &Book::default(),
        "automations: []",
    )
    .await;
    for n in 0..3 {
        deliver(&gateway, format!("{{\"n\":{n}}}").as_bytes()).await;
    }
    clocks.process.advance(std::time::Duration::from_hours(30 * 24));
    assert_eq!(gateway.forget_once().await.unwrap(), 0, "nothing was split yet");
    gateway.split_once().await.unwrap();
    assert_eq!(gateway.forget_once().await.unwrap(), 2, "the newest split one stays");
    deliver(&gateway, b"{\"n\":3}").await;
    assert_eq!(gateway.split_once().await.unwrap(), 1);
}

async fn get(gateway: &Gateway, path: &str) -> (StatusCode, String) {
    let request = Request::get(path)
        .header("host", "localhost")
        .body(Body::empty())
        .unwrap();
    let response = gateway.router().oneshot(request).await.unwrap();
    let status = response.status();
    let body = to_bytes(response.into_body(), 1_000_000).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}
