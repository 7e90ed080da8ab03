//! The centre's own certificate authority: made once, its key sealed with the key ring's passphrase, and what it issues to
//! collectors.

use tongclear_authority::{Authority, Issued};
use tongclear_engine::{Centre, EngineError};
use tongclear_mac::{Passphrase, open_sealed, seal};
use tongclear_store::people::{self, CertificateRow};
use tongclear_types::CollectorId;
use zeroize::Zeroizing;

use crate::DeskError;
use crate::acting::in_the_way;

/// How long a collector's certificate is good for when nothing else is said, days.
pub const CERTIFICATE_DAYS: u32 = 365;
/// The longest, days.
pub const CERTIFICATE_DAYS_MAX: u32 = 1_096;

/// Makes the authority; returns its certificate, PEM.
///
/// # Errors
/// [`DeskError::Refused`] when there is one already; a passphrase that does not open the key ring; faults of the store.
pub async fn make(centre: &Centre, name: &str, passphrase: &Passphrase) -> Result<String, DeskError> {
    // One passphrase for everything that is sealed: the wrong one is noticed now, not on the day of a restore.
    if centre.store.latest_key_ring().await?.is_some() {
        centre.key_ring(passphrase).await?;
    }
    let authority = Authority::create(name, centre.clock.now()).map_err(refused)?;
    let sealed = seal(authority.key_pem().as_bytes(), passphrase).map_err(EngineError::from)?;
    let certificate = authority.certificate_pem().to_owned();
    people::add_authority(&*centre.store, &certificate, &sealed, &centre.stamp())
        .await
        .map_err(in_the_way)?;
    Ok(certificate)
}

/// The authority's certificate, PEM.
///
/// # Errors
/// [`DeskError::NotFound`] when there is none yet; faults of the store.
pub async fn certificate(centre: &Centre) -> Result<String, DeskError> {
    Ok(stored(centre).await?.certificate)
}

/// The authority, its key opened.
///
/// # Errors
/// As [`certificate`]; [`EngineError::KeyRing`] on a wrong passphrase.
pub async fn open(centre: &Centre, passphrase: &Passphrase) -> Result<Authority, DeskError> {
    let row = stored(centre).await?;
    let key = open_sealed(&row.sealed_key, passphrase).map_err(EngineError::from)?;
    let key = std::str::from_utf8(&key).map_err(DeskError::internal)?;
    Authority::open(&row.certificate, key).map_err(refused)
}

async fn stored(centre: &Centre) -> Result<people::AuthorityRow, DeskError> {
    let row = people::authority(&*centre.store).await?;
    row.ok_or_else(|| {
        DeskError::NotFound("there is no certificate authority yet; run `tongclear ca init`".into())
    })
}

/// A certificate and its private key, which the centre does not keep.
#[derive(Debug)]
pub struct CollectorKey {
    /// Whom it names.
    pub collector: CollectorId,
    /// Its serial number, hex.
    pub serial: String,
    /// PEM.
    pub certificate_pem: String,
    /// PKCS#8 PEM.
    pub key_pem: Zeroizing<String>,
    /// From when on it opens nothing, Unix milliseconds.
    pub expires_at: tongclear_types::UnixMillis,
}

/// Issues a certificate to each collector, all or nothing.
///
/// # Errors
/// [`DeskError::Refused`] for a collector that is not registered or days outside 1 to [`CERTIFICATE_DAYS_MAX`]; faults of the
/// store.
pub async fn issue(
    centre: &Centre,
    authority: &Authority,
    collectors: &[CollectorId],
    days: u32,
) -> Result<Vec<CollectorKey>, DeskError> {
    if !(1..=CERTIFICATE_DAYS_MAX).contains(&days) {
        return Err(DeskError::Refused(format!("days is {days}: expected 1 to {CERTIFICATE_DAYS_MAX}")));
    }
    let registry = centre.registry().await?.body;
    let now = centre.clock.now();
    let mut keys = Vec::with_capacity(collectors.len());
    let mut rows = Vec::with_capacity(collectors.len());
    for collector in collectors {
        if registry.collector(collector).is_none() {
            return Err(DeskError::Refused(format!("collector is {collector}: not in the registry")));
        }
        let Issued { certificate_pem, key_pem, serial, not_after, .. } =
            authority.issue_collector(*collector, now, days).map_err(refused)?;
        rows.push(CertificateRow {
            serial: serial.clone(),
            collector: *collector,
            issued_at: now,
            expires_at: not_after,
            revoked_at: None,
        });
        keys.push(CollectorKey {
            collector: *collector,
            serial,
            certificate_pem,
            key_pem,
            expires_at: not_after,
        });
    }
    people::add_certificates(&*centre.store, &rows, &centre.stamp()).await?;
    Ok(keys)
}

/// Revokes a certificate: from now on it opens nothing.
///
/// # Errors
/// [`DeskError::NotFound`] when none with that serial number is in force; faults of the store.
pub async fn revoke(centre: &Centre, serial: &str) -> Result<(), DeskError> {
    match people::revoke_certificate(&*centre.store, serial, &centre.stamp()).await? {
        true => Ok(()),
        false => Err(DeskError::NotFound(format!("no certificate with serial {serial} is in force"))),
    }
}

fn refused(error: impl std::fmt::Display) -> DeskError {
    DeskError::Refused(error.to_string())
}
