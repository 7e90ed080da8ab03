//! What all Parquet files of the vault share: how they are written, and how a column is found again.

use std::collections::HashSet;
use std::io::Write;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, StringArray};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Schema, SchemaRef};
use bytes::Bytes;
use parquet::arrow::arrow_reader::{
    ArrowPredicate, ArrowPredicateFn, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder, RowFilter,
};
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::{PageIndexPolicy, RowGroupMetaData};
use parquet::file::properties::WriterProperties;
use tongclear_columnar::PackedFile;
use tongclear_types::CardId;

/// Rows of a row group: small enough that one card is found by reading little, large enough to compress.
pub(crate) const ROW_GROUP_ROWS: usize = 1 << 16;
/// Rows of a page of a packed file: what is gathered for one of 21 columns stays in a processor's second cache.
pub(crate) const PAGE_ROWS: usize = 1 << 12;
/// What files say of their writer.
const CREATED_BY: &str = "tongclear";
/// Rows of a batch in memory.
pub(crate) const BATCH_ROWS: usize = 1 << 13;

/// A schema of required columns, except those whose name ends in `?`.
pub(crate) fn schema(columns: &[(&str, DataType)]) -> SchemaRef {
    let field = |(name, kind): &(&str, DataType)| match name.strip_suffix('?') {
        Some(optional) => Field::new(optional, kind.clone(), true),
        None => Field::new(*name, kind.clone(), false),
    };
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}

/// A file of many rows whose encodings are known; the library's version must not decide whether two runs give the same
/// bytes.
pub(crate) fn packed<W: Write + Send>(schema: &SchemaRef, out: W) -> Result<PackedFile<W>, String> {
    PackedFile::new(schema, CREATED_BY, out).map_err(|error| error.to_string())
}

/// Up to eight bytes as the number that they are.
#[inline]
pub(crate) fn number<const N: usize>(bytes: &[u8; N]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Bytes as lower-case hex, `D` digits, twice as many.
#[inline]
pub(crate) fn hex_digits<const N: usize, const D: usize>(bytes: &[u8; N]) -> [u8; D] {
    const { assert!(D == 2 * N, "two digits for each byte") }
    let mut digits = [0; D];
    hex::encode_to_slice(bytes, &mut digits).expect("two digits for each byte");
    digits
}

/// A Parquet file being written: into memory, to be put into the vault when it is whole, or straight into `W`.
pub(crate) struct ParquetFile<W: Write + Send> {
    schema: SchemaRef,
    writer: ArrowWriter<W>,
}

impl<W: Write + Send> ParquetFile<W> {
    pub(crate) fn new(schema: SchemaRef, out: W) -> Result<Self, String> {
        let zstd = ZstdLevel::try_new(1).map_err(|error| error.to_string())?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(zstd))
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .set_created_by(CREATED_BY.to_owned())
            .build();
        let writer =
            ArrowWriter::try_new(out, schema.clone(), Some(properties)).map_err(|error| error.to_string())?;
        Ok(Self { schema, writer })
    }

    pub(crate) fn write(&mut self, columns: Vec<ArrayRef>) -> Result<(), String> {
        let batch = RecordBatch::try_new(self.schema.clone(), columns).map_err(|error| error.to_string())?;
        self.writer.write(&batch).map_err(|error| error.to_string())
    }

    pub(crate) fn finish(self) -> Result<W, String> {
        self.writer.into_inner().map_err(|error| error.to_string())
    }
}

/// Reads a Parquet file batch by batch, only the columns in `names`, or all when there are none.
pub(crate) fn read(file: Bytes, names: &[&str]) -> Result<ParquetRecordBatchReader, String> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| error.to_string())?;
    let mask = match names {
        [] => ProjectionMask::all(),
        names => ProjectionMask::columns(builder.parquet_schema(), names.iter().copied()),
    };
    builder.with_projection(mask).with_batch_size(BATCH_ROWS).build().map_err(|error| error.to_string())
}

