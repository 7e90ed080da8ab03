//! Finds the circuit of `sm4_sbox.rs`: the S-box of SM4 from its algebra.
//!
//! GB/T 32907 prints the S-box as a table. As is well known it is `S(x) = A · I(A · x + C) + C`, where `I` is the
//! inverse in GF(2^8) modulo x^8 + x^7 + x^6 + x^5 + x^4 + x^2 + 1, `A` rotates its first row `11010011` and `C`
//! is that row; a test checks it. An inverse of 8 bits is a bad circuit, but the field is the same as pairs over
//! GF(2^4), and those as pairs over GF(2^2). With an element written as `a · y + a + b`, where y² = y + ν,
//!
//! ```text
//!   d = a · b + b² + ν · a²      its norm, in GF(2^4)
//!   e = 1 / d                    four bits: found by the search of `generate`
//!   1 / (a · y + a + b) = (a · e) · y + b · e
//! ```
//!
//! Three products of nine ANDs each remain, and sums: before, between and after. For sums, the pair of words that
//! the most sums have in common is added first, again and again. There are many ways to write the field as pairs
//! (the numbers below, eight roots, and any scale `s`, as 1/x = s · 1/(s · x)); all are tried and the
//! smallest circuit kept. NOT costs nothing inside: `x & !y` is one gate, and `!x & !y` is `!(x | y)`, whose
//! NOT wanders into the sum.
//!
//! Like `generate`, not part of the library.

use super::generate::{Gate, Operation, Random, search_tables, source};

/// The polynomial of SM4's field.
const FIELD: u32 = 0x1f5;
/// The first row of A, and C.
const ROW: u8 = 0b1101_0011;

/// A way to write GF(2^8) as pairs of pairs of pairs.
#[derive(Debug, Clone, Copy)]
struct Tower {
    /// z² = z + `n` over GF(2^2).
    n: u8,
    /// y² = y + `nu` over GF(2^4).
    nu: u8,
}

/// A circuit of eight inputs, the highest bit first.
#[derive(Debug, Clone)]
pub(crate) struct Net {
    gates: Vec<Gate>,
    outputs: Vec<usize>,
}

/// Adds gates for the nine forms of 1/d, given the gates of d's bits and which of them are complemented.
type Inverse<'a> = dyn Fn(&mut Net, [usize; 4], u8) -> [usize; 9] + 'a;

/// A form's bits, and whether it is complemented.
type Form = (u8, bool);

impl Tower {
    fn all() -> impl Iterator<Item = Self> {
        [2, 3].into_iter().flat_map(|n| {
            let towers = (1..16).map(move |nu| Self { n, nu });
            towers.filter(|tower| (0..16).all(|y| tower.product_4(y, y) ^ y ^ tower.nu != 0))
        })
    }

    fn product_2(a: u8, b: u8) -> u8 {
        let (low, high) = (if b & 1 == 1 { a } else { 0 }, if b & 2 == 2 { a << 1 } else { 0 });
        let sum = low ^ high;
        if sum & 4 == 4 { sum ^ 0b111 } else { sum }
    }

    fn product_4(self, a: u8, b: u8) -> u8 {
        let ([a1, a0], [b1, b0]) = ([a >> 2, a & 3], [b >> 2, b & 3]);
        let high = Self::product_2(a1, b1);
        let middle = Self::product_2(a1, b0) ^ Self::product_2(a0, b1);
        (high ^ middle) << 2 | (Self::product_2(a0, b0) ^ Self::product_2(self.n, high))
    }

    fn product_8(self, a: u8, b: u8) -> u8 {
        let ([a1, a0], [b1, b0]) = ([a >> 4, a & 15], [b >> 4, b & 15]);
        let high = self.product_4(a1, b1);
        let middle = self.product_4(a1, b0) ^ self.product_4(a0, b1);
        (high ^ middle) << 4 | (self.product_4(a0, b0) ^ self.product_4(self.nu, high))
    }

