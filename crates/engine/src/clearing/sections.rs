//! The sections of a window's proof (`tongclear-proof`): hashed while a partition is judged, kept as one small
//! Parquet file, so that statements can be written again without reading a record.

use std::sync::Arc;

use arrow_array::builder::{Int64Builder, StringBuilder, UInt16Builder, UInt64Builder};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, UInt16Array, UInt64Array};
use arrow_schema::DataType;
use bytes::Bytes;
use tongclear_package::{CANONICAL_LEN, DetailRow};
use tongclear_proof::{Section, SectionBuilder};
use tongclear_types::{Disposition, DispositionTallies, Fen, MerchantCode, MoneyError};

use super::columns::{self, ParquetFile};
use super::senders::{Sender, Senders};

/// The sections of one partition while it is judged, one a merchant of the window.
pub(crate) struct Sections<'a> {
    senders: &'a Senders,
    builders: Vec<SectionBuilder>,
}

impl<'a> Sections<'a> {
    pub(crate) fn new(senders: &'a Senders) -> Self {
        Self { senders, builders: vec![SectionBuilder::default(); senders.merchants().len()] }
    }

    /// Takes the next record of the partition.
    #[inline]
    pub(crate) fn add(
        &mut self,
        sender: &Sender,
        line: &DetailRow,
        canonical: &[u8; CANONICAL_LEN],
    ) -> Result<(), MoneyError> {
        let builder = &mut self.builders[sender.merchant_place as usize];
        builder.add(line.verdict.disposition(), Fen::from(line.amount_fen), canonical)
    }

    /// The sections of `partition` that have records, by merchant.
    pub(crate) fn finish(self, partition: u16) -> Vec<(MerchantCode, Section)> {
        let sections = self.senders.merchants().iter().zip(self.builders);
        sections.filter_map(|(code, builder)| Some((*code, builder.finish(partition)?))).collect()
    }
}

const COLUMNS: [(&str, DataType); 12] = [
    ("merchant", DataType::Utf8),
    ("partition", DataType::UInt16),
    ("accepted_count", DataType::UInt64),
    ("accepted_fen", DataType::Int64),
    ("duplicate_count", DataType::UInt64),
    ("duplicate_fen", DataType::Int64),
    ("suspended_count", DataType::UInt64),
    ("suspended_fen", DataType::Int64),
    ("rejected_count", DataType::UInt64),
    ("rejected_fen", DataType::Int64),
    ("unpaid", DataType::Utf8),
    ("records", DataType::Utf8),
];

/// Writes the sections of a window, sorted by merchant and partition.
pub(crate) fn write(sections: &[(MerchantCode, Section)]) -> Result<Vec<u8>, String> {
    let mut file = ParquetFile::new(columns::schema(&COLUMNS), Vec::new())?;
    let (mut merchant, mut partition) = (StringBuilder::new(), UInt16Builder::new());
    let mut tallies: Vec<(UInt64Builder, Int64Builder)> = Vec::new();
    tallies.resize_with(Disposition::ALL.len(), Default::default);
    let (mut unpaid, mut records) = (StringBuilder::new(), StringBuilder::new());
    for (code, section) in sections {
        merchant.append_value(code.to_string());
        partition.append_value(section.partition);
        for ((count, fen), tally) in tallies.iter_mut().zip(section.dispositions.in_order()) {
            count.append_value(tally.count);
            fen.append_value(tally.amount_fen.get());
        }
        unpaid.append_value(section.unpaid.to_string());
        records.append_value(section.records.to_string());
    }
    let mut columns: Vec<ArrayRef> = vec![Arc::new(merchant.finish()), Arc::new(partition.finish())];
    for (count, fen) in &mut tallies {
        columns.push(Arc::new(count.finish()));
        columns.push(Arc::new(fen.finish()));
    }
    columns.push(Arc::new(unpaid.finish()));
    columns.push(Arc::new(records.finish()));
    file.write(columns)?;
    file.finish()
}

/// Reads the sections back, in the same order.
pub(crate) fn read(file: Bytes) -> Result<Vec<(MerchantCode, Section)>, String> {
    let mut sections = Vec::new();
    for batch in columns::read(file, &[])? {
        let batch = batch.map_err(|error| error.to_string())?;
        for row in 0..batch.num_rows() {
            sections.push(section(&batch, row)?);
        }
    }
    Ok(sections)
}

fn section(batch: &RecordBatch, row: usize) -> Result<(MerchantCode, Section), String> {
    let text = |name| columns::column::<StringArray>(batch, name).map(|column| column.value(row));
    let mut dispositions = DispositionTallies::default();
    for disposition in Disposition::ALL {
        let tally = dispositions.get_mut(*disposition);
        tally.count = columns::column::<UInt64Array>(batch, &format!("{disposition}_count"))?.value(row);
        let fen = columns::column::<Int64Array>(batch, &format!("{disposition}_fen"))?.value(row);
        tally.amount_fen = Fen::new(fen).map_err(|error| error.to_string())?;
    }
    let merchant = text("merchant")?.parse().map_err(|error: tongclear_types::IdError| error.to_string())?;
    let section = Section {
        partition: columns::column::<UInt16Array>(batch, "partition")?.value(row),
        dispositions,
        unpaid: text("unpaid")?.parse()?,
        records: text("records")?.parse()?,
    };
    Ok((merchant, section))
}

#[cfg(test)]
mod tests {
    use tongclear_proof::Hash;
    use tongclear_types::Tally;

    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let tally = |count: u32| Tally { count: count.into(), amount_fen: Fen::from(count * 100) };
        let section = |partition: u16, base: u32| Section {
            partition,
            dispositions: DispositionTallies {
                accepted: tally(base),
                duplicate: tally(base + 1),
                suspended: tally(base + 2),
                rejected: tally(base + 3),
            },
            unpaid: Hash::of(&base.to_be_bytes()),
            records: Hash::of(&partition.to_be_bytes()),
        };
        let code = |code: &str| code.parse::<MerchantCode>().unwrap();
        let sections = vec![
            (code("BUS00001"), section(0, 10)),
            (code("BUS00001"), section(63, 20)),
            (code("MET00001"), section(7, 30)),
        ];
        assert_eq!(read(write(&sections).unwrap().into()).unwrap(), sections);
        assert_eq!(read(write(&[]).unwrap().into()).unwrap(), []);
    }
}
