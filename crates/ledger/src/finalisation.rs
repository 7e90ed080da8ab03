//! The checks before anything is paid (`clearing.md`, Settlement): each compares two figures and names both.

use std::fmt;

use serde::Serialize;
use tongclear_types::{BusinessDate, Fen, MoneyError};

use crate::{
    Adjustment, Participant, Position, RatedTotal, Settlement, SuspendedTotal, Transfer, TransferCode,
    adjustment_postings,
};

/// Number and sum of some records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ControlFigures {
    /// Records.
    pub count: u64,
    /// The sum of their amounts.
    pub amount: Fen,
}

impl fmt::Display for ControlFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} records of {} fen", self.count, self.amount)
    }
}

/// What is compared before a window is paid.
#[derive(Debug, Clone, Copy)]
pub struct FinalisationInputs<'a> {
    /// What intake accepted into the window.
    pub intake: ControlFigures,
    /// What the run gave a disposition.
    pub run: ControlFigures,
    /// What the window's detail files hold.
    pub detail: ControlFigures,
    /// Accepted money, as the run counted it.
    pub rated: &'a [RatedTotal],
    /// Suspended money, as the run counted it.
    pub suspended: &'a [SuspendedTotal],
    /// What the window's decisions move, as the run worked it out.
    pub adjustments: &'a [Adjustment],
    /// The window's transfers, as the ledger has them.
    pub transfers: &'a [Transfer],
    /// All that ever left an account of the ledger.
    pub ledger_debits: Fen,
    /// All that ever entered an account of the ledger.
    pub ledger_credits: Fen,
    /// Windows before this one that are not settled.
    pub unsettled: &'a [BusinessDate],
    /// Approvals that nobody has given or refused.
    pub open_approvals: u64,
    /// The settlement to be made final.
    pub settlement: &'a Settlement,
}

/// One figure of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// What it is a figure of.
    pub what: String,
    /// Its value, with unit.
    pub value: String,
}

/// Two figures that must be equal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What is checked.
    pub name: &'static str,
    /// One figure.
    pub left: Figure,
    /// The other.
    pub right: Figure,
    /// Whether they are equal.
    pub holds: bool,
}

impl Check {
    pub(crate) fn new<T: PartialEq + fmt::Display>(
        name: &'static str,
        (left, left_value): (impl Into<String>, T),
        (right, right_value): (impl Into<String>, T),
    ) -> Self {
        Self {
            name,
            holds: left_value == right_value,
            left: Figure { what: left.into(), value: left_value.to_string() },
            right: Figure { what: right.into(), value: right_value.to_string() },
        }
    }
}

/// `control totals: intake has 3 records of 600 fen, the run has 2 records of 400 fen: they disagree`
impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.holds { "they agree" } else { "they disagree" };
        let Figure { what: left, value: left_value } = &self.left;
        let Figure { what: right, value: right_value } = &self.right;
        write!(f, "{}: {left} {left_value}, {right} {right_value}: {verdict}", self.name)
    }
}

/// An amount with its unit.
#[derive(PartialEq)]
pub(crate) struct FenFigure(pub(crate) Fen);

impl fmt::Display for FenFigure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} fen", self.0)
    }
}

/// Makes every check, in the documented order; a payout needs all of them to hold.
///
/// # Errors
/// [`MoneyError::OutOfRange`] when a sum leaves the domain.
pub fn finalisation_checks(inputs: &FinalisationInputs<'_>) -> Result<Vec<Check>, MoneyError> {
    let mut checks = vec![
        Check::new("control totals", ("intake accepted", inputs.intake), ("the run judged", inputs.run)),
        Check::new(
            "control totals",
            ("the run judged", inputs.run),
            ("the detail files hold", inputs.detail),
        ),
    ];
    for (code, run, ledger) in posted(inputs)? {
        let (run, ledger) = (FenFigure(run), FenFigure(ledger));
        let left = (format!("the run's {code} is"), run);
        checks.push(Check::new("control totals", left, (format!("the ledger's {code} is"), ledger)));
    }
    checks.extend(decided(inputs)?);
    checks.push(Check::new(
        "ledger sums to zero",
        ("all debits are", FenFigure(inputs.ledger_debits)),
        ("all credits are", FenFigure(inputs.ledger_credits)),
    ));
    checks.push(unsettled(inputs.unsettled));
    checks.push(Check::new(
        "no approval is open",
        ("open approvals:", inputs.open_approvals),
        ("allowed:", 0),
    ));
    checks.extend(participants(inputs.settlement)?);
    Ok(checks)
}

