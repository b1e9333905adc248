//! The rules of the ledger, one by one.

use std::time::Duration;

use axum::http::StatusCode;
use jiff::SignedDuration;
use selfsame_client::Transport;
use selfsame_gateway::Gateway;
use selfsame_gateway::config::Limits;
use selfsame_gateway::outbox::limits::MOST_ATTEMPTS;
use selfsame_gateway::outbox::release;
use selfsame_gateway::store::messages::{self, Filter, MessageRow};
use selfsame_gateway::store::status::{self, Status};
use selfsame_gateway::store::{StoreError, settings};
use selfsame_runtime::db::Durability;
use serde_json::json;

use crate::book::{ACCOUNT, Book, SELF_IGSID};
use crate::instagram::{Instagram, Manners, Script};
use crate::open::{Clocks, config, deliver, open, temporary_folder};

const AUTOMATIONS: &str = r#"
automations:
  - name: menu
    when: { message: { any: [menu] } }
    do: [ { typing: 400ms }, { send: { text: "Here is our menu" } } ]
  - name: twice
    when: { message: { exact: twice } }
    do: [ { send: { text: "one" } }, { send: { text: "two" } } ]
  - name: coffee
    when: { postback: COFFEE }
    do: [ { send: { text: "Flat white 3.50" } } ]
  - name: price
    when: { comment: { contains: [price] } }
    do:
      - reply: { text: "The price is in your messages" }
      - send: { text: "3.50" }
"#;

struct House {
    folder: tempfile::TempDir,
    clocks: Clocks,
    book: Book,
    instagram: Instagram,
    gateway: Gateway,
}

impl House {
    async fn new() -> Self {
        Self::with(Limits::default(), Book::knowing_self()).await
    }

    async fn with(limits: Limits, book: Book) -> Self {
        Self::under(Manners::DEFAULT, limits, book).await
    }

    /// Ends this process; the next one takes up its folder.
    async fn reopened(self) -> Self {
        let Self {
            folder,
            clocks,
            book,
            instagram,
            gateway,
        } = self;
        instagram.set_gateway(None);
        gateway.app().database.close_blocking();
        drop(gateway);
        let transport = Transport::new(instagram.clone());
        let gateway = open(config(folder.path()), &clocks, transport, &book, AUTOMATIONS).await;
        Self {
            folder,
            clocks,
            book,
            instagram,
            gateway,
        }
    }

    async fn under(manners: Manners, limits: Limits, book: Book) -> Self {
        let folder = temporary_folder();
        let clocks = Clocks::standing();
        let instagram = Instagram::new(manners, &clocks);
        let mut config = config(folder.path());
        config.limits = limits;
        let transport = Transport::new(instagram.clone());
        let gateway = open(config, &clocks, transport, &book, AUTOMATIONS).await;
        instagram.set_gateway(Some(&gateway));
        Self {
            folder,
            clocks,
            book,
            instagram,
            gateway,
        }
    }

    /// Delivers every webhook that waits and decides it.
    async fn take_in(&self) {
        while let Some(body) = self.instagram.take_pending(0) {
            assert_eq!(deliver(&self.gateway, &body).await, StatusCode::OK);
        }
        self.gateway.split_once().await.unwrap();
        self.decide().await;
    }

    async fn decide(&self) {
        while self.gateway.inbox_once().await.unwrap() > 0 {}
    }

    /// Sends until nothing is due.
    async fn send(&self) {
        while self.gateway.outbox_once().await.unwrap() > 0 {}
    }

    /// Sends, with the pauses of typing steps in between.
    async fn send_with_pauses(&self) {
        for _ in 0..8 {
            self.send().await;
            self.world_time_passes(1);
        }
    }

    fn real_time_passes(&self, seconds: u64) {
        self.clocks.process.advance(Duration::from_secs(seconds));
    }

    fn world_time_passes(&self, seconds: i64) {
        self.clocks.world.advance(SignedDuration::from_secs(seconds)).unwrap();
    }

