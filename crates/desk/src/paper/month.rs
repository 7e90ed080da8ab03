//! The month's report for the centre's management.

use std::collections::{BTreeMap, BTreeSet};

use tongclear_engine::{Centre, run_totals};
use tongclear_ledger::{Participant, Position, RatedTotal};
use tongclear_press::{
    Month, MonthDay, MonthDraft, MonthReport, Movement, OpenItems, Party, PartyMonth, PayoutMonth,
    PayoutState, Period, ReasonMonth, SectorMonth,
};
use tongclear_store::reconciliations::{ReconciliationRow, SideProof, reconciliations};
use tongclear_store::{RunTotals, Scope};
use tongclear_types::{
    BusinessDate, DispositionTallies, Fen, MerchantCode, MoneyError, OperatorCode, Reason, Sector, Tally,
};

use super::books::Books;
use super::due::Due;
use super::names::Names;
use super::records::{Depth, Records, not_accepted};
use super::span::Span;
use super::statement::add;
use crate::DeskError;

/// The report of a month; with `so_far`, windows that are not settled yet are left out.
///
/// # Errors
/// As [`Papers::gather`](super::Papers::gather), and [`EngineError::CheckFailed`](tongclear_engine::EngineError::CheckFailed)
/// naming the first figure that does not re-add.
pub async fn month_report(centre: &Centre, month: Month, so_far: bool) -> Result<MonthReport, DeskError> {
    let span = Span::of(centre, Period::Month(month), so_far).await?;
    let names = Names::of(centre, &span).await?;
    let mut whole = Whole::default();
    let mut positions: Vec<(BusinessDate, Position)> = Vec::new();
    for window in &span.windows {
        let totals = run_totals(centre, window).await?;
        let records = Records::read(centre, window, &names, Scope::Everything, Depth::Sums).await?;
        whole.add(window.date(), &totals, &records, &names)?;
        let settled = centre.store.positions(window.row.id).await?;
        positions.extend(settled.into_iter().map(|position| (window.date(), position)));
    }
    let payouts = payouts(centre, &span, &names, &positions).await?;
    let runs = reconciliations(&*centre.store, None).await?;
    let draft = MonthDraft {
        centre: names.centre(),
        month,
        made_on: span.last_window(),
        movement: whole.movement,
        dispositions: whole.dispositions,
        days: whole.days,
        operators: whole.operators.into_iter().map(|(code, it)| it.named(operator(&names, code))).collect(),
        sectors: whole.sectors.into_iter().map(|(sector, it)| it.of_sector(sector)).collect(),
        reasons: reasons(whole.reasons),
        open_items: open_items(&runs, month, &names)?,
        payouts,
    };
    Ok(MonthReport::new(draft)?)
}

/// Sums over the month.
#[derive(Default)]
struct Whole {
    movement: Movement,
    dispositions: DispositionTallies,
    days: Vec<MonthDay>,
    operators: BTreeMap<Option<OperatorCode>, Part>,
    sectors: BTreeMap<Sector, Part>,
    reasons: BTreeMap<Reason, Tally>,
}

/// An operator's or a sector's part of the month.
#[derive(Default)]
struct Part {
    movement: Movement,
    unpaid: Tally,
    merchants: BTreeSet<MerchantCode>,
}

impl Part {
    fn named(self, operator: Party) -> PartyMonth {
        PartyMonth { operator, movement: self.movement, unpaid: self.unpaid }
    }

    fn of_sector(self, sector: Sector) -> SectorMonth {
        let merchants = u64::try_from(self.merchants.len()).unwrap_or(u64::MAX);
        SectorMonth { sector, merchants, movement: self.movement, unpaid: self.unpaid }
    }
}

impl Whole {
    /// Adds a window.
    fn add(
        &mut self,
        window: BusinessDate,
        totals: &RunTotals,
        records: &Records,
        names: &Names,
    ) -> Result<(), MoneyError> {
        let sector = |merchant| names.sector(merchant).unwrap_or(Sector::Commerce);
        let mut movement = Movement::default();
        for total in &totals.rated {
            let moved = moved(total);
            add(&mut movement, &moved)?;
            add(&mut self.operators.entry(Some(total.operator)).or_default().movement, &moved)?;
            add(&mut self.sectors.entry(sector(total.merchant)).or_default().movement, &moved)?;
        }
        for (merchant, tallies) in &totals.merchants {
            let part = self.sectors.entry(sector(*merchant)).or_default();
            part.merchants.insert(*merchant);
            part.unpaid.merge(&not_accepted(tallies)?)?;
        }
        for operator in records.operators().collect::<BTreeSet<_>>() {
            let unpaid = not_accepted(&records.of_operator(operator)?)?;
            self.operators.entry(operator).or_default().unpaid.merge(&unpaid)?;
        }
        for (reason, tally) in &totals.reasons {
            self.reasons.entry(*reason).or_default().merge(tally)?;
        }
        add(&mut self.movement, &movement)?;
        self.dispositions.merge(&totals.dispositions)?;
        self.days.push(MonthDay { window, movement, dispositions: totals.dispositions });
        Ok(())
    }
}

