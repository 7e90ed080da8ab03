//! The books for beancount. `bean-check FILE` accepts it when every account is open, every entry balances and every
//! assertion holds to the fen.

use std::io::{self, Write};

use super::account::{name, owner};
use super::{Books, COMMODITY, tags, whose};
use crate::text::Lang;

pub(super) fn write(books: &Books<'_>, to: &mut impl Write) -> io::Result<()> {
    writeln!(to, "; 通清账簿 · books of the clearing centre")?;
    writeln!(to, "; 借方为正，贷方为负 · debits are positive, credits negative")?;
    writeln!(to, "option \"title\" \"通清账簿 Tongclear\"")?;
    writeln!(to, "option \"operating_currency\" \"{COMMODITY}\"")?;
    writeln!(to)?;
    for (account, line) in &books.accounts {
        writeln!(to, "{} open {} {COMMODITY}", line.opened, name(*account))?;
        writeln!(to, "  account: \"{account}\"")?;
        for (key, lang) in [("name", Lang::Zh), ("name-en", Lang::En)] {
            let owner = owner(*account, books.names, lang);
            if !owner.is_empty() {
                writeln!(to, "  {key}: \"{}\"", quoted(owner))?;
            }
        }
    }
    for transfer in &books.transfers {
        writeln!(to)?;
        writeln!(
            to,
            "{} * \"{}\" \"{}\" #{}",
            transfer.window,
            whose(transfer),
            transfer.code,
            transfer.code
        )?;
        for (key, value) in tags(transfer) {
            if let Some(value) = value {
                writeln!(to, "  {key}: \"{}\"", quoted(&value))?;
            }
        }
        let amount = transfer.amount;
        writeln!(to, "  {}  {} {COMMODITY}", name(transfer.debit), amount.yuan())?;
        writeln!(to, "  {}  {} {COMMODITY}", name(transfer.credit), amount.negated().yuan())?;
    }
    let Some(last) = books.last else { return Ok(()) };
    writeln!(to)?;
    // A balance is that of the morning, so the day after. Without a tolerance of its own beancount would let a fen pass.
    let morning = last.plus_days(1);
    for (account, line) in &books.accounts {
        writeln!(to, "{morning} balance {}  {} ~ 0.00 {COMMODITY}", name(*account), line.balance.yuan())?;
    }
    Ok(())
}

/// A text between quotes.
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