    async fn rows(&self) -> Vec<MessageRow> {
        let filter = Filter {
            limit: 100,
            ..Filter::default()
        };
        let read = self
            .gateway
            .app()
            .database
            .read(move |connection| messages::list(connection, &filter))
            .await;
        read.map_err(StoreError::from).unwrap()
    }

    /// State and reason of the rows that say something.
    async fn ends(&self) -> Vec<(String, String)> {
        let rows = self.rows().await;
        rows.into_iter()
            .filter(|row| row.kind.as_deref() != Some("typing"))
            .map(|row| (row.state, row.reason.unwrap_or_default()))
            .collect()
    }

    async fn status(&self) -> Status {
        self.gateway
            .app()
            .database
            .read(status::read)
            .await
            .map_err(StoreError::from)
            .unwrap()
    }

    fn said(&self) -> Vec<String> {
        self.instagram.accepted().into_iter().map(|one| one.text).collect()
    }
}

/// The lease must be on the disk before the call: one that the machine loses would let the call be made again.
#[tokio::test]
async fn a_call_begins_only_after_a_synced_commit_says_so() {
    let house = House::new().await;
    house.instagram.owner_writes("twice");
    house.take_in().await;
    for text in ["one", "two"] {
        let before = house.gateway.app().database.stats().synced_commits;
        // The call that has begun never ends: nothing that its end commits is counted.
        house.instagram.script([Script::CrashBefore]);
        tokio::select! {
            _ = house.gateway.outbox_once() => panic!("the call of {text:?} ended"),
            () = house.instagram.crash_asked() => {}
        }
        let synced = house.gateway.app().database.stats().synced_commits - before;
        assert_eq!(synced, 1, "{text:?}: the lease");
        // Its lease ends, then its doubt, and the next moves up.
        for _ in 0..2 {
            house.real_time_passes(31);
            assert_eq!(house.gateway.upkeep_once().await.unwrap(), 1);
        }
    }
}

#[tokio::test]
async fn an_echo_that_overtakes_its_answer_waits_and_is_ours() {
    let house = House::new().await;
    house.instagram.owner_writes("twice");
    house.take_in().await;
    house.instagram.script([Script::EchoFirst]);
    house.gateway.outbox_once().await.unwrap();
    assert_eq!(house.gateway.app().metrics.count_events("held"), 1);
    house.decide().await;
    assert_eq!(house.gateway.app().metrics.count_events("ours"), 1);
    assert_eq!(house.said(), ["one"]);
}

#[tokio::test]
async fn steps_are_sent_in_order_one_call_at_a_time() {
    let house = House::new().await;
    house.instagram.owner_writes("twice");
    house.instagram.owner_writes("menu");
    house.take_in().await;
    assert_eq!(
        house.gateway.outbox_once().await.unwrap(),
        1,
        "one call of a thread at a time"
    );
    house.send().await;
    assert_eq!(house.said(), ["one", "two"], "the typing sign is shown");
    house.world_time_passes(1);
    house.send().await;
    assert_eq!(house.said(), ["one", "two", "Here is our menu"]);
}

#[tokio::test]
async fn the_path_form_is_used_until_it_is_refused_then_the_standard_form_is_remembered() {
    for (code, subcode) in [(100, 33), (100, 2_534_014)] {
        let house = House::new().await;
        house.instagram.owner_writes("twice");
        house.take_in().await;
        house.instagram.script([Script::Refuse(code, subcode)]);
        house.send().await;
        let requests = house.instagram.requests();
        let paths: Vec<&str> = requests.iter().map(|(path, _)| path.as_str()).collect();
        let path_form = format!("/v25.0/{SELF_IGSID}/messages");
        assert_eq!(paths, [path_form.as_str(), "/v25.0/me/messages", "/v25.0/me/messages"]);
        assert_eq!(requests[0].1, json!({"message": {"text": "one"}}));
        assert_eq!(
            requests[1].1,
            json!({"recipient": {"id": SELF_IGSID}, "message": {"text": "one"}})
        );
        assert_eq!(house.said(), ["one", "two"]);
    }
}

