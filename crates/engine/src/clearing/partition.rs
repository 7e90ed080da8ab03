//! One card partition: its records sorted and judged, rated, counted, digested and written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tongclear_proof::Section;
use tongclear_types::{CardId, Chain, ContinuityItem, Disposition, MerchantCode, Verdict};

use super::card_state::{self, KnownChain};
use super::chain::{ChainState, Past, judge, release};
use super::continuity::CardWatch;
use super::detail::DetailWriter;
use super::rating::{Rated, Rater};
use super::row::Row;
use super::sections::Sections;
use super::shared::Shared;
use super::totals::Totals;
use crate::EngineError;
use crate::vault::{cards_path, detail_path};

/// What the run keeps of a partition once its files are under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Judged {
    pub(crate) partition: u16,
    /// SHA-256 over every row and every card state, see [`PartitionRun::judge`].
    pub(crate) digest: [u8; 32],
    pub(crate) totals: Totals,
    /// Rows suspended by this run.
    pub(crate) suspended: Vec<Row>,
    /// Accepted numbers as (terminal index, number), sorted.
    pub(crate) numbers: Vec<(u32, u32)>,
    /// The sections of the window's proof, by merchant.
    pub(crate) sections: Vec<(MerchantCode, Section)>,
    /// Continuity items of its cards, those that go on and those that end here.
    pub(crate) continuity: Vec<ContinuityItem>,
}

/// Judges one partition.
pub(crate) struct PartitionRun<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) partition: u16,
}

impl PartitionRun<'_> {
    /// Sorts and judges `rows`, starts writing detail and card state, and returns what the run keeps.
    ///
    /// The digest is SHA-256 over `tongclear partition 1\n`, the partition (2 bytes), the number of rows
    /// (8 bytes) and their canonical bytes in order, the number of card chains (8 bytes) and theirs.
    pub(crate) fn judge(&self, mut rows: Vec<Row>) -> Result<Judged, EngineError> {
        let inputs = &self.shared.inputs;
        rows.sort_unstable_by(Row::order);
        let known = self.known_chains()?;
        let past = Past { numbers: &inputs.numbers, suspended: &inputs.suspended };
        let mut watch = CardWatch::new(&inputs.known.cards[usize::from(self.partition)], inputs.reach());
        let released = inputs.released[usize::from(self.partition)].clone();
        let (known, released) = release_all(known, released);
        let chains = judge_all(&mut rows, known, &released, &past, &mut watch);

        let mut digest = Sha256::new();
        digest.update(b"tongclear partition 1\n");
        digest.update(self.partition.to_be_bytes());
        digest.update((rows.len() as u64).to_be_bytes());
        let detail_file = detail_path(inputs.date, self.partition);
        let cards_file = cards_path(inputs.date, self.partition);
        let unwritable = |reason| EngineError::Internal(format!("writing Parquet: {reason}"));

        let mut totals = Totals::default();
        let mut rater = Rater::new(inputs.registry.contracts());
        let mut writer = DetailWriter::new(Vec::new()).map_err(unwritable)?;
        let mut sections = Sections::new(&inputs.merchants);
        let (mut suspended, mut numbers) = (Vec::new(), Vec::new());
        for row in &rows {
            let rated = match (row.verdict, row.bearings.contract) {
                (Verdict::Accepted(_), Some(contract)) => {
                    rater.rate(contract, row.chain(), row.amount_fen, row.list_price_fen)?
                }
                _ => Rated::NOTHING,
            };
            totals.count(row, &inputs.packages[row.package as usize], rated)?;
            match row.verdict.disposition() {
                Disposition::Accepted => numbers.push((row.bearings.terminal, row.terminal_number)),
                Disposition::Suspended => suspended.push(*row),
                Disposition::Duplicate | Disposition::Rejected => {}
            }
            let line = row.detail(&inputs.packages, rated.fee);
            let canonical = line.canonical();
            digest.update(canonical);
            sections.add(row.package, &line, &canonical)?;
            writer.write(&line).map_err(unwritable)?;
        }
        numbers.sort_unstable();
        let uploads = &self.shared.uploads;
        uploads.start(detail_file, writer.finish().map_err(unwritable)?);

        digest.update((chains.len() as u64).to_be_bytes());
        for chain in &chains {
            card_state::canonical(chain, &mut |bytes| digest.update(bytes));
        }
        let cards = card_state::write(&chains).map_err(unwritable)?;
        uploads.start(cards_file, cards);
        let digest = digest.finalize().into();
        let sections = sections.finish(self.partition);
        let continuity = watch.finish();
        Ok(Judged { partition: self.partition, digest, totals, suspended, numbers, sections, continuity })
    }

    /// The card state that the window before left in this partition, in order.
    fn known_chains(&self) -> Result<Vec<KnownChain>, EngineError> {
        let Some(previous) = &self.shared.inputs.previous else { return Ok(Vec::new()) };
        let path = cards_path(previous.date, self.partition);
        let file = self.shared.runtime.block_on(previous.get(&path))?;
        card_state::read(file).map_err(|reason| EngineError::Damaged { path: path.to_string(), reason })
    }
}

