//! Settlement of a window: what every participant is owed or owes, netted to one amount per value date.
//!
//! The lines are what `settlement show` prints (`cli.md`); the positions are what is paid (`clearing.md`,
//! Settlement).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tongclear_types::{BusinessDate, Fen, MerchantCode, MoneyError, OperatorCode};

use crate::{Adjustment, Calendar, Carried, Cycle, Participant, Position, RatedTotal};

/// What one merchant took with one operator's cards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MerchantLine {
    /// Who took it.
    pub merchant: MerchantCode,
    /// With whose cards.
    pub operator: OperatorCode,
    /// Accepted records, loads included.
    pub count: u64,
    /// Purchases.
    pub gross: Fen,
    /// Fees on them.
    pub fee: Fen,
    /// Concessions on them.
    pub concession: Fen,
    /// Loads, which the merchant owes.
    pub load: Fen,
    /// gross − fee + concession − load.
    pub net: Fen,
}

/// What one operator's cards spent and loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorLine {
    /// Whose cards.
    pub operator: OperatorCode,
    /// Purchases.
    pub purchase: Fen,
    /// Loads.
    pub load: Fen,
    /// purchase − load.
    pub owes: Fen,
}

/// What one sponsor owes; never zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SponsorLine {
    /// Who.
    pub sponsor: MerchantCode,
    /// Concessions granted.
    pub concession: Fen,
}

/// The lines of a window, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines {
    /// One per merchant and operator with accepted records.
    pub merchants: Vec<MerchantLine>,
    /// One per operator with accepted records.
    pub operators: Vec<OperatorLine>,
    /// One per sponsor that owes something.
    pub sponsors: Vec<SponsorLine>,
}

/// The settlement of a window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// The business date.
    pub window: BusinessDate,
    /// One per merchant and operator with accepted records, sorted.
    pub merchants: Vec<MerchantLine>,
    /// One per operator with accepted records, sorted.
    pub operators: Vec<OperatorLine>,
    /// One per sponsor that owes something, sorted.
    pub sponsors: Vec<SponsorLine>,
    /// One per participant and value date on which something moves or is carried, sorted.
    pub positions: Vec<Position>,
}

impl Settlement {
    /// Settles a window: `carried` is what merchants still owe from the windows before ([`crate::carried_from`]).
    ///
    /// A merchant's carried amount is taken into its earliest value date of this window. A merchant without
    /// records in this window gets a position of its own, on the value date of `T+0`, which carries the amount on.
    /// What a decision moves is on the value date of its contract's cycle, counted from this window.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] when a sum leaves the domain.
    pub fn of(
        window: BusinessDate,
        rated: &[RatedTotal],
        adjustments: &[Adjustment],
        calendar: &Calendar,
        carried: &[Carried],
    ) -> Result<Self, MoneyError> {
        let mut positions = Positions::default();
        for total in rated {
            positions.add(total, calendar.value_date(window, total.cycle))?;
        }
        for adjustment in adjustments {
            if let Some(terms) = adjustment.terms {
                positions.adjust(adjustment, terms.sponsor, calendar.value_date(window, terms.cycle))?;
            }
        }
        for carried in carried {
            positions.carry(carried, calendar.value_date(window, Cycle(0)))?;
        }
        let Lines { merchants, operators, sponsors } = lines(rated)?;
        Ok(Self { window, merchants, operators, sponsors, positions: positions.close()? })
    }
}

/// Positions while they are filled.
#[derive(Default)]
struct Positions(BTreeMap<(Participant, BusinessDate), Position>);

impl Positions {
    fn at(&mut self, participant: Participant, value_date: BusinessDate) -> &mut Position {
        self.0.entry((participant, value_date)).or_insert_with(|| Position::empty(participant, value_date))
    }

