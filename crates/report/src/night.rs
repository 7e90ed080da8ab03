//! The summary of a night: what a person reads in ten seconds.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use tongclear_ledger::{Check, Participant, Position};
use tongclear_registry::Registry;
use tongclear_store::MissingPackages;
use tongclear_types::{MerchantCode, OperatorCode};

use crate::settlement::{SettlementView, adjustment_line, disposition_lines, reason_lines};
use crate::table::{Align, Table};
use crate::text::{Lang, grouped, yuan};

/// Reasons that the summary shows; `settlement show` has them all.
const TOP_REASONS: usize = 5;
/// Positions that the summary shows.
const TOP_POSITIONS: usize = 12;
/// Gaps in package sequences that the summary shows.
const TOP_MISSING: usize = 5;

/// Everything the summary is made from.
#[derive(Debug, Clone)]
pub struct NightReport {
    /// Whether this night did anything.
    pub changed: bool,
    /// The result of the window.
    pub settlement: SettlementView,
    /// The root that the statements lead to, 64 hex digits; none when a version that kept no proofs cleared it.
    pub root: Option<String>,
    /// What participants are called.
    pub names: Names,
    /// Gaps in the sequences of collectors as of now; nothing in a report that is kept.
    pub missing: Option<Vec<MissingPackages>>,
    /// Net positions of the window.
    pub positions: Vec<Position>,
    /// Packages in the open window.
    pub waiting_packages: u64,
    /// Where the statements lie.
    pub reports: PathBuf,
    /// The finalisation checks that this night made, all of which hold; empty when it settled nothing.
    pub checks: Vec<Check>,
    /// How long each stage took; empty when nothing was done.
    pub stages: Vec<StageTime>,
}

/// What participants are called, in Chinese and English.
#[derive(Debug, Clone, Default)]
pub struct Names {
    operators: BTreeMap<OperatorCode, (String, String)>,
    merchants: BTreeMap<MerchantCode, (String, String)>,
}

impl Names {
    /// The names in a registry; where there is no English name, the Chinese one serves.
    #[must_use]
    pub fn of(registry: &Registry) -> Self {
        let both = |zh: &String, en: &Option<String>| (zh.clone(), en.as_ref().unwrap_or(zh).clone());
        Self {
            operators: registry.operators.iter().map(|it| (it.code, both(&it.name, &it.name_en))).collect(),
            merchants: registry.merchants.iter().map(|it| (it.code, both(&it.name, &it.name_en))).collect(),
        }
    }

    /// What a card operator is called; empty for one that the registry does not know.
    pub(crate) fn operator(&self, code: OperatorCode, lang: Lang) -> &str {
        self.operators.get(&code).map_or("", |(zh, en)| lang.pick(zh, en))
    }

    /// What a merchant is called; empty for one that the registry does not know.
    pub(crate) fn merchant(&self, code: MerchantCode, lang: Lang) -> &str {
        self.merchants.get(&code).map_or("", |(zh, en)| lang.pick(zh, en))
    }
}

/// One stage with its name in both languages.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields say it")]
pub struct StageTime {
    pub zh: &'static str,
    pub en: &'static str,
    pub time: Duration,
}

impl NightReport {
    /// The report as it is kept beside the statements: only what the window's inputs decide, so that the same
    /// packages give the same bytes in any data folder and after any fault. How long it took, where the files lie
    /// and which packages are missing by now are left out.
    #[must_use]
    pub fn kept(&self) -> Self {
        Self {
            changed: true,
            missing: None,
            waiting_packages: 0,
            checks: Vec::new(),
            reports: PathBuf::from(format!("reports/{}", self.settlement.window)),
            stages: Vec::new(),
            ..self.clone()
        }
    }

    /// The report for programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let missing: Vec<_> = self
            .missing
            .iter()
            .flatten()
            .map(|gap| json!({ "collector": gap.collector, "first": gap.first, "last": gap.last }))
            .collect();
        let stages: Vec<_> = self
            .stages
            .iter()
            .map(|stage| json!({ "stage": stage.en, "ms": u64::try_from(stage.time.as_millis()).unwrap_or(u64::MAX) }))
            .collect();
        json!({
            "changed": self.changed,
            "settlement": self.settlement,
            "root": self.root,
            "missing_packages": missing,
            "positions": self.positions,
            "waiting_packages": self.waiting_packages,
            "reports": self.reports.display().to_string(),
            "checks": self.checks,
            "stages": stages,
        })
    }
}

