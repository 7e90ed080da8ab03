//! Bit-sliced DES, part by part: circuits, transposition, and the cipher against the `des` crate.

use ::des::Des;
use ::des::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use proptest::prelude::*;

use super::des::{self, Direction};
use super::generate::{SBOXES, sbox_output, search, truth_table};
use super::sboxes::{s1, s2, s3, s4, s5, s6, s7, s8};
use super::transpose::{broadcast, load, transpose};
use super::{Job, Rows, lanes, run};
use crate::InstructionSet;

/// The six inputs of a circuit such that lane `i` has input `i`.
fn all_inputs() -> [u64; 6] {
    std::array::from_fn(|bit| (0..64u64).map(|lane| (lane >> (5 - bit) & 1) << lane).sum())
}

#[test]
fn circuits_agree_with_the_tables_for_all_inputs() {
    let circuits = [s1, s2, s3, s4, s5, s6, s7, s8];
    for (sbox, circuit) in circuits.into_iter().enumerate() {
        let outputs = circuit(all_inputs());
        for input in 0..64u8 {
            let found = outputs.iter().fold(0, |value, row| value << 1 | u8::from(row >> input & 1 == 1));
            assert_eq!(found, sbox_output(sbox, input), "S{} of {input:06b}", sbox + 1);
        }
    }
}

#[test]
fn every_row_of_every_sbox_is_a_permutation() {
    for row in SBOXES.iter().flat_map(|sbox| sbox.chunks(16)) {
        let mut row = row.to_vec();
        row.sort_unstable();
        assert_eq!(row, (0..16).collect::<Vec<u8>>());
    }
}

/// One restart is quick; the committed circuits come from many, and must not be larger.
#[test]
fn the_generator_yields_the_same_circuit_again_and_the_committed_ones_are_no_larger() {
    let committed = include_str!("sboxes.rs");
    for sbox in [0, 5] {
        let circuit = search(sbox, 1);
        assert_eq!(circuit.source(sbox), search(sbox, 1).source(sbox));
        let title = format!("/// S{}, ", sbox + 1);
        let gates = committed.split_once(&title).and_then(|(_, rest)| rest.split_once(' ')).unwrap().0;
        assert!(gates.parse::<usize>().unwrap() <= circuit.len(), "S{}: {gates} gates", sbox + 1);
    }
    assert_eq!(truth_table(0, 0).count_ones(), 32, "an output bit of an S-box is balanced");
}

#[test]
fn transposition_puts_bits_where_rows_expect_them() {
    let mut rows = [[0; 2]; 64];
    rows[3] = [1 << 63, 0];
    rows[63] = [0b101, 1 << 62];
    transpose(&mut rows);
    let mut expected = [[0u64; 2]; 64];
    expected[0][0] = 1 << 60;
    expected[61][0] = 1;
    expected[63][0] = 1;
    expected[1][1] = 1;
    assert_eq!(rows, expected);
}

/// Lane `lane` of `rows` as a value again.
fn lane<const W: usize>(rows: &Rows<W>, lane: usize) -> u64 {
    rows.iter().fold(0, |value, row| value << 1 | (row[lane % W] << (lane / W) >> 63))
}

#[test]
fn short_columns_leave_the_other_lanes_empty() {
    fn check<const W: usize>() {
        let mut rows = [[u64::MAX; W]; 64];
        load(&[7, 8, 9], &mut rows);
        assert_eq!([0, 1, 2, 3, lanes(W) - 1].map(|i| lane(&rows, i)), [7, 8, 9, 0, 0]);
        broadcast(0x8000_0000_0000_0001, &mut rows);
        assert_eq!([0, lanes(W) - 1].map(|i| lane(&rows, i)), [0x8000_0000_0000_0001; 2]);
    }
    check::<1>();
    check::<2>();
    check::<4>();
    check::<8>();
}

/// DES of as many blocks as there are lanes, and the blocks back from the rows.
struct Encryption<'a> {
    keys: &'a [u64],
    blocks: &'a [u64],
    direction: Direction,
}

impl Job for Encryption<'_> {
    type Output = Vec<u64>;

    #[inline(always)]
    fn run<const W: usize>(self) -> Vec<u64> {
        let mut found = Vec::new();
        for (keys, blocks) in self.keys.chunks(lanes(W)).zip(self.blocks.chunks(lanes(W))) {
            let (mut key_rows, mut block_rows) = ([[0; W]; 64], [[0; W]; 64]);
            load(keys, &mut key_rows);
            load(blocks, &mut block_rows);
            des::run(&mut block_rows, &key_rows, self.direction);
            found.extend((0..keys.len()).map(|i| lane(&block_rows, i)));
        }
        found
    }
}

/// FIPS 46-3 has no vectors of its own; the `des` crate is tested against NIST SP 800-17 and 800-20.
fn check(keys: &[u64], blocks: &[u64], direction: Direction) {
    let expected: Vec<u64> = keys
        .iter()
        .zip(blocks)
        .map(|(key, block)| {
            let cipher = Des::new(&key.to_be_bytes().into());
            let mut block = block.to_be_bytes().into();
            match direction {
                Direction::Encrypt => cipher.encrypt_block(&mut block),
                Direction::Decrypt => cipher.decrypt_block(&mut block),
            }
            u64::from_be_bytes(block.into())
        })
        .collect();
    for set in InstructionSet::available() {
        assert_eq!(run(set, Encryption { keys, blocks, direction }), expected, "{set}, {direction:?}");
    }
}

#[test]
fn weak_keys_are_ciphers_too() {
    let keys = [0, u64::MAX, 0x0101_0101_0101_0101, 0xfefe_fefe_fefe_fefe, 0x1f1f_1f1f_0e0e_0e0e];
    for direction in [Direction::Encrypt, Direction::Decrypt] {
        check(&keys, &[0, 1, u64::MAX, 0x0123_4567_89ab_cdef, 42], direction);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn every_lane_has_its_own_key(
        pairs in proptest::collection::vec(any::<(u64, u64)>(), 1..=600),
        decrypt in any::<bool>(),
    ) {
        let (keys, blocks): (Vec<u64>, Vec<u64>) = pairs.into_iter().unzip();
        check(&keys, &blocks, if decrypt { Direction::Decrypt } else { Direction::Encrypt });
    }
}
