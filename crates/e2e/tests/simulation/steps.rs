//! One step of a run: somebody does something, a worker works, something breaks, or time passes.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::SignedDuration;
use selfsame_gateway::store::{StoreError, status};
use selfsame_queue::StepOutcome;
use serde_json::{Value, json};

use crate::network::{CallFault, DeliveryFault};
use crate::simulation::{OWNER, SAM, Simulation};

/// Rounds after which everything must have come to rest.
const MOST_ROUNDS: usize = 900;
/// Longest that nothing happens for, in days: longer than a token lives.
const MOST_DAYS: u64 = 65;

impl Simulation {
    /// Chooses and takes one step. Without doubt, no call ends so that nobody knows what became of it.
    pub(crate) async fn step(&mut self, with_doubt: bool) {
        let n = self.gestures.len();
        let choice = self.below(43);
        match choice {
            0..=2 => {
                self.tell(&format!("owner writes m{n}"));
                self.writes(OWNER, format!("m{n}")).await;
            }
            3 => {
                self.tell(&format!("owner writes menu {n}"));
                self.writes(OWNER, format!("menu {n}")).await;
            }
            4 => {
                self.tell(&format!("owner comments price {n}?"));
                self.comments(OWNER, format!("price {n}?")).await;
            }
            5 => self.owner_repeats_an_answer().await,
            6 => {
                self.tell(&format!("sam writes m{n}"));
                self.writes(SAM, format!("m{n}")).await;
            }
            7 => {
                self.tell(&format!("sam comments price {n}?"));
                self.comments(SAM, format!("price {n}?")).await;
            }
            8..=14 => self.deliver().await,
            15 | 16 => self.deliver_late().await,
            17..=20 => {
                self.tell("split");
                self.gateway().split_once().await.unwrap();
            }
            21..=24 => {
                self.tell("decide");
                self.gateway().inbox_once().await.unwrap();
            }
            25..=29 => self.send_with_some_fault(with_doubt).await,
            30 => {
                self.tell("upkeep");
                self.gateway().upkeep_once().await.unwrap();
            }
            31 => self.repeat_a_delivery().await,
            32 => {
                let by = Duration::from_millis(self.below(12_000));
                self.tell(&format!("{by:?} of process time"));
                self.network.process.advance(by);
            }
            33 => {
                let by = SignedDuration::from_millis(i64::try_from(self.below(30_000)).unwrap());
                self.tell(&format!("{by:?} of world time"));
                self.world.advance(by).unwrap();
            }
            34 => {
                self.tell("gateway crashes");
                self.crash_gateway().await;
            }
            35 => {
                self.tell("platform crashes");
                self.crash_platform().await;
            }
            36 | 37 => self.chaos_begins(with_doubt).await,
            38 => self.chaos_ends().await,
            39 => self.days_pass().await,
            40 => self.look_at_tokens().await,
            41 => {
                let taken = self.log_in().await;
                self.tell(&format!("log in: {taken}"));
            }
            _ => self.turn_kill_switch(!self.kill_switch).await,
        }
    }

    fn tell(&mut self, what: &str) {
        let _written = write!(self.log, "{what}; ");
    }

    async fn owner_repeats_an_answer(&mut self) {
        let accepted = self.network.with(|wires| wires.seen.accepted.clone());
        if accepted.is_empty() {
            return;
        }
        let said = accepted[self.index_below(accepted.len())].clone();
        self.tell(&format!("owner repeats {:?}", said.text));
        if said.is_public() {
            self.comments(OWNER, said.text).await;
        } else {
            self.writes(OWNER, said.text).await;
        }
    }

    async fn deliver(&mut self) {
        let fault = self.pick(&[
            DeliveryFault::None,
            DeliveryFault::None,
            DeliveryFault::None,
            DeliveryFault::Lost,
            DeliveryFault::AnswerLost,
        ]);
        self.tell(&format!("deliver {fault:?}"));
        self.network.with(|wires| wires.delivery_fault = fault);
        self.network.deliver_one().await;
        self.network.with(|wires| wires.delivery_fault = DeliveryFault::None);
    }

    async fn deliver_late(&mut self) {
        let n_late = self.network.n_late();
        if n_late > 0 {
            let number = self.index_below(n_late);
            self.tell(&format!("late delivery {number}"));
            self.network.deliver_late(number).await;
        }
    }

