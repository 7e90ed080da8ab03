//! Certificates that nobody should believe: with the centre's own key, as its thief would have it, and with another.

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType, SerialNumber, date_time_ymd,
};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, Row as _, SqliteConnection};
use tongclear_mac::{Passphrase, open_sealed};

use super::server::Identity;
use crate::program::Centre;

/// Who signs.
pub(crate) struct Forger {
    issuer: Issuer<'static, KeyPair>,
}

/// What a certificate says.
pub(crate) struct Forged<'a> {
    /// Whom it names.
    pub(crate) uris: &'a [&'a str],
    pub(crate) purpose: ExtendedKeyUsagePurpose,
    /// First and last year.
    pub(crate) years: (i32, i32),
    /// Hex; a made-up one without.
    pub(crate) serial: Option<&'a str>,
}

impl<'a> Forged<'a> {
    /// What a collector's certificate says.
    pub(crate) fn collector(uris: &'a [&'a str]) -> Self {
        Self { uris, purpose: ExtendedKeyUsagePurpose::ClientAuth, years: (2020, 2099), serial: None }
    }
}

impl Forger {
    /// Somebody else, under the name of the centre's authority.
    pub(crate) fn stranger() -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(rcgen::DnType::CommonName, "Tongclear CA");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        Self { issuer: Issuer::new(params, KeyPair::generate().unwrap()) }
    }

    /// Whoever holds the key of the centre's authority.
    pub(crate) fn thief(centre: &Centre) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (certificate, sealed): (String, Vec<u8>) = runtime.block_on(async {
            let options = SqliteConnectOptions::new().filename(centre.data().join("centre.sqlite"));
            let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
            let query = sqlx::query("SELECT certificate, sealed_key FROM authorities");
            let row = query.fetch_one(&mut connection).await.unwrap();
            (row.get(0), row.get(1))
        });
        let key = open_sealed(&sealed, &Passphrase::new("correct horse".to_owned())).unwrap();
        let key = KeyPair::from_pem(std::str::from_utf8(&key).unwrap()).unwrap();
        Self { issuer: Issuer::from_ca_cert_pem(&certificate, key).unwrap() }
    }

    /// A certificate with its key.
    pub(crate) fn sign(&self, forged: &Forged<'_>) -> Identity {
        let mut params = CertificateParams::default();
        let uri = |uri: &&str| SanType::URI((*uri).try_into().unwrap());
        params.subject_alt_names = forged.uris.iter().map(uri).collect();
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![forged.purpose.clone()];
        params.not_before = date_time_ymd(forged.years.0, 1, 1);
        params.not_after = date_time_ymd(forged.years.1, 1, 1);
        params.serial_number = forged.serial.map(|hex| SerialNumber::from(hex::decode(hex).unwrap()));
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity::of(&certificate.pem(), &key.serialize_pem())
    }
}
