//! What the fuzz targets and the replay of their corpus call: any bytes in, and what must hold about them.
//!
//! Not part of the crate's interface. Each function panics when a promise is broken, and only then.

use tongclear_mac::{SealAlgorithm, SealMaster};
use tongclear_types::{CollectorId, MerchantCode, TransactionRecord};

use crate::{
    DenyList, Door, PackageHeaderFields, PackageView, RECORD_LEN, ResultFile, SEAL_LEN, admit, decode_record,
    encode_record, write_package,
};

/// The key that packages of the corpus are sealed with, for either algorithm: versions 1 and 2.
pub const MASTER: [u8; 32] = [0x5a; 32];

/// A door at which every collector belongs to the merchant that the package names.
#[derive(Debug)]
pub struct OpenDoor {
    merchant: Option<MerchantCode>,
    masters: [SealMaster; 2],
}

impl OpenDoor {
    /// The door for packages of `merchant`.
    #[must_use]
    pub fn new(merchant: Option<MerchantCode>) -> Self {
        let masters =
            [SealAlgorithm::HmacSha256, SealAlgorithm::HmacSm3].map(|it| SealMaster::new(it, MASTER));
        Self { merchant, masters }
    }
}

impl Door for OpenDoor {
    fn merchant_of(&self, _: CollectorId) -> Option<MerchantCode> {
        self.merchant
    }

    fn seal_master(&self, version: u32) -> Option<&SealMaster> {
        self.masters.get(usize::try_from(version.checked_sub(1)?).ok()?)
    }
}

/// Records survive; a package that is admitted or reopened is exactly what its parts write.
pub fn package(data: &[u8]) {
    for bytes in data.as_chunks::<RECORD_LEN>().0 {
        assert_eq!(encode_record(&decode_record(bytes)), *bytes);
    }
    let merchant = data.get(8..16).and_then(|code| MerchantCode::from_bytes(code.try_into().ok()?));
    let door = OpenDoor::new(merchant);
    let admitted = admit(data, &door);
    let reopened = PackageView::reopen(data);
    if let Ok(view) = &reopened {
        let mut written = view.header().encode().to_vec();
        view.records().for_each(|record| written.extend_from_slice(&encode_record(&record)));
        assert_eq!(written, data[..data.len() - SEAL_LEN], "a reopened package is written back the same");
    }
    if let Ok(view) = &admitted {
        let header = view.header();
        let master = door.seal_master(header.seal_key_version).expect("it was admitted with this key");
        assert!(view.verify_seal(master) && reopened.is_ok());
        let fields = PackageHeaderFields {
            merchant: header.merchant,
            collector: header.collector,
            sequence: header.sequence,
            created_at_unix_s: header.created_at_unix_s,
            seal_key_version: header.seal_key_version,
            previous_seal: header.previous_seal,
        };
        let records: Vec<TransactionRecord> = view.records().collect();
        assert_eq!(
            write_package(&fields, &records, master),
            data,
            "an admitted package is written back the same"
        );
    }
}

/// A list that is read is written to a form that is read as the same list, and no longer changes.
pub fn deny_list(data: &[u8]) {
    let Ok(list) = DenyList::parse(data) else { return };
    assert!(list.serials.is_sorted_by(|a, b| a < b));
    let written = list.to_bytes();
    assert_eq!(DenyList::parse(&written).as_ref(), Ok(&list));
    // Entries have one form only; the first line may have had leading zeros or capital hex.
    let entries = |bytes: &[u8]| {
        bytes.split_inclusive(|byte| *byte == b'\n').skip(1).take(list.serials.len()).fold(
            Vec::new(),
            |mut all, line| {
                all.extend_from_slice(line);
                all
            },
        )
    };
    assert_eq!(entries(data), entries(&written));
}

/// A result file that is read is written back the same, but for a CRLF after the trailer.
pub fn result_file(data: &[u8]) {
    let Ok(file) = ResultFile::parse(data) else { return };
    assert_eq!(file.to_bytes(), data.strip_suffix(b"\r\n").unwrap_or(data));
}
