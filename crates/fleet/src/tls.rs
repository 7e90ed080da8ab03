//! A collector's certificate and the centre's root, as TLS wants them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WantsClientCert;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ConfigBuilder, RootCertStore};
use tongclear_types::CollectorId;

use crate::error::FleetError;

/// The only protocol that collectors speak.
const ALPN: &[u8] = b"http/1.1";

/// What a collector shows, and whom it believes.
#[derive(Debug)]
pub(crate) struct Identity {
    roots: Arc<RootCertStore>,
    path: PathBuf,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    /// Reads `<collector>.pem` and `<collector>.key` of `folder`, and checks that they fit each other.
    ///
    /// # Errors
    /// [`FleetError::Io`] when a file cannot be read, [`FleetError::Certificate`] when it is not what it should be.
    pub(crate) fn load(
        folder: &Path,
        collector: CollectorId,
        roots: Arc<RootCertStore>,
    ) -> Result<Self, FleetError> {
        let path = folder.join(format!("{collector}.pem"));
        let chain = certificates(&path)?;
        let key_path = folder.join(format!("{collector}.key"));
        let key = PrivateKeyDer::from_pem_slice(&read(&key_path)?)
            .map_err(|error| FleetError::Certificate { path: key_path, message: error.to_string() })?;
        let identity = Self { roots, path, chain, key };
        identity.config()?;
        Ok(identity)
    }

    /// A configuration without any memory of earlier connections.
    ///
    /// # Errors
    /// [`FleetError::Certificate`] when key and certificate do not fit each other.
    pub(crate) fn config(&self) -> Result<ClientConfig, FleetError> {
        let mut config = builder(Arc::clone(&self.roots))?
            .with_client_auth_cert(self.chain.clone(), self.key.clone_key())
            .map_err(|error| FleetError::Certificate {
                path: self.path.clone(),
                message: error.to_string(),
            })?;
        config.alpn_protocols = vec![ALPN.to_vec()];
        Ok(config)
    }
}

/// The configuration of a client that will not speak TLS: it believes nobody and shows nothing.
///
/// # Errors
/// [`FleetError::Broken`] when the cryptography knows no TLS version.
pub(crate) fn nobody() -> Result<ClientConfig, FleetError> {
    Ok(builder(Arc::new(RootCertStore::empty()))?.with_no_client_auth())
}

/// The roots in `ca.pem` of `folder`.
///
/// # Errors
/// [`FleetError::Io`] when it cannot be read, [`FleetError::Certificate`] when it holds no root.
pub(crate) fn roots(folder: &Path) -> Result<Arc<RootCertStore>, FleetError> {
    let path = folder.join("ca.pem");
    let mut roots = RootCertStore::empty();
    for certificate in certificates(&path)? {
        roots
            .add(certificate)
            .map_err(|error| FleetError::Certificate { path: path.clone(), message: error.to_string() })?;
    }
    Ok(Arc::new(roots))
}

/// The beginning of every configuration.
fn builder(roots: Arc<RootCertStore>) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, FleetError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| FleetError::Broken { message: error.to_string() })?;
    Ok(builder.with_root_certificates(roots))
}

/// The certificates of a PEM file, at least one.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, FleetError> {
    let refused = |message: String| FleetError::Certificate { path: path.to_owned(), message };
    let found = CertificateDer::pem_slice_iter(&read(path)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| refused(error.to_string()))?;
    if found.is_empty() {
        return Err(refused("no certificate in it".to_owned()));
    }
    Ok(found)
}

/// The bytes of a file.
fn read(path: &Path) -> Result<Vec<u8>, FleetError> {
    fs::read(path).map_err(|source| FleetError::Io { path: path.to_owned(), source })
}