    /// The elements that satisfy SM4's polynomial: where x may go.
    fn roots(self) -> impl Iterator<Item = u8> {
        (0..=u8::MAX).filter(move |root| {
            let value = (0..=8)
                .rev()
                .fold(0, |sum, power| self.product_8(sum, *root) ^ u8::from(FIELD >> power & 1 == 1));
            value == 0
        })
    }

    /// Which of the nine ANDs of [`forms`] each bit of a product in GF(2^4) is the sum of, highest bit first.
    fn product_sums(self) -> [u16; 4] {
        // The product of two pairs over GF(2), from (high, low, sum) ANDs, as (high, low).
        let pair = |first: u16| [1 << (first + 2) | 1 << (first + 1), 1 << first | 1 << (first + 1)];
        let ([x1, x0], [y1, y0], [z1, z0]) = (pair(0), pair(3), pair(6));
        let [n1, n0] = if self.n == 2 { [x1 ^ x0, x1] } else { [x0, x1 ^ x0] };
        [z1 ^ y1, z0 ^ y0, y1 ^ n1, y0 ^ n0]
    }
}

/// The nine sums of four words that a product in GF(2^4) takes of each factor: high pair, low pair, their sum, each
/// as (high, low, sum). As masks of the four, the highest bit the first word.
const FORMS: [u8; 9] = [0b1000, 0b0100, 0b1100, 0b0010, 0b0001, 0b0011, 0b1010, 0b0101, 0b1111];

/// Rows of a matrix of 8 by 8 bits applied to a vector, all highest bit first.
fn apply(rows: [u8; 8], x: u8) -> u8 {
    rows.iter().fold(0, |sum, row| sum << 1 | u8::from((row & x).count_ones() % 2 == 1))
}

/// The matrix of a linear map.
fn matrix(map: impl Fn(u8) -> u8) -> [u8; 8] {
    let columns: [u8; 8] = std::array::from_fn(|i| map(0x80 >> i));
    std::array::from_fn(|row| columns.iter().fold(0, |sum, column| sum << 1 | (column << row >> 7)))
}

fn a(x: u8) -> u8 {
    apply(std::array::from_fn(|i| (0..i).fold(ROW, |row, _| row.rotate_right(1))), x)
}

/// The S-box by its algebra.
pub(crate) fn sbox(x: u8) -> u8 {
    let product = |a: u8, b: u8| {
        (0..8).rev().fold(0, |sum: u8, power| {
            let doubled = u32::from(sum) << 1;
            let reduced = if doubled > 0xff { doubled ^ FIELD } else { doubled };
            u8::try_from(reduced).unwrap_or_default() ^ if b >> power & 1 == 1 { a } else { 0 }
        })
    };
    let x = a(x) ^ ROW;
    let inverse = (0..=u8::MAX).find(|inverse| product(x, *inverse) == 1).unwrap_or_default();
    a(inverse) ^ ROW
}

impl Net {
    const EMPTY: Self = Self { gates: Vec::new(), outputs: Vec::new() };

    fn add(&mut self, operation: Operation, a: usize, b: usize) -> usize {
        self.gates.push(Gate { operation, inputs: [a, b] });
        self.gates.len() + 7
    }

    /// Gates for `sums` of `words`, each a mask of words, the lowest bit the first.
    fn sums(&mut self, words: &[usize], sums: &[u64], random: &mut Random) -> Vec<usize> {
        let (mut words, mut sums) = (words.to_vec(), sums.to_vec());
        loop {
            let mut best = (1, Vec::new());
            for i in 0..words.len() {
                for j in 0..i {
                    let both = 1 << i | 1 << j;
                    let uses = sums.iter().filter(|sum| **sum & both == both).count();
                    match uses.cmp(&best.0) {
                        std::cmp::Ordering::Greater => best = (uses, vec![(i, j)]),
                        std::cmp::Ordering::Equal => best.1.push((i, j)),
                        std::cmp::Ordering::Less => {}
                    }
                }
            }
            if best.1.is_empty() {
                break;
            }
            random.shuffle(&mut best.1);
            let (i, j) = best.1[0];
            let both = 1 << i | 1 << j;
            let sum = 1 << words.len();
            words.push(self.add(Operation::Xor, words[i], words[j]));
            sums.iter_mut().filter(|it| **it & both == both).for_each(|it| *it ^= both | sum);
        }
        let place = |sum: &u64| usize::try_from(sum.trailing_zeros()).ok().and_then(|it| words.get(it));
        sums.iter().map(|sum| place(sum).copied().unwrap_or_default()).collect()
    }

