//! What the authority issues: a new key and its certificate, for a collector or for a server.

use std::fmt;

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, SanType, SerialNumber,
};
use rustls::pki_types::ServerName;
use time::OffsetDateTime;
use tongclear_types::{CollectorId, UnixMillis};
use x509_parser::certificate::X509Certificate;
use zeroize::Zeroizing;

use super::{Authority, COMMON_NAME_MAX, CertificateError, CollectorCertificate};

/// Longest life of a certificate that is issued, days: as long as the authority itself.
pub const DAYS_MAX: u32 = super::AUTHORITY_DAYS;

/// 60 minutes of 60 seconds: a clock that is late by less accepts a new certificate at once.
const SKEW_S: i64 = 60 * 60;
const DAY_S: i64 = 24 * 60 * 60;
/// The last second of the year 9999, where the dates of certificates end.
const UNIX_S_MAX: i64 = 253_402_300_799;
const SERIAL_BYTES: usize = 16;

/// A new certificate with its key, to be handed over once; the centre keeps no copy of the key.
pub struct Issued {
    /// The certificate.
    pub certificate_pem: String,
    /// The private key as PKCS #8.
    pub key_pem: Zeroizing<String>,
    /// The serial number, 32 lower-case hex digits.
    pub serial: String,
    /// The first moment of validity.
    pub not_before: UnixMillis,
    /// The last.
    pub not_after: UnixMillis,
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { serial, not_before, not_after, .. } = self;
        f.debug_struct("Issued")
            .field("serial", serial)
            .field("not_before", not_before)
            .field("not_after", not_after)
            .finish_non_exhaustive()
    }
}

impl Authority {
    /// A certificate for a collector: good for a TLS client only, from an hour before `now` until `days` days after
    /// it, or as long as the authority lives if that is less.
    ///
    /// # Errors
    /// [`CertificateError::Days`], [`CertificateError::Time`], [`CertificateError::AuthorityExpired`],
    /// [`CertificateError::Randomness`] or [`CertificateError::Signing`].
    pub fn issue_collector(
        &self,
        collector: CollectorId,
        now: UnixMillis,
        days: u32,
    ) -> Result<Issued, CertificateError> {
        let name = CollectorCertificate::uri(collector);
        let name = name.try_into().map_err(CertificateError::signing)?;
        let common_name = collector.to_string();
        self.issue(&common_name, vec![SanType::URI(name)], ExtendedKeyUsagePurpose::ClientAuth, now, days)
    }

    /// A certificate for a server that is reached under `names`, DNS names or IP addresses: good for a TLS server
    /// only, as long as a collector's.
    ///
    /// # Errors
    /// [`CertificateError::NoServerName`] or [`CertificateError::ServerName`] first, then as for a collector.
    pub fn issue_server(
        &self,
        names: &[String],
        now: UnixMillis,
        days: u32,
    ) -> Result<Issued, CertificateError> {
        let first = names.first().ok_or(CertificateError::NoServerName)?;
        let common_name = if first.len() <= COMMON_NAME_MAX { first } else { "tongclear" };
        let names = names.iter().map(|name| server_name(name)).collect::<Result<_, _>>()?;
        self.issue(common_name, names, ExtendedKeyUsagePurpose::ServerAuth, now, days)
    }

    fn issue(
        &self,
        common_name: &str,
        names: Vec<SanType>,
        purpose: ExtendedKeyUsagePurpose,
        now: UnixMillis,
        days: u32,
    ) -> Result<Issued, CertificateError> {
        if !(1..=DAYS_MAX).contains(&days) {
            return Err(CertificateError::Days { days });
        }
        let validity = Validity::starting(now, days)?.within(self.validity, now)?;
        let serial = serial()?;
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, common_name);
        params.subject_alt_names = names;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![purpose];
        params.use_authority_key_identifier_extension = true;
        params.serial_number = Some(serial.clone());
        (params.not_before, params.not_after) = validity.dates();
        let key = key_pair()?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(CertificateError::signing)?;
        Ok(Issued {
            certificate_pem: certificate.pem(),
            key_pem: Zeroizing::new(key.serialize_pem()),
            serial: hex::encode(serial.to_bytes()),
            not_before: validity.not_before(),
            not_after: validity.not_after(),
        })
    }
}

/// Read by the same crate by which a client reads the name it connects to, so what is issued can be matched.
fn server_name(name: &str) -> Result<SanType, CertificateError> {
    let refuse = || CertificateError::ServerName { value: name.to_owned() };
    match ServerName::try_from(name).map_err(|_| refuse())? {
        ServerName::DnsName(dns) => dns.as_ref().try_into().map(SanType::DnsName).map_err(|_| refuse()),
        ServerName::IpAddress(address) => Ok(SanType::IpAddress(address.into())),
        _ => Err(refuse()),
    }
}

pub(super) fn key_pair() -> Result<KeyPair, CertificateError> {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(CertificateError::signing)
}

/// 126 random bits. The first two bits are `01`, so that every serial has 16 bytes in DER and the same text.
pub(super) fn serial() -> Result<SerialNumber, CertificateError> {
    let mut bytes = [0; SERIAL_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| CertificateError::Randomness(error.to_string()))?;
    bytes[0] = bytes[0] & 0x3f | 0x40;
    Ok(SerialNumber::from_slice(&bytes))
}

/// From when to when, in whole seconds, as certificates have it; both ends are dates of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Validity {
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
}

impl Validity {
    /// From an hour before `now` until `days` days after it.
    pub(super) fn starting(now: UnixMillis, days: u32) -> Result<Self, CertificateError> {
        let at = now.0.div_euclid(1000);
        Self::new(at.saturating_sub(SKEW_S), at.saturating_add(i64::from(days) * DAY_S))
    }

    /// That of a certificate.
    pub(super) fn of(certificate: &X509Certificate<'_>) -> Result<Self, CertificateError> {
        let validity = certificate.validity();
        Self::new(validity.not_before.timestamp(), validity.not_after.timestamp())
    }

    fn new(not_before_s: i64, not_after_s: i64) -> Result<Self, CertificateError> {
        let date = |unix_s: i64| {
            let refuse = || CertificateError::Time { unix_ms: unix_s.saturating_mul(1000) };
            let known = (0..=UNIX_S_MAX).contains(&unix_s).then_some(unix_s).ok_or_else(refuse)?;
            OffsetDateTime::from_unix_timestamp(known).map_err(|_| refuse())
        };
        Ok(Self { not_before: date(not_before_s)?, not_after: date(not_after_s)? })
    }

    /// As much of it as the authority lives, which must be alive `now`.
    fn within(self, authority: Self, now: UnixMillis) -> Result<Self, CertificateError> {
        let (not_before, not_after) = (authority.not_before(), authority.not_after());
        if now < not_before || now > not_after {
            return Err(CertificateError::AuthorityExpired { not_before, not_after, now });
        }
        Ok(Self {
            not_before: self.not_before.max(authority.not_before),
            not_after: self.not_after.min(authority.not_after),
        })
    }

    pub(super) const fn dates(self) -> (OffsetDateTime, OffsetDateTime) {
        (self.not_before, self.not_after)
    }

    pub(super) const fn not_before(self) -> UnixMillis {
        UnixMillis(self.not_before.unix_timestamp() * 1000)
    }

    pub(super) const fn not_after(self) -> UnixMillis {
        UnixMillis(self.not_after.unix_timestamp() * 1000)
    }
}