    /// Each figure goes to both sides of it.
    fn add(&mut self, total: &RatedTotal, value_date: BusinessDate) -> Result<(), MoneyError> {
        let merchant = self.at(Participant::Merchant(total.merchant), value_date);
        merchant.gross = merchant.gross.checked_add(total.purchase)?;
        merchant.fee = merchant.fee.checked_add(total.fee)?;
        merchant.concession = merchant.concession.checked_add(total.concession)?;
        merchant.load = merchant.load.checked_add(total.load)?;
        let operator = self.at(Participant::Operator(total.operator), value_date);
        operator.gross = operator.gross.checked_sub(total.purchase)?;
        operator.load = operator.load.checked_sub(total.load)?;
        let centre = self.at(Participant::Centre, value_date);
        centre.fee = centre.fee.checked_sub(total.fee)?;
        if let Some(sponsor) = total.sponsor {
            let sponsor = self.at(Participant::Sponsor(sponsor), value_date);
            sponsor.concession = sponsor.concession.checked_sub(total.concession)?;
        }
        Ok(())
    }

    /// As [`Positions::add`], all of it in the one column of adjustments.
    fn adjust(
        &mut self,
        adjustment: &Adjustment,
        sponsor: Option<MerchantCode>,
        value_date: BusinessDate,
    ) -> Result<(), MoneyError> {
        let merchant = Participant::Merchant(adjustment.merchant);
        let operator = Participant::Operator(adjustment.operator);
        let mut shares = vec![
            (merchant, adjustment.to_merchant()?),
            (operator, adjustment.from_operator().negated()),
            (Participant::Centre, adjustment.fee),
        ];
        shares.extend(sponsor.map(|it| (Participant::Sponsor(it), adjustment.concession.negated())));
        for (participant, share) in shares {
            let position = self.at(participant, value_date);
            position.adjustments = position.adjustments.checked_add(share)?;
        }
        Ok(())
    }

    fn carry(&mut self, carried: &Carried, idle: BusinessDate) -> Result<(), MoneyError> {
        let participant = Participant::Merchant(carried.merchant);
        let earliest = self.0.keys().find(|(other, _)| *other == participant).map(|(_, date)| *date);
        let position = self.at(participant, earliest.unwrap_or(idle));
        position.carried_in = position.carried_in.checked_add(carried.amount)?;
        Ok(())
    }

    fn close(self) -> Result<Vec<Position>, MoneyError> {
        self.0.into_values().filter(|position| !position.is_empty()).map(Position::close).collect()
    }
}

/// The lines of a window's totals.
///
/// # Errors
/// [`MoneyError::OutOfRange`] when a sum leaves the domain.
pub fn lines(rated: &[RatedTotal]) -> Result<Lines, MoneyError> {
    let mut merchants = BTreeMap::<(MerchantCode, OperatorCode), MerchantLine>::new();
    let mut operators = BTreeMap::<OperatorCode, OperatorLine>::new();
    let mut sponsors = BTreeMap::<MerchantCode, Fen>::new();
    for total in rated {
        let RatedTotal { merchant, operator, purchase, fee, concession, load, .. } = *total;
        let records = total.purchase_count + total.load_count;
        if let Some(sponsor) = total.sponsor {
            let owed = sponsors.entry(sponsor).or_default();
            *owed = owed.checked_add(concession)?;
        }
        if records == 0 {
            continue;
        }
        let zero = Fen::ZERO;
        let line = merchants.entry((merchant, operator)).or_insert(MerchantLine {
            merchant,
            operator,
            count: 0,
            gross: zero,
            fee: zero,
            concession: zero,
            load: zero,
            net: zero,
        });
        line.count += records;
        line.gross = line.gross.checked_add(purchase)?;
        line.fee = line.fee.checked_add(fee)?;
        line.concession = line.concession.checked_add(concession)?;
        line.load = line.load.checked_add(load)?;
        line.net = line.gross.checked_sub(line.fee)?.checked_add(line.concession)?.checked_sub(line.load)?;
        let line = operators.entry(operator).or_insert(OperatorLine {
            operator,
            purchase: zero,
            load: zero,
            owes: zero,
        });
        line.purchase = line.purchase.checked_add(purchase)?;
        line.load = line.load.checked_add(load)?;
        line.owes = line.purchase.checked_sub(line.load)?;
    }
    let sponsors = sponsors.into_iter().filter(|(_, concession)| !concession.is_zero());
    Ok(Lines {
        merchants: merchants.into_values().collect(),
        operators: operators.into_values().collect(),
        sponsors: sponsors.map(|(sponsor, concession)| SponsorLine { sponsor, concession }).collect(),
    })
}

#[cfg(test)]
pub(crate) mod tests;
