//! What is in the certificates, and what is refused.

use rcgen::{CertificateParams, KeyPair, SanType};
use x509_parser::extensions::GeneralName;
use x509_parser::pem::parse_x509_pem;

use super::*;

pub(super) const NOW: UnixMillis = UnixMillis(1_795_478_400_000);
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

pub(super) fn authority() -> Authority {
    Authority::create("Tongclear test", NOW).unwrap()
}

fn der(pem: &str) -> Vec<u8> {
    parse_x509_pem(pem.as_bytes()).unwrap().1.contents
}

#[test]
fn a_collector_is_read_back() {
    let collector = "6510000000f1".parse().unwrap();
    let issued = authority().issue_collector(collector, NOW, 365).unwrap();
    assert_eq!(issued.not_before, UnixMillis(NOW.0 - HOUR_MS));
    assert_eq!(issued.not_after, UnixMillis(NOW.0 + 365 * DAY_MS));
    let read = CollectorCertificate::read(&der(&issued.certificate_pem)).unwrap();
    let expected =
        CollectorCertificate { collector, serial: issued.serial.clone(), not_after: issued.not_after };
    assert_eq!(read, expected);
    assert_eq!(issued.serial.len(), 32);
}

#[test]
fn certificates_hold_what_they_must_and_no_more() {
    let authority = authority();
    let names = ["door.example.cn", "192.0.2.1", "2001:db8::1"].map(str::to_owned);
    let collector = authority.issue_collector("6510000000f1".parse().unwrap(), NOW, 30).unwrap();
    let server = authority.issue_server(&names, NOW, 30).unwrap();

    let pem = der(authority.certificate_pem());
    let (_, root) = x509_parser::parse_x509_certificate(&pem).unwrap();
    let constraints = root.basic_constraints().unwrap().unwrap();
    assert!(constraints.critical && constraints.value.ca);
    assert_eq!(constraints.value.path_len_constraint, Some(0));
    let usage = root.key_usage().unwrap().unwrap().value;
    assert_eq!(usage.flags, 1 << 5 | 1 << 6, "keyCertSign and cRLSign");
    assert_eq!(root.subject().to_string(), "CN=Tongclear test");
    assert_eq!(authority.not_after(), UnixMillis(NOW.0 + 3652 * DAY_MS));

    let subjects = [(&collector, "CN=6510000000f1"), (&server, "CN=door.example.cn")];
    for (issued, subject) in subjects {
        let pem = der(&issued.certificate_pem);
        let (_, leaf) = x509_parser::parse_x509_certificate(&pem).unwrap();
        assert_eq!(leaf.subject().to_string(), subject);
        assert_eq!(leaf.issuer(), root.subject());
        leaf.verify_signature(Some(root.public_key())).unwrap();
        assert!(!leaf.is_ca());
        assert_eq!(leaf.key_usage().unwrap().unwrap().value.flags, 1, "digitalSignature");
        let purpose = leaf.extended_key_usage().unwrap().unwrap().value;
        assert_eq!(
            (purpose.client_auth, purpose.server_auth),
            (subject == "CN=6510000000f1", !purpose.client_auth)
        );
        assert!(!purpose.any && purpose.other.is_empty());
    }

    let pem = der(&server.certificate_pem);
    let (_, leaf) = x509_parser::parse_x509_certificate(&pem).unwrap();
    let found = &leaf.subject_alternative_name().unwrap().unwrap().value.general_names;
    let v6 = "2001:db8::1".parse::<std::net::Ipv6Addr>().unwrap().octets();
    let expected = [
        GeneralName::DNSName("door.example.cn"),
        GeneralName::IPAddress(&[192, 0, 2, 1]),
        GeneralName::IPAddress(&v6),
    ];
    assert_eq!(*found, expected);
}

#[test]
fn serials_differ() {
    let authority = authority();
    let serial = || authority.issue_collector("6510000000f1".parse().unwrap(), NOW, 1).unwrap().serial;
    assert_ne!(serial(), serial());
}

#[test]
fn an_authority_is_opened_again() {
    let kept = authority();
    let opened = Authority::open(kept.certificate_pem(), &kept.key_pem()).unwrap();
    assert_eq!(opened.certificate_pem(), kept.certificate_pem());
    assert_eq!(opened.key_pem(), kept.key_pem());
    assert_eq!(opened.not_after(), kept.not_after());
    let leaf = der(&opened.issue_collector("6510000000f1".parse().unwrap(), NOW, 1).unwrap().certificate_pem);
    let root = der(kept.certificate_pem());
    let (_, leaf) = x509_parser::parse_x509_certificate(&leaf).unwrap();
    let (_, root) = x509_parser::parse_x509_certificate(&root).unwrap();
    leaf.verify_signature(Some(root.public_key())).unwrap();
    assert_eq!(leaf.issuer(), root.subject());
}

