//! The door's lock: TLS with a certificate of the centre's own CA, or of somebody else's; clients may show one of ours.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

use crate::ServeError;

/// A certificate chain and its key, PEM.
pub struct ServerIdentity {
    /// The chain, its own certificate first.
    pub chain_pem: String,
    /// The private key, PKCS#8, SEC 1 or PKCS#1.
    pub key_pem: zeroize::Zeroizing<String>,
}

/// What a server says of itself, and whom it believes: collectors with a certificate of `authority_pem`; everybody else
/// comes without one.
///
/// # Errors
/// [`ServeError::Tls`] when a certificate or key cannot be used.
pub(crate) fn server_config(
    identity: &ServerIdentity,
    authority_pem: &str,
) -> Result<Arc<ServerConfig>, ServeError> {
    let bad = |what: &str, error: &dyn std::fmt::Display| ServeError::Tls(format!("{what}: {error}"));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(authority_pem.as_bytes()) {
        let certificate = certificate.map_err(|error| bad("the CA's certificate", &error))?;
        roots.add(certificate).map_err(|error| bad("the CA's certificate", &error))?;
    }
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
        .allow_unauthenticated()
        .build()
        .map_err(|error| bad("the CA's certificate", &error))?;
    let chain = CertificateDer::pem_slice_iter(identity.chain_pem.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| bad("the server's certificate", &error))?;
    let key = PrivateKeyDer::from_pem_slice(identity.key_pem.as_bytes())
        .map_err(|error| bad("the server's key", &error))?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| bad("TLS versions", &error))?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .map_err(|error| bad("the server's certificate", &error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
