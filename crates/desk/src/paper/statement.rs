//! The statements of a period, gathered once for everybody in a scope and made one at a time.

use std::collections::{BTreeMap, BTreeSet};

use tongclear_engine::{Centre, run_totals};
use tongclear_ledger::{Participant, Position, RatedTotal};
use tongclear_press::{
    Breakdown, BreakdownKind, BreakdownRow, Day, Draft, Line, Movement, Period, Role, Statement, Summary,
    UnpaidList, UnpaidRecord, Words,
};
use tongclear_store::{RunTotals, Scope};
use tongclear_types::{BusinessDate, DispositionTallies, Fen, MerchantCode, MoneyError, Sector, Tally};

use super::books::Books;
use super::due::Due;
use super::names::Names;
use super::records::{Depth, Records, not_accepted};
use super::span::Span;
use super::takings::Takings;
use crate::DeskError;

/// What the statements of a period are made of, for everybody in a scope.
pub struct Papers {
    span: Span,
    scope: Scope,
    names: Names,
    books: Books,
    due: Due,
    windows: Vec<Window>,
}

/// One window of the period.
struct Window {
    date: BusinessDate,
    totals: RunTotals,
    positions: Vec<Position>,
    records: Records,
}

impl Window {
    /// The money of one participant, each with its movement as that participant sees it.
    fn rated(&self, participant: Participant) -> impl Iterator<Item = (&RatedTotal, Movement)> {
        self.totals.rated.iter().filter_map(move |total| Some((total, movement(total, participant)?)))
    }

    /// What became of the participant's records.
    fn dispositions(&self, participant: Participant) -> Result<DispositionTallies, MoneyError> {
        match participant {
            Participant::Merchant(code) => Ok(self.totals.merchants.get(&code).copied().unwrap_or_default()),
            Participant::Operator(code) => self.records.of_operator(Some(code)),
            Participant::Sponsor(_) | Participant::Centre => Ok(DispositionTallies::default()),
        }
    }
}

/// What a rated total moved for `participant`; none when it is not theirs. An operator's purchases are below zero, and what
/// a merchant pays the centre is none of its business.
fn movement(total: &RatedTotal, participant: Participant) -> Option<Movement> {
    let count = total.purchase_count + total.load_count;
    match participant {
        Participant::Merchant(code) if code == total.merchant => Some(Movement {
            count,
            gross: total.purchase,
            fee: total.fee,
            concession: total.concession,
            load: total.load,
        }),
        Participant::Operator(code) if code == total.operator => Some(Movement {
            count,
            gross: total.purchase.negated(),
            fee: Fen::ZERO,
            concession: Fen::ZERO,
            load: total.load.negated(),
        }),
        _ => None,
    }
}

/// Adds `other` to `sum`, column by column.
pub(super) fn add(sum: &mut Movement, other: &Movement) -> Result<(), MoneyError> {
    sum.count = sum.count.checked_add(other.count).ok_or(MoneyError::OutOfRange)?;
    sum.gross = sum.gross.checked_add(other.gross)?;
    sum.fee = sum.fee.checked_add(other.fee)?;
    sum.concession = sum.concession.checked_add(other.concession)?;
    sum.load = sum.load.checked_add(other.load)?;
    Ok(())
}

impl Papers {
    /// Gathers the period for everybody whom `scope` sees: one merchant, one operator, or all of them. With `so_far`, windows
    /// that are not settled yet are left out.
    ///
    /// # Errors
    /// [`EngineError::NoSuchWindow`](tongclear_engine::EngineError::NoSuchWindow),
    /// [`EngineError::CheckFailed`](tongclear_engine::EngineError::CheckFailed) naming windows that are not settled;
    /// [`DeskError::NotFound`] for one whom the period does not know; faults of store and vault.
    pub async fn gather(
        centre: &Centre,
        scope: Scope,
        period: Period,
        so_far: bool,
    ) -> Result<Self, DeskError> {
        let span = Span::of(centre, period, so_far).await?;
        let names = Names::of(centre, &span).await?;
        let books = Books::of(centre, &span, scope).await?;
        let mut papers = Self { span, scope, names, books, due: Due::default(), windows: Vec::new() };
        for window in &papers.span.windows {
            let totals = run_totals(centre, window).await?;
            let positions = tongclear_store::scope::positions(&*centre.store, window.row.id, scope).await?;
            papers.windows.push(Window {
                date: window.date(),
                totals,
                positions,
                records: Records::default(),
            });
        }
        papers.refuse_strangers()?;
        let windows = papers.span.windows.iter().zip(&mut papers.windows);
        for (closed, window) in windows {
            window.records = Records::read(centre, closed, &papers.names, scope, Depth::Whole).await?;
        }
        let positions = papers.windows.iter().flat_map(|window| &window.positions);
        papers.due = Due::of(centre, &papers.span, scope, &papers.books, positions).await?;
        Ok(papers)
    }

