//! The signed address of a preview's page: it names the preview and when it ends, and nobody can make one up.

use std::io;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use selfsame_runtime::folder::replace_file;
use selfsame_runtime::random::Random;

/// The bytes of the key.
const KEY_BYTES: usize = 32;
/// What the key signs, so that nothing else signed with it could be taken for a link.
const PURPOSE: &str = "selfsame preview link 1";

/// Signs and checks links. No `Debug`: it holds the key.
pub struct Links {
    key: hmac::Key,
}

/// Why a link does not open anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// It was not made here, or it was changed.
    #[error("this link was not made here")]
    Forged,
    /// Its time is over.
    #[error("this link has expired")]
    Expired,
}

impl Links {
    /// Reads the key file; makes one, readable by its owner only, when there is none. Another key ends
    /// every link.
    ///
    /// # Errors
    /// The file cannot be read or written, or does not hold a key.
    pub fn open(path: &Path, random: &Random) -> io::Result<Self> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text.trim().to_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let text = random.base64url(KEY_BYTES);
                replace_file(path, format!("{text}\n").as_bytes())?;
                text
            }
            Err(error) => return Err(error),
        };
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .ok()
            .filter(|bytes| bytes.len() == KEY_BYTES)
            .ok_or(io::ErrorKind::InvalidData)?;
        Ok(Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, &bytes),
        })
    }

    /// The token of a preview's link, which works until then (process time).
    pub fn token(&self, id: &str, expires_at_ms: i64) -> String {
        let named = format!("{id}.{expires_at_ms}");
        let signed = hmac::sign(&self.key, message(&named).as_bytes());
        format!("{named}.{}", URL_SAFE_NO_PAD.encode(signed.as_ref()))
    }

    /// The preview that a token names.
    ///
    /// # Errors
    /// It was not made here, or its time is over.
    pub fn open_token<'t>(&self, token: &'t str, now_ms: i64) -> Result<&'t str, LinkError> {
        let (named, signature) = token.rsplit_once('.').ok_or(LinkError::Forged)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| LinkError::Forged)?;
        // Compares in constant time.
        hmac::verify(&self.key, message(named).as_bytes(), &signature).map_err(|_| LinkError::Forged)?;
        let (id, expires_at) = named.rsplit_once('.').ok_or(LinkError::Forged)?;
        let expires_at_ms: i64 = expires_at.parse().map_err(|_| LinkError::Forged)?;
        if expires_at_ms <= now_ms {
            return Err(LinkError::Expired);
        }
        Ok(id)
    }
}

fn message(named: &str) -> String {
    format!("{PURPOSE}\n{named}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(folder: &Path, seed: u64) -> Links {
        Links::open(&folder.join("preview.key"), &Random::seeded(seed)).unwrap()
    }

    #[test]
    fn a_link_opens_its_preview_until_it_ends_also_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let token = links(folder.path(), 1).token("abc", 1000);
        let again = links(folder.path(), 2);
        assert_eq!(again.open_token(&token, 999), Ok("abc"));
        assert_eq!(again.open_token(&token, 1000), Err(LinkError::Expired));
    }

    #[test]
    fn a_link_that_was_changed_or_signed_elsewhere_opens_nothing() {
        let (here, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let ours = links(here.path(), 1);
        let token = ours.token("abc", 1000);
        let theirs = links(elsewhere.path(), 2).token("abc", 1000);
        for forged in [
            theirs,
            token.replace("abc", "abd"),
            token.replace(".1000.", ".9000."),
            token.replace(".1000.", ".+1000."),
            format!("{token}x"),
            token[..token.len() - 2].to_owned(),
            "abc".to_owned(),
            String::new(),
            "abc.1000.".to_owned(),
        ] {
            assert_eq!(ours.open_token(&forged, 1), Err(LinkError::Forged), "{forged}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_key_is_readable_by_its_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        links(folder.path(), 1);
        let mode = std::fs::metadata(folder.path().join("preview.key"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
