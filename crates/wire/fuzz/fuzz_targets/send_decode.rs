//! Any parameters of a send are decoded or refused, and every refusal is a Graph error of code 100.
#![no_main]

use libfuzzer_sys::fuzz_target;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::send::SendRequest;

fuzz_target!(|body: &[u8]| {
    let Ok(parameters) = serde_json::from_slice(body) else { return };
    if let Err(refusal) = SendRequest::decode(&parameters) {
        for flow in LoginFlow::ALL {
            assert_eq!(refusal.to_graph_error(flow).code, 100);
        }
    }
});