    async fn repeat_a_delivery(&mut self) {
        let listed = self.sim("GET", "/_sim/deliveries?status=delivered", &Value::Null).await;
        let listed = listed["data"].as_array().unwrap();
        if !listed.is_empty() {
            let id = &listed[self.index_below(listed.len())]["id"];
            let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
            self.tell(&format!("delivery {id} again"));
            self.sim("POST", &format!("/_sim/deliveries/{id}/resend"), &json!({}))
                .await;
        }
    }

    async fn send_with_some_fault(&mut self, with_doubt: bool) {
        let certain = [
            CallFault::None,
            CallFault::None,
            CallFault::EchoFirst,
            CallFault::NotSent,
        ];
        let any = [
            CallFault::None,
            CallFault::None,
            CallFault::EchoFirst,
            CallFault::CutBefore,
            CallFault::CutAfter,
            CallFault::TimeOutAfter,
            CallFault::EchoFirstThenCut,
            CallFault::EchoFirstThenTimeOut,
            CallFault::EchoFirstThenGatewayCrash,
            CallFault::GatewayCrashBefore,
            CallFault::GatewayCrashAfter,
            CallFault::PlatformCrashAfter,
        ];
        let fault = if with_doubt {
            self.pick(&any)
        } else {
            self.pick(&certain)
        };
        self.tell(&format!("send {fault:?}"));
        self.send(fault).await;
    }

    /// Makes one round of calls, the first of which ends like this; answers how many were made.
    async fn send(&mut self, fault: CallFault) -> usize {
        self.network.with(|wires| wires.call_fault = fault);
        let gateway = self.gateway();
        let (n_calls, crashed) = tokio::select! {
            sent = gateway.outbox_once() => (sent.unwrap(), false),
            () = self.network.crash_asked() => (1, true),
        };
        drop(gateway);
        let must_crash = self.network.with(|wires| {
            let unused = std::mem::replace(&mut wires.call_fault, CallFault::None);
            wires.seen.had_doubt |= fault.leaves_doubt() && unused == CallFault::None;
            std::mem::take(&mut wires.platform_must_crash)
        });
        if crashed {
            self.crash_gateway().await;
        }
        if must_crash {
            self.crash_platform().await;
        }
        n_calls
    }

    /// The platform's own chaos: one to three rules, on both edges.
    async fn chaos_begins(&mut self, with_doubt: bool) {
        let n_rules = self.below(3) + 1;
        let rules: Vec<Value> = (0..n_rules).map(|_| self.chaos_rule(with_doubt)).collect();
        let told: Vec<String> = rules
            .iter()
            .map(|rule| format!("{} {}", rule["target"], rule["fault"]))
            .collect();
        self.tell(&format!("chaos {told:?}"));
        let chaos = json!({"seed": self.below(1_000_000), "rules": rules});
        self.sim("PUT", "/_sim/chaos", &chaos).await;
    }

    fn chaos_rule(&self, with_doubt: bool) -> Value {
        let transient = json!([[2, null], [613, 2_534_040], [4, null]]);
        let any = json!([[2, null], [1, 1_357_046], [10, null], [100, null], [190, 460]]);
        let by = format!("{}ms", self.below(5_000));
        let (target, fault, params) = match self.below(if with_doubt { 13 } else { 10 }) {
            0 => ("delivery", "duplicate", json!({"count": self.below(2) + 1})),
            1 => ("delivery", "drop", json!({})),
            2 => ("delivery", "delay", json!({ "by": by })),
            3 => ("delivery", "reorder", json!({ "by": by })),
            4 => ("delivery", "batch", json!({ "by": by })),
            5 => (
                "delivery",
                "status",
                json!({"status": self.pick(&[500, 404, 302, 204])}),
            ),
            6 => ("delivery", "cut", json!({})),
            7 => ("graph", "delay", json!({ "by": by })),
            8 => ("graph", "echo_first", json!({})),
            9 => {
                let errors = if with_doubt { any } else { transient };
                let error = &errors[self.index_below(errors.as_array().unwrap().len())];
                let mut params = json!({"code": error[0]});
                if !error[1].is_null() {
                    params["subcode"] = error[1].clone();
                }
                ("graph", "graph_error", params)
            }
            10 => ("graph", "status", json!({"status": self.pick(&[500, 502, 429, 404])})),
            11 => ("graph", "cut", json!({})),
            _ => ("graph", "drop", json!({})),
        };
        let mut rule = json!({"target": target, "fault": fault, "params": params});
        if target == "graph" {
            rule["match"] = json!({"method": "POST"});
        }
        // An error that lasts would exhaust the tries of a send, which is another story than being tried again.
        if fault == "graph_error" || self.below(2) == 0 {
            rule["times"] = json!(self.below(3) + 1);
        } else {
            rule["probability"] = json!(0.5);
        }
        rule
    }

