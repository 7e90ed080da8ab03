//! Terminals and collectors ranked by what they lose, the worst first, each with what a person should do: for people,
//! for programs, and as `devices.csv`.

use serde_json::{Value, json};
use tongclear_registry::{Merchant, Registry};
use tongclear_types::{Advice, BusinessDate, Device, DeviceQuality};

use crate::continuity::merchant_of;
use crate::statement::{ReportError, ReportFile, Sheet};
use crate::table::{Align, Table};
use crate::text::{Lang, grouped};

/// Devices that people see unless they ask for all.
const DEVICES_SHOWN: usize = 20;

/// The devices of one window.
pub struct DevicesReport<'a> {
    date: BusinessDate,
    registry: &'a Registry,
    /// The worst first.
    devices: Vec<DeviceQuality>,
}

impl<'a> DevicesReport<'a> {
    /// The report of `devices`, which come in any order; `registry` is the one of the window's close.
    #[must_use]
    pub fn new(date: BusinessDate, registry: &'a Registry, devices: &[DeviceQuality]) -> Self {
        let mut devices = devices.to_vec();
        devices.sort_by_key(|it| (std::cmp::Reverse((it.score_ppm(), it.missing + it.bad_mac)), it.device));
        Self { date, registry, devices }
    }

    fn merchant(&self, quality: &DeviceQuality) -> Option<&'a Merchant> {
        self.registry.merchant(&merchant_of(self.registry, quality.device)?)
    }

    /// Everything, for programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let devices: Vec<Value> = (1_u64..)
            .zip(&self.devices)
            .map(|(rank, it)| {
                json!({
                    "rank": rank,
                    "kind": it.device.kind(),
                    "device": it.device.to_string(),
                    "merchant": merchant_of(self.registry, it.device),
                    "received": it.received,
                    "records": it.records,
                    "missing": it.missing,
                    "late": it.late,
                    "bad_mac": it.bad_mac,
                    "missing_ppm": it.missing_ppm(),
                    "late_ppm": it.late_ppm(),
                    "bad_mac_ppm": it.bad_mac_ppm(),
                    "score_ppm": it.score_ppm(),
                    "advice": it.advice(),
                })
            })
            .collect();
        json!({ "window": self.date, "devices": devices })
    }

    /// For people: the worst devices, or all.
    #[must_use]
    pub fn text(&self, lang: Lang, all: bool) -> String {
        let mut lines = vec![lang.pick(
            format!("设备  窗口 {}：{}", self.date, self.advised(lang)),
            format!("Devices  window {}: {}", self.date, self.advised(lang)),
        )];
        let mut table = Table::new(&[
            (lang.pick("名次", "rank"), Align::Right),
            (lang.pick("设备", "device"), Align::Left),
            (lang.pick("商户", "merchant"), Align::Left),
            (lang.pick("笔数", "records"), Align::Right),
            (lang.pick("缺失", "missing"), Align::Right),
            (lang.pick("迟到", "late"), Align::Right),
            (lang.pick("TAC 不符", "bad MAC"), Align::Right),
            (lang.pick("评分", "score"), Align::Right),
            (lang.pick("建议", "what to do"), Align::Left),
        ]);
        // What loses nothing is no news.
        let faulty = self.devices.iter().filter(|it| all || it.score_ppm() > 0).count();
        let shown = if all { faulty } else { faulty.min(DEVICES_SHOWN) };
        for (rank, it) in (1_u64..).zip(&self.devices[..shown]) {
            let kind = match it.device {
                Device::Collector(_) => lang.pick("采集点", "collector"),
                Device::Terminal(_) => lang.pick("终端", "terminal"),
            };
            let advice = it.advice();
            table.row([
                grouped(rank),
                format!("{kind} {}", it.device),
                self.merchant(it).map(|merchant| name(merchant, lang).to_owned()).unwrap_or_default(),
                grouped(it.records),
                with_share(it.missing, it.missing_ppm()),
                with_share(it.late, it.late_ppm()),
                with_share(it.bad_mac, it.bad_mac_ppm()),
                percent(it.score_ppm()),
                lang.pick(advice.zh(), advice.en()).to_owned(),
            ]);
        }
        if shown > 0 {
            lines.extend(table.lines());
        } else {
            lines.push(lang.pick("  没有设备有缺失", "  no device loses anything").to_owned());
        }
        if shown < faulty {
            let more = faulty - shown;
            lines.push(lang.pick(
                format!("  另有 {more} 台；加 --all 全部列出"),
                format!("  and {more} more; --all shows them"),
            ));
        }
        lines.join("\n") + "\n"
    }

    /// How many devices there are, and with how many something should be done.
    fn advised(&self, lang: Lang) -> String {
        let count =
            |advice: &[Advice]| self.devices.iter().filter(|it| advice.contains(&it.advice())).count();
        let all = grouped(self.devices.len() as u64);
        let (repair, link) = (count(&[Advice::Repair, Advice::FindTerminal]), count(&[Advice::CheckLink]));
        let (resend, recollect) = (count(&[Advice::Resend]), count(&[Advice::Recollect]));
        lang.pick(
            format!("共 {all} 台；送修 {repair}，补传 {resend}，重新采集 {recollect}，查通信 {link}"),
            format!(
                "of {all}, {repair} to repair, {resend} to send again, {recollect} to collect again, {link} with a \
                 link to look at"
            ),
        )
    }

    /// `devices.csv`: every device by rank.
    ///
    /// # Errors
    /// [`ReportError`] when the file cannot be made.
    pub fn file(&self) -> Result<ReportFile, ReportError> {
        let mut sheet = Sheet::new(&[
            "窗口 window",
            "名次 rank",
            "类型 kind",
            "设备 device",
            "商户 merchant",
            "名称 name",
            "收到 received",
            "笔数 records",
            "缺失 missing",
            "迟到 late",
            "TAC 不符 bad MAC",
            "缺失率 missing ppm",
            "迟到率 late ppm",
            "TAC 不符率 bad MAC ppm",
            "评分 score ppm",
            "建议",
            "advice",
        ])?;
        for (rank, it) in (1_u64..).zip(&self.devices) {
            let merchant = self.merchant(it);
            let counts = [it.received, it.records, it.missing, it.late, it.bad_mac];
            let shares = [it.missing_ppm(), it.late_ppm(), it.bad_mac_ppm(), it.score_ppm()];
            let mut line = vec![
                self.date.to_string(),
                rank.to_string(),
                it.device.kind().to_owned(),
                it.device.to_string(),
                merchant.map(|merchant| merchant.code.to_string()).unwrap_or_default(),
                merchant.map(|merchant| merchant.name.clone()).unwrap_or_default(),
            ];
            line.extend(counts.iter().chain(&shares).map(u64::to_string));
            line.extend([it.advice().zh().to_owned(), it.advice().en().to_owned()]);
            sheet.line(&line.iter().map(String::as_str).collect::<Vec<_>>())?;
        }
        Ok(ReportFile { name: "devices.csv".to_owned(), body: sheet.finish()? })
    }
}

fn name(merchant: &Merchant, lang: Lang) -> &str {
    lang.pick(&merchant.name, merchant.name_en.as_ref().unwrap_or(&merchant.name))
}

/// A count with its share, such as `12 (0.31 %)`; nothing is a dash.
fn with_share(count: u64, ppm: u64) -> String {
    if count == 0 { "–".to_owned() } else { format!("{} ({})", grouped(count), percent(ppm)) }
}

/// Parts per million as percent with two decimal places, without a float.
fn percent(ppm: u64) -> String {
    format!("{}.{:02} %", ppm / 10_000, ppm % 10_000 / 100)
}