/// Reads a Parquet file batch by batch, only the columns in `names`, of them `words` as places in a dictionary.
pub(crate) fn read_words(
    file: Bytes,
    names: &[&str],
    words: &str,
) -> Result<ParquetRecordBatchReader, String> {
    let builder = as_words(file, words)?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), names.iter().copied());
    builder.with_projection(mask).with_batch_size(BATCH_ROWS).build().map_err(|error| error.to_string())
}

/// A Parquet file whose text column `words` is read as places in a dictionary, as it lies there.
fn as_words(file: Bytes, words: &str) -> Result<ParquetRecordBatchReaderBuilder<Bytes>, String> {
    let plain = ParquetRecordBatchReaderBuilder::try_new(file.clone()).map_err(|error| error.to_string())?;
    let place = plain.schema().index_of(words).map_err(|error| error.to_string())?;
    let mut fields: Vec<FieldRef> = plain.schema().fields().to_vec();
    let kind = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    fields[place] = Arc::new(fields[place].as_ref().clone().with_data_type(kind));
    let options = ArrowReaderOptions::new().with_schema(Arc::new(Schema::new(fields)));
    ParquetRecordBatchReaderBuilder::try_new_with_options(file, options).map_err(|error| error.to_string())
}

/// Reads the rows of a Parquet file whose text column `name` holds anything but `value`, with all columns; of the other
/// rows only that column is decoded.
pub(crate) fn read_unless(file: Bytes, name: &str, value: &str) -> Result<ParquetRecordBatchReader, String> {
    let value = value.to_owned();
    read_if(file, name, move |it| it != Some(value.as_str()))
}

/// Reads the rows of a Parquet file whose text columns hold exactly these values, with all columns.
///
/// Row groups whose statistics exclude a value are not opened, and of the others only the named columns are decoded
/// for rows that are not wanted: what one card or terminal has in a sorted file costs one row group.
pub(crate) fn read_where(file: Bytes, wanted: &[(&str, String)]) -> Result<ParquetRecordBatchReader, String> {
    let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
        .map_err(|error| error.to_string())?;
    let places = wanted.iter().map(|(name, value)| {
        let place = builder.schema().index_of(name).map_err(|error| error.to_string())?;
        Ok((place, value.clone()))
    });
    let places = places.collect::<Result<Vec<_>, String>>()?;
    let may_hold = |group: &RowGroupMetaData| {
        places.iter().all(|(place, value)| {
            let Some(statistics) = group.column(*place).statistics() else { return true };
            let above = statistics.min_bytes_opt().is_some_and(|min| min > value.as_bytes());
            let below = statistics.max_bytes_opt().is_some_and(|max| max < value.as_bytes());
            !above && !below
        })
    };
    let groups = (0..).zip(builder.metadata().row_groups()).filter(|(_, group)| may_hold(group));
    let groups = groups.map(|(index, _)| index).collect();
    let predicates = places.into_iter().map(|(place, value)| {
        // The schema is flat: a column's place among the fields is its place among the leaves.
        let mask = ProjectionMask::leaves(builder.parquet_schema(), [place]);
        let equal = move |batch: RecordBatch| {
            let column = batch.column(0).as_any().downcast_ref::<StringArray>();
            let column = column.ok_or_else(|| ArrowError::CastError("not a text column".to_owned()))?;
            Ok(column.iter().map(|it| Some(it == Some(value.as_str()))).collect::<BooleanArray>())
        };
        Box::new(ArrowPredicateFn::new(mask, equal)) as Box<dyn ArrowPredicate>
    });
    let filter = RowFilter::new(predicates.collect());
    let reader = builder.with_row_groups(groups).with_row_filter(filter).with_batch_size(BATCH_ROWS).build();
    reader.map_err(|error| error.to_string())
}

/// Reads the rows of a Parquet file whose text column `name` holds one of `values`, with all columns; of the other rows only
/// that column is decoded.
pub(crate) fn read_those(
    file: Bytes,
    name: &str,
    values: impl Iterator<Item = String>,
) -> Result<ParquetRecordBatchReader, String> {
    let values: HashSet<String> = values.collect();
    read_if(file, name, move |it| it.is_some_and(|it| values.contains(it)))
}