/// A chain into which decisions release records: what was known before them, and they.
struct ReleasedChain {
    prior: Option<ChainState>,
    rows: Vec<Row>,
}

/// Chains by card and chain; few, for each of their records was decided by people.
type ReleasedChains = BTreeMap<(CardId, Chain), ReleasedChain>;

/// Takes released records, sorted like the chains, into what is known.
fn release_all(mut known: Vec<KnownChain>, mut released: Vec<Row>) -> (Vec<KnownChain>, ReleasedChains) {
    let of = |row: &Row| -> (CardId, Chain) { (row.card(), row.chain()) };
    let (mut chains, mut new) = (ReleasedChains::new(), Vec::new());
    for group in released.chunk_by_mut(|a, b| of(a) == of(b)) {
        let id = of(&group[0]);
        let place = known.binary_search_by_key(&id, |(id, _)| *id);
        let prior = place.ok().map(|place| known[place].1);
        let state = release(group, prior);
        match (place, state) {
            (Ok(place), Some(state)) => known[place].1 = state,
            (Err(_), Some(state)) => new.push((id, state)),
            (_, None) => {}
        }
        chains.insert(id, ReleasedChain { prior, rows: group.to_vec() });
    }
    if !new.is_empty() {
        known.extend(new);
        known.sort_by_key(|(id, _)| *id);
    }
    (known, chains)
}

/// Judges every chain of a partition against its known state; both sides are sorted, so this is a merge. Continuity sees what
/// was released as records that came first.
fn judge_all(
    rows: &mut [Row],
    known: Vec<KnownChain>,
    released: &ReleasedChains,
    past: &Past<'_>,
    watch: &mut CardWatch<'_>,
) -> Vec<KnownChain> {
    let of = |row: &Row| -> (CardId, Chain) { (row.card(), row.chain()) };
    let mut known = known.into_iter().peekable();
    let mut chains = Vec::with_capacity(known.len());
    for group in rows.chunk_by_mut(|a, b| of(a) == of(b)) {
        let id = of(&group[0]);
        // Chains that have no record in this window keep their state.
        while let Some(quiet) = known.next_if(|(other, _)| *other < id) {
            if let Some(released) = released.get(&quiet.0) {
                watch.look(quiet.0, &released.rows, released.prior);
            }
            chains.push(quiet);
        }
        let prior = known.next_if(|(other, _)| *other == id).map(|(_, state)| state);
        chains.extend(judge(group, prior, past).map(|state| (id, state)));
        match released.get(&id) {
            None => watch.look(id, group, prior),
            Some(released) => watch.look(id, &[&released.rows[..], group].concat(), released.prior),
        }
    }
    for quiet in known {
        if let Some(released) = released.get(&quiet.0) {
            watch.look(quiet.0, &released.rows, released.prior);
        }
        chains.push(quiet);
    }
    chains
}