/// For every code of a run, what the run counted and what the ledger has.
fn posted(inputs: &FinalisationInputs<'_>) -> Result<[(TransferCode, Fen, Fen); 5], MoneyError> {
    let rated = |figure: fn(&RatedTotal) -> Fen| Fen::try_sum(inputs.rated.iter().map(figure));
    let suspended = inputs.suspended.iter().flat_map(|total| [total.purchase, total.load]);
    let run = [
        (TransferCode::Purchase, rated(|total| total.purchase)?),
        (TransferCode::Fee, rated(|total| total.fee)?),
        (TransferCode::Concession, rated(|total| total.concession)?),
        (TransferCode::Load, rated(|total| total.load)?),
        (TransferCode::Suspended, Fen::try_sum(suspended)?),
    ];
    let mut posted = run.map(|(code, run)| (code, run, Fen::ZERO));
    for (code, _, ledger) in &mut posted {
        // Transfers that refer to an original or a payment are no part of the run's sums.
        let sums = inputs.transfers.iter().filter(|transfer| transfer.reference.is_none());
        let transfers = sums.filter(|transfer| transfer.code == *code);
        *ledger = Fen::try_sum(transfers.map(|transfer| transfer.amount))?;
    }
    Ok(posted)
}

/// For every code that decisions post, what the run gives and what the ledger has; nothing in a window without decisions.
fn decided(inputs: &FinalisationInputs<'_>) -> Result<Vec<Check>, MoneyError> {
    let window = inputs.settlement.window;
    let (expected, mut checks) = (adjustment_postings(window, inputs.adjustments), Vec::new());
    let codes = TransferCode::ALL.into_iter().filter(|code| !code.is_bank());
    for code in codes {
        let sum = |transfers: &[Transfer]| {
            let of_code = transfers.iter().filter(|it| it.code == code && it.reference.is_some());
            Fen::try_sum(of_code.map(|transfer| transfer.amount))
        };
        let (run, ledger) = (sum(&expected)?, sum(inputs.transfers)?);
        if !run.is_zero() || !ledger.is_zero() {
            let left = (format!("the run's {code} of decisions is"), FenFigure(run));
            let right = (format!("the ledger's {code} of decisions is"), FenFigure(ledger));
            checks.push(Check::new("decisions", left, right));
        }
    }
    Ok(checks)
}

fn unsettled(windows: &[BusinessDate]) -> Check {
    let name = "no earlier window is unsettled";
    let what = windows.first().map_or_else(
        || "earlier windows not settled:".to_owned(),
        |first| format!("earlier windows not settled, the first of {first}:"),
    );
    Check::new(name, (what, windows.len()), ("allowed:", 0))
}

/// Sums per participant re-add: over all participants to zero, and to the lines that are shown.
fn participants(settlement: &Settlement) -> Result<Vec<Check>, MoneyError> {
    let name = "sums per participant re-add";
    let sum = |figure: fn(&Position) -> Result<Fen, MoneyError>, which: fn(&Position) -> bool| {
        let positions = settlement.positions.iter().filter(|position| which(position));
        positions.map(figure).try_fold(Fen::ZERO, |sum, figure| sum.checked_add(figure?))
    };
    let of = |kind: &str| format!("the {kind}' positions add up to");
    let shown = |kind: &str| format!("the {kind}' lines add up to");
    let merchants = Fen::try_sum(settlement.merchants.iter().map(|line| line.net))?;
    let operators = Fen::try_sum(settlement.operators.iter().map(|line| line.owes.negated()))?;
    let sponsors = Fen::try_sum(settlement.sponsors.iter().map(|line| line.concession.negated()))?;
    // The lines that are shown are those of the window's records; what decisions move stands beside them.
    let recorded = |position: &Position| position.before_carrying()?.checked_sub(position.adjustments);
    let own = |which| sum(recorded, which).map(FenFigure);
    let adjustments = sum(|position| Ok(position.adjustments), |_| true)?;
    let carried = sum(|position| Ok(position.carried_in), |_| true)?;
    let net = sum(|position| Ok(position.net), |_| true)?;
    let mut checks = vec![
        Check::new(
            name,
            (of("merchants"), own(|position| matches!(position.participant, Participant::Merchant(_)))?),
            (shown("merchants"), FenFigure(merchants)),
        ),
        Check::new(
            name,
            (of("operators"), own(|position| matches!(position.participant, Participant::Operator(_)))?),
            (shown("operators"), FenFigure(operators)),
        ),
        Check::new(
            name,
            (of("sponsors"), own(|position| matches!(position.participant, Participant::Sponsor(_)))?),
            (shown("sponsors"), FenFigure(sponsors)),
        ),
        Check::new(
            name,
            ("all positions add up to", own(|_| true)?),
            ("they must add up to", FenFigure(Fen::ZERO)),
        ),
        Check::new(name, ("all nets are", FenFigure(net)), ("what was carried in is", FenFigure(carried))),
    ];
    if settlement.positions.iter().any(|position| !position.adjustments.is_zero()) {
        let left = ("all adjustments add up to", FenFigure(adjustments));
        checks.push(Check::new(name, left, ("they must add up to", FenFigure(Fen::ZERO))));
    }
    Ok(checks)
}

#[cfg(test)]
mod tests;
