//! Passwords of people, and the hashes that are kept of them: argon2id (RFC 9106) as a PHC string.
//!
//! What a hash costs is OWASP's first choice: 19 MiB, 2 passes, 1 lane. A name that nobody has is answered with
//! [`PasswordHash::of_nobody`], so that the time of the answer does not tell who exists.

use std::fmt;

use argon2::password_hash::phc;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// What can go wrong with a password. No variant holds any of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Easy to guess.
    #[error("a password has at least {} bytes, this one {bytes}", Password::BYTES_MIN)]
    TooShort {
        /// Its length.
        bytes: usize,
    },
    /// More than anybody types.
    #[error("a password has at most {} bytes, this one {bytes}", Password::BYTES_MAX)]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// The stored text is not a hash of ours.
    #[error("the stored password hash is damaged: {what}")]
    Damaged {
        /// What about it.
        what: &'static str,
    },
    /// The operating system gave no random bytes.
    #[error("no random bytes for the salt: {0}")]
    Randomness(String),
    /// argon2 gave up.
    #[error("the password cannot be hashed: {0}")]
    Hashing(String),
}

/// A password in the clear; wiped when dropped, shown nowhere.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Password(String);

impl Password {
    /// Shortest, in bytes. Length is the only rule: rules about kinds of characters make passwords worse.
    pub const BYTES_MIN: usize = 10;
    /// Longest, in bytes: more than any sentence, and little enough that hashing it costs nothing.
    pub const BYTES_MAX: usize = 256;

    /// The password as it was given, taken whole: surrounding blanks count.
    ///
    /// # Errors
    /// [`PasswordError::TooShort`] or [`PasswordError::TooLong`].
    pub fn new(text: String) -> Result<Self, PasswordError> {
        let password = Self(text);
        match password.0.len() {
            bytes if bytes < Self::BYTES_MIN => Err(PasswordError::TooShort { bytes }),
            bytes if bytes > Self::BYTES_MAX => Err(PasswordError::TooLong { bytes }),
            _ => Ok(password),
        }
    }

    /// What is kept of it, with a fresh salt. Takes tens of milliseconds and 19 MiB: not for an async thread.
    ///
    /// # Errors
    /// [`PasswordError::Randomness`] or [`PasswordError::Hashing`].
    pub fn hash(&self) -> Result<PasswordHash, PasswordError> {
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt).map_err(|error| PasswordError::Randomness(error.to_string()))?;
        Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
            .hash_password_with_salt(self.0.as_bytes(), &salt)
            .map(PasswordHash)
            .map_err(|error| PasswordError::Hashing(error.to_string()))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

const SALT_BYTES: usize = 16;

/// The most that a stored hash may ask for: 256 MiB, 16 passes, 8 lanes. What is stored is input as well.
const MEMORY_KIB_MAX: u32 = 256 * 1024;
const PASSES_MAX: u32 = 16;
const LANES_MAX: u32 = 8;

/// A hash of no known password: its output is SHA-256 of its salt, the bytes `tongclear nobody`.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$dG9uZ2NsZWFyIG5vYm9keQ$VcyDgh1ONcA8dUqkp9wsIjsDi71M3/Zo2t8SRFL0a2M";

/// What is kept of a password.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(phc::PasswordHash);

impl PasswordHash {
    /// The hash that stands in a store.
    ///
    /// # Errors
    /// [`PasswordError::Damaged`] when it is no argon2id hash, or asks for more than is allowed.
    pub fn from_stored(text: &str) -> Result<Self, PasswordError> {
        let damaged = |what| PasswordError::Damaged { what };
        let hash = phc::PasswordHash::new(text).map_err(|_| damaged("not a PHC string"))?;
        if hash.algorithm != Algorithm::Argon2id.ident() {
            return Err(damaged("not of argon2id"));
        }
        if hash.salt.is_none() || hash.hash.is_none() {
            return Err(damaged("without salt or output"));
        }
        let params =
            Params::try_from(&hash).map_err(|_| damaged("with parameters that argon2 does not have"))?;
        if params.m_cost() > MEMORY_KIB_MAX || params.t_cost() > PASSES_MAX || params.p_cost() > LANES_MAX {
            return Err(damaged("with parameters beyond what is allowed"));
        }
        Ok(Self(hash))
    }

