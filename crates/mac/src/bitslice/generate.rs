//! Finds the S-box circuits of `sboxes.rs`: a search for few gates, each one machine operation.
//!
//! A function of six bits is a 64-bit truth table. To build one, the search first looks for it among the gates
//! that exist, then among one or two operations on them; failing that it chooses an input, builds the function
//! where that input is 0, and corrects it where the input is 1 (or the other way round). Under each choice only
//! half of the table matters, which the `care` mask says, so the deeper the search the more gates fit. At the top
//! every input is tried, further down a few; gates are shared by all four outputs of a box. Restarts in other
//! orders keep the smallest circuit. Everything is seeded: the same effort yields the same circuits.
//!
//! Not part of the library: `examples/sbox_circuits.rs` runs it and a test checks what it printed.

/// One machine operation on two earlier gates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    And,
    Or,
    Xor,
    /// The first and not the second.
    AndNot,
    /// Not the first; the second is ignored.
    Not,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Gate {
    pub(crate) operation: Operation,
    /// Earlier gates; the first numbers are the circuit's inputs.
    pub(crate) inputs: [usize; 2],
}

/// Gates in an order in which they can be computed; the first six tables are the inputs.
#[derive(Debug, Clone)]
pub(crate) struct Circuit {
    tables: Vec<u64>,
    gates: Vec<Gate>,
    outputs: Vec<usize>,
}

/// A small generator (splitmix64): the search must not depend on anything but its seed.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            let bound = u64::try_from(i + 1).unwrap_or(u64::MAX);
            items.swap(i, usize::try_from(self.next() % bound).unwrap_or(0));
        }
    }
}

/// The best circuit for `sbox` (0 to 7) found in `restarts` searches.
pub(crate) fn search(sbox: usize, restarts: u64) -> Circuit {
    let targets: Vec<u64> = (0..4).map(|bit| truth_table(sbox, bit)).collect();
    search_tables(&targets, &[0, 1, 2, 3, 4, 5], restarts)
}

/// The best circuit found for functions of the inputs `free`, given by their tables over all six inputs.
pub(crate) fn search_tables(targets: &[u64], free: &[usize], restarts: u64) -> Circuit {
    let mut best: Option<Circuit> = None;
    for restart in 0..restarts {
        let mut random = Random(restart);
        let mut order: Vec<usize> = (0..targets.len()).collect();
        random.shuffle(&mut order);
        let mut circuit = Circuit::inputs();
        circuit.outputs = vec![0; targets.len()];
        let most = best.as_ref().map_or(200, |best| best.gates.len());
        let mut complete = true;
        for bit in order {
            let room = most.saturating_sub(1);
            match circuit.build(targets[bit], u64::MAX, free, room, &mut random) {
                Some((next, output)) => {
                    circuit = next;
                    circuit.outputs[bit] = output;
                }
                None => {
                    complete = false;
                    break;
                }
            }
        }
        if complete {
            best = Some(circuit);
        }
    }
    best.expect("the first search has room for any circuit")
}

/// The table of output bit `bit` (0 the highest) over the 64 inputs.
pub(crate) fn truth_table(sbox: usize, bit: usize) -> u64 {
    (0..64u8).filter(|input| sbox_output(sbox, *input) >> (3 - bit) & 1 == 1).map(|input| 1 << input).sum()
}

impl Circuit {
    fn inputs() -> Self {
        let tables = (0..6).map(|bit| (0..64u8).filter(|i| i >> (5 - bit) & 1 == 1).map(|i| 1u64 << i).sum());
        Self { tables: tables.collect(), gates: Vec::new(), outputs: Vec::new() }
    }

    fn add(&mut self, operation: Operation, a: usize, b: usize) -> usize {
        self.tables.push(apply(operation, self.tables[a], self.tables[b]));
        self.gates.push(Gate { operation, inputs: [a, b] });
        self.tables.len() - 1
    }

    /// A gate equal to `target` where `care` is set, with at most `room` gates in all.
    fn build(
        &self,
        target: u64,
        care: u64,
        free: &[usize],
        room: usize,
        random: &mut Random,
    ) -> Option<(Self, usize)> {
        if let Some(gate) = self.find(target, care) {
            return Some((self.clone(), gate));
        }
        let left = room.checked_sub(self.gates.len()).filter(|left| *left > 0)?;
        let mut circuit = self.clone();
        if let Some((operation, a, b)) = self.find_one(target, care) {
            let output = circuit.add(operation, a, b);
            return Some((circuit, output));
        }
        if left < 2 {
            return None;
        }
        if let Some(((first, a, b), second, c, swapped)) = self.find_two(target, care) {
            let inner = circuit.add(first, a, b);
            let output = if swapped { circuit.add(second, c, inner) } else { circuit.add(second, inner, c) };
            return Some((circuit, output));
        }
        let mut order = free.to_vec();
        random.shuffle(&mut order);
        // Below the second choice one try is enough: the restarts vary it.
        let tries = match free.len() {
            6 => 6,
            5 => 3,
            _ => 2,
        };
        let mut best: Option<(Self, usize)> = None;
        for input in order.iter().take(tries) {
            let rest: Vec<usize> = free.iter().copied().filter(|other| other != input).collect();
            let ones = self.tables[*input];
            for (here, there, operation) in [(!ones, ones, Operation::And), (ones, !ones, Operation::AndNot)]
            {
                let room = best.as_ref().map_or(room, |(best, _)| best.gates.len() - 1);
                let Some(inner_room) = room.checked_sub(2) else { continue };
                let Some((base, base_gate)) = self.build(target, care & here, &rest, inner_room, random)
                else {
                    continue;
                };
                let correction = target ^ base.tables[base_gate];
                let Some((mut both, gate)) = base.build(correction, care & there, &rest, inner_room, random)
                else {
                    continue;
                };
                let only_there = both.add(operation, gate, *input);
                let output = both.add(Operation::Xor, base_gate, only_there);
                best = Some((both, output));
            }
        }
        best
    }

