//! The books of a small ledger with every code, letter by letter, and what becomes of odd ledgers.

use tongclear_ledger::{Reference, TransferCode, TransferParts};

use super::*;

/// A transfer of `code` with everything that such a transfer names.
fn transfer(date: &str, code: TransferCode, debit: &str, credit: &str, fen: u32) -> Transfer {
    let (merchant, operator) = ("BUS00001".parse().unwrap(), "0417".parse().unwrap());
    let is_banks = matches!(code, TransferCode::Payout | TransferCode::Collection);
    let reference: Reference = "CDT-BUS00001-20261125".parse().unwrap();
    Transfer::new(TransferParts {
        window: date.parse().unwrap(),
        code,
        debit: debit.parse().unwrap(),
        credit: credit.parse().unwrap(),
        amount: Fen::from(fen),
        merchant: (code != TransferCode::Collection).then_some(merchant),
        operator: (code != TransferCode::Payout).then_some(operator),
        contract: (code == TransferCode::Fee).then(|| "BUS00001/*/2026-01-01".parse().unwrap()),
        reference: is_banks.then_some(reference),
    })
    .unwrap()
}

fn ledger() -> Vec<Transfer> {
    use TransferCode as Code;
    let (clearing, payable) = ("operator:0417:clearing", "merchant:BUS00001:payable");
    let (theirs, ours) = ("operator:0417:suspense", "merchant:BUS00001:suspense");
    vec![
        transfer("2026-11-25", Code::Payout, payable, "centre:bank", 99_400),
        transfer("2026-11-23", Code::Purchase, clearing, payable, 100_000),
        transfer("2026-11-23", Code::Fee, payable, "centre:fees", 600),
        transfer("2026-11-24", Code::Concession, "sponsor:GOV00001:clearing", payable, 5),
        transfer("2026-11-24", Code::Suspended, theirs, ours, 200),
        transfer("2026-11-25", Code::Refuse, ours, theirs, 200),
        transfer("2026-11-25", Code::Collection, "centre:bank", clearing, 100_000),
    ]
}

/// What each account comes to.
fn balances(transfers: &[Transfer]) -> Vec<AccountBalance> {
    let mut balances: BTreeMap<Account, AccountBalance> = BTreeMap::new();
    let nothing = |account| AccountBalance { account, debits: Fen::ZERO, credits: Fen::ZERO };
    for it in transfers {
        let debit = balances.entry(it.debit).or_insert_with(|| nothing(it.debit));
        debit.debits = debit.debits.checked_add(it.amount).unwrap();
        let credit = balances.entry(it.credit).or_insert_with(|| nothing(it.credit));
        credit.credits = credit.credits.checked_add(it.amount).unwrap();
    }
    balances.into_values().collect()
}

fn names() -> Names {
    let registry = tongclear_registry::Registry::parse(
        include_str!("tests/registry.toml"),
        "id,merchant,collector,from,until\n".as_bytes(),
    );
    Names::of(&registry.unwrap())
}

fn written(transfers: &[Transfer], balances: &[AccountBalance], format: BooksFormat) -> String {
    let names = names();
    let mut bytes = Vec::new();
    Books::new(transfers, balances, &names).unwrap().write(format, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_small_ledger_in_every_format() {
    let transfers = ledger();
    for format in [BooksFormat::Hledger, BooksFormat::Beancount, BooksFormat::Csv] {
        let text = written(&transfers, &balances(&transfers), format);
        // Snapshots hold line feeds only.
        insta::assert_snapshot!(format.name(), text.replace('\r', ""));
        let mut turned = transfers.clone();
        turned.reverse();
        assert_eq!(written(&turned, &balances(&turned), format), text, "the order of the transfers shows");
    }
}

#[test]
fn an_empty_ledger_has_empty_books() {
    for format in [BooksFormat::Hledger, BooksFormat::Beancount] {
        let text = written(&[], &[], format);
        assert!(!text.contains("Assets"), "{text}");
    }
}

/// A balance that no transfer explains is asserted; one of nothing is left out.
#[test]
fn balances_without_transfers_are_not_hidden() {
    let transfers = ledger();
    let with = |account: &str, debits: u32, credits: u32| {
        let mut balances = balances(&transfers);
        balances.push(AccountBalance {
            account: account.parse().unwrap(),
            debits: Fen::from(debits),
            credits: Fen::from(credits),
        });
        written(&transfers, &balances, BooksFormat::Beancount)
    };
    let text = with("merchant:MET00001:payable", 0, 7);
    assert!(text.contains("2026-11-25 open Liabilities:Payable:Merchant:MET00001 CNY"), "{text}");
    assert!(text.contains("balance Liabilities:Payable:Merchant:MET00001  -0.07 ~ 0.00 CNY"), "{text}");
    assert!(!with("merchant:MET00001:payable", 7, 7).contains("MET00001"));
}
