//! The books as CSV: the columns of `ledger transfers --out` with the date in front and the reference behind, for all windows.

use std::io::{self, Write};

use super::{Books, tags};
use crate::statement::BYTE_ORDER_MARK;

pub(super) fn write(books: &Books<'_>, to: &mut impl Write) -> io::Result<()> {
    to.write_all(BYTE_ORDER_MARK)?;
    let mut sheet = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(to);
    sheet.write_record([
        "日期 date",
        "编号 id",
        "类别 code",
        "借方账户 debit",
        "贷方账户 credit",
        "金额（分） amount_fen",
        "商户 merchant",
        "发卡机构 operator",
        "合同 contract",
        "参考号 reference",
    ])?;
    for it in &books.transfers {
        let [id, merchant, operator, contract, reference] =
            tags(it).map(|(_, value)| value.unwrap_or_default());
        let (date, code) = (it.window.to_string(), it.code.to_string());
        let (debit, credit, amount) = (it.debit.to_string(), it.credit.to_string(), it.amount.to_string());
        sheet
            .write_record([date, id, code, debit, credit, amount, merchant, operator, contract, reference])?;
    }
    sheet.flush()
}
