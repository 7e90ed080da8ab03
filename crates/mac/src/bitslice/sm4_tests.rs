//! The S-box circuit of SM4 against the table, the bit-sliced cipher against the standard's example and the `sm4`
//! crate.

use proptest::prelude::*;

use super::generate_sm4::{sbox, sbox_circuit};
use super::transpose::load;
use super::{Job, lanes, run, sm4, sm4_sbox};
use crate::InstructionSet;
use crate::block::sm4_encrypt;

/// GB/T 32907-2016, clause 6.2.1.
#[rustfmt::skip]
const TABLE: [u8; 256] = [
    0xd6, 0x90, 0xe9, 0xfe, 0xcc, 0xe1, 0x3d, 0xb7, 0x16, 0xb6, 0x14, 0xc2, 0x28, 0xfb, 0x2c, 0x05,
    0x2b, 0x67, 0x9a, 0x76, 0x2a, 0xbe, 0x04, 0xc3, 0xaa, 0x44, 0x13, 0x26, 0x49, 0x86, 0x06, 0x99,
    0x9c, 0x42, 0x50, 0xf4, 0x91, 0xef, 0x98, 0x7a, 0x33, 0x54, 0x0b, 0x43, 0xed, 0xcf, 0xac, 0x62,
    0xe4, 0xb3, 0x1c, 0xa9, 0xc9, 0x08, 0xe8, 0x95, 0x80, 0xdf, 0x94, 0xfa, 0x75, 0x8f, 0x3f, 0xa6,
    0x47, 0x07, 0xa7, 0xfc, 0xf3, 0x73, 0x17, 0xba, 0x83, 0x59, 0x3c, 0x19, 0xe6, 0x85, 0x4f, 0xa8,
    0x68, 0x6b, 0x81, 0xb2, 0x71, 0x64, 0xda, 0x8b, 0xf8, 0xeb, 0x0f, 0x4b, 0x70, 0x56, 0x9d, 0x35,
    0x1e, 0x24, 0x0e, 0x5e, 0x63, 0x58, 0xd1, 0xa2, 0x25, 0x22, 0x7c, 0x3b, 0x01, 0x21, 0x78, 0x87,
    0xd4, 0x00, 0x46, 0x57, 0x9f, 0xd3, 0x27, 0x52, 0x4c, 0x36, 0x02, 0xe7, 0xa0, 0xc4, 0xc8, 0x9e,
    0xea, 0xbf, 0x8a, 0xd2, 0x40, 0xc7, 0x38, 0xb5, 0xa3, 0xf7, 0xf2, 0xce, 0xf9, 0x61, 0x15, 0xa1,
    0xe0, 0xae, 0x5d, 0xa4, 0x9b, 0x34, 0x1a, 0x55, 0xad, 0x93, 0x32, 0x30, 0xf5, 0x8c, 0xb1, 0xe3,
    0x1d, 0xf6, 0xe2, 0x2e, 0x82, 0x66, 0xca, 0x60, 0xc0, 0x29, 0x23, 0xab, 0x0d, 0x53, 0x4e, 0x6f,
    0xd5, 0xdb, 0x37, 0x45, 0xde, 0xfd, 0x8e, 0x2f, 0x03, 0xff, 0x6a, 0x72, 0x6d, 0x6c, 0x5b, 0x51,
    0x8d, 0x1b, 0xaf, 0x92, 0xbb, 0xdd, 0xbc, 0x7f, 0x11, 0xd9, 0x5c, 0x41, 0x1f, 0x10, 0x5a, 0xd8,
    0x0a, 0xc1, 0x31, 0x88, 0xa5, 0xcd, 0x7b, 0xbd, 0x2d, 0x74, 0xd0, 0x12, 0xb8, 0xe5, 0xb4, 0xb0,
    0x89, 0x69, 0x97, 0x4a, 0x0c, 0x96, 0x77, 0x7e, 0x65, 0xb9, 0xf1, 0x09, 0xc5, 0x6e, 0xc6, 0x84,
    0x18, 0xf0, 0x7d, 0xec, 0x3a, 0xdc, 0x4d, 0x20, 0x79, 0xee, 0x5f, 0x3e, 0xd7, 0xcb, 0x39, 0x48,
];

