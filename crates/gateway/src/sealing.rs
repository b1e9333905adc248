//! Tokens at rest: sealed with a key that does not lie in the database.
//!
//! The key file holds one key per line, 64 hexadecimal digits each. The first seals; every one opens.
//! To change the key, write a new one above the old one and start the gateway, which seals every token
//! anew; then take the old line away. Instead of the file the configuration may hold the keys, separated
//! by commas.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use selfsame_runtime::folder::replace_file;
use selfsame_runtime::random::Random;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::ids::IgUserId;
use selfsame_wire::secret::AccessToken;

/// The form of what is sealed, so that a later one can be told apart.
const FORM: u8 = 1;
/// The bytes of a key's digest that name it.
const KEY_NAME_BYTES: usize = 4;
/// The bytes of a key.
const KEY_BYTES: usize = 32;

/// Why tokens cannot be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealingError {
    /// The key file could not be read or written.
    #[error("cannot use the key file {}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The key file does not hold keys.
    #[error("the key on line {line} is not 64 hexadecimal digits")]
    NotAKey {
        /// Which line, from 1.
        line: usize,
    },
    /// There is no key at all.
    #[error("there is no key")]
    NoKey,
    /// None of our keys sealed this.
    #[error("the token was sealed with a key that is not in the key file any more; reconnect the account")]
    UnknownKey,
    /// It was changed, or it belongs to another account.
    #[error("the sealed token is damaged; reconnect the account")]
    Damaged,
}

/// The keys that seal tokens. `Debug` shows no key.
pub struct Keyring {
    keys: Vec<Key>,
}

struct Key {
    name: [u8; KEY_NAME_BYTES],
    key: LessSafeKey,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Keyring")
            .field("keys", &self.keys.len())
            .finish()
    }
}

impl Keyring {
    /// Reads the key file; makes one, readable by its owner only, when there is none.
    pub fn open(path: &Path, random: &Random) -> Result<Self, SealingError> {
        let file_error = |source| SealingError::File {
            path: path.to_owned(),
            source,
        };
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let text = format!("{}\n", random.hex(KEY_BYTES));
                replace_file(path, text.as_bytes()).map_err(file_error)?;
                Self::parse(&text)
            }
            Err(error) => Err(file_error(error)),
        }
    }

    /// The keys that are configured, else those of the key file.
    pub fn configured(keys: Option<&str>, path: &Path, random: &Random) -> Result<Self, SealingError> {
        match keys {
            Some(keys) => Self::parse(&keys.replace(',', "\n")),
            None => Self::open(path, random),
        }
    }

    /// Reads keys, one per line.
    pub fn parse(text: &str) -> Result<Self, SealingError> {
        let mut keys = Vec::new();
        for (position, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            let not_a_key = || SealingError::NotAKey { line: position + 1 };
            let bytes = from_hex(line).ok_or_else(not_a_key)?;
            let key = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| not_a_key())?;
            let mut name = [0; KEY_NAME_BYTES];
            name.copy_from_slice(&digest(&SHA256, &bytes).as_ref()[..KEY_NAME_BYTES]);
            keys.push(Key {
                name,
                key: LessSafeKey::new(key),
            });
        }
        if keys.is_empty() {
            Err(SealingError::NoKey)
        } else {
            Ok(Self { keys })
        }
    }

    /// Seals the token of an account.
    pub fn seal(
        &self,
        account: &IgUserId,
        flow: LoginFlow,
        token: &AccessToken,
        random: &Random,
    ) -> Result<Vec<u8>, SealingError> {
        let key = self.keys.first().ok_or(SealingError::NoKey)?;
        let nonce: [u8; NONCE_LEN] = random.bytes();
        let mut sealed = token.expose().as_bytes().to_vec();
        key.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), owner(account, flow), &mut sealed)
            .map_err(|_| SealingError::Damaged)?;
        let mut whole = vec![FORM];
        whole.extend_from_slice(&key.name);
        whole.extend_from_slice(&nonce);
        whole.extend_from_slice(&sealed);
        Ok(whole)
    }

    /// Opens the token of an account. What was sealed for another account or flow does not open.
    pub fn unseal(&self, account: &IgUserId, flow: LoginFlow, sealed: &[u8]) -> Result<AccessToken, SealingError> {
        let (name, nonce, content) = parts(sealed).ok_or(SealingError::Damaged)?;
        let key = self
            .keys
            .iter()
            .find(|key| key.name == name)
            .ok_or(SealingError::UnknownKey)?;
        let mut content = content.to_vec();
        let opened = key
            .key
            .open_in_place(Nonce::assume_unique_for_key(nonce), owner(account, flow), &mut content)
            .map_err(|_| SealingError::Damaged)?;
        let token = std::str::from_utf8(opened).map_err(|_| SealingError::Damaged)?;
        Ok(AccessToken::new(token))
    }

    /// Whether this was sealed with an older key than the first.
    pub fn is_outdated(&self, sealed: &[u8]) -> bool {
        match (parts(sealed), self.keys.first()) {
            (Some((name, _, _)), Some(first)) => name != first.name,
            _ => false,
        }
    }
}

