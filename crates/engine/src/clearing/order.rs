//! Where a record goes: the partition of its card, and its place among the records of that partition.

use tongclear_types::{CardId, Chain, IssuerId, Serial};

use super::bundle::{BUNDLE_ROWS, Bundle};
use super::row::Row;

/// The partition of a card among `partitions`, a power of two: FNV-1a over issuer id and serial, mixed once more so
/// that neighbouring serials spread (`docs/digest.md`).
///
/// The function is part of what makes a deployment's files and digests; it never changes.
#[inline]
pub(crate) fn partition_of(card: &CardId, partitions: u16) -> u16 {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let CardId { issuer: IssuerId(issuer), serial: Serial(serial) } = card;
    let hash = issuer
        .iter()
        .chain(serial)
        .fold(OFFSET_BASIS, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME));
    let mixed = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let partition = (mixed >> 32) % u64::from(partitions);
    u16::try_from(partition).expect("below a u16")
}

/// The rows of one partition in the order of [`Row::order`], card by card.
///
/// Rows are heavy and mostly told apart by card, chain and counter. So what is sorted is a number made of these three
/// beside the row's place, in 16 bytes, or 32 where the cards of a partition lie too far apart for that; rows
/// themselves are compared only where these are equal. And they stay where they are: the few of one chain are copied
/// side by side when their turn comes, and judged, rated and written while they are at hand.
pub(crate) struct Ordered {
    bundles: Vec<Bundle>,
    /// In order.
    places: Vec<Place>,
}

impl Ordered {
    /// Sorts the rows of `bundles`, all of one partition.
    pub(crate) fn new(bundles: Vec<Bundle>) -> Self {
        let keying = Keying::of(&bundles);
        let places = if keying.is_narrow() {
            sorted(&bundles, |row| keying.narrow(row))
        } else {
            sorted(&bundles, |row| keying.wide(row))
        };
        Self { bundles, places }
    }

    /// How many rows there are.
    pub(crate) const fn len(&self) -> usize {
        self.places.len()
    }

    /// Calls `work` with the rows of each card and chain, in order.
    ///
    /// # Errors
    /// The first that `work` returns.
    pub(crate) fn each_chain<E>(&self, mut work: impl FnMut(&mut [Row]) -> Result<(), E>) -> Result<(), E> {
        let (mut ahead, mut chain) = (Vec::with_capacity(AHEAD), Vec::<Row>::new());
        for places in self.places.chunks(AHEAD) {
            ahead.clear();
            ahead.extend(places.iter().map(|place| *at(&self.bundles, *place)));
            for row in &ahead {
                let goes_on = chain.last().is_none_or(|last| {
                    last.serial == row.serial && last.issuer == row.issuer && last.chain() == row.chain()
                });
                if !goes_on {
                    work(&mut chain)?;
                    chain.clear();
                }
                chain.push(*row);
            }
        }
        if chain.is_empty() { Ok(()) } else { work(&mut chain) }
    }
}

/// The places of all rows, sorted by `key` and, where that is the same, by the rows themselves.
fn sorted<K: Ord + Copy>(bundles: &[Bundle], key: impl Fn(&Row) -> K) -> Vec<Place> {
    let mut keys = Vec::with_capacity(bundles.iter().map(|bundle| bundle.rows.len()).sum());
    for (bundle, Bundle { rows, .. }) in (0_u32..).zip(bundles) {
        keys.extend((0_u32..).zip(rows).map(|(place, row)| (key(row), Place::new(bundle, place))));
    }
    keys.sort_unstable_by(|(a, a_at), (b, b_at)| {
        a.cmp(b).then_with(|| at(bundles, *a_at).order(at(bundles, *b_at)))
    });
    keys.into_iter().map(|(_, place)| place).collect()
}

fn at(bundles: &[Bundle], place: Place) -> &Row {
    &bundles[place.bundle()].rows[place.row()]
}

/// Rows that are fetched at a time: they lie all over the partition, and memory answers many questions as fast as one.
const AHEAD: usize = 256;

/// Where a row lies: its bundle, and its place in it.
#[derive(Debug, Clone, Copy)]
struct Place(u32);

const ROW_BITS: u32 = BUNDLE_ROWS.trailing_zeros();
const ROW_MASK: u32 = (1 << ROW_BITS) - 1;
const _: () = assert!(BUNDLE_ROWS.is_power_of_two());

impl Place {
    fn new(bundle: u32, row: u32) -> Self {
        debug_assert!(
            bundle >> (u32::BITS - ROW_BITS) == 0,
            "four billion rows of 84 bytes: memory ends before"
        );
        Self(bundle << ROW_BITS | row)
    }

    const fn bundle(self) -> usize {
        (self.0 >> ROW_BITS) as usize
    }

    const fn row(self) -> usize {
        (self.0 & ROW_MASK) as usize
    }
}

/// How rows become numbers that sort as they do: issuer, serial, chain and counter, the first highest.
struct Keying {
    /// The issuers of a partition, sorted, as few as a city has: the place of one stands for its eight bytes.
    issuers: Vec<IssuerId>,
    /// The least and the greatest serial.
    serials: (u128, u128),
}

/// Bits of chain and counter.
const COUNTER_BITS: u32 = 17;

