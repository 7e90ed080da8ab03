//! The bulk verifier against the plain path: random keys, cards, types and wrong TACs.

use proptest::prelude::*;
use tongclear_types::{
    BcdDate, BcdTime, CardId, IssuerId, RecordFlags, Serial, TerminalId, TerminalNumber, TransactionRecord,
    Tti,
};

use super::*;
use crate::block::PAD;
use crate::tac::TacMessage;
use crate::{KeyLevels, TacInput, tac, verify_tac};

/// All TTIs that matter: four that can be cleared and one that cannot.
const TTIS: [u8; 5] = [0x02, 0x05, 0x06, 0x09, 0x01];

prop_compose! {
    fn any_record()(
        (amount_fen, terminal_number, balance_after_fen) in any::<(u32, u32, u32)>(),
        tti in proptest::sample::select(TTIS.to_vec()),
        (terminal, date, time, tac) in any::<([u8; 6], [u8; 4], [u8; 3], [u8; 4])>(),
        (issuer, serial, online_counter) in any::<([u8; 8], [u8; 10], u16)>(),
    ) -> TransactionRecord {
        TransactionRecord {
            amount_fen,
            tti: Tti(tti),
            terminal: TerminalId(terminal),
            terminal_number: TerminalNumber(terminal_number),
            date: BcdDate(date),
            time: BcdTime(time),
            tac,
            key_version: 1,
            algorithm: 0,
            issuer: IssuerId(issuer),
            serial: Serial(serial),
            offline_counter: 0,
            online_counter,
            balance_before_fen: 0,
            balance_after_fen,
            list_price_fen: 0,
            sector: 1,
            flags: RecordFlags(0),
            deny_list_version: 0,
            card_random: [0; 4],
            sector_data: [0; 24],
        }
    }
}

/// One record, the key it takes, and which bit of its TAC is wrong, if any.
#[derive(Debug, Clone)]
struct Tap {
    record: TransactionRecord,
    key: usize,
    wrong_bit: Option<u8>,
}

fn any_tap() -> impl Strategy<Value = Tap> {
    let wrong_bit = prop_oneof![3 => Just(None), 1 => (0..32u8).prop_map(Some)];
    (any_record(), any::<prop::sample::Index>(), wrong_bit).prop_map(|(record, key, wrong_bit)| Tap {
        record,
        key: key.index(KEYS),
        wrong_bit,
    })
}

const KEYS: usize = 4;

/// Two DES keys, one with equal halves (3DES under it is single DES), one of SM4.
fn masters(bytes: [[u8; 16]; KEYS]) -> [MasterKey; KEYS] {
    let [first, second, third, fourth] = bytes;
    let mut equal = third;
    equal.copy_within(..8, 8);
    [
        MasterKey::new(Algorithm::Des, first),
        MasterKey::new(Algorithm::Des, second),
        MasterKey::new(Algorithm::Des, equal),
        MasterKey::new(Algorithm::Sm4, fourth),
    ]
}

/// Pushes `taps` and compares each verdict with the plain path's, and with what was done to the TAC.
/// Every instruction set must find the same.
fn check(masters: &[MasterKey; KEYS], taps: &[Tap], verdicts: &mut Vec<bool>, batch: &mut TacBatch) {
    for set in InstructionSet::available() {
        check_with(set, masters, taps, verdicts, batch);
    }
}

