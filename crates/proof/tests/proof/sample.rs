//! A window of a few merchants, made from records one by one as a run would.

use std::collections::BTreeMap;

use tongclear_ledger::{Cycle, Origin, Participant, Position, RatedTotal, Reference};
use tongclear_package::DetailRow;
use tongclear_proof::{
    Account, AdjustmentLine, Figure, Hash, PackageLine, Section, SectionBuilder, WindowProof,
};
use tongclear_types::{
    BcdDate, BcdTime, BusinessDate, CollectorId, DispositionTallies, Fen, Flags, IssuerId, MerchantCode,
    PackageSequence, Reason, Serial, TerminalId, TerminalNumber, Tti, Verdict,
};

/// A window as it was cleared.
pub(crate) struct Window {
    pub(crate) proof: WindowProof,
    pub(crate) positions: Vec<Position>,
    /// Every record that was not accepted, by partition in the order of the export.
    pub(crate) unpaid: Vec<DetailRow>,
}

impl Window {
    pub(crate) fn statement(&self, merchant: &str) -> tongclear_proof::Statement {
        self.proof.statement(code(merchant), &self.positions, &self.unpaid).unwrap().unwrap()
    }
}

pub(crate) fn code(code: &str) -> MerchantCode {
    code.parse().unwrap()
}

pub(crate) fn date() -> BusinessDate {
    "2026-11-20".parse().unwrap()
}

/// Merchants with as many records each; every seventh record is not accepted.
pub(crate) fn window(merchants: &[(&str, u32)]) -> Window {
    window_of(date(), merchants)
}

pub(crate) fn window_of(date: BusinessDate, merchants: &[(&str, u32)]) -> Window {
    let (mut accounts, mut positions, mut unpaid) = (Vec::new(), Vec::new(), Vec::new());
    for (i, (merchant, records)) in (0_u8..).zip(merchants) {
        let rows: Vec<DetailRow> = (0..*records).map(|n| row(code(merchant), i, n)).collect();
        accounts.push(account(code(merchant), date, &rows));
        positions.extend(position(accounts.last().unwrap(), i));
        unpaid.extend(rows.into_iter().filter(|row| !matches!(row.verdict, Verdict::Accepted(_))));
    }
    // As a run lists them: partition by partition.
    unpaid.sort_by_key(partition);
    Window { proof: WindowProof::new(date, Hash([7; 32]), accounts).unwrap(), positions, unpaid }
}

/// Record `n` of the `i`-th merchant.
fn row(merchant: MerchantCode, i: u8, n: u32) -> DetailRow {
    let verdict = match n % 21 {
        0 => Verdict::Duplicate,
        7 => Verdict::Refused(Reason::TacMismatch),
        14 => Verdict::Refused(Reason::TooOld),
        _ => Verdict::Accepted(Flags::NONE),
    };
    let accepted = matches!(verdict, Verdict::Accepted(_));
    DetailRow {
        merchant,
        collector: CollectorId([0x65, 0x10, 0, 0, i, u8::from(n.is_multiple_of(2))]),
        package_sequence: PackageSequence(1 + n / 100),
        row: n % 100 / 2,
        issuer: IssuerId([4, 0x17, 0x65, 0x10, 0xff, 0xff, 0xff, 0xff]),
        serial: Serial(std::array::from_fn(|at| n.to_be_bytes()[at % 4])),
        tti: Tti(if n % 10 == 9 { 2 } else { 6 }),
        offline_counter: 1,
        online_counter: 2,
        terminal: TerminalId([9; 6]),
        terminal_number: TerminalNumber(n),
        amount_fen: 100 + n,
        list_price_fen: 110 + n,
        balance_before_fen: 5_000,
        balance_after_fen: 4_900 - n,
        date: BcdDate([0x20, 0x26, 0x11, 0x20]),
        time: BcdTime([0x08, 0x15, 0x30]),
        verdict,
        fee_fen: (accepted && n % 10 != 9).then(|| Fen::from(1)),
    }
}

/// Few records fall into partition 9, most into 0.
fn partition(row: &DetailRow) -> u16 {
    if row.terminal_number.0 % 5 == 4 { 9 } else { 0 }
}

