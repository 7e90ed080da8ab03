//! Verifying a statement: everything is worked out again from the statement alone, and must lead to the root.
//!
//! The checks go from the inside out, so that the first disagreement is the one closest to what was changed.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use tongclear_types::{
    BusinessDate, CollectorId, Disposition, DispositionTallies, Fen, MerchantCode, PackageSequence, Tally,
};

use crate::account::Account;
use crate::branch::{Branch, root_hash};
use crate::disagreement::{Disagreement, agree, agree_tallies, in_domain, not_negative};
use crate::hash::Hash;
use crate::section::unpaid_hash;
use crate::statement::Statement;

/// What a statement lists record by record.
const UNPAID: [Disposition; 3] = [Disposition::Duplicate, Disposition::Suspended, Disposition::Rejected];

/// What a verified statement proves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proven {
    /// The window.
    pub window: BusinessDate,
    /// The merchant.
    pub merchant: MerchantCode,
    /// The root it leads to.
    pub root: Hash,
    /// Digest of the run.
    pub digest: Hash,
    /// What became of the merchant's records.
    pub dispositions: DispositionTallies,
    /// Packages of the merchant.
    pub packages: u64,
    /// What this window's records bring the merchant.
    pub net_fen: Fen,
    /// What was carried in, which this root does not cover.
    pub carried_in_fen: Fen,
    /// What decisions of this window bring the merchant.
    pub adjustments_fen: Fen,
    /// Merchants of the window.
    pub merchants: u32,
    /// Records of the window.
    pub records: u64,
    /// The sum of their amounts.
    pub amount_fen: Fen,
}

/// Verifies that `statement` is the one and only statement of its merchant and window under `root`.
///
/// # Errors
/// The first [`Disagreement`].
pub fn verify(statement: &Statement, root: Hash) -> Result<Proven, Disagreement> {
    check_unpaid_records(statement)?;
    let account = statement.account();
    let dispositions = in_domain("proof.sections", account.dispositions())?;
    agree_tallies("dispositions", Disposition::ALL, &statement.dispositions, &dispositions)?;
    check_packages(statement)?;
    let net_fen = check_figures(statement)?;
    let (carried_in_fen, adjustments_fen) = check_positions(statement)?;

    let proof = &statement.proof;
    agree("proof.packages", &proof.packages, &account.packages_hash())?;
    agree("proof.figures", &proof.figures, &account.figures_hash())?;
    let leaf = in_domain("proof.leaf", account.leaf())?;
    agree("proof.leaf", &proof.leaf, &leaf.hash)?;
    let top = climb(leaf, &proof.path)?;
    agree("proof.records", &proof.records, &top.records)?;
    agree("proof.amount_fen", &proof.amount_fen, &top.amount_fen)?;
    let reached = root_hash(statement.window, proof.digest, proof.merchants, Some(&top));
    agree("proof.root", &proof.root, &reached)?;
    agree("proof.root", &proof.root, &root)?;
    Ok(Proven {
        window: statement.window,
        merchant: statement.merchant,
        root,
        digest: proof.digest,
        dispositions,
        packages: statement.packages.len() as u64,
        net_fen,
        carried_in_fen,
        adjustments_fen,
        merchants: proof.merchants,
        records: proof.records,
        amount_fen: proof.amount_fen,
    })
}

impl Statement {
    /// What the window's tree must hold of the merchant for the statement to be true.
    fn account(&self) -> Account {
        Account {
            merchant: self.merchant,
            name: self.name.clone(),
            name_en: self.name_en.clone(),
            idle_value_date: self.idle_value_date,
            figures: self.figures.clone(),
            adjustments: self.adjustments.clone(),
            packages: self.packages.clone(),
            sections: self.proof.sections.clone(),
        }
    }
}

/// Every section lists its records that were not accepted, in order and under its hash; no other is listed.
fn check_unpaid_records(statement: &Statement) -> Result<(), Disagreement> {
    let mut unpaid = (0_usize..).zip(&statement.unpaid);
    let mut before = None;
    for (i, section) in statement.proof.sections.iter().enumerate() {
        let field = format!("proof.sections[{i}]");
        if before.is_some_and(|before| before >= section.partition) {
            return Err(Disagreement::new(
                format_args!("{field}.partition"),
                section.partition,
                "partitions that ascend",
            ));
        }
        before = Some(section.partition);
        let mut tallies = DispositionTallies::default();
        let mut rows = Vec::new();
        let mut listed = 0_u64;
        let expected = in_domain(&field, unpaid_count(&section.dispositions))?;
        while listed < expected {
            let Some((place, record)) = unpaid.next() else {
                return Err(Disagreement::new(
                    "unpaid",
                    format_args!("{} records", statement.unpaid.len()),
                    format_args!("{} more in {field}", expected - listed),
                ));
            };
            agree(format_args!("unpaid[{place}].merchant"), &record.merchant, &statement.merchant)?;
            let row = record.detail().ok_or_else(|| {
                let reason = record.reason.map_or("null", |reason| reason.name());
                Disagreement::new(format_args!("unpaid[{place}].reason"), reason, record.disposition)
            })?;
            let amount = Fen::from(record.amount_fen);
            in_domain(&field, tallies.get_mut(record.disposition).add(amount))?;
            rows.push(row.canonical());
            listed += 1;
        }
        agree_tallies(format_args!("{field}.dispositions"), &UNPAID, &section.dispositions, &tallies)?;
        agree(format_args!("{field}.unpaid"), &section.unpaid, &unpaid_hash(&rows))?;
    }
    match unpaid.next() {
        None => Ok(()),
        Some((place, record)) => Err(Disagreement::new(
            format_args!("unpaid[{place}]"),
            format_args!("row {} of package {}", record.row, record.package_sequence),
            "no more records",
        )),
    }
}