    /// What [`sbox_circuit`] tries: one tower, one root, one scale.
    fn of(tower: Tower, root: u8, scale: u8, inverse: &Inverse<'_>, random: &mut Random) -> Self {
        // Into the tower and back.
        let into = |x: u8| (0..8).rev().fold(0, |sum, power| tower.product_8(sum, root) ^ (x >> power & 1));
        let before = matrix(|x| tower.product_8(scale, into(a(x))));
        let constant = tower.product_8(scale, into(ROW));
        let mut out_of = [0; 256];
        (0..=u8::MAX).for_each(|x| out_of[usize::from(into(x))] = x);
        let back = |v: u8| out_of[usize::from(tower.product_8(scale, v))];
        let after = matrix(|v| a(back(v)));

        // Sums of the inputs: nine forms of a, nine of b = a + low, and four bits of b² + ν · a².
        let rows = |rows: &[u8]| rows.iter().fold(0, |sum, row| sum ^ row);
        let chosen = |mask: u8, rows4: [u8; 4]| {
            rows(&(0..4).filter(|i| mask << i & 8 == 8).map(|i| rows4[i]).collect::<Vec<u8>>())
        };
        let high: [u8; 4] = std::array::from_fn(|i| before[i]);
        let both: [u8; 4] = std::array::from_fn(|i| before[i] ^ before[i + 4]);
        let (high_constant, both_constant) = (constant >> 4, constant >> 4 ^ constant & 15);
        let odd = |bits: u8| bits.count_ones() % 2 == 1;
        let form = |rows: [u8; 4], constant: u8| FORMS.map(|mask| (chosen(mask, rows), odd(mask & constant)));
        let squares = matrix(|x| {
            let (a, b) = (x >> 4, x >> 4 ^ x & 15);
            tower.product_4(b, b) ^ tower.product_4(tower.nu, tower.product_4(a, a))
        });
        let norm: [Form; 4] = std::array::from_fn(|bit| {
            let row = squares[bit + 4];
            (
                rows(&(0..8).filter(|i| row << i & 0x80 == 0x80).map(|i| before[i]).collect::<Vec<u8>>()),
                odd(row & constant),
            )
        });
        let forms: Vec<Form> =
            [form(high, high_constant).as_slice(), &form(both, both_constant), &norm].concat();

        let mut net = Self::EMPTY;
        let masks: Vec<u64> = forms.iter().map(|(mask, _)| u64::from(mask.reverse_bits())).collect();
        let words = net.sums(&[0, 1, 2, 3, 4, 5, 6, 7], &masks, random);
        let complemented = |i: usize| forms[i].1;
        // The nine ANDs of a · b. Both complemented: NOT (x OR y), with the NOT noted.
        let mut products = Vec::new();
        let mut inverted = 0u64;
        for i in 0..9 {
            let (x, y) = (words[i], words[i + 9]);
            products.push(match (complemented(i), complemented(i + 9)) {
                (false, false) => net.add(Operation::And, x, y),
                (false, true) => net.add(Operation::AndNot, x, y),
                (true, false) => net.add(Operation::AndNot, y, x),
                (true, true) => {
                    inverted |= 1 << i;
                    net.add(Operation::Or, x, y)
                }
            });
        }
        products.extend(&words[18..]);
        (0..4).filter(|bit| complemented(18 + bit)).for_each(|bit| inverted |= 1 << (9 + bit));
        let product_sums = tower.product_sums();
        let sums: Vec<u64> = (0..4).map(|bit| u64::from(product_sums[bit]) | 1 << (9 + bit)).collect();
        let d = net.sums(&products, &sums, random);
        let d_inverted =
            sums.iter().fold(0, |bits, sum| bits << 1 | u8::from((sum & inverted).count_ones() % 2 == 1));

        let e = inverse(&mut net, [d[0], d[1], d[2], d[3]], d_inverted);
        // a · e and b · e; complements of a and b cost nothing.
        let mut products = Vec::new();
        for i in 0..18 {
            let operation = if complemented(i) { Operation::AndNot } else { Operation::And };
            products.push(net.add(operation, e[i % 9], words[i]));
        }
        let sums: Vec<u64> = after
            .iter()
            .map(|row| {
                (0..8)
                    .filter(|i| row << i & 0x80 == 0x80)
                    .fold(0, |sum, i| sum ^ u64::from(product_sums[i % 4]) << if i < 4 { 0 } else { 9 })
            })
            .collect();
        let sums = net.sums(&products, &sums, random);
        net.outputs =
            (0..8)
                .map(|bit| {
                    if ROW << bit >> 7 == 1 {
                        net.add(Operation::Not, sums[bit], sums[bit])
                    } else {
                        sums[bit]
                    }
                })
                .collect();
        net
    }

