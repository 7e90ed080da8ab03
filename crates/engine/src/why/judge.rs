//! A case: one record with everything that its verdict is a function of, judged once more.
//!
//! The rules are the run's own (`clearing::check`, `clearing::chain`); only what they are applied to is less: the
//! records of one card and chain in place of a whole window.

use std::collections::HashSet;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt as _};

use tongclear_life::{Against, Found as Finding, Judgement, Source};
use tongclear_mac::{Algorithm, KeyCustody as _, KeyLevels, KeyRing, verify_tac};
use tongclear_package::DetailRow;
use tongclear_registry::Registry;
use tongclear_store::{DenyListRow, PackageKey, PackageRow, SuspendedItem, WindowId};
use tongclear_types::{
    CardId, Chain, Disposition, Fen, OperatorCode, Reason, TerminalId, TransactionRecord, Verdict,
};

use super::archive::Archive;
use super::{Found, checks, deny_lists, local, money, uniqueness};
use crate::EngineError;
use crate::centre::ClosedWindow;
use crate::clearing::chain::{ChainState, Facts, Past, judge_watched, release};
use crate::clearing::check::Rules;
use crate::clearing::deny::DenyBook;
use crate::clearing::ranges::NumberRanges;
use crate::clearing::recent::Recent;
use crate::clearing::row::{Bearings, Fingerprint, Row};
use crate::decisions::taken_before;

/// One record of the card's chain in the window.
pub(super) struct Member {
    /// Index into the case's packages.
    package: u32,
    pub(super) record: TransactionRecord,
    /// What the run made of it.
    pub(super) stored: DetailRow,
}

/// One record and what its verdict is a function of.
pub(super) struct Case {
    pub(super) window: ClosedWindow,
    pub(super) registry: Arc<Registry>,
    pub(super) card: CardId,
    pub(super) chain: Chain,
    /// The packages in which the chain occurs, by collector and sequence.
    pub(super) packages: Vec<PackageRow>,
    /// The records of the chain.
    pub(super) members: Vec<Member>,
    /// Which of them is asked for.
    pub(super) target: usize,
    /// What the window before knew of the chain.
    pub(super) prior: Option<ChainState>,
    /// The terminals of the chain, sorted, each with the numbers that earlier windows accepted.
    pub(super) terminals: Vec<TerminalId>,
    pub(super) numbers: Vec<NumberRanges>,
    /// Records of the card that earlier windows suspended.
    pub(super) suspended: Vec<(WindowId, SuspendedItem)>,
    pub(super) deny_books: HashMap<OperatorCode, DenyBook>,
}

/// What the rules give for the record that is asked for.
pub(super) struct Judged {
    /// The chain in the order of uniqueness.
    pub(super) rows: Vec<Row>,
    /// The record's place in it.
    pub(super) place: usize,
    /// What checks 1 to 12 alone gave, and how keys and TAC are known.
    pub(super) alone: Verdict,
    pub(super) source: Source,
    /// What uniqueness saw, and the line that decided; none for a record rejected before.
    pub(super) seen: Option<(Facts, u8)>,
    /// The fee, of an accepted purchase under a contract that charges by the transaction.
    pub(super) fee: Option<Fen>,
}

impl Judged {
    pub(super) fn row(&self) -> &Row {
        &self.rows[self.place]
    }
}

impl Case {
    /// Loads what the verdict of `found` is a function of.
    pub(super) async fn load(
        archive: &mut Archive<'_>,
        window: ClosedWindow,
        found: &Found,
    ) -> Result<Self, EngineError> {
        let (card, chain) = (found.record.card(), found.record.sort_chain());
        let registry = archive.registry(window.snapshot.registry).await?;
        let lines = archive.card_rows(&window, card).await?;
        let lines: Vec<DetailRow> = lines
            .iter()
            .filter(|line| line.tti.chain().unwrap_or(Chain::Purchase) == chain)
            .copied()
            .collect();
        let (packages, members) = members(archive, lines).await?;
        let is_target = |member: &Member| {
            member.stored.row == found.row && packages[member.package as usize].key == found.package.key
        };
        let target = members.iter().position(is_target).ok_or_else(|| {
            let PackageKey { collector, sequence } = found.package.key;
            EngineError::CheckFailed(format!(
                "window {} was cleared, but its detail has no record of package {collector}-{:010}, row {}; run \
                 `tongclear check`",
                window.date(),
                sequence.0,
                found.row
            ))
        })?;
        let mut terminals: Vec<TerminalId> = members.iter().map(|member| member.record.terminal).collect();
        terminals.sort_unstable();
        terminals.dedup();
        let (prior, numbers) = match archive.previous(&window) {
            Some(previous) => {
                let chains = archive.card_state(&previous, card).await?;
                let state =
                    chains.into_iter().find(|((_, known), _)| *known == chain).map(|(_, state)| state);
                (state, archive.numbers(&previous, &terminals).await?)
            }
            None => (None, vec![NumberRanges::default(); terminals.len()]),
        };
        let (prior, numbers) =
            with_released(archive, &window, (card, chain), prior, &terminals, numbers).await?;
        let mut suspended = archive.centre.store.suspended_of_card(card).await?;
        suspended.retain(|(id, _)| *id < window.row.id);
        let mut deny_books = HashMap::new();
        if let Some((_, operator)) = registry.operator_by_issuer(&card.issuer) {
            let mut lists: Vec<DenyListRow> = archive.centre.store.deny_lists().await?;
            let loaded = window.snapshot.deny_lists;
            lists.retain(|list| list.operator == operator.code && Some(list.id) <= loaded);
            lists.sort_unstable_by_key(|list| list.version);
            let moments = members.iter().filter_map(|member| member.record.when());
            deny_books.insert(operator.code, deny_lists::book(archive, &lists, card.serial, moments).await?);
        }
        Ok(Self {
            window,
            registry,
            card,
            chain,
            packages,
            members,
            target,
            prior,
            terminals,
            numbers,
            suspended,
            deny_books,
        })
    }