#[test]
fn the_circuit_and_the_algebra_agree_with_the_table_for_all_inputs() {
    for first in (0..=u8::MAX).step_by(64) {
        let input = |lane: u8| first + lane;
        let rows = std::array::from_fn(|bit| {
            (0..64).filter(|lane| input(*lane) << bit >> 7 == 1).map(|lane| 1u64 << lane).sum()
        });
        let outputs = sm4_sbox::sbox(rows);
        for lane in 0..64 {
            let found = outputs.iter().fold(0, |value, row| value << 1 | u8::from(row >> lane & 1 == 1));
            let input = input(lane);
            assert_eq!(found, TABLE[usize::from(input)], "circuit of {input:02x}");
            assert_eq!(sbox(input), TABLE[usize::from(input)], "algebra of {input:02x}");
        }
    }
}

/// A short search is quick; the committed circuit comes from a long one, and must not be larger. The generator holds
/// what it finds against the algebra.
#[test]
fn the_generator_yields_the_same_circuit_again_and_the_committed_one_is_no_larger() {
    let circuit = sbox_circuit(1, 1);
    assert_eq!(circuit.source(), sbox_circuit(1, 1).source());
    let committed = include_str!("sm4_sbox.rs");
    let gates =
        committed.split_once("/// The S-box of SM4, ").and_then(|(_, rest)| rest.split_once(' ')).unwrap().0;
    assert!(
        gates.parse::<usize>().unwrap() <= circuit.len(),
        "{gates} gates, a short search {}",
        circuit.len()
    );
}

/// SM4 of as many blocks as there are lanes, each under its own key.
struct Encryption<'a>(&'a [([u8; 16], [u8; 16])]);

impl Job for Encryption<'_> {
    type Output = Vec<[u8; 16]>;

    #[inline(always)]
    fn run<const W: usize>(self) -> Vec<[u8; 16]> {
        let mut found = Vec::new();
        for pairs in self.0.chunks(lanes(W)) {
            let mut round_keys = vec![[[0; W]; 32]; 32].into_boxed_slice();
            let round_keys = round_keys.as_mut_array().unwrap();
            let mut substituted = [[0; W]; 64];
            let (mut key, mut block) = ([[[0; W]; 32]; 4], [[[0; W]; 32]; 4]);
            for half in 0..2 {
                let value = |bytes: [u8; 16]| u64::from_be_bytes(bytes.as_chunks().0[half]);
                let [keys, blocks]: [Vec<u64>; 2] = [
                    pairs.iter().map(|(key, _)| value(*key)).collect(),
                    pairs.iter().map(|(_, block)| value(*block)).collect(),
                ];
                for (values, to) in [(keys, &mut key), (blocks, &mut block)] {
                    let mut rows = [[0; W]; 64];
                    load(&values, &mut rows);
                    to[2 * half..2 * half + 2].as_flattened_mut().copy_from_slice(&rows);
                }
            }
            sm4::schedule(&mut key, round_keys, &mut substituted);
            sm4::encrypt(&mut block, round_keys, &mut substituted);
            found.extend((0..pairs.len()).map(|i| {
                let bits = block.as_flattened().iter().map(|row| row[i % W] << (i / W) >> 63);
                bits.fold(0, |value, bit| value << 1 | u128::from(bit)).to_be_bytes()
            }));
        }
        found
    }
}

/// GB/T 32907-2016, annex A, example 1.
#[test]
fn the_example_of_the_standard() {
    let bytes = 0x0123_4567_89ab_cdef_fedc_ba98_7654_3210_u128.to_be_bytes();
    let expected = 0x681e_df34_d206_965e_86b3_e94f_536e_4246_u128.to_be_bytes();
    for set in InstructionSet::available() {
        assert_eq!(run(set, Encryption(&[(bytes, bytes)])), [expected], "{set}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn every_lane_has_its_own_key(pairs in proptest::collection::vec(any::<([u8; 16], [u8; 16])>(), 1..=600)) {
        let expected: Vec<[u8; 16]> = pairs.iter().map(|(key, block)| sm4_encrypt(key, *block)).collect();
        for set in InstructionSet::available() {
            prop_assert_eq!(run(set, Encryption(&pairs)), expected.clone(), "{}", set);
        }
    }
}