    async fn chaos_ends(&mut self) {
        self.tell("chaos ends");
        self.sim("DELETE", "/_sim/chaos", &Value::Null).await;
    }

    /// Days in which nobody does anything. What Instagram still had to deliver it has delivered by then: it gives up
    /// after an hour, and what is given up is outside the guarantee.
    async fn days_pass(&mut self) {
        let hours = self.below(MOST_DAYS * 24) + 1;
        self.tell(&format!("{hours} h pass"));
        self.chaos_ends().await;
        self.everything_is_delivered().await;
        let by = SignedDuration::from_hours(i64::try_from(hours).unwrap());
        self.world.advance(by).unwrap();
    }

    async fn everything_is_delivered(&self) {
        for _ in 0..MOST_ROUNDS {
            while self.network.n_late() > 0 {
                self.network.deliver_late(0).await;
            }
            match self.network.deliver_one().await {
                StepOutcome::Worked => {}
                StepOutcome::Idle { next_due_at_ms: None } => return,
                StepOutcome::Idle {
                    next_due_at_ms: Some(due_at_ms),
                } => {
                    let wait_ms = (due_at_ms - self.world.now_ms()).max(1);
                    self.world.advance(SignedDuration::from_millis(wait_ms)).unwrap();
                }
            }
        }
        panic!("the deliveries do not end");
    }

    pub(crate) async fn look_at_tokens(&mut self) {
        let outcome = self.gateway().app().onboarding.refresh_once().await.unwrap();
        self.tell(&format!("tokens: {outcome:?}"));
    }

    async fn turn_kill_switch(&mut self, on: bool) {
        self.tell(&format!("kill switch {on}"));
        self.kill_switch = on;
        self.api("PUT", "kill-switch", &json!({ "on": on })).await;
    }

    /// Nothing goes wrong any more.
    pub(crate) async fn faults_end(&mut self) {
        self.chaos_ends().await;
        if self.kill_switch {
            self.turn_kill_switch(false).await;
        }
    }

    /// Works without faults until nothing is left to do but what waits for people. Time passes only when
    /// there is nothing else to do.
    pub(crate) async fn come_to_rest(&mut self) {
        for _ in 0..MOST_ROUNDS {
            while self.network.n_late() > 0 {
                self.network.deliver_late(0).await;
            }
            let delivered = self.network.deliver_one().await;
            let mut n_done = self.gateway().split_once().await.unwrap();
            n_done += self.gateway().inbox_once().await.unwrap();
            n_done += self.send(CallFault::None).await;
            n_done += self.gateway().upkeep_once().await.unwrap();
            let next_delivery = match delivered {
                StepOutcome::Worked => continue,
                StepOutcome::Idle { next_due_at_ms } => next_due_at_ms,
            };
            if n_done > 0 {
                continue;
            }
            let status = self.gateway().app().database.read(status::read).await;
            let status = status.map_err(StoreError::from).unwrap();
            let waits_for_a_call = status.inbox.ready + status.inbox.leased + status.outbox.in_doubt > 0;
            let waits_for_the_world = status.outbox.ready + status.outbox.calling > 0;
            if !waits_for_a_call && !waits_for_the_world && next_delivery.is_none() {
                return;
            }
            self.network.process.advance(Duration::from_secs(3));
            let until_delivery = next_delivery.map_or(0, |due| due - self.world.now_ms());
            self.world
                .advance(SignedDuration::from_millis(until_delivery.max(3_000)))
                .unwrap();
        }
        panic!("it does not come to rest");
    }
}
