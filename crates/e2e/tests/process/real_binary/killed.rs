//! The gateway's process is killed again and again while people write to themselves. Whatever it had answered with 200 is
//! decided: each message is answered once, or listed with its reason; never twice, never silently lost.

use std::collections::BTreeMap;
use std::time::Duration;

use selfsame_e2e::binary;
use selfsame_workbench::connection::Endpoint;
use serde_json::{Value, json};

use super::two_processes::House;

/// How often the process is killed.
const N_KILLS: usize = 30;
/// Accounts that write to themselves at the same time: many, so that no self thread meets its budget of answers.
const N_ACCOUNTS: usize = 12;
/// Messages that each account writes between two kills.
const N_MESSAGES_PER_ROUND: usize = 1;
/// The longest that in-doubt sends, retries and the backlog may take after the last kill, in real time.
const SETTLE_WITHIN: Duration = Duration::from_secs(150);
/// How often the state is asked for meanwhile.
const PERIOD: Duration = Duration::from_millis(200);

/// Answers name the message that caused them, so that every answer can be told from every other.
const AUTOMATIONS: &str = r#"
automations:
  - name: every message
    when: { message: { everything: true } }
    do: [ { send: { text: "answer to {{ message.text }}" } } ]
"#;

#[tokio::test]
async fn a_gateway_killed_thirty_times_answers_each_message_once_or_says_why_not() {
    let house = House::start(AUTOMATIONS, &[]).await;
    let mut gateway = house.start_gateway().await;
    binary::until_hands_are_shaken(&house.sim).await;
    let accounts = house.connect_accounts(&binary::endpoint(&gateway.gateway())).await;
    let mut written: BTreeMap<String, (String, String)> = BTreeMap::new();

    for round in 0..N_KILLS {
        for number in 0..N_MESSAGES_PER_ROUND {
            for account in &accounts {
                let text = format!("{account} {round}.{number}");
                let mid = house.write(account, &text).await;
                written.insert(mid, (account.clone(), text));
            }
        }
        let account = &accounts[round % N_ACCOUNTS];
        house.until_answered(account, &format!("{account} {round}.0")).await;
        gateway.kill().await;
        gateway = house.start_gateway().await;
        // World time moves on to the retries of the deliveries that met no gateway. All rounds together
        // stay within the hour for which Instagram tries: what it gives up is nobody's to answer.
        house.advance("45s").await;
    }

    let listed = house.until_settled(&binary::endpoint(&gateway.gateway())).await;
    assert_eq!(
        house.deliveries("dead").await,
        Vec::<Value>::new(),
        "every event was answered 200 in the end"
    );
    let mut n_answered = 0;
    let mut n_listed = 0;
    for (mid, (account, text)) in &written {
        let n_answers = house.answers(account, &format!("answer to {text}")).await;
        let is_listed = listed.iter().any(|row| row["cause_mid"] == *mid);
        assert!(n_answers <= 1, "{text} was answered {n_answers} times");
        assert!(
            n_answers == 1 || is_listed,
            "{text} ({mid}) was neither answered nor listed: {listed:#?}"
        );
        n_answered += n_answers;
        n_listed += usize::from(n_answers == 0);
    }
    assert_eq!(n_answered + n_listed, N_KILLS * N_ACCOUNTS * N_MESSAGES_PER_ROUND);
    // In doubt is what a kill inside a call leaves; it must not be the usual end.
    assert!(
        n_listed <= N_KILLS * N_ACCOUNTS / 10,
        "{n_listed} of {} were only listed",
        written.len()
    );
}

impl House {
    /// Makes accounts, grants them to the app with webhooks, and connects them to the gateway by their tokens.
    async fn connect_accounts(&self, gateway: &Endpoint) -> Vec<String> {
        let mut usernames = Vec::new();
        for number in 0..N_ACCOUNTS {
            let username = format!("shop.{number}");
            self.sim_post("accounts", &json!({"username": username, "kind": "business"}))
                .await;
            self.connect(gateway, &username).await;
            usernames.push(username);
        }
        usernames
    }

    async fn write(&self, account: &str, text: &str) -> String {
        let typed = self
            .sim_post("dm", &json!({"as": account, "to": account, "text": text}))
            .await;
        typed["mid"].as_str().expect("a mid").to_owned()
    }

    /// Waits until the account that is this round's turn is answered, or for a moment: then the process dies at another
    /// point of its work than the round before.
    async fn until_answered(&self, account: &str, text: &str) {
        let query = [
            ("for", "message".to_owned()),
            ("a", account.to_owned()),
            ("b", account.to_owned()),
            ("origin", "api".to_owned()),
            ("text", format!("answer to {text}")),
            ("timeout", "300ms".to_owned()),
        ];
        self.sim.get("/_sim/wait", &query).await.expect("a wait ends");
    }

    async fn advance(&self, by: &str) {
        self.sim_post("clock", &json!({"advance": by})).await;
    }

    /// Waits until nothing is on its way any more; then everything that ended otherwise than answered.
    async fn until_settled(&self, gateway: &Endpoint) -> Vec<Value> {
        let settled = async {
            let mut period = tokio::time::interval(PERIOD);
            loop {
                period.tick().await;
                if self.is_settled(gateway).await {
                    return;
                }
                self.advance("1m").await;
            }
        };
        if tokio::time::timeout(SETTLE_WITHIN, settled).await.is_err() {
            let status = gateway.get("/api/v1/status", &[]).await;
            panic!("still at work after {} s: {status:?}", SETTLE_WITHIN.as_secs());
        }
        let mut listed = Vec::new();
        for state in ["in_doubt", "parked", "failed", "dead"] {
            let rows = gateway
                .get("/api/v1/messages", &[("state", state.to_owned())])
                .await
                .expect("the list of messages");
            listed.extend(rows["data"].as_array().cloned().unwrap_or_default());
        }
        listed
    }

    async fn is_settled(&self, gateway: &Endpoint) -> bool {
        let status = gateway.get("/api/v1/status", &[]).await.expect("the status");
        let is_zero = |(side, state): (&str, &str)| status[side][state].as_u64() == Some(0);
        let open = [
            ("inbox", "ready"),
            ("inbox", "leased"),
            ("outbox", "ready"),
            ("outbox", "calling"),
            ("outbox", "in_doubt"),
        ];
        open.into_iter().all(is_zero)
            && self.deliveries("pending").await.is_empty()
            && self.deliveries("failed").await.is_empty()
    }

    async fn deliveries(&self, status: &str) -> Vec<Value> {
        let log = self
            .sim
            .get("/_sim/deliveries", &[("status", status.to_owned())])
            .await
            .expect("the delivery log");
        log["data"].as_array().cloned().unwrap_or_default()
    }

    async fn answers(&self, account: &str, text: &str) -> usize {
        let query = [("a", account.to_owned()), ("b", account.to_owned())];
        let threads = self.sim.get("/_sim/threads", &query).await.expect("the thread");
        let messages = threads["data"][0]["messages"].as_array().cloned().unwrap_or_default();
        messages
            .iter()
            .filter(|message| message["text"] == text && message["origin"] == "api")
            .count()
    }
}
