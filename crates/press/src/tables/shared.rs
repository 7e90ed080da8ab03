//! Tables and rows that statements and the month's report have in common.

use tongclear_types::{DispositionTallies, MoneyError};

use crate::table::{Cell, Kind, Table, column, fixed, tally};
use crate::words::label;
use crate::{Centre, Words};

/// The centre's name in both languages, its code where it has no name.
pub(super) fn centre(centre: &Centre) -> Words {
    let zh = if centre.name.is_empty() { &centre.code } else { &centre.name };
    Words::new(zh, &centre.name_en)
}

/// What became of the records that were received.
pub(super) fn dispositions(tallies: &DispositionTallies) -> Result<Table<'static>, MoneyError> {
    let columns = vec![
        column("处理结果", "Disposition", Kind::Words),
        column("笔数", "Count", Kind::Count),
        column("金额（元）", "Amount, yuan", Kind::Fen),
    ];
    let row = |words, it| {
        let [count, amount] = tally(it);
        vec![fixed(words), count, amount]
    };
    let rows = vec![
        row(label("接受", "Accepted"), &tallies.accepted),
        row(label("重复", "Duplicate"), &tallies.duplicate),
        row(label("挂账", "Suspended"), &tallies.suspended),
        row(label("拒付", "Rejected"), &tallies.rejected),
    ];
    let total = row(label("收到合计", "Received"), &tallies.sum()?);
    Ok(Table::new("dispositions", label("记录处理", "Dispositions"), columns, rows).with_total(total))
}

/// Cells of nothing.
pub(super) fn empty<'a>(cells: usize) -> impl Iterator<Item = Cell<'a>> {
    std::iter::repeat_n(Cell::Empty, cells)
}
