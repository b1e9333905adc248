//! Randomness for ids, tokens and jitter. Seedable, so that a simulation can be run again.

use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;
use ring::rand::{SecureRandom as _, SystemRandom};

/// A source of random bytes. Clones share the source.
#[derive(Debug, Clone)]
pub struct Random(Arc<Source>);

#[derive(Debug)]
enum Source {
    System(SystemRandom),
    Seeded(Mutex<Seeded>),
}

/// SHA-256 of the seed and a counter: not a secret, but the same everywhere.
#[derive(Debug)]
struct Seeded {
    seed: u64,
    n_blocks: u64,
    left: Vec<u8>,
}

impl Random {
    /// The operating system's generator.
    pub fn system() -> Self {
        Self(Arc::new(Source::System(SystemRandom::new())))
    }

    /// The same bytes in the same order for the same seed. For tests and simulations, never for secrets that matter.
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Source::Seeded(Mutex::new(Seeded {
            seed,
            n_blocks: 0,
            left: Vec::new(),
        }))))
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A random number over its whole range.
    pub fn u64(&self) -> u64 {
        u64::from_le_bytes(self.bytes())
    }

    /// A random number below `bound`, every one equally likely; 0 when `bound` is 0.
    pub fn below(&self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        // Numbers beyond the last whole multiple of `bound` would make small results likelier.
        let beyond = u64::MAX - (u64::MAX % bound);
        loop {
            let number = self.u64();
            if number < beyond {
                return number % bound;
            }
        }
    }

    /// `n_bytes` random bytes as twice as many lower-case hexadecimal digits.
    pub fn hex(&self, n_bytes: usize) -> String {
        use std::fmt::Write as _;
        let mut text = String::with_capacity(n_bytes.saturating_mul(2));
        for byte in self.vec(n_bytes) {
            // Writing to a string cannot fail.
            let _written = write!(text, "{byte:02x}");
        }
        text
    }

    /// `n_bytes` random bytes in the URL-safe base64 alphabet, without padding.
    pub fn base64url(&self, n_bytes: usize) -> String {
        URL_SAFE_NO_PAD.encode(self.vec(n_bytes))
    }

    /// `n_digits` random decimal digits; the first is not 0, so the text is also a number of that length.
    pub fn digits(&self, n_digits: usize) -> String {
        (0..n_digits)
            .map(|position| {
                let digit = if position == 0 {
                    1 + self.below(9)
                } else {
                    self.below(10)
                };
                char::from(b'0' + u8::try_from(digit).unwrap_or(0))
            })
            .collect()
    }

    fn vec(&self, n_bytes: usize) -> Vec<u8> {
        let mut bytes = vec![0; n_bytes];
        self.fill(&mut bytes);
        bytes
    }

    fn fill(&self, bytes: &mut [u8]) {
        match &*self.0 {
            Source::System(system) => {
                #[expect(
                    clippy::expect_used,
                    reason = "without the system's randomness no id or token is safe to make"
                )]
                system.fill(bytes).expect("the operating system gives random bytes");
            }
            Source::Seeded(seeded) => seeded.lock().unwrap_or_else(PoisonError::into_inner).fill(bytes),
        }
    }
}

impl Seeded {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            if self.left.is_empty() {
                let mut context = digest::Context::new(&digest::SHA256);
                context.update(&self.seed.to_le_bytes());
                context.update(&self.n_blocks.to_le_bytes());
                self.n_blocks = self.n_blocks.wrapping_add(1);
                self.left = context.finish().as_ref().to_vec();
            }
            *byte = self.left.pop().unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_and_another_seed_differs() {
        assert_eq!(Random::seeded(7).hex(40), Random::seeded(7).hex(40));
        assert_ne!(Random::seeded(7).hex(40), Random::seeded(8).hex(40));
    }

    #[test]
    fn clones_share_the_source() {
        let first = Random::seeded(1);
        let second = first.clone();
        assert_ne!(first.u64(), second.u64());
    }

    #[test]
    fn digits_are_numbers_of_the_asked_length() {
        let random = Random::seeded(3);
        for n_digits in 1..=18 {
            let text = random.digits(n_digits);
            assert_eq!(text.parse::<u64>().unwrap().to_string().len(), n_digits);
        }
    }

    #[test]
    fn below_stays_below_and_reaches_every_number() {
        let random = Random::seeded(5);
        let mut seen = [false; 7];
        for _ in 0..500 {
            seen[usize::try_from(random.below(7)).unwrap()] = true;
        }
        assert_eq!(seen, [true; 7]);
        assert_eq!(random.below(0), 0);
        assert_eq!(random.below(1), 0);
    }

    #[test]
    fn lengths_are_what_is_asked() {
        let random = Random::system();
        assert_eq!(random.hex(16).len(), 32);
        assert_eq!(random.base64url(32).len(), 43);
        assert_ne!(random.bytes::<32>(), random.bytes::<32>());
    }
}
