//! The books as an hledger journal. `hledger -f FILE check --strict` accepts it when accounts and commodity are declared,
//! every entry balances and every assertion holds.

use std::io::{self, Write};

use super::account::{name, owner, purpose, root};
use super::{Books, COMMODITY, tags, whose};
use crate::text::Lang;

pub(super) fn write(books: &Books<'_>, to: &mut impl Write) -> io::Result<()> {
    writeln!(to, "; 通清账簿 · books of the clearing centre")?;
    writeln!(to, "; 借方为正，贷方为负 · debits are positive, credits negative")?;
    writeln!(to)?;
    writeln!(to, "decimal-mark .")?;
    writeln!(to, "commodity 1000.00 {COMMODITY}")?;
    writeln!(to)?;
    for account in books.accounts.keys().copied() {
        let (zh, en) = purpose(account);
        let of = |lang, purpose| comment(owner(account, books.names, lang), purpose);
        writeln!(to, "account {}  ; type:{}", name(account), root(account).hledger())?;
        writeln!(to, "    ; {} · {}", of(Lang::Zh, zh), of(Lang::En, en))?;
    }
    for transfer in &books.transfers {
        writeln!(to)?;
        writeln!(to, "{} ({}) {}", transfer.window, transfer.code, description(&whose(transfer)))?;
        for (tag, value) in tags(transfer) {
            if let Some(value) = value {
                writeln!(to, "    ; {tag}:{value}")?;
            }
        }
        let amount = transfer.amount;
        writeln!(to, "    {}  {} {COMMODITY}", name(transfer.debit), amount.yuan())?;
        writeln!(to, "    {}  {} {COMMODITY}", name(transfer.credit), amount.negated().yuan())?;
    }
    let Some(last) = books.last else { return Ok(()) };
    writeln!(to)?;
    // Assertions are checked by date and then in the order they stand in, so these come after all entries.
    writeln!(to, "{last} (balances) 账户余额核对 · balances as the centre keeps them")?;
    for (account, line) in &books.accounts {
        writeln!(to, "    {}  0.00 {COMMODITY} == {} {COMMODITY}", name(*account), line.balance.yuan())?;
    }
    Ok(())
}

/// An entry that names nobody still needs a description.
const fn description(whose: &str) -> &str {
    if whose.is_empty() { "-" } else { whose }
}

/// Whose account, if that is known, and what for. hledger takes a word with a colon behind it for a tag, so a name has none.
fn comment(owner: &str, purpose: &str) -> String {
    format!("{} {purpose}", owner.replace(':', "：")).trim_start().to_owned()
}