#[tokio::test]
async fn before_the_first_self_message_the_refusal_says_how_to_open_the_thread() {
    let house = House::with(Limits::default(), Book::default()).await;
    house.instagram.owner_comments("price?");
    house.take_in().await;
    let refused = Script::Refuse(100, 2_534_014);
    house.instagram.script([Script::Accept, refused, refused]);
    house.send().await;
    assert_eq!(house.said(), ["The price is in your messages"]);
    let ends = house.ends().await;
    assert_eq!(ends[0].0, "sent");
    assert_eq!(ends[1].0, "failed");
    assert!(ends[1].1.contains("search your own name"), "{}", ends[1].1);
    // The refusal said nothing about the form.
    house.instagram.owner_writes("twice");
    house.take_in().await;
    house.send().await;
    let last = house.instagram.requests().pop().unwrap();
    assert_eq!(last.0, format!("/v25.0/{SELF_IGSID}/messages"));
}

#[tokio::test]
async fn the_owners_comment_is_answered_by_a_self_message_and_our_reply_starts_nothing() {
    let house = House::with(Limits::default(), Book::default()).await;
    let comment = house.instagram.owner_comments("price?");
    house.take_in().await;
    assert_eq!(
        house.book.self_igsid().unwrap().as_str(),
        SELF_IGSID,
        "learned from the comment"
    );
    house.send().await;
    let requests = house.instagram.requests();
    assert_eq!(requests[0].0, format!("/v25.0/{comment}/replies"));
    assert_eq!(requests[1].0, format!("/v25.0/{SELF_IGSID}/messages"));
    // Both come back: the reply fits its own trigger.
    house.take_in().await;
    house.send().await;
    assert_eq!(house.said(), ["The price is in your messages", "3.50"]);
    assert_eq!(house.gateway.app().metrics.count_events("ours"), 2);
}

#[tokio::test]
async fn a_send_in_doubt_blocks_its_thread_for_thirty_seconds_then_is_parked_and_can_be_sent_again() {
    let house = House::new().await;
    house.instagram.owner_writes("twice");
    house.take_in().await;
    house.instagram.script([Script::CutBefore]);
    house.send().await;
    assert_eq!(house.status().await.outbox.in_doubt, 1);
    house.real_time_passes(29);
    house.gateway.upkeep_once().await.unwrap();
    house.send().await;
    assert!(house.said().is_empty(), "nothing overtakes it");
    house.real_time_passes(1);
    house.gateway.upkeep_once().await.unwrap();
    house.send().await;
    assert_eq!(house.said(), ["two"]);
    let parked = house
        .rows()
        .await
        .into_iter()
        .find(|row| row.state == "parked")
        .unwrap();
    assert!(parked.reason.unwrap().contains("send it again"));
    let id: i64 = parked.id.trim_start_matches('s').parse().unwrap();
    let now_world_ms = house.clocks.world.now().as_millisecond();
    let database = &house.gateway.app().database;
    let again = database
        .write(Durability::Durable, move |tx| {
            release::send_again(tx, id, 0, now_world_ms)
        })
        .await;
    assert!(again.is_ok());
    house.send().await;
    assert_eq!(house.said(), ["two", "one"]);
    let twice = database
        .write(Durability::Durable, move |tx| {
            release::send_again(tx, id, 0, now_world_ms)
        })
        .await;
    assert!(twice.is_err(), "only once");
}