fn check_with(
    set: InstructionSet,
    masters: &[MasterKey; KEYS],
    taps: &[Tap],
    verdicts: &mut Vec<bool>,
    batch: &mut TacBatch,
) {
    let mut verifier = BulkVerifier::new().with_instruction_set(set).unwrap();
    assert_eq!(verifier.instruction_set(), set);
    let slots = masters.each_ref().map(|master| verifier.add_key(master));
    batch.clear();
    let mut expected = Vec::new();
    for tap in taps {
        let card_key = masters[tap.key].for_card(KeyLevels::One, &tap.record.card());
        let mut record = tap.record;
        let Some(right) = tac(&card_key, &record) else {
            assert_eq!(batch.push(slots[tap.key], &record), None, "{:?}", record.tti);
            continue;
        };
        record.tac = right;
        if let Some(bit) = tap.wrong_bit {
            record.tac[usize::from(bit / 8)] ^= 1 << (bit % 8);
        }
        assert_eq!(verify_tac(&card_key, &record), Some(tap.wrong_bit.is_none()));
        assert_eq!(batch.push(slots[tap.key], &record), Some(expected.len()));
        expected.push(tap.wrong_bit.is_none());
    }
    assert_eq!((batch.len(), batch.is_empty()), (expected.len(), expected.is_empty()));
    verifier.verify(batch, verdicts);
    assert_eq!(*verdicts, expected, "{set}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn bulk_and_plain_agree(
        bytes in any::<[[u8; 16]; KEYS]>(),
        taps in proptest::collection::vec(any_tap(), 0..=1200),
        only_key in proptest::option::of(0..KEYS),
    ) {
        let mut taps = taps;
        if let Some(key) = only_key {
            taps.iter_mut().for_each(|tap| tap.key = key);
        }
        let (mut verdicts, mut batch) = (vec![true; 3], TacBatch::default());
        check(&masters(bytes), &taps, &mut verdicts, &mut batch);
        // The same batch again, reused: nothing of the first use is left.
        taps.truncate(taps.len() / 2);
        check(&masters(bytes), &taps, &mut verdicts, &mut batch);
    }
}

/// Sizes around the threshold and around whole rows of every set, for purchases alone and loads alone.
#[test]
fn every_size_around_the_edges() {
    let masters = masters([[1; 16], *b"0123456789abcdef", [3; 16], [4; 16]]);
    let (mut verdicts, mut batch) = (Vec::new(), TacBatch::with_capacity(10));
    let mut edges = vec![0, 64, 128, 256, 512, 1024];
    for set in InstructionSet::ALL {
        let least = [Algorithm::Des, Algorithm::Sm4].map(|algorithm| bit_sliced_min(algorithm, set));
        edges.extend(least.iter().flat_map(|least| [0, 256, 512].map(|whole| whole + least)));
    }
    edges.sort_unstable();
    edges.dedup();
    for size in edges.iter().flat_map(|edge| edge.saturating_sub(1)..=edge + 1) {
        for (tti, first_key) in [(Tti::PURCHASE, 0), (Tti::LOAD, 0), (Tti::PURCHASE, 2), (Tti::LOAD, 2)] {
            let mut taps: Vec<Tap> = (0..size).map(tap).collect();
            for tap in &mut taps {
                tap.record.tti = tti;
                tap.key += first_key;
            }
            check(&masters, &taps, &mut verdicts, &mut batch);
        }
    }
}

/// One wrong bit in the TAC of one record among many, at every place of a group: only that verdict is wrong.
#[test]
fn every_place_has_its_own_verdict() {
    const SIZE: usize = 512;
    let master = MasterKey::new(Algorithm::Des, *b"fedcba9876543210");
    let records: Vec<TransactionRecord> = (0..SIZE)
        .map(|i| {
            let mut record = tap(i).record;
            record.tac = tac(&master.for_card(KeyLevels::One, &record.card()), &record).unwrap();
            record
        })
        .collect();
    for set in InstructionSet::available() {
        let mut verifier = BulkVerifier::new().with_instruction_set(set).unwrap();
        let slot = verifier.add_key(&master);
        let (mut batch, mut verdicts) = (TacBatch::default(), Vec::new());
        for wrong in 0..SIZE {
            batch.clear();
            for (i, record) in records.iter().enumerate() {
                let mut record = *record;
                record.tac[wrong / 8 % 4] ^= if i == wrong { 1 << (wrong % 8) } else { 0 };
                batch.push(slot, &record);
            }
            verifier.verify(&batch, &mut verdicts);
            let found: Vec<usize> = (0..SIZE).filter(|i| !verdicts[*i]).collect();
            assert_eq!(found, [wrong], "{set}");
        }
    }
}

