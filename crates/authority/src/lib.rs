//! The centre's own certificate authority: certificates for its collectors and its servers, and no others.
//!
//! ECDSA on P-256 throughout. The authority signs leaves directly (path length 0), so a leaf and the authority's
//! certificate are the whole chain. A collector is known by a name that only we give out, the URI
//! `urn:tongclear:collector:<id>`; its certificate is good for a client and nothing else, a server's for a server.

mod collector;
mod error;
mod issue;

use std::fmt;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use tongclear_types::UnixMillis;
use x509_parser::pem::parse_x509_pem;
use zeroize::Zeroizing;

pub use collector::CollectorCertificate;
pub use error::CertificateError;
pub use issue::{DAYS_MAX, Issued};

use issue::{Validity, key_pair, serial};

/// How long an authority lives: ten years with their leap days.
const AUTHORITY_DAYS: u32 = 3652;

/// Longest common name, characters: X.520's ub-common-name.
const COMMON_NAME_MAX: usize = 64;

/// The centre's certificate authority, with its key.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate_pem: String,
    validity: Validity,
}

impl Authority {
    /// A new authority of that name, valid from an hour before `now` for ten years.
    ///
    /// # Errors
    /// [`CertificateError::CommonName`], [`CertificateError::Time`], [`CertificateError::Randomness`] or
    /// [`CertificateError::Signing`].
    pub fn create(common_name: &str, now: UnixMillis) -> Result<Self, CertificateError> {
        let printable = !common_name.trim().is_empty() && !common_name.chars().any(char::is_control);
        if !printable || common_name.chars().count() > COMMON_NAME_MAX {
            return Err(CertificateError::CommonName { value: common_name.to_owned() });
        }
        let validity = Validity::starting(now, AUTHORITY_DAYS)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, common_name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.serial_number = Some(serial()?);
        (params.not_before, params.not_after) = validity.dates();
        let key = key_pair()?;
        let certificate_pem = params.self_signed(&key).map_err(CertificateError::signing)?.pem();
        Ok(Self { issuer: Issuer::new(params, key), certificate_pem, validity })
    }

    /// The authority whose certificate and key were kept.
    ///
    /// # Errors
    /// [`CertificateError::Malformed`] when one of them cannot be read, [`CertificateError::NotAuthority`] when the
    /// certificate is not one of an authority, [`CertificateError::OtherKey`] when the key is another's.
    pub fn open(certificate_pem: &str, key_pem: &str) -> Result<Self, CertificateError> {
        let malformed = |what| CertificateError::Malformed { what };
        let (rest, pem) = parse_x509_pem(certificate_pem.as_bytes())
            .map_err(|_| malformed("the authority's certificate is not PEM"))?;
        if pem.label != "CERTIFICATE" || !rest.trim_ascii().is_empty() {
            return Err(malformed("the authority's certificate is not one PEM block of a certificate"));
        }
        let certificate =
            pem.parse_x509().map_err(|_| malformed("the authority's certificate is not X.509"))?;
        let may_sign =
            certificate.key_usage().ok().flatten().is_some_and(|usage| usage.value.key_cert_sign());
        if !certificate.is_ca() || !may_sign {
            return Err(CertificateError::NotAuthority { subject: certificate.subject().to_string() });
        }
        // What a wrong key file holds is not repeated in the error.
        let key =
            KeyPair::from_pem(key_pem).map_err(|_| malformed("the authority's key is not a private key"))?;
        if certificate.public_key().subject_public_key.data != key.public_key_raw() {
            return Err(CertificateError::OtherKey { subject: certificate.subject().to_string() });
        }
        let validity = Validity::of(&certificate)?;
        let issuer = Issuer::from_ca_cert_pem(certificate_pem, key)
            .map_err(|_| malformed("the authority's certificate has a name or use of another form"))?;
        Ok(Self { issuer, certificate_pem: certificate_pem.to_owned(), validity })
    }

    /// The authority's certificate, which everybody may have: what clients and servers trust.
    #[must_use]
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// The authority's private key as PKCS #8, for the one place where it is kept.
    #[must_use]
    pub fn key_pem(&self) -> Zeroizing<String> {
        Zeroizing::new(self.issuer.key().serialize_pem())
    }

    /// The last moment of its own certificate, and so of any that it issues.
    #[must_use]
    pub const fn not_after(&self) -> UnixMillis {
        self.validity.not_after()
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("not_after", &self.not_after()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod handshake;
#[cfg(test)]
mod tests;
