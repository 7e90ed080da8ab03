//! The result of a window as `settlement show` gives it; the field names are an interface (`cli.md`).

use std::collections::BTreeMap;

use serde::Serialize;
use tongclear_ledger::{Lines, MerchantLine, OperatorLine, Position, SponsorLine, lines};
use tongclear_store::{Digest, DispositionTallies, Received, RunTotals, Tally, WindowState};
use tongclear_types::{BusinessDate, Disposition, Fen, Flag, MerchantCode, MoneyError, OperatorCode, Reason};

use crate::table::{Align, Table};
use crate::text::{Lang, grouped, yuan};

/// The settlement result of a cleared window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SettlementView {
    /// The business date.
    pub window: BusinessDate,
    /// How far the window has come.
    pub state: WindowState,
    /// What intake accepted.
    pub received: Received,
    /// What became of it.
    pub dispositions: DispositionTallies,
    /// Why records were suspended or rejected.
    pub reasons: BTreeMap<Reason, Tally>,
    /// What was worth knowing about accepted records.
    pub flags: BTreeMap<Flag, u64>,
    /// One entry per merchant and operator with accepted records.
    pub merchants: Vec<MerchantEntry>,
    /// One entry per operator with accepted records.
    pub operators: Vec<OperatorEntry>,
    /// What sponsors owe.
    pub sponsors: Vec<SponsorEntry>,
    /// Digest of the results, 64 hex digits.
    pub digest: String,
    /// What decisions of this window move: how many there are, and what they bring to merchants; no part of the documented
    /// result.
    #[serde(skip)]
    pub adjustments: Tally,
}

/// What one merchant is owed by one operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields are those of cli.md")]
pub struct MerchantEntry {
    pub merchant: MerchantCode,
    pub operator: OperatorCode,
    pub count: u64,
    pub gross_fen: Fen,
    pub fee_fen: Fen,
    pub concession_fen: Fen,
    pub load_fen: Fen,
    pub net_fen: Fen,
}

/// What one operator owes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields are those of cli.md")]
pub struct OperatorEntry {
    pub operator: OperatorCode,
    pub purchase_fen: Fen,
    pub load_fen: Fen,
    pub owes_fen: Fen,
}

/// What one sponsor owes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields are those of cli.md")]
pub struct SponsorEntry {
    pub sponsor: MerchantCode,
    pub concession_fen: Fen,
}

impl SettlementView {
    /// The view of a run's totals.
    ///
    /// # Errors
    /// [`MoneyError`] when a sum leaves the domain of money.
    pub fn new(
        window: BusinessDate,
        state: WindowState,
        totals: &RunTotals,
        digest: &Digest,
    ) -> Result<Self, MoneyError> {
        let Lines { merchants, operators, sponsors } = lines(&totals.rated)?;
        Ok(Self {
            window,
            state,
            received: totals.received,
            dispositions: totals.dispositions,
            reasons: totals.reasons.clone(),
            flags: totals.flags.clone(),
            merchants: merchants.iter().map(MerchantEntry::from).collect(),
            operators: operators.iter().map(OperatorEntry::from).collect(),
            sponsors: sponsors.iter().map(SponsorEntry::from).collect(),
            digest: digest.to_string(),
            adjustments: Tally {
                count: totals.adjustments.len() as u64,
                amount_fen: totals
                    .adjustments
                    .iter()
                    .try_fold(Fen::ZERO, |sum, adjustment| sum.checked_add(adjustment.to_merchant()?))?,
            },
        })
    }
}

impl From<&MerchantLine> for MerchantEntry {
    fn from(line: &MerchantLine) -> Self {
        Self {
            merchant: line.merchant,
            operator: line.operator,
            count: line.count,
            gross_fen: line.gross,
            fee_fen: line.fee,
            concession_fen: line.concession,
            load_fen: line.load,
            net_fen: line.net,
        }
    }
}

impl From<&OperatorLine> for OperatorEntry {
    fn from(line: &OperatorLine) -> Self {
        Self {
            operator: line.operator,
            purchase_fen: line.purchase,
            load_fen: line.load,
            owes_fen: line.owes,
        }
    }
}

impl From<&SponsorLine> for SponsorEntry {
    fn from(line: &SponsorLine) -> Self {
        Self { sponsor: line.sponsor, concession_fen: line.concession }
    }
}

/// The result for people.
#[must_use]
pub fn settlement_text(view: &SettlementView, lang: Lang) -> String {
    let mut lines = vec![lang.pick(
        format!("窗口 {}  {}", view.window, view.state.zh()),
        format!("window {}  {}", view.window, view.state),
    )];
    lines.extend(disposition_lines(view, lang));
    lines.push(String::new());
    lines.extend(reason_lines(view, lang, usize::MAX));
    lines.push(String::new());
    lines.extend(merchant_lines(view, lang));
    lines.push(String::new());
    lines.extend(operator_lines(view, lang));
    lines.push(String::new());
    lines.extend(adjustment_line(view, lang));
    lines.push(lang.pick("摘要  ", "digest  ").to_owned() + &view.digest);
    lines.join("\n")
}

/// What decisions move; nothing in a window without any.
pub(crate) fn adjustment_line(view: &SettlementView, lang: Lang) -> Option<String> {
    let Tally { count, amount_fen } = view.adjustments;
    (count > 0).then(|| {
        let (count, amount) = (grouped(count), yuan(amount_fen));
        lang.pick(
            format!("  差错处置 {count} 项，商户净得 {amount} 元"),
            format!("  {count} decisions carried out, {amount} yuan to merchants"),
        )
    })
}