    /// The text to be stored, a PHC string such as `$argon2id$v=19$m=19456,t=2,p=1$…$…`.
    #[must_use]
    pub fn to_stored(&self) -> String {
        self.0.to_string()
    }

    /// A fixed hash that no password is known to have. Verifying against it costs what a real one costs; whatever
    /// comes out, the caller refuses.
    #[must_use]
    pub fn of_nobody() -> Self {
        Self::from_stored(NOBODY).expect("a test reads it")
    }

    /// Whether `password` is the one, in constant time for a given hash. Takes tens of milliseconds and 19 MiB: not
    /// for an async thread.
    #[must_use]
    pub fn verify(&self, password: &Password) -> bool {
        Argon2::default().verify_password(password.0.as_bytes(), &self.0).is_ok()
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::new(text.to_owned()).unwrap()
    }

    #[test]
    fn length_is_the_rule() {
        let table: &[(usize, Option<&str>)] = &[
            (0, Some("a password has at least 10 bytes, this one 0")),
            (9, Some("a password has at least 10 bytes, this one 9")),
            (10, None),
            (256, None),
            (257, Some("a password has at most 256 bytes, this one 257")),
        ];
        for (bytes, expected) in table {
            let refused = Password::new("x".repeat(*bytes)).err().map(|error| error.to_string());
            assert_eq!(refused.as_deref(), *expected, "{bytes}");
        }
        assert!(Password::new("天府通清分".to_owned()).is_ok(), "bytes are counted, not characters");
    }

    #[test]
    fn a_hash_knows_its_password_after_it_was_stored() {
        let hash = password("correct horse").hash().unwrap();
        let stored = PasswordHash::from_stored(&hash.to_stored()).unwrap();
        assert_eq!(stored, hash);
        assert!(stored.verify(&password("correct horse")));
        assert!(!stored.verify(&password("correct horse ")));
        assert!(hash.to_stored().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_ne!(hash, password("correct horse").hash().unwrap(), "salts differ");
    }

    #[test]
    fn nobody_costs_what_somebody_costs() {
        let cost = |hash: &PasswordHash| {
            let PasswordHash(hash) = hash;
            let salt_bytes = hash.salt.map(|salt| salt.len());
            (hash.algorithm, hash.version, hash.params.to_string(), salt_bytes, hash.hash.map(|it| it.len()))
        };
        assert_eq!(cost(&PasswordHash::of_nobody()), cost(&password("0123456789").hash().unwrap()));
        assert!(!PasswordHash::of_nobody().verify(&password("tongclear nobody")));
    }

    #[test]
    fn nothing_is_shown() {
        assert_eq!(format!("{:?}", password("0123456789")), "Password(…)");
        assert_eq!(format!("{:?}", PasswordHash::of_nobody()), "PasswordHash(…)");
    }

    #[test]
    fn a_stored_hash_is_input() {
        let output = NOBODY.rsplit_once('$').unwrap().1;
        let with = |params: &str| format!("$argon2id$v=19${params}$dG9uZ2NsZWFyIG5vYm9keQ${output}");
        let table = [
            (String::new(), "not a PHC string"),
            ("correct horse".to_owned(), "not a PHC string"),
            (NOBODY.replace("argon2id", "argon2i"), "not of argon2id"),
            (NOBODY.replace("argon2id", "scrypt"), "not of argon2id"),
            (NOBODY.rsplit_once('$').unwrap().0.to_owned(), "without salt or output"),
            (with("m=1,t=2,p=1"), "with parameters that argon2 does not have"),
            (with("m=262145,t=2,p=1"), "with parameters beyond what is allowed"),
            (with("m=19456,t=17,p=1"), "with parameters beyond what is allowed"),
            (with("m=19456,t=2,p=9"), "with parameters beyond what is allowed"),
        ];
        for (text, what) in table {
            assert_eq!(PasswordHash::from_stored(&text), Err(PasswordError::Damaged { what }), "{text}");
        }
    }
}
