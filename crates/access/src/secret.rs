//! Bearer secrets: whoever holds one is who it was made for.
//!
//! Besides, the keys of webhooks, which have the same form but open nothing.
//!
//! A secret is shown once, when it is made. The centre keeps its digest only; since a secret is 32 random bytes, a
//! plain SHA-256 is enough and can be looked up.

use std::fmt;

use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use crate::named::named;

named! {
    /// What a secret is for.
    SecretKind, "a kind of secret: session, token or webhook" {
        Session = "session", "登录会话", "a session of a person in a browser";
        Token = "token", "访问令牌", "a token of a program";
        Webhook = "webhook", "通知签名密钥", "the key that signs what a webhook is told";
    }
}

impl SecretKind {
    /// The first characters of a secret, by which people and scanners of leaked secrets know it.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Session => "tcs_",
            Self::Token => "tct_",
            Self::Webhook => "tcw_",
        }
    }
}

const RANDOM_BYTES: usize = 32;

/// The operating system gave no random bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no random bytes for a secret: {0}")]
pub struct SecretError(String);

/// A bearer secret; wiped when dropped, shown nowhere but where [`Secret::reveal`] is called.
#[derive(Clone)]
pub struct Secret {
    kind: SecretKind,
    text: Zeroizing<String>,
}

impl Secret {
    /// A new secret of that kind.
    ///
    /// # Errors
    /// [`SecretError`] when the operating system gives no random bytes.
    pub fn random(kind: SecretKind) -> Result<Self, SecretError> {
        let mut bytes = Zeroizing::new([0; RANDOM_BYTES]);
        getrandom::fill(bytes.as_mut()).map_err(|error| SecretError(error.to_string()))?;
        let mut hex = hex::encode(bytes.as_ref());
        let text = Zeroizing::new(format!("{}{hex}", kind.prefix()));
        hex.zeroize();
        Ok(Self { kind, text })
    }

    /// The secret that somebody shows: its prefix and 64 lower-case hex digits; none when it has another form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let kind = SecretKind::ALL.iter().copied().find(|kind| text.starts_with(kind.prefix()))?;
        let digits = &text.as_bytes()[kind.prefix().len()..];
        let hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let good = digits.len() == 2 * RANDOM_BYTES && digits.iter().all(hex);
        good.then(|| Self { kind, text: Zeroizing::new(text.to_owned()) })
    }

    /// SHA-256 of the text, prefix and all: what is stored and looked up.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.text.as_bytes()).into()
    }

    /// What it is for.
    #[must_use]
    pub const fn kind(&self) -> SecretKind {
        self.kind
    }

    /// The text, for the one time that it is shown.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({}…)", self.kind.prefix())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGITS: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    #[test]
    fn secrets_come_back_and_differ() {
        for kind in SecretKind::ALL {
            let secret = Secret::random(*kind).unwrap();
            assert_eq!(secret.reveal().len(), 4 + 64);
            let parsed = Secret::parse(secret.reveal()).unwrap();
            assert_eq!((parsed.kind(), parsed.digest()), (*kind, secret.digest()));
            assert_ne!(secret.digest(), Secret::random(*kind).unwrap().digest());
            assert_eq!(format!("{secret:?}"), format!("Secret({}…)", kind.prefix()));
        }
    }

    /// The digest is that of `printf 'tcs_0011…' | sha256sum`; one stored stays findable.
    #[test]
    fn the_digest_does_not_change() {
        let secret = Secret::parse(&format!("tcs_{DIGITS}")).unwrap();
        assert_eq!(
            hex::encode(secret.digest()),
            "fd6c382a713aadce593752db50dd5471950c844b2a0c4a32250e2f41d43e6740"
        );
        assert_ne!(secret.digest(), Secret::parse(&format!("tct_{DIGITS}")).unwrap().digest());
    }

    #[test]
    fn other_forms_are_no_secrets() {
        assert!(Secret::parse(&format!("tcs_{DIGITS}")).is_some());
        let capitals = DIGITS.to_uppercase();
        for bad in [
            String::new(),
            "tcs_".to_owned(),
            DIGITS.to_owned(),
            format!("tcx_{DIGITS}"),
            format!("TCS_{DIGITS}"),
            format!("tcs_{capitals}"),
            format!("tcs_{DIGITS}0"),
            format!("tcs_{DIGITS} "),
            format!("tcs_{}", &DIGITS[1..]),
            format!("tcs_{}g", &DIGITS[1..]),
            format!("tcs_{}", "密".repeat(64)),
        ] {
            assert!(Secret::parse(&bad).is_none(), "{bad:?}");
        }
    }
}