#[tokio::test]
async fn a_late_echo_settles_what_is_parked() {
    let house = House::new().await;
    house.instagram.owner_writes("twice");
    house.take_in().await;
    house.instagram.script([Script::AcceptThenCut]);
    house.send().await;
    house.real_time_passes(30);
    house.gateway.upkeep_once().await.unwrap();
    assert_eq!(house.status().await.outbox.parked, 1);
    house.take_in().await;
    let status = house.status().await;
    assert_eq!((status.outbox.parked, status.outbox.in_doubt), (0, 0));
    house.send().await;
    house.take_in().await;
    assert_eq!(house.said(), ["one", "two"]);
    assert!(
        house
            .rows()
            .await
            .iter()
            .all(|row| row.state == "sent" && row.mid.is_some())
    );
}

#[tokio::test]
async fn an_echo_settles_a_send_in_doubt_at_once_and_frees_its_thread() {
    let house = House::new().await;
    house.instagram.owner_writes("twice");
    house.take_in().await;
    house.instagram.script([Script::AcceptThenTimeOut]);
    house.send().await;
    assert_eq!(house.status().await.outbox.in_doubt, 1);
    house.take_in().await;
    house.send().await;
    assert_eq!(house.said(), ["one", "two"]);
    assert_eq!(house.gateway.app().metrics.count_events("settled"), 1);
}

#[tokio::test]
async fn the_words_of_a_doubt_typed_a_minute_later_are_hers_however_far_instagrams_clock_is_from_ours() {
    for skew_ms in [0, 3 * 3_600_000, -3 * 3_600_000] {
        let manners = Manners {
            skew_ms,
            ..Manners::DEFAULT
        };
        let house = House::under(manners, Limits::default(), Book::knowing_self()).await;
        // The answers to this tell Instagram's clock.
        house.instagram.owner_writes("twice");
        house.take_in().await;
        house.send().await;
        house.take_in().await;
        house.instagram.owner_writes("twice");
        house.take_in().await;
        house.instagram.script([Script::CutBefore]);
        house.send().await;
        house.world_time_passes(60);
        house.instagram.owner_writes("one");
        house.take_in().await;
        let metrics = &house.gateway.app().metrics;
        assert_eq!(metrics.count_events("settled"), 0, "{skew_ms}");
        assert_eq!(metrics.count_events("no_rule"), 1, "{skew_ms}");
        assert_eq!(house.status().await.outbox.in_doubt, 1, "{skew_ms}");
    }
}

#[tokio::test]
async fn her_next_message_waits_behind_one_that_is_not_decided_yet() {
    let house = House::new().await;
    house.instagram.owner_writes("twice");
    house.take_in().await;
    house.send().await;
    // No echo has been seen yet: words that equal an answer just given wait for the true one.
    house.instagram.owner_writes("one");
    house.instagram.owner_writes("menu");
    let newest = (0..4).filter_map(|_| house.instagram.take_pending(2)).take(2);
    for body in newest.collect::<Vec<_>>() {
        assert_eq!(deliver(&house.gateway, &body).await, StatusCode::OK);
    }
    house.gateway.split_once().await.unwrap();
    house.decide().await;
    let metrics = &house.gateway.app().metrics;
    assert_eq!(metrics.count_events("answered"), 1, "the menu waits");
    for _ in 0..50 {
        house.clocks.process.advance(Duration::from_millis(250));
        house.decide().await;
    }
    assert_eq!(metrics.count_events("answered"), 2);
    assert_eq!(metrics.count_events("ours"), 1);
}

#[tokio::test]
async fn an_event_that_a_call_of_ours_turns_out_to_have_caused_is_ours_and_its_answers_are_taken_back() {
    let house = House::new().await;
    house.instagram.owner_writes("twice");
    house.take_in().await;
    // An echo in a form that nobody has seen yet: decided as hers before the call that tells its mid has ended.
    let mid = house.instagram.next_mid();
    house.instagram.something_happens(&json!({"id": ACCOUNT, "messaging": [{
        "sender": {"id": ACCOUNT}, "recipient": {"id": SELF_IGSID},
        "message": {"mid": mid, "text": "twice", "is_echo": true, "is_self": true}}]}));
    house.take_in().await;
    assert_eq!(house.gateway.app().metrics.count_events("answered"), 2);
    house.send().await;
    assert_eq!(house.said(), ["one", "two"], "what it was answered with is not said");
    assert_eq!(house.status().await.outbox.ready, 0);
}

