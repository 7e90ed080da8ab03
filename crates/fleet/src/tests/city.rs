//! A folder of packages and a folder of certificates to play with.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, Certificate, CertificateParams, IsCa, Issuer, KeyPair};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};
use tongclear_mac::{SealAlgorithm, SealMaster};
use tongclear_package::{
    PackageHeaderFields, PackageView, RECORD_LEN, decode_record, file_name, write_package,
};
use tongclear_types::{CollectorId, PackageSequence};

use crate::{Mischief, Plan};

/// Packages of each collector.
pub(super) const PACKAGES: u32 = 9;

/// A simulated city, small enough to be written by hand.
pub(super) struct City {
    folder: TempDir,
    /// The digests of all packages.
    pub(super) digests: Vec<String>,
    /// Their records and bytes.
    pub(super) records: u64,
    pub(super) bytes: u64,
}

impl City {
    /// A city of `collectors`, whose packages lie in two days' folders and are chained.
    pub(super) fn new(collectors: u8) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut city = Self { folder, digests: Vec::new(), records: 0, bytes: 0 };
        for day in ["2026-11-22", "2026-11-23"] {
            fs::create_dir_all(city.packages().join(day)).unwrap();
        }
        fs::create_dir(city.certificates()).unwrap();
        fs::write(city.packages().join("README.txt"), "no package").unwrap();
        let master = SealMaster::new(SealAlgorithm::HmacSha256, [7; 32]);
        for collector in (0..collectors).map(collector) {
            let mut previous_seal = [0; 8];
            for sequence in 1..=PACKAGES {
                let fields = PackageHeaderFields {
                    merchant: "BUS00001".parse().unwrap(),
                    collector,
                    sequence: PackageSequence(sequence),
                    created_at_unix_s: 1_795_500_000,
                    seal_key_version: 1,
                    previous_seal,
                };
                // The last one takes several frames.
                let count = if sequence == PACKAGES { 700 } else { sequence - 1 };
                let records = vec![decode_record(&[0; RECORD_LEN]); usize::try_from(count).unwrap()];
                let bytes = write_package(&fields, &records, &master);
                previous_seal = PackageView::reopen(&bytes).unwrap().seal_start();
                city.digests.push(hex::encode(Sha256::digest(&bytes)));
                city.records += u64::from(count);
                city.bytes += u64::try_from(bytes.len()).unwrap();
                let day = if sequence < 4 { "2026-11-22" } else { "2026-11-23" };
                fs::write(city.packages().join(day).join(file_name(collector, fields.sequence)), bytes)
                    .unwrap();
            }
        }
        city.digests.sort_unstable();
        city
    }

    /// A plan over this city.
    pub(super) fn plan(&self, server: String, mischief: Mischief) -> Plan {
        Plan {
            server,
            packages: self.packages(),
            certificates: self.certificates(),
            collectors: None,
            seed: 11,
            mischief,
            at_once: 3,
            give_up_after: Duration::from_secs(60),
        }
    }

    /// Gives every collector a certificate, and the centre what it needs to ask for it: the acceptor, and the
    /// collectors' certificates in DER.
    pub(super) fn certify(&self, collectors: u8) -> (TlsAcceptor, BTreeMap<CollectorId, Vec<u8>>) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = params.self_signed(&key).unwrap();
        let issuer = Issuer::new(params, key);
        let issue = |name: String| -> (Certificate, KeyPair) {
            let key = KeyPair::generate().unwrap();
            (CertificateParams::new(vec![name]).unwrap().signed_by(&key, &issuer).unwrap(), key)
        };

        let write = |name: &str, text: String| fs::write(self.certificates().join(name), text).unwrap();
        write("ca.pem", root.pem());
        let mut shown = BTreeMap::new();
        for collector in (0..collectors).map(collector) {
            let (certificate, key) = issue(collector.to_string());
            write(&format!("{collector}.pem"), certificate.pem());
            write(&format!("{collector}.key"), key.serialize_pem());
            shown.insert(collector, certificate.der().to_vec());
        }

        let mut roots = RootCertStore::empty();
        roots.add(root.der().clone()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .unwrap();
        let (certificate, key) = issue("127.0.0.1".to_owned());
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier)
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        (TlsAcceptor::from(Arc::new(config)), shown)
    }

    fn packages(&self) -> std::path::PathBuf {
        self.root().join("packages")
    }

    /// The folder of certificates.
    pub(super) fn certificates(&self) -> std::path::PathBuf {
        self.root().join("certificates")
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }
}

/// The collector of a number.
pub(super) fn collector(number: u8) -> CollectorId {
    CollectorId([0x65, 0x10, 0, 0, 0, number])
}
