//! What is missing, doubled or broken after a window: for people, for programs, and as `continuity.csv`.

use serde_json::{Value, json};
use tongclear_registry::Registry;
use tongclear_types::{
    BusinessDate, ContinuityItem, ContinuityKind, Device, ItemState, MerchantCode, Subject,
};

use crate::statement::{ReportError, ReportFile, Sheet};
use crate::table::{Align, Table};
use crate::text::{Lang, grouped};

/// Items that people see unless they ask for all.
const ITEMS_SHOWN: usize = 20;

/// The continuity items of one window.
pub struct ContinuityReport<'a> {
    date: BusinessDate,
    registry: &'a Registry,
    /// The most important first.
    items: Vec<ContinuityItem>,
}

/// How many items of one kind there are, by what happened to them.
#[derive(Debug, Default)]
struct Counts {
    opened: u64,
    open: u64,
    closed: u64,
    expired: u64,
}

impl<'a> ContinuityReport<'a> {
    /// The report of `items`, which come in any order; `registry` is the one of the window's close.
    #[must_use]
    pub fn new(date: BusinessDate, registry: &'a Registry, items: &[ContinuityItem]) -> Self {
        let mut items = items.to_vec();
        // The kinds come by importance; what stands before what ended, and the largest first.
        items.sort_by_key(|item| (item.kind, item.state, std::cmp::Reverse(item.count), *item));
        Self { date, registry, items }
    }

    fn counts(&self, kind: ContinuityKind) -> Counts {
        let mut counts = Counts::default();
        for item in self.items.iter().filter(|item| item.kind == kind) {
            counts.opened += u64::from(item.opened == self.date);
            *match item.state {
                ItemState::Open => &mut counts.open,
                ItemState::Closed(_) => &mut counts.closed,
                ItemState::Expired(_) => &mut counts.expired,
            } += 1;
        }
        counts
    }

    /// Everything, for programs: how many of each kind, and every item.
    #[must_use]
    pub fn json(&self) -> Value {
        let kinds: serde_json::Map<String, Value> = kinds()
            .map(|kind| {
                let Counts { opened, open, closed, expired } = self.counts(kind);
                let counts = json!({ "opened": opened, "open": open, "closed": closed, "expired": expired });
                (kind.name().to_owned(), counts)
            })
            .collect();
        let items: Vec<Value> = self.items.iter().map(|item| self.item_json(item)).collect();
        json!({ "window": self.date, "kinds": kinds, "items": items })
    }

    fn item_json(&self, item: &ContinuityItem) -> Value {
        let mut line = json!({
            "kind": item.kind,
            "first": item.first,
            "last": item.last,
            "count": item.count,
            "opened": item.opened,
            "state": item.state.name(),
            "ended": item.state.ended(),
        });
        match item.subject {
            Subject::Device(device) => {
                line[device.kind()] = json!(device.to_string());
                line["merchant"] = json!(merchant_of(self.registry, device));
            }
            Subject::Card(card, chain) => {
                line["issuer_id"] = json!(card.issuer);
                line["serial"] = json!(card.serial);
                line["chain"] = json!(chain);
            }
        }
        line
    }

    /// For people: how many of each kind, then the items, a few or all.
    #[must_use]
    pub fn text(&self, lang: Lang, all: bool) -> String {
        let mut lines = vec![
            lang.pick(format!("连续性  窗口 {}", self.date), format!("Continuity  window {}", self.date)),
        ];
        let mut table = Table::new(&[
            (lang.pick("种类", "kind"), Align::Left),
            (lang.pick("本窗口新开", "opened now"), Align::Right),
            (lang.pick("未关闭", "open"), Align::Right),
            (lang.pick("已关闭", "closed"), Align::Right),
            (lang.pick("已过期", "expired"), Align::Right),
        ]);
        for kind in kinds() {
            let Counts { opened, open, closed, expired } = self.counts(kind);
            let counts = [opened, open, closed, expired].map(grouped);
            table.row([short(kind, lang).to_owned()].into_iter().chain(counts));
        }
        lines.extend(table.lines());
        lines.push(String::new());
        if self.items.is_empty() {
            lines.push(lang.pick("  无任何缺失或异常", "  nothing is missing, doubled or broken").to_owned());
            return lines.join("\n") + "\n";
        }
        let shown = if all { self.items.len() } else { self.items.len().min(ITEMS_SHOWN) };
        lines.extend(self.item_lines(&self.items[..shown], lang));
        if shown < self.items.len() {
            let more = self.items.len() - shown;
            lines.push(lang.pick(
                format!("  另有 {more} 项；加 --all 全部列出"),
                format!("  and {more} more; --all shows them"),
            ));
        }
        lines.join("\n") + "\n"
    }

