//! A life told to a participant: without what it says of others.
//!
//! To explain one record, `why` looks at others: who holds its counter or number, at whom a terminal is registered, where a
//! card stood before, which sums contain it. That something stood in the way is the participant's to know; whose it is is not.

use tongclear_ledger::{Account, Participant};
use tongclear_life::{Life, Seen};
use tongclear_store::Scope;
use tongclear_types::MerchantCode;

/// Takes out of `life` what is of others than `scope`.
pub(super) fn keep_own(life: &mut Life, scope: Scope) {
    let Some(judgement) = &mut life.judgement else { return };
    let own = match scope {
        Scope::Everything => return,
        Scope::Of(Participant::Merchant(own)) => Some(own),
        Scope::Of(_) | Scope::Collector(_) => None,
    };
    let is_own = |merchant: MerchantCode| own == Some(merchant);
    if let Some(uniqueness) = &mut judgement.uniqueness {
        uniqueness.number_held_by.retain(|it| is_own(it.merchant));
        // A card operator may know where its own card was.
        if !matches!(scope, Scope::Of(Participant::Operator(_))) {
            uniqueness.copy_of = uniqueness.copy_of.filter(|it| is_own(it.merchant));
            uniqueness.counter_held_by = uniqueness.counter_held_by.filter(|it| is_own(it.merchant));
            uniqueness.earlier = None;
            uniqueness.before = None;
        }
    }
    let money = &mut judgement.money;
    let touches = |account: Account| scope.sees_account(account.participant());
    money.transfers.retain(|line| touches(line.debit) || touches(line.credit));
    money.settlement.positions.retain(|position| scope.sees_account(position.participant));
    money.settlement.payouts.retain(|it| scope.sees_account(Participant::Merchant(it.merchant)));
    if own.is_none() {
        // What a merchant has agreed with the centre.
        money.charge = None;
    }
    for check in &mut judgement.checks {
        if let Some(Seen::TerminalInService { service, .. }) = &mut check.seen {
            service.retain(|stay| is_own(stay.merchant));
        }
    }
}
