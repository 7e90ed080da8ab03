//! Packages: records gathered, sealed and chained, some held back, some sent twice, some not fit to be let in.
//!
//! Bounded by: a few packages a collector and window.

use std::collections::BTreeMap;

use tongclear_types::{CollectorId, MerchantCode, TransactionRecord};

use crate::city::{NEW_DEPOT, code};
use crate::dice::Dice;
use crate::facts::{Keys, Registry, SealKey};
use crate::script::PackageFile;
use crate::street::Draft;
use crate::wire::{Header, SEAL, package_bytes, part};

/// Where a collector's chain stands.
#[derive(Debug, Clone, Copy, Default)]
struct Chain {
    sequence: u32,
    seal: [u8; 8],
}

/// What has been packed so far.
#[derive(Debug, Default)]
pub(crate) struct Post {
    chains: BTreeMap<CollectorId, Chain>,
    /// Every good package ever packed.
    sent: Vec<PackageFile>,
    mischief: u32,
}

fn file(collector: CollectorId, sequence: u32, bytes: Vec<u8>) -> PackageFile {
    PackageFile { name: format!("{collector}-{sequence:010}.ctp"), bytes }
}

fn header(
    merchant: MerchantCode,
    collector: CollectorId,
    records: &[TransactionRecord],
    key: &SealKey,
) -> Header {
    Header {
        merchant: merchant.bytes(),
        collector,
        sequence: 1,
        sum: records.iter().map(|record| u64::from(record.amount_fen)).sum(),
        key_version: key.version,
        algorithm: if key.version == 1 { 1 } else { 2 },
        previous_seal: [0; 8],
    }
}

impl Post {
    /// Packs drafts into packages of their merchants' collectors.
    pub(crate) fn pack(
        &mut self,
        dice: &mut Dice,
        registry: &Registry,
        keys: &Keys,
        drafts: Vec<Draft>,
    ) -> Vec<PackageFile> {
        let mut heaps: BTreeMap<(MerchantCode, CollectorId, u32), Vec<TransactionRecord>> = BTreeMap::new();
        for draft in drafts {
            let own: Vec<CollectorId> = registry
                .collectors
                .iter()
                .filter(|it| it.merchant == draft.merchant && it.id != NEW_DEPOT)
                .map(|it| it.id)
                .collect();
            let heap = (draft.merchant, dice.pick(&own), dice.number(0, 1));
            heaps.entry(heap).or_default().push(draft.record);
        }
        if dice.chance(15) {
            let any = registry.collectors[0];
            heaps.entry((any.merchant, any.id, 9)).or_default();
        }
        let mut files = Vec::new();
        for ((merchant, collector, _), mut records) in heaps {
            if dice.chance(90) {
                records.sort_by_key(|record| (record.terminal, record.terminal_number));
            } else {
                dice.shuffle(&mut records);
            }
            files.push(self.seal(dice, keys, merchant, collector, &records));
        }
        files
    }

    /// Seals the collector's next package.
    fn seal(
        &mut self,
        dice: &mut Dice,
        keys: &Keys,
        merchant: MerchantCode,
        collector: CollectorId,
        records: &[TransactionRecord],
    ) -> PackageFile {
        let chain = self.chains.entry(collector).or_default();
        let key = dice.pick(&keys.seal);
        chain.sequence += 1;
        let header = Header {
            sequence: chain.sequence,
            previous_seal: chain.seal,
            ..header(merchant, collector, records, &key)
        };
        let bytes = package_bytes(&header, records, &key);
        chain.seal = part(&bytes, bytes.len() - SEAL);
        let file = file(collector, chain.sequence, bytes);
        self.sent.push(file.clone());
        file
    }

    /// A package of the depot that may not be registered yet; only its first counts.
    pub(crate) fn depot(&mut self, keys: &Keys, drafts: &[Draft]) -> PackageFile {
        let merchant = code("BUS00001");
        let records: Vec<_> =
            drafts.iter().filter(|draft| draft.merchant == merchant).map(|draft| draft.record).collect();
        let key = keys.seal[0];
        let bytes = package_bytes(&header(merchant, NEW_DEPOT, &records, &key), &records, &key);
        file(NEW_DEPOT, 1, bytes)
    }

    /// Some good package of any time.
    pub(crate) fn resend(&self, dice: &mut Dice) -> Option<PackageFile> {
        if self.sent.is_empty() { None } else { Some(dice.pick(&self.sent)) }
    }

    /// A package that must not come in, full of records that would count if it did.
    ///
    /// It is only right to send it when all that was packed for its collector has been sent.
    pub(crate) fn mischief(
        &mut self,
        dice: &mut Dice,
        registry: &Registry,
        keys: &Keys,
        records: &[TransactionRecord],
    ) -> Option<PackageFile> {
        let collector = registry.collectors[dice.place(registry.collectors.len())];
        let chain = *self.chains.get(&collector.id)?;
        let key = keys.seal[0];
        let next = Header {
            sequence: chain.sequence + 1,
            previous_seal: chain.seal,
            ..header(collector.merchant, collector.id, records, &key)
        };
        let with = |header: Header| package_bytes(&header, records, &key);
        let bytes = match dice.place(12) {
            0 => with(Header { sequence: chain.sequence, ..next }),
            1 => with(Header { previous_seal: [0xee; 8], ..next }),
            2 => with(Header { sum: next.sum + 1, ..next }),
            3 => with(Header { sequence: 0, ..next }),
            4 => with(Header { collector: CollectorId([9; 6]), ..next }),
            5 => with(Header { merchant: code("GOV00001").bytes(), ..next }),
            6 => with(Header { merchant: *b"bus 0001", ..next }),
            7 => with(Header { key_version: dice.pick(&[0, 3]), ..next }),
            8 => with(Header { algorithm: dice.pick(&[0, 2, 3]), ..next }),
            9 => {
                let mut bytes = with(next);
                bytes.truncate(dice.place(bytes.len()));
                bytes
            }
            10 => package_bytes(&next, records, &SealKey { master: [0; 32], ..key }),
            _ => {
                let mut bytes = with(next);
                let at = dice.place(bytes.len());
                bytes[at] ^= 1 << dice.place(8);
                bytes
            }
        };
        self.mischief += 1;
        Some(PackageFile { name: format!("x{}-{}.ctp", self.mischief, collector.id), bytes })
    }
}