    pub(super) fn target(&self) -> &Member {
        &self.members[self.target]
    }

    /// Applies the rules to the chain once more.
    pub(super) fn judged(&self, keys: Option<&KeyRing>) -> Result<Judged, EngineError> {
        let index = self.terminals.iter().copied().zip(0..).collect();
        let rules = self.rules(&index);
        let mut rows = Vec::with_capacity(self.members.len());
        let (mut alone, mut source) = (Verdict::Duplicate, Source::NotKnown);
        for (place, member) in self.members.iter().enumerate() {
            let (verdict, bearings, known) = self.check(&rules, member, keys);
            if place == self.target {
                (alone, source) = (verdict, known);
            }
            rows.push(Row::new(member.package, member.stored.row, &member.record, verdict, bearings));
        }
        rows.sort_unstable_by(Row::order);
        let target = (self.target().package, self.target().stored.row);
        let is_target = |row: &Row| (row.package, row.row) == target;
        let fingerprints: HashSet<(CardId, Chain, Fingerprint)> =
            self.suspended.iter().map(|(_, item)| (item.card, item.chain, Fingerprint::from(item))).collect();
        let past = Past { numbers: &self.numbers, suspended: &fingerprints };
        let mut seen = None;
        judge_watched(&mut rows, self.prior, &past, |row, facts, line| {
            if is_target(row) {
                seen = Some((*facts, line));
            }
        });
        let place = rows.iter().position(is_target).expect("the target is one of the members");
        let fee = money::rated(&self.registry, &rows[place])?.fee;
        Ok(Judged { place, alone, source, seen, fee, rows })
    }

    /// What the record says and what the rules look at.
    pub(super) fn rules<'a>(&'a self, terminal_index: &'a HashMap<TerminalId, u32>) -> Rules<'a> {
        Rules::new(self.window.date(), &self.registry, &self.deny_books, terminal_index)
    }

    /// Checks 1 to 12 on one member. Whether its key was there and its TAC right is computed with `keys`, and without
    /// them taken from what the run found.
    fn check(
        &self,
        rules: &Rules<'_>,
        member: &Member,
        keys: Option<&KeyRing>,
    ) -> (Verdict, Bearings, Source) {
        let Member { record, stored, .. } = member;
        let (right, source) = match keys {
            Some(keys) => (self.tac_is_right(record, keys), Source::Recomputed),
            None => match stored.verdict {
                Verdict::Refused(Reason::KeyUnavailable) => (None, Source::AsTheRunFound),
                Verdict::Refused(Reason::TacMismatch) => (Some(false), Source::AsTheRunFound),
                // The run kept of it only that it is a copy, whatever its TAC.
                Verdict::Duplicate => (Some(true), Source::NotKnown),
                Verdict::Accepted(_) | Verdict::Refused(_) => (Some(true), Source::AsTheRunFound),
            },
        };
        let recent = &mut Recent::default();
        let (verdict, bearings) = match (rules.check_before_key(recent, stored.merchant, record), right) {
            (Ok(dated), Some(right)) => rules.check_after_tac(recent, stored.merchant, record, dated, right),
            (Ok(dated), None) => {
                let failed = dated.without_key();
                (Verdict::Refused(failed.reason), failed.bearings)
            }
            (Err(failed), _) => (Verdict::Refused(failed.reason), failed.bearings),
        };
        (verdict, bearings, source)
    }

    /// Whether the TAC is right; none when the ring lacks the key.
    fn tac_is_right(&self, record: &TransactionRecord, keys: &KeyRing) -> Option<bool> {
        tac_is_right(&self.registry, record, keys)
    }

