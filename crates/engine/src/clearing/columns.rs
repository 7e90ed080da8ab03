//! What all Parquet files of the vault share: how they are written, and how a column is found again.

use std::io::Write;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use bytes::Bytes;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

/// Rows of a row group: small enough that one card is found by reading little, large enough to compress.
const ROW_GROUP_ROWS: usize = 1 << 16;
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
            // The library's version must not decide whether two runs give the same bytes.
            .set_created_by("tongclear".to_owned())
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

/// A column by name and kind.
pub(crate) fn column<'a, A: Array + 'static>(batch: &'a RecordBatch, name: &str) -> Result<&'a A, String> {
    batch
        .column_by_name(name)
        .ok_or_else(|| format!("column {name} is missing"))?
        .as_any()
        .downcast_ref::<A>()
        .ok_or_else(|| format!("column {name} has another type than written"))
}
