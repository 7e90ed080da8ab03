//! The statement of each merchant, as CSV that a spreadsheet opens with its Chinese intact, and as JSON that proves
//! itself.
//!
//! `statement-<merchant>.csv` has one line for each figure and re-adds to the net position;
//! `statement-<merchant>.json` says the same for programs, with the proof against the window's root;
//! `unpaid-<merchant>.csv` has one line for each record that was not accepted, with the reason in words.

use std::collections::{BTreeMap, BTreeSet};

use tongclear_ledger::{Participant, Position, RatedTotal, Reference};
use tongclear_package::DetailRow;
use tongclear_proof::{BranchError, WindowProof};
use tongclear_registry::Registry;
use tongclear_store::RunTotals;
use tongclear_types::{BusinessDate, Fen, MerchantCode, MoneyError, Reason};

/// Makes spreadsheets read the file as UTF-8.
pub(crate) const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Why a report could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// Writing CSV in memory.
    #[error("writing a statement: {0}")]
    Csv(#[from] csv::Error),
    /// A sum left the domain of money.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// Proving a statement.
    #[error("proving a statement: {0}")]
    Proof(#[from] BranchError),
}

/// A file of the window's reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportFile {
    /// Its name in the window's folder.
    pub name: String,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// Which of a merchant's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Statement,
    Proven,
    Unpaid,
}

/// What the statements of a window are made from.
pub struct Statements<'a> {
    /// The business date.
    pub date: BusinessDate,
    /// The registry as it was at close.
    pub registry: &'a Registry,
    /// Totals of the run.
    pub totals: &'a RunTotals,
    /// Net positions.
    pub positions: &'a [Position],
    /// The proof of the window; none when a version that kept no proofs cleared it.
    pub proof: Option<&'a WindowProof>,
}

impl Statements<'_> {
    /// The files of every merchant that has records or a position in the window, made one at a time as they
    /// are asked for; `unpaid` are the records that were not accepted, by partition in the order of the export.
    ///
    /// A merchant that has left the registry since its packages arrived gets its statement all the same; only one
    /// that has nothing left but an amount carried on is not in the proof. Items are [`ReportError`] when a file
    /// cannot be made.
    pub fn files(
        &self,
        unpaid: Vec<DetailRow>,
    ) -> impl ExactSizeIterator<Item = Result<ReportFile, ReportError>> {
        let mut by_merchant: BTreeMap<MerchantCode, Vec<DetailRow>> = BTreeMap::new();
        for row in unpaid {
            by_merchant.entry(row.merchant).or_default().push(row);
        }
        let kinds = [Kind::Statement, Kind::Proven, Kind::Unpaid];
        let files = self.merchants().into_iter().flat_map(|merchant| kinds.map(|kind| (merchant, kind)));
        let files = files.filter(|(merchant, kind)| *kind != Kind::Proven || self.is_proven(*merchant));
        files.collect::<Vec<_>>().into_iter().map(move |(merchant, kind)| {
            let (name, body) = match kind {
                Kind::Statement => (format!("statement-{merchant}.csv"), self.statement(merchant)?),
                Kind::Proven => {
                    let unpaid = by_merchant.get(&merchant).map_or(&[][..], Vec::as_slice);
                    let proof = self.proof.map(|proof| proof.statement(merchant, self.positions, unpaid));
                    let statement = proof.transpose()?.flatten().map(|statement| statement.to_json());
                    (format!("statement-{merchant}.json"), statement.unwrap_or_default())
                }
                Kind::Unpaid => {
                    let mut rows = by_merchant.remove(&merchant).unwrap_or_default();
                    rows.sort_by_key(|row| (row.collector, row.package_sequence, row.row));
                    (format!("unpaid-{merchant}.csv"), unpaid_file(&rows)?)
                }
            };
            Ok(ReportFile { name, body })
        })
    }

    /// Who has records or a position in the window.
    fn merchants(&self) -> BTreeSet<MerchantCode> {
        let positions = self.positions.iter().filter_map(|position| match position.participant {
            Participant::Merchant(merchant) => Some(merchant),
            Participant::Operator(_) | Participant::Sponsor(_) | Participant::Centre => None,
        });
        let decided = self.totals.adjustments.iter().map(|adjustment| adjustment.merchant);
        self.totals.merchants.keys().copied().chain(positions).chain(decided).collect()
    }

    /// Whether the merchant has an account in the window's proof.
    fn is_proven(&self, merchant: MerchantCode) -> bool {
        self.proof.is_some_and(|proof| proof.has(merchant))
    }

    fn positions_of(&self, merchant: MerchantCode) -> impl Iterator<Item = &Position> {
        self.positions.iter().filter(move |position| position.participant == Participant::Merchant(merchant))
    }

    /// Item by item: what was received, paid, charged, granted, loaded, decided; then the positions.
    fn statement(&self, merchant: MerchantCode) -> Result<Vec<u8>, ReportError> {
        let mut sheet = Sheet::new(&[
            "窗口 window",
            "商户 merchant",
            "名称 name",
            "发卡机构 operator",
            "合同 contract",
            "项目",
            "item",
            "笔数 count",
            "金额（分） fen",
            "金额（元） yuan",
            "起息日 value date",
        ])?;
        let name = self.registry.merchant(&merchant).map_or("", |it| it.name.as_str());
        let mut line =
            |operator: &str, contract: &str, item: Item, count: Option<u64>, amount: Fen, value: &str| {
                sheet.line(&[
                    &self.date.to_string(),
                    &merchant.to_string(),
                    name,
                    operator,
                    contract,
                    &item.zh(),
                    &item.en(),
                    &count.map(|count| count.to_string()).unwrap_or_default(),
                    &amount.to_string(),
                    &amount.yuan().to_string(),
                    value,
                ])
            };
        if let Some(tallies) = self.totals.merchants.get(&merchant) {
            let sum = tallies.sum()?;
            line("", "", Item::Received, Some(sum.count), sum.amount_fen, "")?;
            for (item, tally) in [
                (Item::Accepted, tallies.accepted),
                (Item::Duplicate, tallies.duplicate),
                (Item::Suspended, tallies.suspended),
                (Item::Rejected, tallies.rejected),
            ] {
                line("", "", item, Some(tally.count), tally.amount_fen, "")?;
            }
        }
        for rated in self.totals.rated.iter().filter(|rated| rated.merchant == merchant) {
            let (operator, contract) = (rated.operator.to_string(), rated.contract.to_string());
            let value = self.registry.centre_calendar().value_date(self.date, rated.cycle).to_string();
            for (item, count, amount) in items(rated) {
                line(&operator, &contract, item, count, amount, &value)?;
            }
        }
        for adjustment in self.totals.adjustments.iter().filter(|it| it.merchant == merchant) {
            let Some(terms) = adjustment.terms else { continue };
            let operator = adjustment.operator.to_string();
            let value = self.registry.centre_calendar().value_date(self.date, terms.cycle).to_string();
            let item = Item::Adjustment(adjustment.reference);
            line(&operator, &terms.contract.to_string(), item, None, adjustment.to_merchant()?, &value)?;
        }
        for position in self.positions_of(merchant) {
            let value = position.value_date.to_string();
            for (item, amount) in [
                (Item::CarriedIn, position.carried_in),
                (Item::Net, position.net),
                (Item::CarriedOut, position.carried_out),
            ] {
                line("", "", item, None, amount, &value)?;
            }
        }
        sheet.finish()
    }
}