/// The summary for people.
#[must_use]
pub fn night_text(report: &NightReport, lang: Lang) -> String {
    let view = &report.settlement;
    let mut lines = Vec::new();
    if !report.changed {
        lines.push(lang.pick(
            format!(
                "窗口 {} 已全部完成，未作更改；开放窗口中有 {} 包待清算",
                view.window, report.waiting_packages
            ),
            format!(
                "window {} is finished already; nothing changed. {} packages wait in the open window",
                view.window, report.waiting_packages
            ),
        ));
        lines.push(String::new());
    }
    lines.push(lang.pick(
        format!("成都通清算  窗口 {}  {}", view.window, view.state.zh()),
        format!("Tongclear  window {}  {}", view.window, view.state),
    ));
    lines.extend(disposition_lines(view, lang));
    if !view.reasons.is_empty() || !view.flags.is_empty() {
        lines.push(String::new());
        lines.extend(reason_lines(view, lang, TOP_REASONS));
    }
    lines.push(String::new());
    let after = lines.len();
    lines.extend(adjustment_line(view, lang));
    if let Some(missing) = &report.missing {
        lines.push(missing_line(missing, lang));
    }
    if !report.positions.is_empty() {
        lines.extend(position_lines(report, lang));
    }
    if lines.len() > after {
        lines.push(String::new());
    }
    lines.push(lang.pick("摘要    ", "digest  ").to_owned() + &view.digest);
    if let Some(root) = &report.root {
        lines.push(lang.pick("根      ", "root    ").to_owned() + root);
    }
    if !report.checks.is_empty() {
        let (made, hold) = (report.checks.len(), report.checks.iter().filter(|check| check.holds).count());
        lines.push(lang.pick(
            format!("核对    结算前核对 {made} 项，{hold} 项相符"),
            format!("checks  {made} made before settlement, {hold} hold"),
        ));
    }
    lines.push(lang.pick("对账单  ", "reports ").to_owned() + &report.reports.display().to_string());
    if !report.stages.is_empty() {
        lines.push(stage_line(report, lang));
    }
    lines.join("\n") + "\n"
}

fn missing_line(missing: &[MissingPackages], lang: Lang) -> String {
    let packages: u64 = missing.iter().map(|gap| u64::from(gap.last.0 - gap.first.0) + 1).sum();
    if packages == 0 {
        return lang.pick("  无缺失交易包".to_owned(), "  no package is missing".to_owned());
    }
    let shown = missing.iter().take(TOP_MISSING).map(|gap| {
        if gap.first == gap.last {
            format!("{} {}", gap.collector, gap.first)
        } else {
            format!("{} {}–{}", gap.collector, gap.first, gap.last)
        }
    });
    let mut shown: Vec<_> = shown.collect();
    if missing.len() > TOP_MISSING {
        shown.push("…".to_owned());
    }
    let shown = shown.join(lang.pick("，", ", "));
    lang.pick(
        format!("  缺失 {} 包：{shown}", grouped(packages)),
        format!("  {} packages missing: {shown}", grouped(packages)),
    )
}

/// Net positions, summed over value dates, the largest first.
fn position_lines(report: &NightReport, lang: Lang) -> Vec<String> {
    let mut table = Table::new(&[
        (lang.pick("参与方", "participant"), Align::Left),
        (lang.pick("名称", "name"), Align::Left),
        (lang.pick("起息日", "value date"), Align::Left),
        (lang.pick("净额（元）", "net yuan"), Align::Right),
        (lang.pick("", ""), Align::Left),
    ]);
    let mut positions: Vec<&Position> = report.positions.iter().collect();
    positions.sort_by_key(|position| {
        (std::cmp::Reverse(position.net.get().abs()), position.participant, position.value_date)
    });
    for position in positions.iter().take(TOP_POSITIONS) {
        table.row([
            position.participant.to_string(),
            name_of(&report.names, position.participant, lang),
            position.value_date.to_string(),
            yuan(position.net),
            if position.carried_out.is_zero() {
                String::new()
            } else {
                lang.pick("结转", "carried on").to_owned()
            },
        ]);
    }
    let mut lines = table.lines();
    if positions.len() > TOP_POSITIONS {
        let more = positions.len() - TOP_POSITIONS;
        lines.push(lang.pick(format!("  另有 {more} 个净额"), format!("  and {more} more positions")));
    }
    lines
}

fn name_of(names: &Names, participant: Participant, lang: Lang) -> String {
    let both: Option<&(String, String)> = match participant {
        Participant::Operator(code) => names.operators.get(&code),
        Participant::Merchant(code) | Participant::Sponsor(code) => names.merchants.get(&code),
        Participant::Centre => return lang.pick("清算中心", "the centre").to_owned(),
    };
    both.map(|(zh, en)| lang.pick(zh, en).clone()).unwrap_or_default()
}

fn stage_line(report: &NightReport, lang: Lang) -> String {
    let mut sums: BTreeMap<usize, (&str, Duration)> = BTreeMap::new();
    for stage in &report.stages {
        let place = report.stages.iter().position(|other| other.en == stage.en).unwrap_or(0);
        sums.entry(place).or_insert((lang.pick(stage.zh, stage.en), Duration::ZERO)).1 += stage.time;
    }
    let total: Duration = sums.values().map(|(_, time)| *time).sum();
    let parts: Vec<_> = sums.values().map(|(name, time)| format!("{name} {}", seconds(*time))).collect();
    lang.pick(
        format!("用时    {}：{}", seconds(total), parts.join("，")),
        format!("time    {}: {}", seconds(total), parts.join(", ")),
    )
}

/// Seconds with two decimal places, without a float.
fn seconds(time: Duration) -> String {
    let hundredths = time.as_millis() / 10;
    format!("{}.{:02} s", hundredths / 100, hundredths % 100)
}
