//! Records into sealed packages: sorted, split at the most records that a package holds, chained.

use tongclear_mac::SealMaster;
use tongclear_package::{PackageHeaderFields, RECORDS_MAX, SEAL_LEN, file_name, write_package};
use tongclear_types::{PackageSequence, TransactionRecord};

use crate::error::PackError;

/// A package as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedPackage {
    /// The name of its file.
    pub name: String,
    /// Its number.
    pub sequence: PackageSequence,
    /// How many records it holds.
    pub records: usize,
    /// The sum of their amounts, fen.
    pub amount_fen: u64,
    /// The package.
    pub bytes: Vec<u8>,
}

/// Seals `records` into packages: one, also for no record at all, or as many as it takes.
///
/// `first` are the header fields of the first package; those after it have the next sequences and the seal of the
/// one before. Records are brought into the order of (terminal, terminal transaction number) first; those that
/// have both alike stay as they stood.
///
/// # Errors
/// [`PackError`] when sequence or previous seal cannot be those of a package.
pub fn pack(
    records: Vec<TransactionRecord>,
    first: &PackageHeaderFields,
    master: &SealMaster,
) -> Result<Vec<SealedPackage>, PackError> {
    let most = usize::try_from(RECORDS_MAX).unwrap_or(usize::MAX);
    pack_by(records, first, master, most)
}

fn pack_by(
    mut records: Vec<TransactionRecord>,
    first: &PackageHeaderFields,
    master: &SealMaster,
    records_max: usize,
) -> Result<Vec<SealedPackage>, PackError> {
    if first.sequence.0 == 0 {
        return Err(PackError::NoSequence);
    }
    if first.sequence.0 == 1 && first.previous_seal != [0; 8] {
        return Err(PackError::PreviousOfFirst { value: hex::encode(first.previous_seal) });
    }
    records.sort_by_key(|record| (record.terminal, record.terminal_number));
    let packages = records.len().div_ceil(records_max).max(1);
    let last = u32::try_from(packages - 1).ok().and_then(|more| first.sequence.0.checked_add(more));
    if last.is_none() {
        return Err(PackError::SequencesEnd { first: first.sequence.0, packages });
    }
    let mut fields = *first;
    let mut sealed = Vec::with_capacity(packages);
    let mut chunks = records.chunks(records_max);
    for _ in 0..packages {
        let records = chunks.next().unwrap_or_default();
        let bytes = write_package(&fields, records, master);
        let next_previous = bytes.last_chunk::<SEAL_LEN>().and_then(|seal| seal.first_chunk()).copied();
        sealed.push(SealedPackage {
            name: file_name(fields.collector, fields.sequence),
            sequence: fields.sequence,
            records: records.len(),
            amount_fen: records.iter().map(|record| u64::from(record.amount_fen)).sum(),
            bytes,
        });
        fields.sequence = PackageSequence(fields.sequence.0.saturating_add(1));
        fields.previous_seal = next_previous.unwrap_or_default();
    }
    Ok(sealed)
}

#[cfg(test)]
mod tests {
    use tongclear_mac::SealAlgorithm;
    use tongclear_package::{PackageView, decode_record};

    use super::*;

    fn record(terminal: u8, number: u32) -> TransactionRecord {
        let mut bytes = [0; 96];
        bytes[10] = terminal;
        bytes[11..15].copy_from_slice(&number.to_be_bytes());
        bytes[3] = terminal;
        decode_record(&bytes)
    }

    fn first(sequence: u32, previous_seal: [u8; 8]) -> PackageHeaderFields {
        PackageHeaderFields {
            merchant: "BUS00001".parse().unwrap(),
            collector: "6510000000f1".parse().unwrap(),
            sequence: PackageSequence(sequence),
            created_at_unix_s: 1_795_500_000,
            seal_key_version: 1,
            previous_seal,
        }
    }

    #[test]
    fn records_are_sorted_split_and_chained() {
        let master = SealMaster::new(SealAlgorithm::HmacSha256, [7; 32]);
        let records = vec![record(2, 1), record(1, 9), record(1, 3), record(2, 7), record(1, 4)];
        let sealed = pack_by(records, &first(7, [9; 8]), &master, 2).unwrap();
        let names: Vec<&str> = sealed.iter().map(|package| &*package.name).collect();
        assert_eq!(names, [7, 8, 9].map(|sequence| format!("6510000000f1-{sequence:010}.ctp")));
        assert_eq!(sealed.iter().map(|package| package.amount_fen).collect::<Vec<_>>(), [2, 3, 2]);
        let mut previous = [9; 8];
        let mut order = Vec::new();
        for package in &sealed {
            let view = PackageView::reopen(&package.bytes).unwrap();
            assert!(view.verify_seal(&master));
            assert_eq!(view.header().previous_seal, previous);
            assert_eq!(view.header().sequence, package.sequence);
            previous = view.seal_start();
            order.extend(view.records().map(|it| (it.terminal.0[5], it.terminal_number.0)));
        }
        assert_eq!(order, [(1, 3), (1, 4), (1, 9), (2, 1), (2, 7)]);
    }

    #[test]
    fn no_record_is_an_empty_package() {
        let master = SealMaster::new(SealAlgorithm::HmacSm3, [7; 32]);
        let sealed = pack(Vec::new(), &first(1, [0; 8]), &master).unwrap();
        let [package] = sealed.as_slice() else { panic!("one package") };
        assert_eq!(PackageView::reopen(&package.bytes).unwrap().header().record_count, 0);
    }

    #[test]
    fn a_sequence_that_cannot_be_is_refused() {
        let master = SealMaster::new(SealAlgorithm::HmacSha256, [7; 32]);
        let three = || vec![record(1, 1), record(1, 2), record(1, 3)];
        for (first, expected) in [
            (first(0, [0; 8]), "sequence is 0, expected 1 or more"),
            (first(1, [9; 8]), "previous_seal is 0909090909090909, expected zeros for sequence 1"),
            (
                first(u32::MAX, [9; 8]),
                "sequence is 4294967295, which leaves no room for 3 packages below 4294967296",
            ),
        ] {
            assert_eq!(pack_by(three(), &first, &master, 1).unwrap_err().to_string(), expected);
        }
    }
}