/// The money lines of one operator and contract; they add up to its share of the net.
fn items(rated: &RatedTotal) -> [(Item, Option<u64>, Fen); 4] {
    [
        (Item::Gross, Some(rated.purchase_count), rated.purchase),
        (Item::Fee, None, rated.fee.negated()),
        (Item::Concession, None, rated.concession),
        (Item::Load, Some(rated.load_count), rated.load.negated()),
    ]
}

/// What a line of a statement is.
#[derive(Debug, Clone, Copy)]
enum Item {
    Received,
    Accepted,
    Duplicate,
    Suspended,
    Rejected,
    Gross,
    Fee,
    Concession,
    Load,
    /// What a decision about this original moves.
    Adjustment(Reference),
    CarriedIn,
    Net,
    CarriedOut,
}

impl Item {
    fn zh(self) -> String {
        let text = match self {
            Self::Adjustment(reference) => return format!("差错处置 {reference}"),
            Self::Received => "收到",
            Self::Accepted => "其中接受",
            Self::Duplicate => "其中重复",
            Self::Suspended => "其中挂账",
            Self::Rejected => "其中拒付",
            Self::Gross => "消费",
            Self::Fee => "手续费",
            Self::Concession => "优惠补贴",
            Self::Load => "代收充值",
            Self::CarriedIn => "上期结转",
            Self::Net => "应付净额",
            Self::CarriedOut => "结转下期",
        };
        text.to_owned()
    }

    fn en(self) -> String {
        let text = match self {
            Self::Adjustment(reference) => return format!("adjustment {reference}"),
            Self::Received => "received",
            Self::Accepted => "of which accepted",
            Self::Duplicate => "of which duplicate",
            Self::Suspended => "of which suspended",
            Self::Rejected => "of which rejected",
            Self::Gross => "purchases",
            Self::Fee => "fee",
            Self::Concession => "concession",
            Self::Load => "loads collected",
            Self::CarriedIn => "carried in",
            Self::Net => "net",
            Self::CarriedOut => "carried out",
        };
        text.to_owned()
    }
}

/// One line for each record that was not accepted.
fn unpaid_file(rows: &[DetailRow]) -> Result<Vec<u8>, ReportError> {
    let mut sheet = Sheet::new(&[
        "采集点 collector",
        "包序号 package sequence",
        "行 row",
        "终端 terminal",
        "终端交易序号 terminal number",
        "卡号 serial",
        "日期 date",
        "时间 time",
        "金额（分） fen",
        "处理 disposition",
        "原因 reason",
        "说明",
        "meaning",
    ])?;
    for row in rows {
        let disposition = row.verdict.disposition();
        let reason = row.verdict.reason();
        sheet.line(&[
            &row.collector.to_string(),
            &row.package_sequence.to_string(),
            &row.row.to_string(),
            &row.terminal.to_string(),
            &row.terminal_number.to_string(),
            &row.serial.to_string(),
            &row.date.to_string(),
            &row.time.to_string(),
            &row.amount_fen.to_string(),
            disposition.name(),
            reason.map_or("", Reason::name),
            reason.map_or(disposition.zh(), Reason::zh),
            reason.map_or(disposition.en(), Reason::en),
        ])?;
    }
    sheet.finish()
}

/// A CSV file in memory that spreadsheets open: UTF-8 with its mark, CRLF.
pub(crate) struct Sheet(csv::Writer<Vec<u8>>);

impl Sheet {
    pub(crate) fn new(header: &[&str]) -> Result<Self, ReportError> {
        let writer =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(BYTE_ORDER_MARK.to_vec());
        let mut sheet = Self(writer);
        sheet.line(header)?;
        Ok(sheet)
    }

    pub(crate) fn line(&mut self, cells: &[&str]) -> Result<(), ReportError> {
        Ok(self.0.write_record(cells)?)
    }

    pub(crate) fn finish(self) -> Result<Vec<u8>, ReportError> {
        self.0.into_inner().map_err(|error| csv::Error::from(error.into_error()).into())
    }
}