/// Received and the four dispositions, count and yuan.
pub(crate) fn disposition_lines(view: &SettlementView, lang: Lang) -> Vec<String> {
    let mut table = Table::new(&[
        (lang.pick("", ""), Align::Left),
        (lang.pick("笔数", "records"), Align::Right),
        (lang.pick("金额（元）", "yuan"), Align::Right),
    ]);
    let received = lang.pick(
        format!("收到 {} 包", grouped(view.received.packages)),
        format!("received in {} packages", grouped(view.received.packages)),
    );
    table.row([received, grouped(view.received.transactions), yuan(view.received.amount_fen)]);
    for disposition in Disposition::ALL {
        let tally = view.dispositions.get(*disposition);
        let name = lang.pick(disposition.zh(), disposition.name()).to_owned();
        table.row([name, grouped(tally.count), yuan(tally.amount_fen)]);
    }
    table.lines()
}

/// The most frequent reasons, at most `most`, and the flags.
pub(crate) fn reason_lines(view: &SettlementView, lang: Lang, most: usize) -> Vec<String> {
    let mut reasons: Vec<_> = view.reasons.iter().collect();
    reasons.sort_by_key(|(reason, tally)| (std::cmp::Reverse(tally.count), **reason));
    let mut table = Table::new(&[
        (lang.pick("原因", "reason"), Align::Left),
        (lang.pick("笔数", "records"), Align::Right),
        (lang.pick("金额（元）", "yuan"), Align::Right),
        (lang.pick("说明", "meaning"), Align::Left),
    ]);
    for (reason, tally) in reasons.iter().take(most) {
        let meaning = lang.pick(reason.zh(), reason.en()).to_owned();
        table.row([reason.to_string(), grouped(tally.count), yuan(tally.amount_fen), meaning]);
    }
    let mut lines = table.lines();
    if reasons.len() > most {
        let more = reasons.len() - most;
        lines.push(lang.pick(format!("  另有 {more} 种原因"), format!("  and {more} more reasons")));
    }
    if !view.flags.is_empty() {
        let flags = view
            .flags
            .iter()
            .map(|(flag, count)| format!("{} {}", lang.pick(flag.zh(), flag.name()), grouped(*count)));
        let flags = flags.collect::<Vec<_>>().join(lang.pick("，", ", "));
        lines.push(lang.pick(format!("  标记：{flags}"), format!("  flags: {flags}")));
    }
    lines
}

fn merchant_lines(view: &SettlementView, lang: Lang) -> Vec<String> {
    let mut table = Table::new(&[
        (lang.pick("商户", "merchant"), Align::Left),
        (lang.pick("发卡机构", "operator"), Align::Left),
        (lang.pick("笔数", "records"), Align::Right),
        (lang.pick("消费", "gross"), Align::Right),
        (lang.pick("手续费", "fee"), Align::Right),
        (lang.pick("优惠补贴", "concession"), Align::Right),
        (lang.pick("充值", "load"), Align::Right),
        (lang.pick("净额", "net"), Align::Right),
    ]);
    for entry in &view.merchants {
        table.row([
            entry.merchant.to_string(),
            entry.operator.to_string(),
            grouped(entry.count),
            yuan(entry.gross_fen),
            yuan(entry.fee_fen),
            yuan(entry.concession_fen),
            yuan(entry.load_fen),
            yuan(entry.net_fen),
        ]);
    }
    table.lines()
}

fn operator_lines(view: &SettlementView, lang: Lang) -> Vec<String> {
    let mut table = Table::new(&[
        (lang.pick("应付方", "owed by"), Align::Left),
        (lang.pick("消费", "purchases"), Align::Right),
        (lang.pick("充值", "loads"), Align::Right),
        (lang.pick("应付", "owes"), Align::Right),
    ]);
    for entry in &view.operators {
        let cells = [yuan(entry.purchase_fen), yuan(entry.load_fen), yuan(entry.owes_fen)];
        table.row(std::iter::once(entry.operator.to_string()).chain(cells));
    }
    for entry in &view.sponsors {
        let cells = [String::new(), String::new(), yuan(entry.concession_fen)];
        table.row(std::iter::once(entry.sponsor.to_string()).chain(cells));
    }
    table.lines()
}

/// Net positions for people.
#[must_use]
pub fn positions_text(positions: &[Position], lang: Lang) -> String {
    let decided = positions.iter().any(|position| !position.adjustments.is_zero());
    let mut header = vec![
        (lang.pick("参与方", "participant"), Align::Left),
        (lang.pick("起息日", "value date"), Align::Left),
        (lang.pick("结转转入", "carried in"), Align::Right),
    ];
    header.extend(decided.then(|| (lang.pick("差错处置", "adjustments"), Align::Right)));
    header.push((lang.pick("净额", "net"), Align::Right));
    header.push((lang.pick("结转转出", "carried out"), Align::Right));
    let mut table = Table::new(&header);
    for position in positions {
        let mut cells = vec![
            position.participant.to_string(),
            position.value_date.to_string(),
            yuan(position.carried_in),
        ];
        cells.extend(decided.then(|| yuan(position.adjustments)));
        cells.extend([yuan(position.net), yuan(position.carried_out)]);
        table.row(cells);
    }
    table.lines().join("\n")
}