/// What a sealed token is bound to.
fn owner(account: &IgUserId, flow: LoginFlow) -> Aad<Vec<u8>> {
    Aad::from(format!("{} {}", flow.name(), account.as_str()).into_bytes())
}

type Parts<'a> = ([u8; KEY_NAME_BYTES], [u8; NONCE_LEN], &'a [u8]);

fn parts(sealed: &[u8]) -> Option<Parts<'_>> {
    let (form, rest) = sealed.split_first()?;
    let (name, rest) = rest.split_first_chunk::<KEY_NAME_BYTES>()?;
    let (nonce, content) = rest.split_first_chunk::<NONCE_LEN>()?;
    (*form == FORM).then_some((*name, *nonce, content))
}

fn from_hex(text: &str) -> Option<[u8; KEY_BYTES]> {
    let mut bytes = [0; KEY_BYTES];
    if text.len() != 2 * KEY_BYTES || !text.is_ascii() {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let digits = std::str::from_utf8(digits).ok()?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    const NEW: &str = "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100";

    fn account() -> IgUserId {
        IgUserId::new("17841400000000001")
    }

    #[test]
    fn a_sealed_token_opens_for_its_own_account_and_flow_only() {
        let keys = Keyring::parse(OLD).unwrap();
        let token = AccessToken::new("IGAAtoken");
        let sealed = keys
            .seal(&account(), LoginFlow::Instagram, &token, &Random::seeded(1))
            .unwrap();
        assert!(!sealed.windows(5).any(|window| window == b"token"));
        let opened = keys.unseal(&account(), LoginFlow::Instagram, &sealed).unwrap();
        assert_eq!(opened.expose(), "IGAAtoken");
        assert!(matches!(
            keys.unseal(&account(), LoginFlow::Facebook, &sealed),
            Err(SealingError::Damaged)
        ));
        assert!(matches!(
            keys.unseal(&IgUserId::new("1"), LoginFlow::Instagram, &sealed),
            Err(SealingError::Damaged)
        ));
    }

    #[test]
    fn a_new_key_above_the_old_one_opens_old_tokens_and_seals_new_ones() {
        let token = AccessToken::new("IGAAtoken");
        let random = Random::seeded(2);
        let old = Keyring::parse(OLD).unwrap();
        let sealed = old.seal(&account(), LoginFlow::Facebook, &token, &random).unwrap();
        let both = Keyring::parse(&format!("{NEW}\n{OLD}\n")).unwrap();
        assert!(both.is_outdated(&sealed));
        assert!(both.unseal(&account(), LoginFlow::Facebook, &sealed).is_ok());
        let anew = both.seal(&account(), LoginFlow::Facebook, &token, &random).unwrap();
        assert!(!both.is_outdated(&anew));
        assert!(matches!(
            old.unseal(&account(), LoginFlow::Facebook, &anew),
            Err(SealingError::UnknownKey)
        ));
    }

    #[test]
    fn configured_keys_stand_in_place_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.key");
        let both = format!("{NEW},{OLD}");
        let keys = Keyring::configured(Some(&both), &path, &Random::seeded(5)).unwrap();
        assert_eq!(keys.keys.len(), 2);
        assert!(!path.exists());
        assert!(Keyring::configured(None, &path, &Random::seeded(5)).is_ok() && path.exists());
    }

    #[test]
    fn a_damaged_token_and_a_bad_key_are_errors() {
        let keys = Keyring::parse(OLD).unwrap();
        assert!(keys.unseal(&account(), LoginFlow::Instagram, b"").is_err());
        assert!(matches!(Keyring::parse("abc"), Err(SealingError::NotAKey { line: 1 })));
        assert!(matches!(Keyring::parse("\n"), Err(SealingError::NoKey)));
    }

    #[test]
    fn the_key_file_is_made_once_and_not_for_others_to_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.key");
        let first = Keyring::open(&path, &Random::seeded(3)).unwrap();
        let second = Keyring::open(&path, &Random::seeded(4)).unwrap();
        assert_eq!(first.keys[0].name, second.keys[0].name);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