impl Keying {
    fn of(bundles: &[Bundle]) -> Self {
        let mut issuers: Vec<IssuerId> = Vec::new();
        let mut serials = (u128::MAX, 0);
        for row in bundles.iter().flat_map(|bundle| &bundle.rows) {
            let serial = serial(row);
            serials = (serials.0.min(serial), serials.1.max(serial));
            // Neighbours are mostly of the same issuer.
            if issuers.last() != Some(&row.issuer()) {
                if issuers.len() == issuers.capacity() {
                    issuers.sort_unstable();
                    issuers.dedup();
                }
                issuers.push(row.issuer());
            }
        }
        issuers.sort_unstable();
        issuers.dedup();
        Self { issuers, serials }
    }

    /// Bits of a serial's distance from the least.
    const fn serial_bits(&self) -> u32 {
        u128::BITS - self.serials.1.saturating_sub(self.serials.0).leading_zeros()
    }

    /// Whether 64 bits are enough.
    fn is_narrow(&self) -> bool {
        let issuer_bits = usize::BITS - self.issuers.len().leading_zeros();
        issuer_bits + self.serial_bits() + COUNTER_BITS <= u64::BITS
    }

    #[inline]
    fn narrow(&self, row: &Row) -> u64 {
        let [low, _] = halves(serial(row) - self.serials.0);
        (self.rank(row.issuer()) << self.serial_bits() | low) << COUNTER_BITS | chain_and_counter(row)
    }

    #[inline]
    fn wide(&self, row: &Row) -> u128 {
        // 31 bits for the issuer, as there are never more than rows, and 80 for the serial.
        (u128::from(self.rank(row.issuer())) << 80 | serial(row)) << COUNTER_BITS
            | u128::from(chain_and_counter(row))
    }

    #[inline]
    fn rank(&self, issuer: IssuerId) -> u64 {
        match self.issuers.as_slice() {
            [_] => 0,
            issuers => issuers.partition_point(|it| *it < issuer) as u64,
        }
    }
}

/// The serial as a number.
#[inline]
fn serial(row: &Row) -> u128 {
    let mut serial = [0; 16];
    serial[6..].copy_from_slice(&row.serial);
    u128::from_be_bytes(serial)
}

#[inline]
fn chain_and_counter(row: &Row) -> u64 {
    u64::from(row.chain() == Chain::Load) << 16 | u64::from(row.counter())
}

/// The low and the high 64 bits.
#[inline]
fn halves(value: u128) -> [u64; 2] {
    let bytes = value.to_le_bytes();
    let half = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| bytes[at + i]));
    [half(0), half(8)]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::convert::Infallible;

    use tongclear_types::Tti;

    use super::super::continuity::tests::row;
    use super::*;

    /// Rows that differ in everything that orders them, and in few values of each; the multiplier spreads `i`.
    fn rows(n: u32) -> Vec<Row> {
        let one_of = |i: u32, salt: u8, values: &[u8]| {
            let mixed = i.wrapping_mul(2_654_435_761).rotate_left(u32::from(salt) * 3 + 5) >> 7;
            values[mixed as usize % values.len()]
        };
        (0..n)
            .map(|i| {
                let mut row = row();
                row.issuer[7] = one_of(i, 1, &[4, 1, 9]);
                row.serial[9] = one_of(i, 2, &[0, 1, 2, 3, 4, 5, 6]);
                row.serial[0] = one_of(i, 3, &[0, 0x99]);
                row.tti = one_of(i, 4, &[Tti::LOAD.0, Tti::PURCHASE.0, Tti::PURCHASE.0]);
                row.offline_counter = u16::from(one_of(i, 5, &[0, 100, 200])) * 300;
                row.online_counter = one_of(i, 6, &[1, 2, 3]).into();
                row.date[3] = one_of(i, 7, &[1, 2]);
                row.terminal[5] = one_of(i, 8, &[1, 2]);
                (row.package, row.row) = (one_of(i, 0, &[0, 1, 2]).into(), i);
                row
            })
            .collect()
    }

    /// The rows in order, and whether the narrow key was enough.
    fn ordered(rows: &[Row]) -> (Vec<Row>, bool) {
        let bundles: Vec<Bundle> =
            rows.chunks(700).map(|rows| Bundle { partition: 0, rows: rows.to_vec() }).collect();
        let narrow = Keying::of(&bundles).is_narrow();
        let (mut all, mut chains) = (Vec::new(), HashSet::new());
        let of = |row: &Row| (row.card(), row.chain());
        let gathered: Result<(), Infallible> = Ordered::new(bundles).each_chain(|chain| {
            assert!(chains.insert(of(&chain[0])), "a chain comes once");
            assert!(chain.iter().all(|row| of(row) == of(&chain[0])));
            all.extend_from_slice(chain);
            Ok(())
        });
        match gathered {
            Ok(()) => (all, narrow),
        }
    }

    #[test]
    fn as_if_the_rows_themselves_were_sorted() {
        for n in [0, 1, 2, 5_000] {
            let mut far = rows(n);
            let mut near = far.clone();
            near.iter_mut().for_each(|row| row.serial[0] = 0);
            for (rows, narrow) in [(&mut near, true), (&mut far, n < 2)] {
                let in_order = ordered(rows);
                rows.sort_by(Row::order);
                assert_eq!(in_order, (rows.clone(), narrow), "{n} rows");
            }
        }
    }

    #[test]
    fn the_partition_of_a_card_never_changes() {
        let card =
            |last: u8| CardId { issuer: IssuerId([4; 8]), serial: Serial([0, 0, 0, 0, 0, 0, 0, 0, 0, last]) };
        let partitions: Vec<u16> = (0..8).map(|last| partition_of(&card(last), 64)).collect();
        assert_eq!(partitions, [19, 29, 53, 48, 56, 19, 56, 22]);
    }
}