#[tokio::test]
async fn words_of_a_reply_whose_call_runs_wait_for_its_end_whoever_they_name_as_their_author() {
    let house = House::new().await;
    house.instagram.owner_comments("price?");
    house.take_in().await;
    house.instagram.script([Script::CrashBefore]);
    tokio::select! {
        _ = house.gateway.outbox_once() => panic!("the call ended"),
        () = house.instagram.crash_asked() => {}
    }
    let comment = |id: &str, text: &str| {
        json!({"id": ACCOUNT, "changes": [{"field": "comments", "value": {
            "id": id, "text": text, "from": {"id": "5550001", "username": "somebody"}, "media": {"id": "178"}}}]})
    };
    house
        .instagram
        .something_happens(&comment("c1", "The price is in your messages"));
    house.take_in().await;
    let metrics = &house.gateway.app().metrics;
    assert_eq!(metrics.count_events("answered"), 1, "it may be ours");
    house.real_time_passes(11);
    house.gateway.upkeep_once().await.unwrap();
    house.decide().await;
    assert_eq!(metrics.count_events("answered"), 2, "it waits no longer than the call");
}

#[tokio::test]
async fn a_refusal_that_says_it_was_sent_already_leaves_a_doubt_and_no_second_call() {
    let house = House::new().await;
    house.instagram.owner_writes("twice");
    house.take_in().await;
    house.instagram.script([Script::Refuse(1, 1_357_046)]);
    for _ in 0..10 {
        house.send().await;
        house.world_time_passes(60);
    }
    assert_eq!(house.instagram.requests().len(), 1);
    assert_eq!(house.status().await.outbox.in_doubt, 1);
}

#[tokio::test]
async fn an_interrupted_call_may_have_been_accepted_until_its_time_was_over() {
    let house = House::new().await;
    house.instagram.owner_writes("menu");
    house.take_in().await;
    house.send_with_pauses().await;
    house.instagram.owner_writes("twice");
    house.take_in().await;
    house.instagram.script([Script::CrashBefore]);
    tokio::select! {
        _ = house.gateway.outbox_once() => panic!("the call ended"),
        () = house.instagram.crash_asked() => {}
    }
    house.real_time_passes(9);
    house.world_time_passes(9);
    let at = house.clocks.world.now().as_millisecond();
    house.instagram.something_happens(&json!({"id": ACCOUNT, "messaging": [{
        "sender": {"id": ACCOUNT}, "recipient": {"id": SELF_IGSID}, "timestamp": at,
        "message": {"mid": "accepted late", "text": "one", "is_echo": true, "is_self": true}}]}));
    house.real_time_passes(2);
    house.gateway.upkeep_once().await.unwrap();
    house.take_in().await;
    assert_eq!(house.gateway.app().metrics.count_events("settled"), 1);
}

#[tokio::test]
async fn a_refusal_that_may_pass_is_tried_again_on_world_time() {
    let house = House::new().await;
    house.instagram.owner_writes("twice");
    house.take_in().await;
    house.instagram.script([Script::RefuseForNow, Script::NotSent]);
    house.send().await;
    assert_eq!(house.instagram.requests().len(), 1);
    house.real_time_passes(3_600);
    house.send().await;
    assert_eq!(house.instagram.requests().len(), 1, "real time does not count");
    house.world_time_passes(1);
    house.send().await;
    assert_eq!(house.instagram.requests().len(), 2);
    house.world_time_passes(1);
    house.send().await;
    assert_eq!(house.instagram.requests().len(), 2, "the pause doubles");
    house.world_time_passes(1);
    house.send().await;
    assert_eq!(house.said(), ["one", "two"]);
}

