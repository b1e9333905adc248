//! `http` steps reach no private address once others can reach us. (How each address is told is a table
//! beside the code that calls.)

use std::time::Duration;

use selfsame_gateway::config::Config;
use tokio::net::TcpListener;

use crate::business::Business;

fn bound_wide(config: &mut Config) {
    config.bind = "0.0.0.0:7354".parse().unwrap();
}

fn behind_a_proxy(config: &mut Config) {
    config.public_url = Some("https://bot.example".to_owned());
}

fn at_home(_config: &mut Config) {}

/// Whether a call to this host reached a program on this machine.
async fn reaches(host: &str, change: fn(&mut Config)) -> bool {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let automations = format!(
        "automations:\n  - name: call\n    when: {{ message: {{ any: [go] }} }}\n    do:\n      - http: {{ url: \"http://{host}:{port}/\", timeout: 1s }}\n      - send: {{ text: called }}\n"
    );
    let mut business = Business::with_config(&automations, change).await;
    business.connect().await;
    tokio::select! {
        _connected = listener.accept() => true,
        () = async {
            business.sam_writes("go").await;
            assert_eq!(business.graph.texts(), ["called"], "the automation goes on without the answer");
        } => false,
    }
}

#[tokio::test]
async fn a_gateway_that_others_can_reach_calls_nothing_private() {
    assert!(
        reaches("127.0.0.1", at_home).await,
        "at home it may: the test would notice a call"
    );
    for change in [bound_wide as fn(&mut Config), behind_a_proxy] {
        for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"] {
            let reached = tokio::time::timeout(Duration::from_secs(20), reaches(host, change)).await;
            assert_eq!(reached, Ok(false), "{host}");
        }
    }
}
