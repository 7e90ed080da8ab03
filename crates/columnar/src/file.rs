//! A file of row groups, which are made of pages.

use std::fmt;
use std::io::Write;
use std::sync::Arc;

use arrow_schema::SchemaRef;
use bytes::Bytes;
use parquet::arrow::{ArrowSchemaConverter, add_encoded_arrow_schema_to_metadata};
use parquet::basic::{Compression, Encoding};
use parquet::column::page::{CompressedPage, PageWriter as _};
use parquet::column::writer::ColumnCloseResult;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::properties::WriterProperties;
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedFileWriter, SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

use crate::Column;
use crate::column::Bounds;

/// Why a file could not be written: the sink failed, or a group has not the columns of the schema.
#[derive(Debug)]
pub struct WriteError(String);

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WriteError {}

impl From<ParquetError> for WriteError {
    fn from(error: ParquetError) -> Self {
        Self(error.to_string())
    }
}

/// A Parquet file being written, page by page.
///
/// A row group is as many pages as its writer likes: small ones, so that what is gathered for the next stays in the
/// processor's cache, and many of them, so that a dictionary serves many rows.
pub struct PackedFile<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    columns: Vec<ColumnDescPtr>,
    /// The group's pages so far, a chunk a column.
    chunks: Vec<Chunk>,
}

/// The data pages of one column in a row group.
#[derive(Default)]
struct Chunk {
    bytes: Vec<u8>,
    rows: u64,
    bounds: Option<Bounds>,
}

impl<W: Write + Send> PackedFile<W> {
    /// Begins a file of flat columns; `created_by` goes into its end.
    ///
    /// # Errors
    /// [`WriteError`] when the sink fails or Parquet has no type for a column.
    pub fn new(schema: &SchemaRef, created_by: &str, out: W) -> Result<Self, WriteError> {
        let descriptor = ArrowSchemaConverter::new().convert(schema)?;
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::UNCOMPRESSED)
            .set_created_by(created_by.to_owned())
            .build();
        add_encoded_arrow_schema_to_metadata(schema, &mut properties);
        let columns = descriptor.columns().to_vec();
        let writer = SerializedFileWriter::new(out, descriptor.root_schema_ptr(), Arc::new(properties))?;
        let chunks = columns.iter().map(|_| Chunk::default()).collect();
        Ok(Self { writer, columns, chunks })
    }

    /// Appends a page of every column to the row group, in the order of the schema. The words of a dictionary stay the
    /// same until the group ends: of them only the rows may be forgotten.
    ///
    /// # Errors
    /// [`WriteError`] when there are not as many columns as in the schema, or not all have the same number of rows.
    pub fn write_page(&mut self, columns: &[Column<'_>]) -> Result<(), WriteError> {
        let rows = columns.first().map_or(0, Column::len);
        if columns.len() != self.columns.len() || columns.iter().any(|column| column.len() != rows) {
            return Err(WriteError(format!(
                "a page of {} columns whose lengths are {:?}, where the schema has {} columns",
                columns.len(),
                columns.iter().map(Column::len).collect::<Vec<_>>(),
                self.columns.len()
            )));
        }
        for (column, chunk) in columns.iter().zip(&mut self.chunks) {
            put_page(column.data_page(), &mut chunk.bytes)?;
            chunk.rows += rows as u64;
            if !column.has_dictionary() {
                column.widen(&mut chunk.bounds);
            }
        }
        Ok(())
    }

    /// Ends the row group that the pages since the last one make; `columns` are those of its last page.
    ///
    /// # Errors
    /// [`WriteError`] when the sink fails.
    pub fn end_group(&mut self, columns: &[Column<'_>]) -> Result<(), WriteError> {
        let mut group = self.writer.next_row_group()?;
        for ((column, descriptor), chunk) in columns.iter().zip(&self.columns).zip(&mut self.chunks) {
            let (bytes, close) = std::mem::take(chunk).close(column, descriptor)?;
            group.append_column(&bytes, close)?;
        }
        group.close()?;
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// [`WriteError`] when the sink fails.
    pub fn finish(self) -> Result<W, WriteError> {
        Ok(self.writer.into_inner()?)
    }
}

impl Chunk {
    /// The column's pages end to end, its dictionary first, and what is said about them.
    fn close(
        mut self,
        column: &Column<'_>,
        descriptor: &ColumnDescPtr,
    ) -> Result<(Bytes, ColumnCloseResult), WriteError> {
        let mut encodings = vec![Encoding::RLE, column.encoding()];
        let (mut dictionary_at, mut data_at) = (None, 0);
        if let Some(dictionary) = column.dictionary_page() {
            column.widen(&mut self.bounds);
            encodings.push(Encoding::PLAIN);
            let mut bytes = Vec::with_capacity(self.bytes.len() + dictionary.compressed_size() + 64);
            put_page(dictionary, &mut bytes)?;
            (dictionary_at, data_at) = (Some(0), signed(bytes.len() as u64));
            bytes.append(&mut self.bytes);
            self.bytes = bytes;
        }
        let len = self.bytes.len() as u64;
        let mut metadata = ColumnChunkMetaData::builder(Arc::clone(descriptor))
            .set_encodings(encodings)
            .set_num_values(signed(self.rows))
            .set_compression(Compression::UNCOMPRESSED)
            .set_total_compressed_size(signed(len))
            .set_total_uncompressed_size(signed(len))
            .set_dictionary_page_offset(dictionary_at)
            .set_data_page_offset(data_at);
        if let Some((least, greatest)) = &self.bounds {
            let of = |text: &[u8]| Some(ByteArray::from(text));
            metadata =
                metadata.set_statistics(Statistics::new(of(least), of(greatest), None, Some(0), false));
        }
        let close = ColumnCloseResult {
            bytes_written: len,
            rows_written: self.rows,
            metadata: metadata.build()?,
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        Ok((self.bytes.into(), close))
    }
}

/// Appends a page behind its header.
fn put_page(page: CompressedPage, out: &mut Vec<u8>) -> Result<(), WriteError> {
    let mut sink = TrackedWrite::new(out);
    let mut writer = SerializedPageWriter::new(&mut sink);
    writer.write_page(page)?;
    writer.close()?;
    Ok(())
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).expect("a file of one group is below 2^63 bytes")
}