#[tokio::test]
async fn a_refusal_that_never_passes_is_given_up_after_a_named_number_of_tries() {
    let house = House::new().await;
    house.instagram.owner_writes("menu");
    house.take_in().await;
    // The typing sign is no send; its failure matters to nobody.
    house.instagram.script([Script::RefuseForGood]);
    house.instagram.script([Script::RefuseForNow; 20]);
    for _ in 0..20 {
        house.send().await;
        house.world_time_passes(600);
    }
    assert_eq!(house.instagram.requests().len(), 1 + MOST_ATTEMPTS as usize);
    let ends = house.ends().await;
    assert_eq!(ends[0].0, "failed");
    assert!(
        ends[0].1.contains(&format!("{MOST_ATTEMPTS} tries")) && ends[0].1.contains("later"),
        "{}",
        ends[0].1
    );
}

#[tokio::test]
async fn a_refused_token_marks_the_account() {
    let house = House::new().await;
    house.instagram.owner_writes("twice");
    house.take_in().await;
    house.instagram.script([Script::Refuse(190, 460)]);
    house.send().await;
    assert!(house.book.broken().unwrap().contains("190/460"));
    let ends = house.ends().await;
    assert!(
        ends.iter()
            .all(|(state, reason)| state == "failed" && reason.contains("connect")),
        "{ends:?}"
    );
    assert_eq!(house.instagram.requests().len(), 1, "a broken token is not used again");
}

#[tokio::test]
async fn beyond_the_budget_own_events_are_parked_and_can_be_released() {
    let limits = Limits {
        self_answers_per_minute: 2,
        ..Limits::default()
    };
    let house = House::with(limits, Book::knowing_self()).await;
    for _ in 0..3 {
        house.instagram.owner_writes("menu");
    }
    house.take_in().await;
    house.send_with_pauses().await;
    assert_eq!(house.said().len(), 2);
    assert_eq!(house.status().await.inbox.parked, 1);
    let parked = house
        .rows()
        .await
        .into_iter()
        .find(|row| row.state == "parked")
        .unwrap();
    assert!(parked.reason.unwrap().contains("budget of 2"));
    let event: i64 = parked.id.trim_start_matches('e').parse().unwrap();
    for _ in 0..2 {
        let now_ms = house.clocks.process.now().as_millis();
        let released = house
            .gateway
            .app()
            .database
            .write(Durability::Relaxed, move |tx| {
                release::decide_again(tx, event, now_ms, now_ms)
            })
            .await;
        assert!(released.is_ok());
    }
    house.decide().await;
    house.send_with_pauses().await;
    assert_eq!(house.said().len(), 3, "released twice, answered once");
    house.real_time_passes(61);
    house.instagram.owner_writes("menu");
    house.take_in().await;
    house.send_with_pauses().await;
    assert_eq!(house.said().len(), 4, "a minute later there is room again");
}

#[tokio::test]
async fn the_kill_switch_stops_sending_and_parks_what_the_owner_does() {
    let house = House::new().await;
    house.instagram.owner_writes("twice");
    house.take_in().await;
    let switch = |is_on| {
        let database = house.gateway.app().database.clone();
        async move {
            let set = database
                .write(Durability::Durable, move |tx| settings::set_kill_switch(tx, is_on))
                .await;
            set.map_err(StoreError::from).unwrap();
        }
    };
    switch(true).await;
    house.send().await;
    house.instagram.owner_writes("menu");
    house.take_in().await;
    assert!(house.said().is_empty());
    assert!(house.status().await.kill_switch);
    assert_eq!(house.status().await.inbox.parked, 1);
    switch(false).await;
    house.send().await;
    assert_eq!(house.said(), ["one", "two"]);
}