    /// What is stored of the record and what the rules give; they must be the same.
    fn findings(&self, judged: &Judged) -> (Finding, Finding) {
        let stored = &self.target().stored;
        (Finding::of(stored.verdict, stored.fee_fen), Finding::of(judged.row().verdict, judged.fee))
    }

    /// The whole judgement, with the records that this one met looked up.
    pub(super) async fn judgement(
        &self,
        archive: &mut Archive<'_>,
        keys: Option<&KeyRing>,
    ) -> Result<Judgement, EngineError> {
        let judged = self.judged(keys)?;
        let Member { record, stored, .. } = self.target();
        let (decided_by, line) = decided(&judged);
        let (found, rederived) = self.findings(&judged);
        let run = archive.centre.store.run(self.window.row.id).await?;
        let run = run.ok_or_else(|| EngineError::Internal("a cleared window has no run".into()))?;
        let snapshot = self.window.snapshot;
        let index = self.terminals.iter().copied().zip(0..).collect();
        Ok(Judgement {
            window: self.window.date(),
            against: Against {
                registry: snapshot.registry,
                keys: snapshot.keys,
                deny_lists: snapshot.deny_lists,
            },
            cleared_at: local(run.cleared_at)?,
            agrees: found == rederived,
            decided_by,
            line,
            checks: checks::walk(&self.rules(&index), stored.merchant, record, judged.alone, judged.source),
            uniqueness: uniqueness::explain(self, &judged, archive).await?,
            flags: uniqueness::causes(self, &judged),
            money: money::trace(self, &judged, archive).await?,
            stored: found,
            rederived,
        })
    }
}

/// What the run started from: state and numbers of the window before, and what decisions release into both.
async fn with_released(
    archive: &Archive<'_>,
    window: &ClosedWindow,
    chain: (CardId, Chain),
    prior: Option<ChainState>,
    terminals: &[TerminalId],
    mut numbers: Vec<NumberRanges>,
) -> Result<(Option<ChainState>, Vec<NumberRanges>), EngineError> {
    let taken = taken_before(archive.centre, window).await?;
    let mut rows = Vec::new();
    for waiting in taken.iter().filter_map(|it| it.released) {
        if let Ok(place) = terminals.binary_search(&waiting.item.terminal) {
            numbers[place].merge([waiting.item.terminal_number.0]);
        }
        if (waiting.item.card, waiting.item.chain) == chain {
            rows.push(waiting.as_row(Bearings::NONE));
        }
    }
    rows.sort_by(Row::order);
    Ok((release(&mut rows, prior), numbers))
}

/// Whether a record's TAC is right; none when its operator is not registered or the ring lacks the key.
pub(crate) fn tac_is_right(registry: &Registry, record: &TransactionRecord, keys: &KeyRing) -> Option<bool> {
    let (_, operator) = registry.operator_by_issuer(&record.issuer)?;
    let algorithm = Algorithm::from_record_byte(record.algorithm)?;
    let master = keys.tac_master(operator.code, record.key_version, algorithm)?;
    let levels = if operator.two_level_keys { KeyLevels::Two } else { KeyLevels::One };
    verify_tac(&master.for_card(levels, &record.card()), record)
}

/// The number of the check that decided, and the line when it is uniqueness.
fn decided(judged: &Judged) -> (&'static str, Option<u8>) {
    match (judged.alone.reason().and_then(checks::check_of), judged.seen) {
        // A record that was rejected, or waits for a reason of its own.
        (Some(check), None | Some((_, 3))) => (check, None),
        (_, seen) => ("13", seen.map(|(_, line)| line)),
    }
}

/// The records behind `lines`, and their packages by collector and sequence.
async fn members(
    archive: &mut Archive<'_>,
    lines: Vec<DetailRow>,
) -> Result<(Vec<PackageRow>, Vec<Member>), EngineError> {
    let key = |line: &DetailRow| PackageKey { collector: line.collector, sequence: line.package_sequence };
    let mut lines = lines;
    lines.sort_by_key(|line| (key(line), line.row));
    let (mut packages, mut members) = (Vec::new(), Vec::new());
    for (index, group) in (0_u32..).zip(lines.chunk_by(|a, b| key(a) == key(b))) {
        let key = key(&group[0]);
        let package = archive.centre.store.package(key).await?.ok_or_else(|| {
            EngineError::CheckFailed(format!(
                "the detail names package {}-{:010}, which intake never accepted; run `tongclear check`",
                key.collector, key.sequence.0
            ))
        })?;
        let rows: Vec<u32> = group.iter().map(|line| line.row).collect();
        let records = archive.records(&package, &rows).await?;
        members.extend(group.iter().zip(records).map(|(stored, record)| Member {
            package: index,
            record,
            stored: *stored,
        }));
        packages.push(package);
    }
    Ok((packages, members))
}

/// Whether the stored record was accepted.
pub(super) fn accepted(row: &DetailRow) -> bool {
    row.verdict.disposition() == Disposition::Accepted
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