#[test]
fn what_is_no_authority_is_not_opened() {
    let (one, other) = (authority(), authority());
    let server = one.issue_server(&["door".to_owned()], NOW, 1).unwrap();
    let two = format!("{}{}", one.certificate_pem(), other.certificate_pem());
    let (key, other_key) = (one.key_pem(), other.key_pem());
    let table: &[(&str, &str, &str)] = &[
        ("", &key, "the authority's certificate is not PEM"),
        (&key, &key, "the authority's certificate is not one PEM block of a certificate"),
        (&two, &key, "the authority's certificate is not one PEM block of a certificate"),
        (one.certificate_pem(), "", "the authority's key is not a private key"),
        (one.certificate_pem(), one.certificate_pem(), "the authority's key is not a private key"),
        (one.certificate_pem(), &other_key, "the key is not that of the authority \"CN=Tongclear test\""),
        (
            &server.certificate_pem,
            &server.key_pem,
            "the certificate of \"CN=door\" is not one of an authority",
        ),
    ];
    for (certificate, key, expected) in table {
        assert_eq!(Authority::open(certificate, key).unwrap_err().to_string(), *expected);
    }
}

#[test]
fn names_days_and_times_have_limits() {
    let authority = authority();
    let server = |name: &str| authority.issue_server(&[name.to_owned()], NOW, 1).unwrap_err();
    for name in ["", " ", "a b", "-a.cn", "a..cn", "*", "https://a.cn", "a.cn:443", "公交.cn", "300.1.1.1/8"]
    {
        assert_eq!(server(name), CertificateError::ServerName { value: name.to_owned() });
    }
    assert_eq!(authority.issue_server(&[], NOW, 1).unwrap_err(), CertificateError::NoServerName);
    let collector = |now, days| authority.issue_collector("6510000000f1".parse().unwrap(), now, days);
    for days in [0, DAYS_MAX + 1, u32::MAX] {
        assert_eq!(collector(NOW, days).unwrap_err(), CertificateError::Days { days });
    }
    for name in ["", " ", "a\nb", &"x".repeat(65)] {
        let refused = Authority::create(name, NOW).unwrap_err();
        assert_eq!(refused, CertificateError::CommonName { value: name.to_owned() });
    }
    assert!(Authority::create(&"清".repeat(64), NOW).is_ok());
    for now in [i64::MIN, 0, i64::MAX] {
        let refused = Authority::create("Tongclear test", UnixMillis(now));
        assert!(matches!(refused, Err(CertificateError::Time { .. })), "{now}");
    }
}

#[test]
fn nothing_outlives_the_authority() {
    let authority = authority();
    let end = authority.not_after();
    let issue = |now| authority.issue_collector("6510000000f1".parse().unwrap(), now, 30);
    assert_eq!(issue(UnixMillis(end.0 - DAY_MS)).unwrap().not_after, end);
    for now in [UnixMillis(NOW.0 - HOUR_MS - 1), UnixMillis(end.0 + 1)] {
        let not_before = UnixMillis(NOW.0 - HOUR_MS);
        let expected = CertificateError::AuthorityExpired { not_before, not_after: end, now };
        assert_eq!(issue(now).unwrap_err(), expected);
    }
}

#[test]
fn certificates_that_name_no_collector_are_refused() {
    let one = "urn:tongclear:collector:6510000000f1";
    let table: &[(&[&str], bool)] = &[
        (&[one], true),
        (&[], false),
        (&[one, one], false),
        (&[one, "urn:tongclear:collector:6510000000f2"], false),
        (&[one, "https://example.cn/"], false),
        (&["urn:tongclear:collector:6510000000F1"], false),
        (&["urn:tongclear:collector:6510000000"], false),
        (&["urn:tongclear:collector:6510000000f1 "], false),
        (&["urn:tongclear:terminal:6510000000f1"], false),
        (&["URN:tongclear:collector:6510000000f1"], false),
    ];
    let key = KeyPair::generate().unwrap();
    for (uris, good) in table {
        let mut params = CertificateParams::new(["6510000000f1".to_owned()]).unwrap();
        params.subject_alt_names.extend(uris.iter().map(|uri| SanType::URI((*uri).try_into().unwrap())));
        let certificate = params.self_signed(&key).unwrap();
        let read = CollectorCertificate::read(certificate.der());
        assert_eq!(read.is_ok(), *good, "{uris:?}");
        if let Err(error) = read {
            assert_eq!(error, CertificateError::NotCollector { found: format!("{uris:?}") });
        }
    }
    let mut trailing =
        der(&authority().issue_collector("6510000000f1".parse().unwrap(), NOW, 1).unwrap().certificate_pem);
    trailing.push(0);
    for bad in [&[][..], b"certificate", &trailing] {
        assert!(matches!(CollectorCertificate::read(bad), Err(CertificateError::Malformed { .. })));
    }
}

#[test]
fn keys_are_not_shown() {
    let authority = authority();
    let issued = authority.issue_server(&["door".to_owned()], NOW, 1).unwrap();
    assert_eq!(
        format!("{authority:?}"),
        format!("Authority {{ not_after: {:?}, .. }}", authority.not_after())
    );
    let shown = format!("{issued:?}");
    assert!(shown.contains(&issued.serial) && !shown.contains("key_pem"), "{shown}");
    assert!(issued.key_pem.starts_with("-----BEGIN PRIVATE KEY-----"));
}