#[tokio::test]
async fn a_self_tap_with_a_foreign_entry_is_answered_each_time_it_has_no_identity() {
    let house = House::with(Limits::default(), Book::default()).await;
    let tap = json!({"id": "45202218377435", "messaging": [{
        "sender": {"id": ACCOUNT}, "recipient": {"id": SELF_IGSID}, "is_self": true,
        "postback": {"title": "Coffee", "payload": "COFFEE"}}]});
    house.instagram.something_happens(&tap);
    house.instagram.something_happens(&tap);
    house.take_in().await;
    house.send().await;
    assert_eq!(house.said(), ["Flat white 3.50", "Flat white 3.50"]);
    assert_eq!(
        house.book.self_igsid().unwrap().as_str(),
        SELF_IGSID,
        "learned from the tap"
    );
}

#[tokio::test]
async fn a_tap_with_an_identity_is_answered_once_however_often_it_comes() {
    let house = House::new().await;
    let tap = json!({"id": ACCOUNT, "messaging": [{
        "sender": {"id": ACCOUNT}, "recipient": {"id": SELF_IGSID}, "timestamp": 1_743_480_368_714_i64,
        "is_self": true, "postback": {"title": "Coffee", "payload": "COFFEE", "mid": "tap_1"}}]});
    house.instagram.something_happens(&tap);
    house.instagram.something_happens(&tap);
    house.take_in().await;
    house.instagram.something_happens(&tap);
    house.take_in().await;
    house.send().await;
    assert_eq!(house.said(), ["Flat white 3.50"]);
    assert_eq!(house.gateway.app().metrics.count_events("duplicate"), 2);
}

#[tokio::test]
async fn noise_tests_and_strangers_are_kept_and_not_answered() {
    let house = House::new().await;
    let edit = json!({"id": ACCOUNT, "messaging": [{"timestamp": 1, "message_edit": {"mid": "m", "num_edit": 0}}]});
    let test = json!({"id": "0", "time": 1, "changes": [{"field": "messages", "value": {
        "sender": {"id": "12334"}, "recipient": {"id": "23245"}, "timestamp": "1527459824",
        "message": {"mid": "random_mid", "text": "menu"}}}]});
    let stranger = json!({"id": "999", "messaging": [{"sender": {"id": "5"}, "recipient": {"id": "999"},
        "message": {"mid": "m2", "text": "menu"}}]});
    let unknown = json!({"id": ACCOUNT, "messaging": [{"sender": {"id": "5"}, "recipient": {"id": ACCOUNT},
        "new_thing": {"mid": "m3"}}]});
    for entry in [edit, test, stranger, unknown] {
        house.instagram.something_happens(&entry);
    }
    house.take_in().await;
    house.send().await;
    assert!(house.said().is_empty());
    let metrics = &house.gateway.app().metrics;
    assert_eq!(metrics.count_events("dashboard_test"), 1);
    assert_eq!(metrics.count_events("unknown_account"), 1);
    assert_eq!(metrics.count_events("ignored"), 2);
}

#[tokio::test]
async fn a_redelivered_echo_of_ours_never_becomes_inbound_even_after_a_restart() {
    let house = House::new().await;
    house.instagram.owner_writes("twice");
    house.take_in().await;
    house.send().await;
    house.take_in().await;
    let house = house.reopened().await;
    for pick in 0..3 {
        let body = house.instagram.repeat_delivered(pick).unwrap();
        assert_eq!(deliver(&house.gateway, &body).await, StatusCode::OK);
    }
    house.gateway.split_once().await.unwrap();
    while house.gateway.inbox_once().await.unwrap() > 0 {}
    while house.gateway.outbox_once().await.unwrap() > 0 {}
    assert_eq!(house.instagram.accepted().len(), 2);
}

/// A customer writes.
fn customer_writes(instagram: &Instagram, mid: &str, text: &str) {
    instagram.something_happens(&json!({"id": ACCOUNT, "messaging": [{
        "sender": {"id": "900"}, "recipient": {"id": ACCOUNT}, "timestamp": 1_790_000_000_000_i64,
        "message": {"mid": mid, "text": text}}]}));
}

