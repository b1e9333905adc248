//! Any body is read, and each event of it reads the same again when it is stored alone.
#![no_main]

use libfuzzer_sys::fuzz_target;
use selfsame_wire::ids::IgUserId;
use selfsame_wire::webhook::{AccountIds, parse};

fuzz_target!(|body: &[u8]| {
    let account = AccountIds { ig_user_id: IgUserId::new("17841400000000001"), self_igsid: None };
    for incoming in parse(body).events {
        incoming.normalise(&account);
        let identity = incoming.identity(&account.ig_user_id);
        let alone = parse(&incoming.to_single_body()).events;
        assert_eq!(alone.len(), 1);
        assert_eq!(alone[0].raw, incoming.raw);
        assert_eq!(alone[0].identity(&account.ig_user_id), identity);
    }
});
