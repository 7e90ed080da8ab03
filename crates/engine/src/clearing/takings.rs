//! The accepted records of a detail file, as far as rating asks of them; the other columns are not even decoded.

use arrow_array::{RecordBatch, StringArray, UInt32Array};
use bytes::Bytes;
use tongclear_types::{BcdDate, Chain, Disposition, IssuerId, MerchantCode, Tti};

use super::columns;
use super::detail::{parsed, unhex};

const COLUMNS: [&str; 7] =
    ["merchant", "issuer_id", "tti", "amount_fen", "list_price_fen", "date", "disposition"];

/// An accepted record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Taking {
    pub(crate) merchant: MerchantCode,
    pub(crate) issuer: IssuerId,
    pub(crate) chain: Chain,
    pub(crate) amount_fen: u32,
    pub(crate) list_price_fen: u32,
    pub(crate) date: BcdDate,
}

/// The accepted records of a file, in its order.
pub(crate) fn read(file: Bytes) -> Result<impl Iterator<Item = Result<Taking, String>>, String> {
    let batches = columns::read(file, &COLUMNS)?;
    Ok(batches.flat_map(|batch| {
        match batch.map_err(|error| error.to_string()).and_then(|batch| takings(&batch)) {
            Ok(takings) => takings.into_iter().map(Ok).collect::<Vec<_>>(),
            Err(error) => vec![Err(error)],
        }
    }))
}

fn takings(batch: &RecordBatch) -> Result<Vec<Taking>, String> {
    let text = |name| columns::column::<StringArray>(batch, name);
    let number = |name| columns::column::<UInt32Array>(batch, name);
    let (merchant, issuer, tti) = (text("merchant")?, text("issuer_id")?, text("tti")?);
    let (amount, list_price) = (number("amount_fen")?, number("list_price_fen")?);
    let (date, disposition) = (text("date")?, text("disposition")?);
    (0..batch.num_rows())
        .filter(|i| disposition.value(*i) == Disposition::Accepted.name())
        .map(|i| {
            let tti = Tti(unhex::<1>(tti.value(i))?[0]);
            Ok(Taking {
                merchant: parsed(merchant.value(i))?,
                issuer: parsed(issuer.value(i))?,
                chain: tti
                    .chain()
                    .ok_or_else(|| format!("tti {tti} is accepted, but no type that can be"))?,
                amount_fen: amount.value(i),
                list_price_fen: list_price.value(i),
                date: BcdDate(unhex(date.value(i))?),
            })
        })
        .collect()
}
