//! No header passes that was not signed with the secret.
#![no_main]

use libfuzzer_sys::fuzz_target;
use selfsame_wire::oauth::SignedRequest;
use selfsame_wire::secret::AppSecret;
use selfsame_wire::signature::Unverified;

fuzz_target!(|input: (&str, &[u8])| {
    let (header, body) = input;
    let secrets = [AppSecret::new("a secret that the fuzzer does not know: 7353")];
    assert!(Unverified::new(body, Some(header), None).verify(&secrets).is_err());
    assert!(Unverified::new(body, None, Some(header)).verify(&secrets).is_err());
    assert!(SignedRequest::verify(header, &secrets).is_err());
});
