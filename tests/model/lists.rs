//! Deny lists in several versions: cards come onto them, go off, and come again; some files are refused.
//!
//! Bounded by: the city's cards, so a list has a few entries and the guard on its growth never applies.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::dice::Dice;
use crate::facts::DenyList;
use crate::script::Action;
use crate::street::Street;
use crate::text;

/// The next version of some operator's list.
pub(crate) fn publish(dice: &mut Dice, street: &mut Street, today: Date) -> Action {
    let operator = street.cards[dice.place(street.cards.len())].operator.code;
    let newest = street.lists.iter().filter(|it| it.operator == operator).max_by_key(|it| it.version);
    let mut serials = newest.map(|list| list.serials.clone()).unwrap_or_default();
    let own: Vec<_> =
        street.cards.iter().filter(|it| it.operator.code == operator).map(|it| it.serial).collect();
    for _ in 0..dice.number(0, 2) {
        let serial = dice.pick(&own);
        // Few are on it at a time, or nobody would be left to pay.
        if !serials.remove(&serial) && serials.len() < 2 {
            serials.insert(serial);
        }
    }
    let list = DenyList {
        operator,
        version: street.newest_list(operator) + dice.pick(&[1, 1, 1, 5]),
        effective: today.at(0, 0, 0, 0).saturating_add(dice.between(-40, 20).hours()),
        serials,
    };
    street.lists.push(list.clone());
    Action::DenyList { bytes: text::deny_list(&list), list: Some(list), approve: dice.chance(20) }
}

/// A file that must be refused whole: an old version, or a list that arrived damaged.
pub(crate) fn refused(dice: &mut Dice, street: &Street) -> Option<Action> {
    let known = street.lists.get(dice.place(street.lists.len().max(1)))?;
    if dice.chance(40) {
        // Any version that is not newer, with no one on it.
        let list = DenyList { serials: [].into(), ..known.clone() };
        return Some(Action::DenyList { bytes: text::deny_list(&list), list: Some(list), approve: true });
    }
    let newer = DenyList { version: known.version + 50, ..known.clone() };
    let mut bytes = text::deny_list(&newer);
    if dice.chance(50) {
        let at = bytes.iter().position(|byte| *byte == b':').unwrap_or_default() + 6;
        bytes[at] ^= 1;
    } else {
        bytes.truncate(bytes.len() - 3);
    }
    Some(Action::DenyList { bytes, list: None, approve: true })
}
