//! What holds for all packages and all bytes.

use proptest::collection::vec;
use proptest::prelude::*;
use tongclear_mac::{SealAlgorithm, SealMaster};
use tongclear_package::{
    Door, PackageHeaderFields, PackageView, RECORD_LEN, admit, decode_record, encode_record, fuzzing,
    write_package,
};
use tongclear_types::{CollectorId, MerchantCode, PackageSequence, TransactionRecord};

use crate::sample::{BUS, Centre, flipped, package};

/// A door for one collector.
struct Only(CollectorId, MerchantCode, u32, SealMaster);

impl Door for Only {
    fn merchant_of(&self, collector: CollectorId) -> Option<MerchantCode> {
        (collector == self.0).then_some(self.1)
    }

    fn seal_master(&self, version: u32) -> Option<&SealMaster> {
        (version == self.2).then_some(&self.3)
    }
}

fn record() -> impl Strategy<Value = TransactionRecord> {
    vec(any::<u8>(), RECORD_LEN).prop_map(|bytes| decode_record(&bytes.try_into().unwrap()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_96_bytes_are_a_record(bytes in vec(any::<u8>(), RECORD_LEN)) {
        let bytes: [u8; RECORD_LEN] = bytes.try_into().unwrap();
        prop_assert_eq!(encode_record(&decode_record(&bytes)), bytes);
    }

    #[test]
    fn what_is_written_is_admitted(
        code in "[A-Z0-9]{8}",
        collector in any::<[u8; 6]>(),
        sequence in 1..=u32::MAX,
        created_at_unix_s in any::<u64>(),
        seal_key_version in any::<u32>(),
        previous_seal in any::<[u8; 8]>(),
        sm3 in any::<bool>(),
        master in any::<[u8; 32]>(),
        records in vec(record(), 0..20),
    ) {
        let algorithm = if sm3 { SealAlgorithm::HmacSm3 } else { SealAlgorithm::HmacSha256 };
        let (merchant, collector) = (code.parse().unwrap(), CollectorId(collector));
        let door = Only(collector, merchant, seal_key_version, SealMaster::new(algorithm, master));
        let sequence = PackageSequence(sequence);
        let fields =
            PackageHeaderFields { merchant, collector, sequence, created_at_unix_s, seal_key_version, previous_seal };
        let bytes = write_package(&fields, &records, &door.3);
        let view = admit(&bytes, &door).unwrap();
        prop_assert_eq!(view.records().collect::<Vec<_>>(), records);
        let header = *view.header();
        prop_assert_eq!(
            (header.merchant, header.collector, header.sequence, header.created_at_unix_s),
            (merchant, collector, sequence, created_at_unix_s)
        );
        prop_assert_eq!(
            (header.seal_key_version, header.seal_algorithm, header.previous_seal),
            (seal_key_version, algorithm, previous_seal)
        );
        prop_assert!(view.verify_seal(&door.3));
        prop_assert_eq!(PackageView::reopen(&bytes).map(|view| *view.header()), Ok(header));
    }

    #[test]
    fn no_bytes_make_anything_panic(bytes in vec(any::<u8>(), 0..600)) {
        fuzzing::package(&bytes);
        fuzzing::deny_list(&bytes);
        fuzzing::result_file(&bytes);
        // And the same behind a header that goes far into the checks.
        let mut deep = package(BUS, 1, 0, [0; 8]);
        let at = bytes.len() % 128;
        deep.iter_mut().skip(at).zip(&bytes).take(9).for_each(|(byte, new)| *byte = *new);
        fuzzing::package(&deep);
        let _ = admit(&deep, &Centre::new()).map_err(|refusal| refusal.to_string());
    }
}

/// All 2,816 of them, for a package of two records: no sampling where everything can be tried.
#[test]
fn every_single_flipped_bit_is_refused() {
    let good = package(BUS, 1, 2, [0; 8]);
    let centre = Centre::new();
    admit(&good, &centre).unwrap();
    for at in 0..good.len() {
        for bit in 0..8 {
            assert!(admit(&flipped(good.clone(), at, bit), &centre).is_err(), "bit {bit} of byte {at}");
        }
    }
}