    /// What the circuit makes of `x`.
    fn value(&self, x: u8) -> u8 {
        let mut words: Vec<bool> = (0..8).map(|bit| x << bit >> 7 == 1).collect();
        for gate in &self.gates {
            let [a, b] = gate.inputs.map(|input| words[input]);
            words.push(match gate.operation {
                Operation::And => a & b,
                Operation::Or => a | b,
                Operation::Xor => a ^ b,
                Operation::AndNot => a & !b,
                Operation::Not => !a,
            });
        }
        self.outputs.iter().fold(0, |value, output| value << 1 | u8::from(words[*output]))
    }

    /// Gates.
    pub(crate) fn len(&self) -> usize {
        self.gates.len()
    }

    /// The circuit as a Rust function.
    pub(crate) fn source(&self) -> String {
        let title = format!("The S-box of SM4, {} gates.", self.len());
        source(&title, "sbox", 8, &self.gates, &self.outputs)
    }
}

/// The best circuit among all ways to write the field with scales up to `scales`, `restarts` times each in other
/// orders; it is held against the algebra for every input.
pub(crate) fn sbox_circuit(restarts: u64, scales: u8) -> Net {
    let mut best: Option<Net> = None;
    for tower in Tower::all() {
        // 1/d in GF(2^4) and its nine forms, for each set of complemented bits of d.
        let inverses: Vec<_> = (0..16u8)
            .map(|inverted| tower.inverse_forms(inverted, restarts * u64::from(scales.min(10))))
            .collect();
        let place = |net: &mut Net, d: [usize; 4], inverted: u8| {
            let (gates, outputs) = inverses[usize::from(inverted)].parts();
            let mut words = vec![d[0], d[1], d[2], d[3], 0, 0];
            for gate in gates {
                let [a, b] = gate.inputs.map(|input| words[input]);
                words.push(net.add(gate.operation, a, b));
            }
            std::array::from_fn(|form| words[outputs[form]])
        };
        for root in tower.roots() {
            for scale in 1..=scales {
                for restart in 0..restarts {
                    let net = Net::of(tower, root, scale, &place, &mut Random(restart));
                    if best.as_ref().is_none_or(|best| net.len() < best.len()) {
                        best = Some(net);
                    }
                }
            }
        }
    }
    let best = best.expect("there are towers");
    assert!((0..=u8::MAX).all(|x| best.value(x) == sbox(x)), "the circuit is not the S-box");
    best
}

impl Tower {
    /// The nine forms of 1/d, d's bits in the first four inputs, those in `inverted` complemented.
    fn inverse_forms(self, inverted: u8, restarts: u64) -> super::generate::Circuit {
        let inverse = |d: u8| (0..16).find(|e| self.product_4(d, *e) == 1).unwrap_or_default();
        let targets: Vec<u64> = FORMS
            .iter()
            .map(|mask| {
                let is_set = |input: &u8| (inverse(input >> 2 ^ inverted) & mask).count_ones() % 2 == 1;
                (0..64u8).filter(is_set).map(|input| 1u64 << input).sum()
            })
            .collect();
        search_tables(&targets, &[0, 1, 2, 3], restarts)
    }
}
