//! Who a certificate says that its holder is.

use tongclear_types::{CollectorId, UnixMillis};
use x509_parser::extensions::GeneralName;
use x509_parser::parse_x509_certificate;

use super::CertificateError;

/// What begins the name of every collector.
const URI_PREFIX: &str = "urn:tongclear:collector:";

/// What is known of a collector from its certificate.
///
/// **Invariant:** reading proves nothing; that the certificate is the authority's and that the other side has its
/// key, TLS has checked before, and that it is not revoked, the caller checks by the serial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectorCertificate {
    /// Whose certificate.
    pub collector: CollectorId,
    /// The serial number, lower-case hex, as [`Issued::serial`](super::Issued::serial) has it.
    pub serial: String,
    /// The last moment of validity.
    pub not_after: UnixMillis,
}

impl CollectorCertificate {
    /// The name of a collector in its certificate.
    pub(super) fn uri(collector: CollectorId) -> String {
        format!("{URI_PREFIX}{collector}")
    }

    /// The certificate that is `der`, to the last byte.
    ///
    /// # Errors
    /// [`CertificateError::Malformed`] when it is no certificate, [`CertificateError::NotCollector`] when its URIs
    /// are not exactly one, that of a collector.
    pub fn read(der: &[u8]) -> Result<Self, CertificateError> {
        let malformed = |what| CertificateError::Malformed { what };
        let (rest, certificate) =
            parse_x509_certificate(der).map_err(|_| malformed("the client's certificate is not X.509"))?;
        if !rest.is_empty() {
            return Err(malformed("the client's certificate has bytes after its end"));
        }
        let names = certificate
            .subject_alternative_name()
            .map_err(|_| malformed("the client's certificate has names of another form"))?;
        let names = names.map_or(&[][..], |names| &names.value.general_names);
        let uris: Vec<&str> = names
            .iter()
            .filter_map(|name| match name {
                GeneralName::URI(uri) => Some(*uri),
                _ => None,
            })
            .collect();
        let refuse = || CertificateError::NotCollector { found: format!("{uris:?}") };
        let [uri] = uris[..] else { return Err(refuse()) };
        let collector = parse_uri(uri).ok_or_else(refuse)?;
        let not_after_s = certificate.validity().not_after.timestamp();
        Ok(Self {
            collector,
            serial: hex::encode(certificate.raw_serial()),
            not_after: UnixMillis(not_after_s.saturating_mul(1000)),
        })
    }
}

/// The collector of that name; ids have one spelling here.
fn parse_uri(uri: &str) -> Option<CollectorId> {
    let collector: CollectorId = uri.strip_prefix(URI_PREFIX)?.parse().ok()?;
    (CollectorCertificate::uri(collector) == uri).then_some(collector)
}