fn account(merchant: MerchantCode, date: BusinessDate, rows: &[DetailRow]) -> Account {
    let mut packages = BTreeMap::<_, DispositionTallies>::new();
    let mut total = RatedTotal {
        merchant,
        operator: "0417".parse().unwrap(),
        contract: format!("{merchant}/*/2026-01-01").parse().unwrap(),
        cycle: Cycle(1),
        sponsor: Some(code("GOV00001")),
        purchase_count: 0,
        purchase: Fen::ZERO,
        fee: Fen::ZERO,
        concession: Fen::ZERO,
        load_count: 0,
        load: Fen::ZERO,
    };
    for row in rows {
        let amount = Fen::from(row.amount_fen);
        let key = (row.collector, row.package_sequence);
        let tallies = packages.entry(key).or_default();
        tallies.get_mut(row.verdict.disposition()).add(amount).unwrap();
        match (row.verdict, row.tti) {
            (Verdict::Accepted(_), Tti(2)) => {
                total.load_count += 1;
                total.load = total.load.checked_add(amount).unwrap();
            }
            (Verdict::Accepted(_), _) => {
                total.purchase_count += 1;
                total.purchase = total.purchase.checked_add(amount).unwrap();
                total.fee = total.fee.checked_add(row.fee_fen.unwrap()).unwrap();
                total.concession = total.concession.checked_add(Fen::from(10)).unwrap();
            }
            _ => {}
        }
    }
    let packages = packages.into_iter().map(|((collector, sequence), dispositions)| PackageLine {
        collector,
        sequence,
        sha256: Hash::of(&[collector.0[5], u8::try_from(sequence.0).unwrap()]),
        records: u32::try_from(dispositions.sum().unwrap().count).unwrap(),
        dispositions,
    });
    let value_date = date.plus_days(3);
    let figure = Figure::new(&total, value_date).unwrap();
    Account {
        merchant,
        name: format!("商户{merchant}"),
        name_en: format!("Merchant {merchant}"),
        idle_value_date: date,
        adjustments: if disputed(merchant) { adjustments(merchant, value_date) } else { Vec::new() },
        figures: if rows.is_empty() { Vec::new() } else { vec![figure] },
        packages: packages.collect(),
        sections: sections(rows),
    }
}

/// Whether something was decided about the merchant's records: such a one is called `DEC…`, all others have none.
fn disputed(merchant: MerchantCode) -> bool {
    merchant.to_string().starts_with("DEC")
}

/// A record that was released in part, on the value date of the figures, and one that was refused.
fn adjustments(merchant: MerchantCode, value_date: BusinessDate) -> Vec<AdjustmentLine> {
    let line = |row: u32, paid: u32, net: i64| AdjustmentLine {
        reference: Reference::record(CollectorId([7; 6]), 3, row),
        origin: if row == 1 { Origin::Suspended } else { Origin::OursOnly },
        operator: "0417".parse().unwrap(),
        contract: (net != 0).then(|| format!("{merchant}/*/2026-01-01").parse().unwrap()),
        value_date: (net != 0).then_some(value_date),
        paid_fen: Fen::from(paid),
        refused_fen: Fen::from(500),
        net_fen: Fen::new(net).unwrap(),
    };
    vec![line(1, 200, 198), line(2, 0, -500), line(3, 0, 0)]
}

pub(crate) fn sections(rows: &[DetailRow]) -> Vec<Section> {
    let mut builders = BTreeMap::<u16, SectionBuilder>::new();
    for row in rows {
        let builder = builders.entry(partition(row)).or_default();
        builder.add(row.verdict.disposition(), Fen::from(row.amount_fen), &row.canonical()).unwrap();
    }
    builders.into_iter().filter_map(|(partition, builder)| builder.finish(partition)).collect()
}

/// A position on the value date of the figures, or one that only carries; every other merchant brought something in.
fn position(account: &Account, i: u8) -> Option<Position> {
    let zero = Fen::ZERO;
    let carried_in = if i % 2 == 1 { Fen::new(-50_000).unwrap() } else { zero };
    let figure = account.figures.first();
    if figure.is_none() && carried_in.is_zero() {
        return None;
    }
    let adjustments = Fen::try_sum(account.adjustments.iter().map(|it| it.net_fen)).unwrap();
    let net = figure.map_or(zero, |figure| figure.net_fen).checked_add(carried_in).unwrap();
    let net = net.checked_add(adjustments).unwrap();
    Some(Position {
        participant: Participant::Merchant(account.merchant),
        value_date: figure.map_or(account.idle_value_date, |figure| figure.value_date),
        gross: figure.map_or(zero, |figure| figure.gross_fen),
        fee: figure.map_or(zero, |figure| figure.fee_fen),
        concession: figure.map_or(zero, |figure| figure.concession_fen),
        load: figure.map_or(zero, |figure| figure.load_fen),
        adjustments,
        carried_in,
        net,
        carried_out: if net.is_negative() { net } else { zero },
    })
}
