//! What the card operator says of a record.

use tongclear_life::reconciled::{ItemState, LineView, OperatorView};

use super::{labelled, moment};
use crate::text::{Lang, yuan};

/// A title and a line for each run in which the record stands; nothing when there is none.
pub(super) fn lines(views: &[OperatorView], lang: Lang) -> Vec<String> {
    if views.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![String::new(), lang.pick("发卡机构对账", "Card operator").to_owned()];
    for view in views {
        let (zh, en) = view.state.names();
        let fields = view.fields.join(lang.pick("、", ", "));
        let what = match (view.state, view.rule) {
            (ItemState::Mismatch, Some(rule)) => {
                lang.pick(format!("{zh}（规则 {rule}）：{fields}"), format!("{en} in {fields} (rule {rule})"))
            }
            (ItemState::Matched, Some(rule)) => {
                lang.pick(format!("{zh}（规则 {rule}）"), format!("{en} (rule {rule})"))
            }
            (ItemState::OursOnly, _) => lang.pick(
                format!("{zh}，截至 {} 对方尚无此笔", view.as_of),
                format!("{en}: the operator does not have it as of {}", view.as_of),
            ),
            (ItemState::TheirsOnly, _) => lang.pick(
                format!("{zh}：对方有，我方收到而未记入"),
                format!("{en}: the operator has it, and we did not accept it"),
            ),
            _ => lang.pick(zh, en).to_owned(),
        };
        let run = lang.pick(format!("第 {} 次", view.run), format!("run {}", view.run));
        lines.push(labelled(&run, &what));
        lines.extend(view.line.as_ref().map(|line| labelled("", &told(line, lang))));
    }
    lines
}

fn told(line: &LineView, lang: Lang) -> String {
    let (when, amount) = (moment(&line.date, &line.time), yuan(line.amount_fen));
    lang.pick(
        format!(
            "{} 文件第 {} 行：{when}，计数器 {}，终端 {} 序号 {}，{amount} 元，{}",
            line.file_date, line.line, line.counter, line.terminal, line.terminal_number, line.status
        ),
        format!(
            "line {} of the file for {}: {when}, counter {}, terminal {} number {}, {amount} yuan, {}",
            line.line, line.file_date, line.counter, line.terminal, line.terminal_number, line.status
        ),
    )
}