    /// Refuses a scope of one whom nothing in the period knows, before anything is read.
    fn refuse_strangers(&self) -> Result<(), DeskError> {
        match self.scope {
            Scope::Everything => Ok(()),
            Scope::Of(participant @ (Participant::Merchant(_) | Participant::Operator(_))) => {
                match self.participants().contains(&participant) {
                    true => Ok(()),
                    false => Err(DeskError::NotFound(format!(
                        "{participant} has no statement for {}: it is neither registered then nor has it records",
                        self.span.period
                    ))),
                }
            }
            Scope::Of(other) => Err(DeskError::NotFound(format!(
                "{other} has no statement: statements are those of merchants and card operators"
            ))),
            Scope::Collector(_) => {
                Err(DeskError::Forbidden("a collector has no statement; its merchant has".to_owned()))
            }
        }
    }

    /// Whose statements can be made, in order: merchants and operators that were registered at the period's last window, or
    /// that have records or a position in it. Sponsors have none.
    #[must_use]
    pub fn participants(&self) -> BTreeSet<Participant> {
        let registry = self.names.latest();
        let is_sponsor = |it: &Participant| match it {
            Participant::Merchant(code) => self.names.sector(*code) == Some(Sector::Sponsor),
            Participant::Operator(_) => false,
            Participant::Sponsor(_) | Participant::Centre => true,
        };
        let registered = registry.merchants.iter().map(|it| Participant::Merchant(it.code));
        let operators = registry.operators.iter().map(|it| Participant::Operator(it.code));
        let active = self.windows.iter().flat_map(|window| {
            let merchants = window.totals.merchants.keys().map(|code| Participant::Merchant(*code));
            let rated = window.totals.rated.iter().map(|it| Participant::Operator(it.operator));
            merchants.chain(rated).chain(window.positions.iter().map(|it| it.participant))
        });
        let all = registered.chain(operators).chain(active);
        all.filter(|it| !is_sponsor(it) && self.scope.sees_account(*it)).collect()
    }

    /// The statement of one of [`Papers::participants`].
    ///
    /// # Errors
    /// [`EngineError::CheckFailed`](tongclear_engine::EngineError::CheckFailed) naming the first figure that does not re-add,
    /// with both figures.
    pub fn statement(&self, participant: Participant) -> Result<Statement, DeskError> {
        let balance = self.books.balance(participant, &self.span)?;
        let adjustments: Vec<_> =
            self.books.decisions(participant, &self.span).map(|it| self.due.adjustment(it)).collect();
        let (positions, moved) = self.positions(participant)?;
        let payouts = self.due.payouts(&self.books, &self.span, participant)?;
        let booked = payouts.iter().filter_map(|it| it.booked_on).chain(moved);
        let made_on = booked.fold(self.span.last_window(), BusinessDate::max);
        let days = self.days(participant, &adjustments)?;
        let mut total = Movement::default();
        days.iter().try_for_each(|day| add(&mut total, &day.movement))?;
        let mut dispositions = DispositionTallies::default();
        for window in &self.windows {
            dispositions.merge(&window.dispositions(participant)?)?;
        }
        let (account, bank) = self.names.account(participant);
        let role = self.role(participant);
        let draft = Draft {
            centre: self.names.centre(),
            participant: self.party(participant),
            role,
            account,
            bank,
            period: self.span.period,
            made_on,
            summary: Summary {
                opening: balance.opening,
                movement: total,
                adjustments: Fen::try_sum(adjustments.iter().map(|it| it.amount))?,
                net: balance.net,
                payouts: balance.payouts,
                closing: balance.closing,
                dispositions,
            },
            lines: self.lines(participant)?,
            breakdowns: self.breakdowns(participant, role)?,
            adjustments,
            positions,
            payouts,
            days: if matches!(self.span.period, Period::Month(_)) { days } else { Vec::new() },
            unpaid: UnpaidList::Here(self.unpaid(participant)),
        };
        Ok(Statement::new(draft)?)
    }

    fn role(&self, participant: Participant) -> Role {
        match participant {
            Participant::Merchant(code) => {
                Role::Merchant(self.names.sector(code).unwrap_or(Sector::Commerce))
            }
            _ => Role::Operator,
        }
    }

