//! The certificates as rustls judges them: whole handshakes in memory, with the clock of the test.

use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::time_provider::TimeProvider;
use rustls::{
    ClientConfig, ClientConnection, ConnectionCommon, RootCertStore, ServerConfig, ServerConnection, SideData,
};

use super::tests::{NOW, authority};
use super::*;

const DAY_S: u64 = 24 * 60 * 60;

#[derive(Debug)]
struct At(u64);

impl TimeProvider for At {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs(self.0)))
    }
}

fn now_s() -> u64 {
    u64::try_from(NOW.0 / 1000).unwrap()
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn roots(authority: &Authority) -> Arc<RootCertStore> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.certificate_pem().as_bytes()).unwrap()).unwrap();
    Arc::new(roots)
}

fn identity(issued: &Issued) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
    let certificate = CertificateDer::from_pem_slice(issued.certificate_pem.as_bytes()).unwrap();
    (vec![certificate], PrivateKeyDer::from_pem_slice(issued.key_pem.as_bytes()).unwrap())
}

/// Moves what one side has to say to the other; an error is what the other thinks of it.
fn carry<A: SideData, B: SideData>(
    from: &mut ConnectionCommon<A>,
    to: &mut ConnectionCommon<B>,
) -> Result<(), rustls::Error> {
    let mut bytes = Vec::new();
    while from.wants_write() {
        from.write_tls(&mut bytes).unwrap();
    }
    let mut unread = bytes.as_slice();
    while !unread.is_empty() {
        to.read_tls(&mut unread).unwrap();
        to.process_new_packets()?;
    }
    Ok(())
}

/// A handshake at `at_s` of a client that has `client` with a server that has `server`, both trusting `trusted`: the
/// collector that the server then knows, or what the side that refused says.
fn shake(
    trusted: &Authority,
    server: &Issued,
    client: &Issued,
    at_s: u64,
) -> Result<CollectorCertificate, rustls::Error> {
    let verifier = WebPkiClientVerifier::builder_with_provider(roots(trusted), provider()).build().unwrap();
    let (chain, key) = identity(server);
    let server_config = ServerConfig::builder_with_details(provider(), Arc::new(At(at_s)))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .unwrap();
    let (chain, key) = identity(client);
    let client_config = ClientConfig::builder_with_details(provider(), Arc::new(At(at_s)))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots(trusted))
        .with_client_auth_cert(chain, key)
        .unwrap();
    let name = ServerName::try_from("door.example.cn").unwrap();
    let mut client = ClientConnection::new(Arc::new(client_config), name).unwrap();
    let mut server = ServerConnection::new(Arc::new(server_config)).unwrap();
    while client.is_handshaking() || server.is_handshaking() {
        carry(&mut client, &mut server)?;
        carry(&mut server, &mut client)?;
    }
    let certificates = server.peer_certificates().unwrap();
    Ok(CollectorCertificate::read(&certificates[0]).unwrap())
}

#[test]
fn the_right_collector_comes_in_and_no_other() {
    let (ours, theirs) = (authority(), authority());
    let names = ["door.example.cn".to_owned()];
    let id = "6510000000f1".parse().unwrap();
    let server = ours.issue_server(&names, NOW, 90).unwrap();
    let collector = ours.issue_collector(id, NOW, 30).unwrap();
    let foreign = theirs.issue_collector(id, NOW, 30).unwrap();
    let foreign_server = theirs.issue_server(&names, NOW, 90).unwrap();
    let elsewhere = ours.issue_server(&["other.example.cn".to_owned()], NOW, 90).unwrap();
    let (now, late) = (now_s(), now_s() + 31 * DAY_S);

    // Server, client, when, and what the side that refuses says.
    let table: &[(&str, &Issued, &Issued, u64, &str)] = &[
        ("a collector of ours", &server, &collector, now, ""),
        ("a clock an hour late", &server, &collector, now - 3600, ""),
        ("on its last day", &server, &collector, now + 30 * DAY_S, ""),
        ("a collector of another authority", &server, &foreign, now, "BadSignature"),
        ("a server as a client", &server, &server, now, "InvalidPurpose"),
        ("a collector whose certificate expired", &server, &collector, late, "Expired"),
        ("a collector whose certificate is not valid yet", &server, &collector, now - 3601, "NotValidYet"),
        ("a server of another authority", &foreign_server, &collector, now, "BadSignature"),
        ("a collector as a server", &collector, &collector, now, "InvalidPurpose"),
        ("a server of another name", &elsewhere, &collector, now, "NotValidForName"),
    ];
    for (what, server, client, at_s, refusal) in table {
        let result = shake(&ours, server, client, *at_s);
        if refusal.is_empty() {
            assert_eq!(result.unwrap().collector, id, "{what}");
        } else {
            let error = format!("{:?}", result.unwrap_err());
            assert!(error.contains(refusal), "{what}: {error}");
        }
    }
}

/// One that was read from its files signs the same chain.
#[test]
fn an_opened_authority_is_the_same_to_tls() {
    let kept = authority();
    let opened = Authority::open(kept.certificate_pem(), &kept.key_pem()).unwrap();
    let server = kept.issue_server(&["door.example.cn".to_owned()], NOW, 90).unwrap();
    let collector = opened.issue_collector("6510000000f1".parse().unwrap(), NOW, 30).unwrap();
    assert!(shake(&kept, &server, &collector, now_s()).is_ok());
}
