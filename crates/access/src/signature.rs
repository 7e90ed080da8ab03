//! Signatures of webhooks: a receiver knows that a notice is the centre's, and not an old one played again.
//!
//! The header's value is `t=<Unix seconds>,v1=<hex>`, the hex HMAC-SHA256 over the seconds as they stand there, a dot
//! and the body. That is the form of Stripe's webhooks, for which receivers find a library in every language.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// The header that the value goes into.
pub const SIGNATURE_HEADER: &str = "tongclear-signature";

/// Longest value that is read, bytes: a time and six signatures, more than a change of secrets ever needs.
const HEADER_BYTES_MAX: usize = 512;

/// Why a notice is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The header has another form.
    #[error("{value:?} is not a signature such as t=1795478400,v1=64 hex digits")]
    Malformed {
        /// The first bytes of its value.
        value: String,
    },
    /// Another secret, another body or another time.
    #[error("the signature is not that of this body at that time with this secret")]
    Mismatch,
    /// Rightly signed, but not now.
    #[error("signed at {at_unix_s}, more than {tolerance_s} seconds from now")]
    Stale {
        /// When, in Unix seconds.
        at_unix_s: i64,
        /// How far from now would have been accepted.
        tolerance_s: u32,
    },
}

/// The header's value for `body`, signed at `at_unix_s`.
///
/// ```
/// let header = tongclear_access::sign(b"secret of the receiver", 1_795_478_400, b"{}");
/// assert!(header.starts_with("t=1795478400,v1="));
/// assert_eq!(tongclear_access::verify(b"secret of the receiver", &header, b"{}", 1_795_478_410, 300), Ok(()));
/// ```
#[must_use]
pub fn sign(secret: &[u8], at_unix_s: i64, body: &[u8]) -> String {
    format!("t={at_unix_s},v1={}", hex::encode(mac(secret, at_unix_s, body)))
}

/// Whether `header` is a signature of `body` made within `tolerance_s` seconds of `now_unix_s`. Of several
/// signatures, as senders have them while a secret is changed, one must be right; fields of other names are skipped.
///
/// # Errors
/// [`SignatureError`], for the first of its variants that applies.
pub fn verify(
    secret: &[u8],
    header: &str,
    body: &[u8],
    now_unix_s: i64,
    tolerance_s: u32,
) -> Result<(), SignatureError> {
    let (at_unix_s, claimed) = parse(header)
        .ok_or_else(|| SignatureError::Malformed { value: header.chars().take(80).collect() })?;
    let expected = mac(secret, at_unix_s, body);
    let right = claimed.iter().fold(subtle::Choice::from(0), |right, it| right | it.ct_eq(&expected));
    if !bool::from(right) {
        return Err(SignatureError::Mismatch);
    }
    if now_unix_s.abs_diff(at_unix_s) > u64::from(tolerance_s) {
        return Err(SignatureError::Stale { at_unix_s, tolerance_s });
    }
    Ok(())
}

/// The time, of which there is one, and the signatures, of which there is at least one.
fn parse(header: &str) -> Option<(i64, Vec<[u8; 32]>)> {
    if header.len() > HEADER_BYTES_MAX {
        return None;
    }
    let (mut at, mut claimed) = (None, Vec::new());
    for field in header.split(',') {
        match field.split_once('=')? {
            ("t", text) => {
                let seconds: i64 = text.parse().ok()?;
                // One spelling: `+5` and `05` would be signed as `5`.
                if at.replace(seconds).is_some() || seconds.to_string() != text {
                    return None;
                }
            }
            ("v1", text) => {
                let mut bytes = [0; 32];
                hex::decode_to_slice(text, &mut bytes).ok()?;
                claimed.push(bytes);
            }
            _ => {}
        }
    }
    at.filter(|_| !claimed.is_empty()).map(|at| (at, claimed))
}

fn mac(secret: &[u8], at_unix_s: i64, body: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(at_unix_s.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"whsec-of-the-example";
    const BODY: &[u8] = br#"{"event":"settlement"}"#;
    const AT: i64 = 1_795_478_400;
    /// `printf '1795478400.{"event":"settlement"}' | openssl dgst -sha256 -hmac whsec-of-the-example`
    const V1: &str = "5a2fbcdf522b3a518c69085f541c987327f9a11379068928800defe04db6efdd";

    #[test]
    fn the_vector() {
        assert_eq!(sign(SECRET, AT, BODY), format!("t={AT},v1={V1}"));
    }

    #[test]
    fn signatures_are_judged() {
        let other = "0".repeat(64);
        let mismatch = || Err(SignatureError::Mismatch);
        let stale = || Err(SignatureError::Stale { at_unix_s: AT, tolerance_s: 300 });
        let check = |header: &str, secret: &[u8], body: &[u8], now: i64, expected| {
            assert_eq!(verify(secret, header, body, now, 300), expected, "{header} at {now}");
        };
        let header = format!("t={AT},v1={V1}");
        for (now, expected) in [
            (AT, Ok(())),
            (AT + 300, Ok(())),
            (AT - 300, Ok(())),
            (AT + 301, stale()),
            (AT - 301, stale()),
            (i64::MIN, stale()),
        ] {
            check(&header, SECRET, BODY, now, expected);
        }
        check(&header, b"another", BODY, AT, mismatch());
        check(&header, SECRET, b"{}", AT, mismatch());
        check(&header, SECRET, b"", AT + 301, mismatch());
        check(&format!("t={},v1={V1}", AT + 1), SECRET, BODY, AT, mismatch());
        check(&format!("t={AT},v1={other}"), SECRET, BODY, AT, mismatch());
        check(&format!("v1={other},v0=old,v1={V1},t={AT}"), SECRET, BODY, AT, Ok(()));
    }

    #[test]
    fn other_forms_are_refused() {
        for bad in [
            String::new(),
            V1.to_owned(),
            format!("t={AT}"),
            format!("v1={V1}"),
            format!("t={AT},t={AT},v1={V1}"),
            format!("t=+{AT},v1={V1}"),
            format!("t=0{AT},v1={V1}"),
            format!("t={AT}.5,v1={V1}"),
            format!("t={AT}, v1={V1}"),
            format!("t={AT},v1={}", &V1[1..]),
            format!("t={AT},v1={V1}00"),
            format!("t={AT},v1={V1},"),
            format!("t={AT},v1={V1}{}", ",v2=0".repeat(100)),
        ] {
            let refused = verify(SECRET, &bad, BODY, AT, 300);
            assert!(matches!(refused, Err(SignatureError::Malformed { .. })), "{bad}");
        }
        assert_eq!(
            verify(SECRET, "t=1", BODY, AT, 300).unwrap_err().to_string(),
            "\"t=1\" is not a signature such as t=1795478400,v1=64 hex digits"
        );
    }
}
