//! A window under a draft of contracts beside the contracts it was cleared under, merchant by merchant.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use tongclear_ledger::{Charges, Compared, Comparison, Unfit};
use tongclear_types::{BusinessDate, Fen, MerchantCode, MoneyError};

use crate::statement::Sheet;
use crate::table::{Align, Table};
use crate::text::{Lang, grouped, yuan, yuan_difference};
use crate::{Names, ReportError};

/// What a draft of contracts would change of a window.
#[derive(Debug, Clone)]
pub struct WhatIfView<'a> {
    /// The business date.
    pub window: BusinessDate,
    /// The file that holds the draft, as the caller named it.
    pub contracts: String,
    /// The merchants whose contracts it replaces.
    pub drafted: &'a BTreeSet<MerchantCode>,
    /// What changes for whom.
    pub comparison: &'a Comparison,
    /// What participants are called.
    pub names: Names,
}

impl WhatIfView<'_> {
    /// The comparison for programs.
    ///
    /// # Errors
    /// [`MoneyError`] when a sum leaves the domain of money.
    pub fn json(&self) -> Result<Value, MoneyError> {
        let mut merchants = Vec::new();
        for merchant in self.comparison.merchants() {
            let mut operators = Vec::new();
            for ((_, operator), line) in self.lines_of(merchant) {
                operators.push(with(json!({ "operator": operator }), line)?);
            }
            let head = json!({ "merchant": merchant, "drafted": self.drafted.contains(&merchant) });
            let mut entry = with(head, &self.comparison.of_merchant(merchant)?)?;
            entry["operators"] = json!(operators);
            merchants.push(entry);
        }
        let mut sponsors = Vec::new();
        for (sponsor, (now, draft)) in &self.comparison.sponsors {
            sponsors.push(json!({
                "sponsor": sponsor,
                "concession_now_fen": now,
                "concession_draft_fen": draft,
                "concession_difference_fen": draft.checked_sub(*now)?,
            }));
        }
        Ok(json!({
            "window": self.window,
            "contracts": self.contracts,
            "drafted": self.drafted,
            "merchants": merchants,
            "sponsors": sponsors,
            "totals": with(json!({}), &self.comparison.total()?)?,
        }))
    }

    /// The comparison for people.
    ///
    /// # Errors
    /// [`MoneyError`] when a sum leaves the domain of money.
    pub fn text(&self, lang: Lang) -> Result<String, MoneyError> {
        let (window, contracts) = (self.window, &self.contracts);
        let drafted = self.drafted.iter().map(ToString::to_string).collect::<Vec<_>>();
        let drafted = drafted.join(lang.pick("、", ", "));
        let mut lines = vec![
            lang.pick(
                format!("试算：窗口 {window}，按 {contracts} 中的合同；未作任何更改"),
                format!("what if: window {window} under the contracts in {contracts}; nothing was changed"),
            ),
            lang.pick(
                format!("以下商户改用草案合同（*）：{drafted}；其余商户按原合同"),
                format!("contracts of the draft for (*): {drafted}; all others keep theirs"),
            ),
            String::new(),
        ];
        lines.extend(self.charges(lang)?);
        for (part, table) in [self.unfit(lang)?, self.sponsors(lang)?].into_iter().flatten() {
            lines.push(String::new());
            lines.push(part);
            lines.extend(table);
        }
        Ok(lines.join("\n"))
    }

    /// The comparison as CSV: a line for each merchant and operator, without a line of totals.
    ///
    /// # Errors
    /// [`ReportError`] when the file cannot be made.
    pub fn csv(&self) -> Result<Vec<u8>, ReportError> {
        let mut sheet = Sheet::new(&[
            "窗口 window",
            "商户 merchant",
            "发卡机构 operator",
            "草案 drafted",
            "笔数 count",
            "消费（分） gross_fen",
            "充值（分） load_fen",
            "现行手续费（分） fee_now_fen",
            "草案手续费（分） fee_draft_fen",
            "手续费差额（分） fee_difference_fen",
            "现行优惠补贴（分） concession_now_fen",
            "草案优惠补贴（分） concession_draft_fen",
            "优惠补贴差额（分） concession_difference_fen",
            "现行净额（分） net_now_fen",
            "草案净额（分） net_draft_fen",
            "净额差额（分） net_difference_fen",
            "无合同笔数 no_contract_count",
            "无合同金额（分） no_contract_fen",
            "超限笔数 over_limit_count",
            "超限金额（分） over_limit_fen",
        ])?;
        for ((merchant, operator), line) in &self.comparison.lines {
            let drafted = if self.drafted.contains(merchant) { "yes" } else { "no" };
            let mut cells =
                vec![self.window.to_string(), merchant.to_string(), operator.to_string(), drafted.to_owned()];
            cells.push(line.count.to_string());
            cells.extend([line.gross, line.load].map(|fen| fen.to_string()));
            for [now, draft, difference] in sides(line)? {
                cells.extend([now, draft, difference].map(|fen| fen.to_string()));
            }
            let Unfit { no_contract_count, no_contract, over_limit_count, over_limit } = line.unfit;
            cells.extend([no_contract_count.to_string(), no_contract.to_string()]);
            cells.extend([over_limit_count.to_string(), over_limit.to_string()]);
            sheet.line(&cells.iter().map(String::as_str).collect::<Vec<_>>())?;
        }
        sheet.finish()
    }

    fn lines_of(
        &self,
        merchant: MerchantCode,
    ) -> impl Iterator<Item = (&(MerchantCode, tongclear_types::OperatorCode), &Compared)> {
        self.comparison.lines.iter().filter(move |((it, _), _)| *it == merchant)
    }

    /// Fee, concession and net of each merchant, and of all.
    fn charges(&self, lang: Lang) -> Result<Vec<String>, MoneyError> {
        let mut table = Table::new(&[
            (lang.pick("商户", "merchant"), Align::Left),
            ("", Align::Left),
            (lang.pick("笔数", "records"), Align::Right),
            (lang.pick("消费（元）", "gross"), Align::Right),
            ("", Align::Left),
            (lang.pick("现行", "now"), Align::Right),
            (lang.pick("草案", "draft"), Align::Right),
            (lang.pick("差额", "difference"), Align::Right),
        ]);
        let [fee, concession, net] =
            [lang.pick("手续费", "fee"), lang.pick("优惠补贴", "concession"), lang.pick("净额", "net")];
        let mut block = |code: String, name: String, figures: &Compared| {
            let mut head = [code, name, grouped(figures.count), yuan(figures.gross)];
            for (item, [now, draft, difference]) in [fee, concession, net].into_iter().zip(sides(figures)?) {
                // Most merchants grant none.
                if item == concession && now.is_zero() && draft.is_zero() {
                    continue;
                }
                let amounts = [yuan(now), yuan(draft), yuan_difference(difference)];
                table.row(std::mem::take(&mut head).into_iter().chain([item.to_owned()]).chain(amounts));
            }
            Ok::<_, MoneyError>(())
        };
        for merchant in self.comparison.merchants() {
            let mark = if self.drafted.contains(&merchant) { " *" } else { "" };
            let name = self.names.merchant(merchant, lang).to_owned();
            block(format!("{merchant}{mark}"), name, &self.comparison.of_merchant(merchant)?)?;
        }
        block(lang.pick("合计", "total").to_owned(), String::new(), &self.comparison.total()?)?;
        Ok(table.lines())
    }

    /// The records that the draft would not let pass, with a heading; nothing when there is none.
    fn unfit(&self, lang: Lang) -> Result<Option<(String, Vec<String>)>, MoneyError> {
        let mut table = Table::new(&[
            (lang.pick("商户", "merchant"), Align::Left),
            (lang.pick("无合同", "no contract"), Align::Right),
            (lang.pick("金额（元）", "yuan"), Align::Right),
            (lang.pick("超限", "over limit"), Align::Right),
            (lang.pick("金额（元）", "yuan"), Align::Right),
        ]);
        let mut any = false;
        for merchant in self.comparison.merchants() {
            let unfit = self.comparison.of_merchant(merchant)?.unfit;
            if unfit == Unfit::default() {
                continue;
            }
            any = true;
            table.row([
                merchant.to_string(),
                grouped(unfit.no_contract_count),
                yuan(unfit.no_contract),
                grouped(unfit.over_limit_count),
                yuan(unfit.over_limit),
            ]);
        }
        let heading = lang.pick(
            "按草案将挂账的记录（试算不重新判定；无合同者不计费）：",
            "records that the draft would suspend (not judged anew here; without a contract nothing is charged):",
        );
        Ok(any.then(|| (heading.to_owned(), table.lines())))
    }

    /// What sponsors owe, with a heading; nothing when they owe nothing.
    fn sponsors(&self, lang: Lang) -> Result<Option<(String, Vec<String>)>, MoneyError> {
        let mut table = Table::new(&[
            (lang.pick("资助方", "sponsor"), Align::Left),
            (lang.pick("现行", "now"), Align::Right),
            (lang.pick("草案", "draft"), Align::Right),
            (lang.pick("差额", "difference"), Align::Right),
        ]);
        for (sponsor, (now, draft)) in &self.comparison.sponsors {
            let difference = yuan_difference(draft.checked_sub(*now)?);
            table.row([sponsor.to_string(), yuan(*now), yuan(*draft), difference]);
        }
        let heading = lang.pick("资助方应付：", "owed by sponsors:").to_owned();
        let any = !self.comparison.sponsors.is_empty();
        Ok(any.then(|| (heading, table.lines())))
    }
}