    fn party(&self, participant: Participant) -> tongclear_press::Party {
        match participant {
            Participant::Operator(code) => self.names.operator(code),
            Participant::Merchant(code) | Participant::Sponsor(code) => self.names.merchant(code),
            Participant::Centre => {
                let tongclear_press::Centre { code, name, name_en } = self.names.centre();
                tongclear_press::Party { code, name, name_en }
            }
        }
    }

    /// The positions on paper, and the day on which the bank last moved something of each.
    fn positions(
        &self,
        participant: Participant,
    ) -> Result<(Vec<tongclear_press::Position>, Vec<BusinessDate>), DeskError> {
        let code = &self.names.latest().centre.code;
        let (mut positions, mut moved) = (Vec::new(), Vec::new());
        for window in &self.windows {
            for position in window.positions.iter().filter(|it| it.participant == participant) {
                let (position, last) = self.due.position(&self.books, code, window.date, position)?;
                positions.push(position);
                moved.extend(last);
            }
        }
        Ok((positions, moved))
    }

    /// One line a counterparty and contract.
    fn lines(&self, participant: Participant) -> Result<Vec<Line>, MoneyError> {
        let mut sums = BTreeMap::new();
        for (total, movement) in self.windows.iter().flat_map(|window| window.rated(participant)) {
            let counterparty = match participant {
                Participant::Operator(_) => Participant::Merchant(total.merchant),
                _ => Participant::Operator(total.operator),
            };
            let sum: &mut Movement = sums.entry((counterparty, total.contract.to_string())).or_default();
            add(sum, &movement)?;
        }
        let line = |((counterparty, contract), movement): (_, Movement)| {
            Ok(Line { counterparty: self.party(counterparty), contract, movement, net: movement.net()? })
        };
        sums.into_iter().map(line).collect()
    }

    fn breakdowns(&self, participant: Participant, role: Role) -> Result<Vec<Breakdown>, MoneyError> {
        match (participant, role) {
            (Participant::Merchant(code), Role::Merchant(sector)) => {
                Takings::breakdowns(self.windows.iter().map(|it| &it.records.takings), code, sector)
            }
            _ => self.by_sector(participant),
        }
    }

    /// An operator's money by the merchants' sectors.
    fn by_sector(&self, operator: Participant) -> Result<Vec<Breakdown>, MoneyError> {
        let mut sums: BTreeMap<Option<Sector>, Tally> = BTreeMap::new();
        for (total, movement) in self.windows.iter().flat_map(|window| window.rated(operator)) {
            let amount_fen = movement.gross.checked_add(movement.load)?;
            let sum = sums.entry(self.names.sector(total.merchant)).or_default();
            sum.merge(&Tally { count: movement.count, amount_fen })?;
        }
        let row = |(sector, tally): (Option<Sector>, Tally)| BreakdownRow {
            code: sector.map(|it| it.name().to_owned()).unwrap_or_default(),
            name: sector
                .map_or_else(|| Words::new("未注明", "not given"), |it| Words::new(it.name_zh(), it.name())),
            tally,
        };
        let rows: Vec<BreakdownRow> = sums.into_iter().map(row).collect();
        Ok(if rows.is_empty() { Vec::new() } else { vec![Breakdown { kind: BreakdownKind::Sector, rows }] })
    }

    /// One row a window.
    fn days(
        &self,
        participant: Participant,
        adjustments: &[tongclear_press::Adjustment],
    ) -> Result<Vec<Day>, MoneyError> {
        let day = |window: &Window| {
            let mut moved = Movement::default();
            window.rated(participant).try_for_each(|(_, movement)| add(&mut moved, &movement))?;
            let mine = adjustments.iter().filter(|it| it.window == window.date);
            let adjustments = Fen::try_sum(mine.map(|it| it.amount))?;
            Ok(Day {
                window: window.date,
                movement: moved,
                adjustments,
                net: moved.net()?.checked_add(adjustments)?,
                unpaid: not_accepted(&window.dispositions(participant)?)?,
            })
        };
        self.windows.iter().map(day).collect()
    }

    fn unpaid(&self, participant: Participant) -> Vec<UnpaidRecord> {
        let is_mine = move |merchant: MerchantCode, operator| match participant {
            Participant::Merchant(code) => code == merchant,
            Participant::Operator(code) => operator == Some(code),
            Participant::Sponsor(_) | Participant::Centre => false,
        };
        self.windows.iter().flat_map(|it| it.records.unpaid(it.date, is_mine)).collect()
    }
}
