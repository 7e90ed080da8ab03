//! The first error found in a package is the reason that the door would give; those behind it are found as well.

use tongclear_mac::{SealAlgorithm, SealMaster};
use tongclear_package::{Refusal, admit};

use super::*;
use crate::rule::Severity;

/// The registry and the keys under which the fixtures of packages are judged (`fixtures/README.md`).
struct Centre {
    registry: Registry,
    keys: KeyFile,
}

impl tongclear_package::Door for Centre {
    fn merchant_of(&self, collector: CollectorId) -> Option<MerchantCode> {
        self.registry.collector(&collector).map(|it| it.merchant)
    }
    fn seal_master(&self, version: u32) -> Option<&SealMaster> {
        self.keys.seal_master(version)
    }
}

fn centre() -> Centre {
    let toml = include_str!("../../../../fixtures/layouts/registry/registry.toml")
        .replace("SHOP0001", "MET00001")
        .replace("\"commerce\"", "\"metro\"");
    let mut keys = KeyFile::new();
    keys.add_seal(1, SealMaster::new(SealAlgorithm::HmacSha256, [0x11; 32])).unwrap();
    keys.add_seal(2, SealMaster::new(SealAlgorithm::HmacSm3, [0x22; 32])).unwrap();
    let terminals = b"id,merchant,collector,from,until\n";
    Centre { registry: Registry::parse(&toml, terminals).unwrap(), keys }
}

/// Rule and field of everything that is wrong with a package itself, errors only.
fn errors(bytes: &[u8]) -> Vec<(Rule, &'static str)> {
    let centre = centre();
    let mut findings = Findings::default();
    let door = Door { registry: &centre.registry, keys: Some(&centre.keys) };
    let file = PackageFile { name: "x.ctp", bytes };
    match Opened::read(file) {
        Some(package) => door.check(0, &package, &mut findings),
        None => door.too_short(0, file, &mut findings),
    }
    let errors = findings.kept().filter(|it| it.severity == Severity::Error);
    errors.map(|it| (it.rule, it.field)).collect()
}

/// What the door says agrees with the first error.
fn check(name: &str, bytes: &[u8]) {
    let found = errors(bytes);
    let first = found.first().map(|(rule, field)| (rule.reason().unwrap(), *field));
    let refusal = admit(bytes, &centre()).err();
    let expected = refusal.as_ref().map(|Refusal { reason, field, .. }| (reason.name(), *field));
    assert_eq!(first, expected, "{name}");
}

#[test]
fn the_first_error_of_every_fixture_is_the_doors() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/packages");
    let mut packages = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "ctp") {
            check(&path.display().to_string(), &std::fs::read(&path).unwrap());
            packages += 1;
        }
    }
    assert!(packages > 20, "{packages}");
}

#[test]
fn what_comes_behind_the_first_error_is_found_too() {
    let valid = include_bytes!("../../../../fixtures/packages/valid-two-records.ctp");
    assert_eq!(errors(valid), []);
    let mut bytes = valid.to_vec();
    bytes[4] = 9;
    bytes[22] = 1;
    bytes[16..22].fill(0xee);
    bytes[39] ^= 1;
    bytes[24..28].fill(0);
    let found = [
        (Rule::Form, "version"),
        (Rule::Form, "reserved_22"),
        (Rule::CollectorRegistered, "collector"),
        (Rule::Seal, "seal"),
        (Rule::Form, "sequence"),
    ];
    assert_eq!(errors(&bytes), found, "without records there is no sum");
}

#[test]
fn every_changed_byte_of_a_header_is_judged_as_the_door_does() {
    let valid = include_bytes!("../../../../fixtures/packages/valid-two-records.ctp");
    for at in 0..HEADER_LEN {
        for byte in [0x00, 0x01, 0x02, 0x41, 0xff] {
            let mut bytes = valid.to_vec();
            bytes[at] = byte;
            check(&format!("{byte:02x} at {at}"), &bytes);
        }
    }
    for len in 0..valid.len() {
        check(&format!("{len} bytes"), &valid[..len]);
    }
}