#[tokio::test]
async fn what_a_dead_process_held_is_taken_up_at_the_opening_without_waiting_for_its_leases() {
    let house = House::new().await;
    house.instagram.owner_writes("twice");
    house.take_in().await;
    house.instagram.script([Script::CrashBefore]);
    tokio::select! {
        _ = house.gateway.outbox_once() => panic!("the call ended"),
        () = house.instagram.crash_asked() => {}
    }
    house.instagram.owner_writes("menu");
    let body = house.instagram.take_pending(0).unwrap();
    assert_eq!(deliver(&house.gateway, &body).await, StatusCode::OK);
    house.gateway.split_once().await.unwrap();
    // It is leased and never decided.
    house.gateway.app().database.faults().fail_commits_after(1, u32::MAX);
    assert!(house.gateway.inbox_once().await.is_err());
    let before = house.status().await;
    assert_eq!((before.inbox.leased, before.outbox.calling), (1, 1));
    let house = house.reopened().await;
    let after = house.status().await;
    assert_eq!((after.inbox.ready, after.inbox.leased), (1, 0));
    assert_eq!((after.outbox.in_doubt, after.outbox.calling), (1, 0));
}

#[tokio::test]
async fn a_customers_answer_in_doubt_is_settled_from_the_conversations_edge() {
    for (script, found) in [(Script::AcceptThenCut, true), (Script::CutBefore, false)] {
        let house = House::new().await;
        customer_writes(&house.instagram, "in_1", "twice");
        house.take_in().await;
        house.instagram.script([script]);
        house.send().await;
        assert_eq!(house.status().await.outbox.in_doubt, 1);
        house.real_time_passes(2);
        house.gateway.upkeep_once().await.unwrap();
        let status = house.status().await;
        assert_eq!(
            status.outbox.in_doubt,
            i64::from(!found),
            "not finding it proves nothing"
        );
        house.send().await;
        let expected: &[&str] = if found { &["one", "two"] } else { &[] };
        assert_eq!(house.said(), expected);
        // Its echo, coming later, is known.
        house.take_in().await;
        assert_eq!(
            house.gateway.app().metrics.count_events("ours"),
            if found { 2 } else { 0 }
        );
    }
}

#[tokio::test]
async fn a_public_reply_in_doubt_is_settled_from_the_replies_edge() {
    let house = House::new().await;
    house.instagram.owner_comments("price?");
    house.take_in().await;
    house.instagram.script([Script::AcceptThenCut]);
    house.send().await;
    house.real_time_passes(2);
    house.gateway.upkeep_once().await.unwrap();
    house.send().await;
    assert_eq!(house.said(), ["The price is in your messages", "3.50"]);
    house.take_in().await;
    house.send().await;
    assert_eq!(
        house.said().len(),
        2,
        "the reply fits its own trigger and starts nothing"
    );
}

#[tokio::test]
async fn the_self_thread_is_never_looked_up_because_no_edge_lists_it() {
    let house = House::new().await;
    house.instagram.owner_writes("twice");
    house.take_in().await;
    house.instagram.script([Script::AcceptThenCut]);
    house.send().await;
    house.real_time_passes(2);
    house.gateway.upkeep_once().await.unwrap();
    assert_eq!(house.status().await.outbox.in_doubt, 1, "only its echo settles it");
}

#[tokio::test]
async fn people_and_the_owner_do_not_wait_for_each_other() {
    let house = House::new().await;
    house.instagram.owner_writes("twice");
    customer_writes(&house.instagram, "in_1", "twice");
    house.take_in().await;
    house.instagram.script([Script::CutBefore]);
    assert_eq!(
        house.gateway.outbox_once().await.unwrap(),
        2,
        "one call of each thread at the same time"
    );
    house.send().await;
    assert_eq!(house.said(), ["one", "two"], "the other thread goes on");
}