    fn item_lines(&self, items: &[ContinuityItem], lang: Lang) -> Vec<String> {
        let mut table = Table::new(&[
            (lang.pick("种类", "kind"), Align::Left),
            (lang.pick("对象", "of"), Align::Left),
            (lang.pick("序号", "numbers"), Align::Right),
            (lang.pick("数量", "count"), Align::Right),
            (lang.pick("开始窗口", "opened"), Align::Left),
            (lang.pick("状态", "state"), Align::Left),
        ]);
        for item in items {
            let subject = match item.subject {
                Subject::Device(device) => {
                    let merchant = merchant_of(self.registry, device);
                    let merchant = merchant.map(|code| format!(" {code}")).unwrap_or_default();
                    format!("{device}{merchant}")
                }
                Subject::Card(card, chain) => format!("{} {}", card.serial, chain.name()),
            };
            table.row([
                short(item.kind, lang).to_owned(),
                subject,
                range(item),
                grouped(item.count),
                item.opened.to_string(),
                lang.pick(item.state.zh(), item.state.name()).to_owned(),
            ]);
        }
        table.lines()
    }

    /// `continuity.csv`: every item.
    ///
    /// # Errors
    /// [`ReportError`] when the file cannot be made.
    pub fn file(&self) -> Result<ReportFile, ReportError> {
        let mut sheet = Sheet::new(&[
            "窗口 window",
            "种类",
            "kind",
            "采集点 collector",
            "终端 terminal",
            "商户 merchant",
            "发卡机构标识 issuer id",
            "卡号 serial",
            "链 chain",
            "起 first",
            "止 last",
            "数量 count",
            "开始窗口 opened",
            "状态",
            "state",
            "结束窗口 ended",
        ])?;
        for item in &self.items {
            let mut subject: [String; 6] = Default::default();
            let [collector, terminal, merchant, issuer, serial, chain] = &mut subject;
            match item.subject {
                Subject::Device(device) => {
                    *match device {
                        Device::Collector(_) => collector,
                        Device::Terminal(_) => terminal,
                    } = device.to_string();
                    *merchant =
                        merchant_of(self.registry, device).map(|code| code.to_string()).unwrap_or_default();
                }
                Subject::Card(card, its) => {
                    (*issuer, *serial) = (card.issuer.to_string(), card.serial.to_string());
                    its.name().clone_into(chain);
                }
            }
            let [collector, terminal, merchant, issuer, serial, chain] = &subject;
            sheet.line(&[
                &self.date.to_string(),
                item.kind.zh(),
                item.kind.name(),
                collector,
                terminal,
                merchant,
                issuer,
                serial,
                chain,
                &item.first.to_string(),
                &item.last.to_string(),
                &item.count.to_string(),
                &item.opened.to_string(),
                item.state.zh(),
                item.state.name(),
                &item.state.ended().map(|date| date.to_string()).unwrap_or_default(),
            ])?;
        }
        Ok(ReportFile { name: "continuity.csv".to_owned(), body: sheet.finish()? })
    }
}

/// The kinds that people see.
fn kinds() -> impl Iterator<Item = ContinuityKind> {
    ContinuityKind::ALL.iter().copied().filter(|kind| *kind != ContinuityKind::SingleConflict)
}

/// A kind's name for a table: in English what stands before the explanation.
fn short(kind: ContinuityKind, lang: Lang) -> &'static str {
    lang.pick(kind.zh(), kind.en().split(':').next().unwrap_or_default())
}

fn range(item: &ContinuityItem) -> String {
    if item.first == item.last { item.first.to_string() } else { format!("{}–{}", item.first, item.last) }
}

/// Whose a device is; a terminal may have moved, then its last merchant counts.
pub(crate) fn merchant_of(registry: &Registry, device: Device) -> Option<MerchantCode> {
    match device {
        Device::Collector(id) => registry.collector(&id).map(|collector| collector.merchant),
        Device::Terminal(id) => registry.terminal(&id)?.last().map(|row| row.merchant),
    }
}