    fn find(&self, target: u64, care: u64) -> Option<usize> {
        self.tables.iter().position(|table| (table ^ target) & care == 0)
    }

    fn find_one(&self, target: u64, care: u64) -> Option<(Operation, usize, usize)> {
        if let Some(gate) = self.find(!target, care) {
            return Some((Operation::Not, gate, gate));
        }
        pairs(&self.tables)
            .find(|(_, _, _, table)| (table ^ target) & care == 0)
            .map(|(op, a, b, _)| (op, a, b))
    }

    /// One operation on a gate and on one operation; `true` when the gate comes first.
    #[expect(clippy::type_complexity, reason = "taken apart at once by the one caller")]
    fn find_two(
        &self,
        target: u64,
        care: u64,
    ) -> Option<((Operation, usize, usize), Operation, usize, bool)> {
        let (ones, zeros) = (target & care, !target & care);
        for (first, a, b, inner) in pairs(&self.tables) {
            // Which operations can still reach the target from `inner`, whatever the other gate is.
            let (covers, inside) = (ones & !inner == 0, inner & zeros == 0);
            let apart = inner & ones == 0;
            for (c, table) in self.tables.iter().enumerate() {
                let equals = |value: u64| (value ^ target) & care == 0;
                let found = if equals(inner ^ table) {
                    (Operation::Xor, false)
                } else if covers && equals(inner & table) {
                    (Operation::And, false)
                } else if covers && equals(inner & !table) {
                    (Operation::AndNot, false)
                } else if inside && equals(inner | table) {
                    (Operation::Or, false)
                } else if apart && equals(table & !inner) {
                    (Operation::AndNot, true)
                } else {
                    continue;
                };
                return Some(((first, a, b), found.0, c, found.1));
            }
        }
        None
    }

    /// Gates, not counting the six inputs.
    pub(crate) fn len(&self) -> usize {
        self.gates.len()
    }

    /// Gates in order, their inputs numbered after the six of the circuit, and which of them are the outputs.
    pub(crate) fn parts(&self) -> (&[Gate], &[usize]) {
        (&self.gates, &self.outputs)
    }

    /// The circuit as a Rust function.
    pub(crate) fn source(&self, sbox: usize) -> String {
        let number = sbox + 1;
        let title = format!("S{number}, {} gates.", self.len());
        let (gates, outputs) = self.parts();
        source(&title, &format!("s{number}"), 6, gates, outputs)
    }
}

/// Gates as a Rust function of `inputs` words.
pub(crate) fn source(title: &str, name: &str, inputs: usize, gates: &[Gate], outputs: &[usize]) -> String {
    const PER_LINE: usize = 6;
    const LETTERS: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let letters = &LETTERS[..inputs];
    let word = |gate: usize| letters.get(gate).map_or_else(|| format!("g{gate}"), |it| (*it).to_owned());
    let mut text = format!(
        "/// {title}\n#[rustfmt::skip]\n#[inline(always)]\n\
         pub(crate) fn {name}([{}]: [u64; {inputs}]) -> [u64; {}] {{\n",
        letters.join(", "),
        outputs.len()
    );
    let statements: Vec<String> = gates
        .iter()
        .enumerate()
        .map(|(i, gate)| {
            let [a, b] = gate.inputs.map(word);
            let value = match gate.operation {
                Operation::And => format!("{a} & {b}"),
                Operation::Or => format!("{a} | {b}"),
                Operation::Xor => format!("{a} ^ {b}"),
                Operation::AndNot => format!("{a} & !{b}"),
                Operation::Not => format!("!{a}"),
            };
            format!("let g{} = {value};", i + inputs)
        })
        .collect();
    for line in statements.chunks(PER_LINE) {
        text.push_str(&format!("    {}\n", line.join(" ")));
    }
    let outputs: Vec<String> = outputs.iter().map(|gate| word(*gate)).collect();
    text.push_str(&format!("    [{}]\n}}\n", outputs.join(", ")));
    text
}

/// Every operation on every two tables, with its result.
fn pairs(tables: &[u64]) -> impl Iterator<Item = (Operation, usize, usize, u64)> {
    (1..tables.len()).flat_map(move |a| {
        (0..a).flat_map(move |b| {
            let (x, y) = (tables[a], tables[b]);
            [
                (Operation::Xor, a, b, x ^ y),
                (Operation::And, a, b, x & y),
                (Operation::Or, a, b, x | y),
                (Operation::AndNot, a, b, x & !y),
                (Operation::AndNot, b, a, y & !x),
            ]
        })
    })
}