/// Reads the rows of a Parquet file whose text column `name` is `wanted`, with all columns.
fn read_if(
    file: Bytes,
    name: &str,
    wanted: impl Fn(Option<&str>) -> bool + Send + 'static,
) -> Result<ParquetRecordBatchReader, String> {
    let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
        .map_err(|error| error.to_string())?;
    let place = builder.schema().index_of(name).map_err(|error| error.to_string())?;
    let mask = ProjectionMask::leaves(builder.parquet_schema(), [place]);
    let among = move |batch: RecordBatch| {
        let column = batch.column(0).as_any().downcast_ref::<StringArray>();
        let column = column.ok_or_else(|| ArrowError::CastError("not a text column".to_owned()))?;
        Ok(column.iter().map(|it| Some(wanted(it))).collect::<BooleanArray>())
    };
    let filter = RowFilter::new(vec![Box::new(ArrowPredicateFn::new(mask, among))]);
    let reader = builder.with_row_filter(filter).with_batch_size(BATCH_ROWS).build();
    reader.map_err(|error| error.to_string())
}

/// The values of `issuer_id` and `serial` that name a card, for [`read_where`].
pub(crate) fn of_card(card: &CardId) -> [(&'static str, String); 2] {
    [("issuer_id", card.issuer.to_string()), ("serial", card.serial.to_string())]
}

/// A column by name and kind.
pub(crate) fn column<'a, A: Array + 'static>(batch: &'a RecordBatch, name: &str) -> Result<&'a A, String> {
    batch
        .column_by_name(name)
        .ok_or_else(|| format!("column {name} is missing"))?
        .as_any()
        .downcast_ref::<A>()
        .ok_or_else(|| format!("column {name} has another type than written"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file_of_two_groups() -> Bytes {
        let mut file = ParquetFile::new(schema(&[("id", DataType::Utf8)]), Vec::new()).unwrap();
        let ids = StringArray::from_iter_values((0..ROW_GROUP_ROWS + 10).map(|i| format!("{:06}", i / 2)));
        file.write(vec![Arc::new(ids)]).unwrap();
        file.finish().unwrap().into()
    }

    fn found(file: &Bytes, id: usize) -> Result<usize, String> {
        let batches = read_where(file.clone(), &[("id", format!("{id:06}"))])?;
        let mut rows = 0;
        for batch in batches {
            rows += batch.map_err(|error| error.to_string())?.num_rows();
        }
        Ok(rows)
    }

    #[test]
    fn only_the_rows_that_are_wanted_are_read() {
        let file = file_of_two_groups();
        for id in [0, 1, 20_000, ROW_GROUP_ROWS / 2 - 1, ROW_GROUP_ROWS / 2, ROW_GROUP_ROWS / 2 + 4] {
            assert_eq!(found(&file, id), Ok(2), "{id}");
        }
        assert_eq!(found(&file, ROW_GROUP_ROWS), Ok(0));
        let those = ["000001", "020000", "999999"].map(str::to_owned);
        let batches = read_those(file.clone(), "id", those.into_iter()).unwrap();
        assert_eq!(batches.map(|batch| batch.unwrap().num_rows()).sum::<usize>(), 4);
        assert!(read_where(file, &[("serial", String::new())]).is_err(), "there is no such column");
    }

    /// The other row group is damaged here: whoever opened it would fail.
    #[test]
    fn a_row_group_that_cannot_hold_the_value_is_not_opened() {
        let mut damaged = file_of_two_groups().to_vec();
        let builder = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(damaged.clone())).unwrap();
        let (start, length) = builder.metadata().row_group(0).column(0).byte_range();
        let range = usize::try_from(start).unwrap()..usize::try_from(start + length).unwrap();
        damaged[range].fill(0xff);
        let damaged = Bytes::from(damaged);
        assert_eq!(found(&damaged, ROW_GROUP_ROWS / 2 + 4), Ok(2));
        assert!(found(&damaged, 1).is_err());
    }
}