/// Fee, concession and net: now, under the draft, and the difference.
fn sides(figures: &Compared) -> Result<[[Fen; 3]; 3], MoneyError> {
    let difference = figures.difference()?;
    let of = |pick: fn(&Charges) -> Fen| [pick(&figures.now), pick(&figures.draft), pick(&difference)];
    Ok([of(|it| it.fee), of(|it| it.concession), of(|it| it.net)])
}

/// `head` with the figures for programs.
fn with(head: Value, figures: &Compared) -> Result<Value, MoneyError> {
    let mut fields = match head {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    fields.insert("count".to_owned(), json!(figures.count));
    fields.insert("gross_fen".to_owned(), json!(figures.gross));
    fields.insert("load_fen".to_owned(), json!(figures.load));
    for (item, amounts) in ["fee", "concession", "net"].into_iter().zip(sides(figures)?) {
        for (side, amount) in ["now", "draft", "difference"].into_iter().zip(amounts) {
            fields.insert(format!("{item}_{side}_fen"), json!(amount));
        }
    }
    let Unfit { no_contract_count, no_contract, over_limit_count, over_limit } = figures.unfit;
    fields.insert("no_contract".to_owned(), json!({ "count": no_contract_count, "amount_fen": no_contract }));
    fields.insert("over_limit".to_owned(), json!({ "count": over_limit_count, "amount_fen": over_limit }));
    Ok(Value::Object(fields))
}