fn apply(operation: Operation, a: u64, b: u64) -> u64 {
    match operation {
        Operation::And => a & b,
        Operation::Or => a | b,
        Operation::Xor => a ^ b,
        Operation::AndNot => a & !b,
        Operation::Not => !a,
    }
}

/// S1 to S8 as FIPS 46-3, Appendix 1, prints them, rows one after the other.
pub(crate) const SBOXES: [[u8; 64]; 8] = [
    [
        14, 4, 13, 1, 2, 15, 11, 8, 3, 10, 6, 12, 5, 9, 0, 7, 0, 15, 7, 4, 14, 2, 13, 1, 10, 6, 12, 11, 9, 5,
        3, 8, 4, 1, 14, 8, 13, 6, 2, 11, 15, 12, 9, 7, 3, 10, 5, 0, 15, 12, 8, 2, 4, 9, 1, 7, 5, 11, 3, 14,
        10, 0, 6, 13,
    ],
    [
        15, 1, 8, 14, 6, 11, 3, 4, 9, 7, 2, 13, 12, 0, 5, 10, 3, 13, 4, 7, 15, 2, 8, 14, 12, 0, 1, 10, 6, 9,
        11, 5, 0, 14, 7, 11, 10, 4, 13, 1, 5, 8, 12, 6, 9, 3, 2, 15, 13, 8, 10, 1, 3, 15, 4, 2, 11, 6, 7, 12,
        0, 5, 14, 9,
    ],
    [
        10, 0, 9, 14, 6, 3, 15, 5, 1, 13, 12, 7, 11, 4, 2, 8, 13, 7, 0, 9, 3, 4, 6, 10, 2, 8, 5, 14, 12, 11,
        15, 1, 13, 6, 4, 9, 8, 15, 3, 0, 11, 1, 2, 12, 5, 10, 14, 7, 1, 10, 13, 0, 6, 9, 8, 7, 4, 15, 14, 3,
        11, 5, 2, 12,
    ],
    [
        7, 13, 14, 3, 0, 6, 9, 10, 1, 2, 8, 5, 11, 12, 4, 15, 13, 8, 11, 5, 6, 15, 0, 3, 4, 7, 2, 12, 1, 10,
        14, 9, 10, 6, 9, 0, 12, 11, 7, 13, 15, 1, 3, 14, 5, 2, 8, 4, 3, 15, 0, 6, 10, 1, 13, 8, 9, 4, 5, 11,
        12, 7, 2, 14,
    ],
    [
        2, 12, 4, 1, 7, 10, 11, 6, 8, 5, 3, 15, 13, 0, 14, 9, 14, 11, 2, 12, 4, 7, 13, 1, 5, 0, 15, 10, 3, 9,
        8, 6, 4, 2, 1, 11, 10, 13, 7, 8, 15, 9, 12, 5, 6, 3, 0, 14, 11, 8, 12, 7, 1, 14, 2, 13, 6, 15, 0, 9,
        10, 4, 5, 3,
    ],
    [
        12, 1, 10, 15, 9, 2, 6, 8, 0, 13, 3, 4, 14, 7, 5, 11, 10, 15, 4, 2, 7, 12, 9, 5, 6, 1, 13, 14, 0, 11,
        3, 8, 9, 14, 15, 5, 2, 8, 12, 3, 7, 0, 4, 10, 1, 13, 11, 6, 4, 3, 2, 12, 9, 5, 15, 10, 11, 14, 1, 7,
        6, 0, 8, 13,
    ],
    [
        4, 11, 2, 14, 15, 0, 8, 13, 3, 12, 9, 7, 5, 10, 6, 1, 13, 0, 11, 7, 4, 9, 1, 10, 14, 3, 5, 12, 2, 15,
        8, 6, 1, 4, 11, 13, 12, 3, 7, 14, 10, 15, 6, 8, 0, 5, 9, 2, 6, 11, 13, 8, 1, 4, 10, 7, 9, 5, 0, 15,
        14, 2, 3, 12,
    ],
    [
        13, 2, 8, 4, 6, 15, 11, 1, 10, 9, 3, 14, 5, 0, 12, 7, 1, 15, 13, 8, 10, 3, 7, 4, 12, 5, 6, 11, 0, 14,
        9, 2, 7, 11, 4, 1, 9, 12, 14, 2, 0, 6, 10, 13, 15, 3, 5, 8, 2, 1, 14, 7, 4, 10, 8, 13, 15, 12, 9, 0,
        3, 5, 6, 11,
    ],
];

/// What S-box `sbox` makes of the six bits of `input`, the first bit the highest: the outer two choose the row.
pub(crate) fn sbox_output(sbox: usize, input: u8) -> u8 {
    let row = (input >> 4 & 2) | (input & 1);
    let column = input >> 1 & 15;
    SBOXES[sbox][usize::from(row << 4 | column)]
}