/// How many records of `tallies` were not accepted.
fn unpaid_count(tallies: &DispositionTallies) -> Result<u64, tongclear_types::MoneyError> {
    let mut sum = Tally::default();
    UNPAID.iter().try_for_each(|it| sum.merge(tallies.get(*it)))?;
    Ok(sum.count)
}

/// The packages hold the merchant's records and no others: they add up to its tallies, and what was not accepted of
/// each is listed.
fn check_packages(statement: &Statement) -> Result<(), Disagreement> {
    let mut unpaid = BTreeMap::<(CollectorId, PackageSequence), DispositionTallies>::new();
    let mut places = BTreeSet::new();
    for (i, record) in statement.unpaid.iter().enumerate() {
        let key = (record.collector, record.package_sequence);
        let tally = unpaid.entry(key).or_default().get_mut(record.disposition);
        in_domain(format_args!("unpaid[{i}].amount_fen"), tally.add(Fen::from(record.amount_fen)))?;
        if !places.insert((key, record.row)) {
            return Err(Disagreement::new(format_args!("unpaid[{i}].row"), record.row, "a row named once"));
        }
    }
    let mut sum = DispositionTallies::default();
    let mut before = None;
    for (i, package) in statement.packages.iter().enumerate() {
        let field = format!("packages[{i}]");
        let key = (package.collector, package.sequence);
        if before.is_some_and(|before| before >= key) {
            return Err(Disagreement::new(&field, package.sequence, "collectors and sequences that ascend"));
        }
        before = Some(key);
        let records = in_domain(&field, package.dispositions.sum())?;
        agree(format_args!("{field}.records"), &u64::from(package.records), &records.count)?;
        let listed = unpaid.remove(&key).unwrap_or_default();
        agree_tallies(format_args!("{field}.dispositions"), &UNPAID, &package.dispositions, &listed)?;
        if let Some((_, row)) = places.range((key, package.records)..=(key, u32::MAX)).next() {
            return Err(Disagreement::new(
                format_args!("{field}.records"),
                package.records,
                format_args!("more than {row}, a row that is listed as unpaid"),
            ));
        }
        in_domain(&field, sum.merge(&package.dispositions))?;
    }
    if let Some((collector, sequence)) = unpaid.keys().next() {
        return Err(Disagreement::new(
            "packages",
            format_args!("{} packages", statement.packages.len()),
            format_args!("package {sequence} of collector {collector} among them, whose record is unpaid"),
        ));
    }
    agree_tallies("dispositions", Disposition::ALL, &statement.dispositions, &sum)
}

/// The figures are those of the accepted records, each nets as it should; returns what they bring together.
fn check_figures(statement: &Statement) -> Result<Fen, Disagreement> {
    let mut accepted = Tally::default();
    let mut net = Fen::ZERO;
    let mut before = None;
    for (i, figure) in statement.figures.iter().enumerate() {
        let field = format!("figures[{i}]");
        agree(format_args!("{field}.contract"), &figure.contract.merchant, &statement.merchant)?;
        if let Some(operator) = figure.contract.operator {
            agree(format_args!("{field}.contract"), &operator, &figure.operator)?;
        }
        let key = (figure.operator, figure.contract);
        if before.is_some_and(|before| before >= key) {
            return Err(Disagreement::new(&field, figure.contract, "operators and contracts that ascend"));
        }
        before = Some(key);
        for (name, amount) in [
            ("gross_fen", figure.gross_fen),
            ("fee_fen", figure.fee_fen),
            ("concession_fen", figure.concession_fen),
            ("load_fen", figure.load_fen),
        ] {
            not_negative(format_args!("{field}.{name}"), amount)?;
        }
        let own = in_domain(&field, figure.net())?;
        agree(format_args!("{field}.net_fen"), &figure.net_fen, &own)?;
        net = in_domain(&field, net.checked_add(own))?;
        for (count, amount_fen) in
            [(figure.purchase_count, figure.gross_fen), (figure.load_count, figure.load_fen)]
        {
            in_domain(&field, accepted.merge(&Tally { count, amount_fen }))?;
        }
    }
    let accepted = DispositionTallies { accepted, ..DispositionTallies::default() };
    agree_tallies("dispositions", &[Disposition::Accepted], &statement.dispositions, &accepted)?;
    Ok(net)
}

