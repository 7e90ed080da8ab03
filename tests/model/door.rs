//! The door of package.md: which packages come in, and for which reason the others do not.
//!
//! Bounded by: every accepted package is kept whole and looked through for each new one.

use tongclear_types::{CollectorId, MerchantCode};

use crate::facts::{Keys, Package, Registry, SealHash};
use crate::wire::{self, HEADER, RECORD, SEAL, part};

/// What the door does with one file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    /// It belongs to the open window now.
    Accepted(Package),
    /// The same bytes were accepted before: nothing changes.
    AlreadyReceived,
    /// Kept apart, with the reason; it counts nowhere.
    Quarantined(&'static str),
}

/// A package that was accepted, with its bytes.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub bytes: Vec<u8>,
    pub package: Package,
}

/// Takes `bytes` through the checks in the documented order.
pub(crate) fn knock(registry: &Registry, keys: &Keys, accepted: &[Kept], bytes: &[u8]) -> Answer {
    use Answer::Quarantined;
    if bytes.len() < HEADER {
        return Quarantined("malformed_package");
    }
    let count = u32::from_be_bytes(part(bytes, 28));
    let count_usize = usize::try_from(count).expect("a count of 32 bits fits");
    if count > 1_000_000 || bytes.len() != HEADER + RECORD * count_usize + SEAL {
        return Quarantined("malformed_package");
    }
    let fixed = bytes[0..4] == *b"CTPK"
        && bytes[4..6] == [0, 1]
        && bytes[6..8] == [0, 128]
        && bytes[53] == 1
        && bytes[54..56] == [0, 96]
        && bytes[22..24] == [0, 0]
        && bytes[64..128] == [0; 64];
    let Some(merchant) = MerchantCode::from_bytes(part(bytes, 8)) else {
        return Quarantined("malformed_package");
    };
    if !fixed {
        return Quarantined("malformed_package");
    }
    let collector = CollectorId(part(bytes, 16));
    let Some(registered) = registry.collectors.iter().find(|it| it.id == collector) else {
        return Quarantined("unknown_collector");
    };
    if registered.merchant != merchant {
        return Quarantined("merchant_mismatch");
    }
    let hash = match bytes[52] {
        1 => SealHash::Sha256,
        2 => SealHash::Sm3,
        _ => return Quarantined("unknown_seal_key"),
    };
    let version = u32::from_be_bytes(part(bytes, 48));
    let Some(key) = keys.seal.iter().find(|key| key.version == version && key.hash == hash) else {
        return Quarantined("unknown_seal_key");
    };
    let (body, seal) = bytes.split_at(bytes.len() - SEAL);
    if wire::seal(key, collector, body) != seal {
        return Quarantined("seal_invalid");
    }
    let records: Vec<_> = body[HEADER..].chunks(RECORD).map(wire::read_record).collect();
    let sum: u64 = records.iter().map(|record| u64::from(record.amount_fen)).sum();
    if sum != u64::from_be_bytes(part(bytes, 32)) {
        return Quarantined("sum_mismatch");
    }
    let sequence = u32::from_be_bytes(part(bytes, 24));
    if sequence == 0 {
        return Quarantined("malformed_package");
    }
    let package = Package {
        merchant,
        collector,
        sequence,
        previous_seal: part(bytes, 56),
        seal: part(seal, 0),
        records,
    };
    in_chain(accepted, bytes, package)
}

/// The last two checks: the sequence among those accepted, and the seals before and after.
fn in_chain(accepted: &[Kept], bytes: &[u8], package: Package) -> Answer {
    let of_collector = |sequence: u32| {
        accepted
            .iter()
            .find(|kept| kept.package.collector == package.collector && kept.package.sequence == sequence)
    };
    if let Some(kept) = of_collector(package.sequence) {
        if kept.bytes == bytes {
            return Answer::AlreadyReceived;
        }
        return Answer::Quarantined("sequence_conflict");
    }
    let expected = if package.sequence == 1 {
        Some([0; 8])
    } else {
        of_collector(package.sequence - 1).map(|before| part::<8>(&before.package.seal, 0))
    };
    if expected.is_some_and(|expected| expected != package.previous_seal) {
        return Answer::Quarantined("chain_broken");
    }
    let after = package.sequence.checked_add(1).and_then(of_collector);
    if after.is_some_and(|after| after.package.previous_seal != part::<8>(&package.seal, 0)) {
        return Answer::Quarantined("chain_broken");
    }
    Answer::Accepted(package)
}

#[cfg(test)]
#[path = "door_tests.rs"]
mod tests;