/// What a total moved, as merchants see it.
const fn moved(total: &RatedTotal) -> Movement {
    Movement {
        count: total.purchase_count + total.load_count,
        gross: total.purchase,
        fee: total.fee,
        concession: total.concession,
        load: total.load,
    }
}

/// A card operator; of `None`, those whose cards no registered operator has.
fn operator(names: &Names, code: Option<OperatorCode>) -> Party {
    let unknown = || Party {
        code: String::new(),
        name: "未登记的发卡机构".to_owned(),
        name_en: "not registered".to_owned(),
    };
    code.map_or_else(unknown, |code| names.operator(code))
}

/// Reasons, most frequent first.
fn reasons(reasons: BTreeMap<Reason, Tally>) -> Vec<ReasonMonth> {
    let mut reasons: Vec<_> =
        reasons.into_iter().map(|(reason, tally)| ReasonMonth { reason, tally }).collect();
    reasons.sort_by_key(|it| std::cmp::Reverse((it.tally.count, it.tally.amount_fen)));
    reasons
}

/// What is to be paid to merchants for the month's windows, by how far it has come: payments, and what is due to a merchant on a
/// value date and in no payment yet.
async fn payouts(
    centre: &Centre,
    span: &Span,
    names: &Names,
    positions: &[(BusinessDate, Position)],
) -> Result<Vec<PayoutMonth>, DeskError> {
    let books = Books::of(centre, span, Scope::Everything).await?;
    let all = positions.iter().map(|(_, position)| position);
    let due = Due::of(centre, span, Scope::Everything, &books, all).await?;
    let mut payments: BTreeMap<(Participant, Result<String, BusinessDate>), (PayoutState, Fen)> =
        BTreeMap::new();
    for (window, position) in positions {
        if !matches!(position.participant, Participant::Merchant(_)) {
            continue;
        }
        let (paper, _) = due.position(&books, &names.latest().centre.code, *window, position)?;
        if paper.payable.is_zero() {
            continue;
        }
        let key = (position.participant, paper.reference.ok_or(position.value_date));
        let (_, amount) = payments.entry(key).or_insert((paper.state, Fen::ZERO));
        *amount = amount.checked_add(paper.payable)?;
    }
    let mut states = PayoutState::ALL.iter().map(|it| (*it, Tally::default())).collect::<Vec<_>>();
    for (state, amount) in payments.into_values() {
        for (_, tally) in states.iter_mut().filter(|(it, _)| *it == state) {
            tally.add(amount)?;
        }
    }
    let states = states.into_iter().filter(|(_, tally)| tally.count > 0);
    Ok(states.map(|(state, tally)| PayoutMonth { state, tally }).collect())
}

/// Open items of both sides with each operator: what the runs of the month found open, took in, and left.
fn open_items(runs: &[ReconciliationRow], month: Month, names: &Names) -> Result<Vec<OpenItems>, DeskError> {
    let mut items: BTreeMap<OperatorCode, OpenItems> = BTreeMap::new();
    for run in runs.iter().filter(|run| month.contains(run.business_date)) {
        let figures = run.figures()?;
        let sides = |of: fn(&SideProof) -> Tally| sum([of(&figures.ours), of(&figures.theirs)]);
        let opening = sides(|it| it.opening)?;
        let entry = items.entry(run.operator).or_insert_with(|| OpenItems {
            operator: names.operator(run.operator),
            opening,
            new: Tally::default(),
            cleared: Tally::default(),
            closing: Tally::default(),
            breaks: Tally::default(),
            aging: <[Tally; 5]>::default(),
        });
        entry.new.merge(&sides(|it| it.new)?)?;
        entry.cleared.merge(&sides(|it| it.cleared)?)?;
        entry.cleared.merge(&sides(|it| it.decided)?)?;
        entry.closing = sides(|it| it.closing)?;
        entry.breaks = sum([figures.ours_only.breaks, figures.theirs_only.breaks])?;
        entry.aging = figures.ours_only.aging;
        for (bucket, theirs) in entry.aging.iter_mut().zip(&figures.theirs_only.aging) {
            bucket.merge(theirs)?;
        }
    }
    Ok(items.into_values().collect())
}

fn sum(tallies: impl IntoIterator<Item = Tally>) -> Result<Tally, MoneyError> {
    let mut sum = Tally::default();
    tallies.into_iter().try_for_each(|tally| sum.merge(&tally))?;
    Ok(sum)
}
