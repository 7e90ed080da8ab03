//! The centre's certificate authority, and what it issued to collectors.

use tongclear_types::{CollectorId, UnixMillis};

use crate::audit::{AuditEvent, Change};
use crate::decode::Cells;
use crate::statements::{Row, find, note};
use crate::{Digest, Stamp, Store, StoreError};

/// The centre's certificate authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityRow {
    /// Its number, from 1; the greatest is in force.
    pub id: i64,
    /// Its certificate, PEM.
    pub certificate: String,
    /// Its private key, sealed.
    pub sealed_key: Vec<u8>,
}

/// A certificate that the authority issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateRow {
    /// Its serial number, lower-case hex.
    pub serial: String,
    /// Whom it names.
    pub collector: CollectorId,
    /// When it was issued.
    pub issued_at: UnixMillis,
    /// From when on it opens nothing.
    pub expires_at: UnixMillis,
    /// When it was revoked.
    pub revoked_at: Option<UnixMillis>,
}

const AUTHORITY: &str = "SELECT id, certificate, sealed_key FROM authorities ORDER BY id DESC LIMIT 1";
const ADD_AUTHORITY: &str =
    "INSERT INTO authorities (id, certificate, sealed_key, created_at) VALUES ($1, $2, $3, $4)";
const CERTIFICATES: &str = "SELECT serial, collector, issued_at, expires_at, revoked_at FROM certificates \
    ORDER BY collector, issued_at, serial";
const CERTIFICATE: &str =
    "SELECT serial, collector, issued_at, expires_at, revoked_at FROM certificates WHERE serial = $1";
const ADD_CERTIFICATE: &str =
    "INSERT INTO certificates (serial, collector, issued_at, expires_at) VALUES ($1, $2, $3, $4)";
const REVOKE_CERTIFICATE: &str =
    "UPDATE certificates SET revoked_at = $2 WHERE serial = $1 AND revoked_at IS NULL";

/// The authority in force.
///
/// # Errors
/// Faults of the database.
pub async fn authority(store: &dyn Store) -> Result<Option<AuthorityRow>, StoreError> {
    let row = find(&mut *store.read().await?, AUTHORITY, &[]).await?;
    row.as_ref().map(authority_row).transpose()
}

fn authority_row(row: &Row) -> Result<AuthorityRow, StoreError> {
    Ok(AuthorityRow {
        id: row.integer("authorities.id")?,
        certificate: row.text("authorities.certificate")?.to_owned(),
        sealed_key: row.blob("authorities.sealed_key")?.to_vec(),
    })
}

/// Keeps the first authority; another one only follows it when the first is to be replaced.
///
/// # Errors
/// [`StoreError::Conflict`] when there is one already.
pub async fn add_authority(
    store: &dyn Store,
    certificate: &str,
    sealed_key: &[u8],
    stamp: &Stamp,
) -> Result<(), StoreError> {
    let mut transaction = store.write().await?;
    if find(&mut *transaction, AUTHORITY, &[]).await?.is_some() {
        return Err(StoreError::Conflict {
            what: "the certificate authority (there is one already)".to_owned(),
        });
    }
    let values = [1.into(), certificate.into(), sealed_key.to_vec().into(), stamp.at.0.into()];
    transaction.run(ADD_AUTHORITY, &values).await?;
    let event = AuditEvent::Authority { certificate_sha256: Digest::of(certificate.as_bytes()) };
    note(&mut *transaction, stamp, &event).await?;
    transaction.commit().await
}

/// All certificates, by collector.
///
/// # Errors
/// Faults of the database.
pub async fn certificates(store: &dyn Store) -> Result<Vec<CertificateRow>, StoreError> {
    store.read().await?.rows(CERTIFICATES, &[]).await?.iter().map(certificate_row).collect()
}

/// The certificate with that serial number.
///
/// # Errors
/// Faults of the database.
pub async fn certificate(store: &dyn Store, serial: &str) -> Result<Option<CertificateRow>, StoreError> {
    let row = find(&mut *store.read().await?, CERTIFICATE, &[serial.into()]).await?;
    row.as_ref().map(certificate_row).transpose()
}

/// Keeps what was issued, all or nothing.
///
/// # Errors
/// Faults of the database.
pub async fn add_certificates(
    store: &dyn Store,
    issued: &[CertificateRow],
    stamp: &Stamp,
) -> Result<(), StoreError> {
    let mut transaction = store.write().await?;
    for row in issued {
        let values = [
            row.serial.as_str().into(),
            row.collector.to_string().into(),
            row.issued_at.0.into(),
            row.expires_at.0.into(),
        ];
        transaction.run(ADD_CERTIFICATE, &values).await?;
        note(&mut *transaction, stamp, &AuditEvent::certificate(row, Change::Added)).await?;
    }
    transaction.commit().await
}

/// Revokes a certificate; says whether it was there and in force.
///
/// # Errors
/// Faults of the database.
pub async fn revoke_certificate(store: &dyn Store, serial: &str, stamp: &Stamp) -> Result<bool, StoreError> {
    let mut transaction = store.write().await?;
    let Some(row) = find(&mut *transaction, CERTIFICATE, &[serial.into()]).await? else { return Ok(false) };
    if transaction.run(REVOKE_CERTIFICATE, &[serial.into(), stamp.at.0.into()]).await? == 0 {
        return Ok(false);
    }
    let event = AuditEvent::certificate(&certificate_row(&row)?, Change::Removed);
    note(&mut *transaction, stamp, &event).await?;
    transaction.commit().await?;
    Ok(true)
}

fn certificate_row(row: &Row) -> Result<CertificateRow, StoreError> {
    let cells: &dyn Cells = row;
    Ok(CertificateRow {
        serial: cells.text("certificates.serial")?.to_owned(),
        collector: cells.id("certificates.collector")?,
        issued_at: cells.moment("certificates.issued_at")?,
        expires_at: cells.moment("certificates.expires_at")?,
        revoked_at: cells.integer_or_null("certificates.revoked_at")?.map(UnixMillis),
    })
}