/// The columns' numbers are the plain path's bytes, and come back as them.
#[test]
fn blocks_are_the_padded_message() {
    for (tti, chain) in [(Tti::COMPOSITE_PURCHASE, Chain::Purchase), (Tti::LOAD, Chain::Load)] {
        let record = TransactionRecord {
            tti,
            amount_fen: 0x0102_0304,
            balance_after_fen: 0x0506_0708,
            online_counter: 0x090a,
            terminal: TerminalId([0x11, 0x12, 0x13, 0x14, 0x15, 0x16]),
            terminal_number: TerminalNumber(0x2122_2324),
            ..tap(1).record
        };
        let message = TacInput::of(&record).unwrap().message();
        let mut padded = [message.as_bytes(), &[PAD]].concat();
        padded.resize(padded.len().next_multiple_of(8), 0);
        let (blocks, last) = match chain {
            Chain::Purchase => (TacMessage::purchase_blocks(&record), None),
            Chain::Load => (TacMessage::load_blocks(&record), Some(TacMessage::LOAD_PADDING)),
        };
        let found: Vec<u8> = blocks.into_iter().chain(last).flat_map(u64::to_be_bytes).collect();
        assert_eq!(found, padded);
        assert_eq!(TacMessage::of_blocks(chain, blocks), message);
    }
}

fn tap(i: usize) -> Tap {
    let number = u32::try_from(i).unwrap();
    let mut serial = [0x31; 10];
    serial[6..].copy_from_slice(&number.to_be_bytes());
    let record = TransactionRecord {
        amount_fen: 200,
        tti: Tti::PURCHASE,
        terminal: TerminalId([6; 6]),
        terminal_number: TerminalNumber(number),
        date: BcdDate([0x20, 0x26, 0x11, 0x22]),
        time: BcdTime([0x08, 0x15, 0x30]),
        tac: [0; 4],
        key_version: 1,
        algorithm: 0,
        issuer: IssuerId([4; 8]),
        serial: Serial(serial),
        offline_counter: 0,
        online_counter: 0,
        balance_before_fen: 0,
        balance_after_fen: 0,
        list_price_fen: 0,
        sector: 1,
        flags: RecordFlags(0),
        deny_list_version: 0,
        card_random: [0; 4],
        sector_data: [0; 24],
    };
    Tap { record, key: i % 2, wrong_bit: (i % 7 == 3).then_some(u8::try_from(i % 32).unwrap()) }
}

#[test]
fn two_levels_meet_when_the_issuer_level_is_added() {
    for algorithm in [Algorithm::Des, Algorithm::Sm4] {
        let master = MasterKey::new(algorithm, *b"fedcba9876543210");
        let mut verifier = BulkVerifier::new();
        let mut batch = TacBatch::default();
        let slot = verifier.add_key(&master.diversify([4; 8]));
        for i in 0..30 {
            let mut record = tap(i).record;
            let card = CardId { issuer: IssuerId([4; 8]), serial: record.serial };
            record.tac = tac(&master.for_card(KeyLevels::Two, &card), &record).unwrap();
            batch.push(slot, &record);
        }
        let mut verdicts = Vec::new();
        verifier.verify(&batch, &mut verdicts);
        assert_eq!(verdicts, [true; 30], "{algorithm}");
    }
}

/// A slot of another verifier is a mistake of the caller's; it must not become a panic or a right TAC.
#[test]
fn a_slot_without_a_key_here_makes_the_tac_wrong() {
    let mut elsewhere = BulkVerifier::new();
    let masters = masters([[1; 16], [2; 16], [3; 16], [4; 16]]);
    let slots = masters.each_ref().map(|master| elsewhere.add_key(master));
    let mut here = BulkVerifier::new();
    here.add_key(&masters[3]);
    for slot in [slots[0], slots[2], slots[3]] {
        for size in [1, 40] {
            let mut batch = TacBatch::default();
            (0..size).for_each(|i| {
                batch.push(slot, &tap(i).record);
            });
            let mut verdicts = Vec::new();
            here.verify(&batch, &mut verdicts);
            assert_eq!(verdicts, vec![false; size]);
        }
    }
    assert_eq!(format!("{here:?}"), "BulkVerifier(1 keys)");
}