/// The positions are the figures by value date, with what was carried in on the first; returns that, and the adjustments.
fn check_positions(statement: &Statement) -> Result<(Fen, Fen), Disagreement> {
    // Gross, fee, concession and load of each value date.
    let mut dates = BTreeMap::<BusinessDate, [Fen; 4]>::new();
    for (i, figure) in statement.figures.iter().enumerate() {
        let sums = dates.entry(figure.value_date).or_default();
        let parts = [figure.gross_fen, figure.fee_fen, figure.concession_fen, figure.load_fen];
        for (sum, part) in sums.iter_mut().zip(parts) {
            *sum = in_domain(format_args!("figures[{i}]"), sum.checked_add(part))?;
        }
    }
    let mut decided = adjustments_by_date(statement)?;
    for date in decided.keys() {
        dates.entry(*date).or_default();
    }
    let first = dates.keys().next().copied().unwrap_or(statement.idle_value_date);
    let (mut carried_in, mut adjustments) = (Fen::ZERO, Fen::ZERO);
    let mut before = None;
    for (i, position) in statement.positions.iter().enumerate() {
        let field = format!("positions[{i}]");
        let place = format!("{field}.value_date");
        if before.is_some_and(|before| before >= position.value_date) {
            return Err(Disagreement::new(place, position.value_date, "value dates that ascend"));
        }
        before = Some(position.value_date);
        let sums = match dates.remove(&position.value_date) {
            Some(sums) => sums,
            None => {
                agree(place, &position.value_date, &first)?;
                [Fen::ZERO; 4]
            }
        };
        let [gross, fee, concession, load] = sums;
        agree(format_args!("{field}.gross_fen"), &position.gross_fen, &gross)?;
        agree(format_args!("{field}.fee_fen"), &position.fee_fen, &fee)?;
        agree(format_args!("{field}.concession_fen"), &position.concession_fen, &concession)?;
        agree(format_args!("{field}.load_fen"), &position.load_fen, &load)?;
        if position.value_date != first || position.carried_in_fen > Fen::ZERO {
            agree(format_args!("{field}.carried_in_fen"), &position.carried_in_fen, &Fen::ZERO)?;
        }
        carried_in = in_domain(&field, carried_in.checked_add(position.carried_in_fen))?;
        let own = decided.remove(&position.value_date).unwrap_or_default();
        agree(format_args!("{field}.adjustments_fen"), &position.adjustments_fen, &own)?;
        adjustments = in_domain(&field, adjustments.checked_add(own))?;
        let net = gross
            .checked_sub(fee)
            .and_then(|net| net.checked_add(concession))
            .and_then(|net| net.checked_sub(load))
            .and_then(|net| net.checked_add(position.adjustments_fen))
            .and_then(|net| net.checked_add(position.carried_in_fen));
        let net = in_domain(&field, net)?;
        agree(format_args!("{field}.net_fen"), &position.net_fen, &net)?;
        let carried_out = if net.is_negative() { net } else { Fen::ZERO };
        agree(format_args!("{field}.carried_out_fen"), &position.carried_out_fen, &carried_out)?;
    }
    // A value date on which nothing moves has no position.
    let moved = dates.iter().find(|(_, sums)| sums.iter().any(|sum| !sum.is_zero())).map(|(date, _)| date);
    match moved.or(decided.iter().find(|(_, sum)| !sum.is_zero()).map(|(date, _)| date)) {
        None => Ok((carried_in, adjustments)),
        Some(date) => Err(Disagreement::new(
            "positions",
            format_args!("{} positions", statement.positions.len()),
            format_args!("one with value date {date}"),
        )),
    }
}

/// What decisions bring on each value date; each stands once, and moves something or has no date.
fn adjustments_by_date(statement: &Statement) -> Result<BTreeMap<BusinessDate, Fen>, Disagreement> {
    let mut dates = BTreeMap::<BusinessDate, Fen>::new();
    let mut before = None;
    for (i, adjustment) in statement.adjustments.iter().enumerate() {
        let field = format!("adjustments[{i}]");
        let key = (adjustment.reference, adjustment.origin);
        if before.is_some_and(|before| before >= key) {
            return Err(Disagreement::new(&field, adjustment.reference, "references that ascend"));
        }
        before = Some(key);
        match adjustment.value_date {
            Some(date) => {
                let sum = dates.entry(date).or_default();
                *sum = in_domain(&field, sum.checked_add(adjustment.net_fen))?;
            }
            None => agree(format_args!("{field}.net_fen"), &adjustment.net_fen, &Fen::ZERO)?,
        }
    }
    Ok(dates)
}

/// From the merchant's leaf to the top of the window's tree.
fn climb(leaf: Branch, path: &[Branch]) -> Result<Branch, Disagreement> {
    path.iter().enumerate().try_fold(leaf, |reached, (i, beside)| {
        reached.join_beside(*beside).map_err(|error| {
            Disagreement::new(
                format_args!("proof.path[{i}]"),
                format_args!("{} to {}, {} fen ({error})", beside.first, beside.last, beside.amount_fen),
                format_args!("a branch beside {} to {}", reached.first, reached.last),
            )
        })
    })
}
