//! What is written is what any Parquet reader reads: held against Arrow's.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed, wherever it stops")]

use std::sync::Arc;

use arrow_array::{Array, Int64Array, StringArray, UInt16Array, UInt32Array, UInt64Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use tongclear_columnar::{Column, PackedFile, Words};

fn schema() -> SchemaRef {
    let field = |name: &str, kind, optional| Field::new(name, kind, optional);
    Arc::new(Schema::new(vec![
        field("place", DataType::Utf8, false),
        field("key", DataType::Utf8, false),
        field("front", DataType::Utf8, false),
        field("text", DataType::Utf8, false),
        field("small", DataType::UInt16, false),
        field("number", DataType::UInt32, false),
        field("large", DataType::UInt64, false),
        field("fee", DataType::Int64, true),
    ]))
}

type Row = (usize, u64, u32, u16, u32, u64, Option<i64>);
type Read = (String, String, String, u16, u32, u64, Option<i64>);

fn front(number: u32) -> String {
    format!("{number:010}")
}

/// Rows of a page.
const PAGE: usize = 150;

fn write(groups: &[Vec<Row>]) -> Bytes {
    let mut file = PackedFile::new(&schema(), "test", Vec::new()).unwrap();
    let (mut places, mut keys, mut large) = (Words::new(), Words::new(), Words::new());
    for (rows, is_last) in groups.iter().flat_map(|rows| {
        let pages = rows.chunks(PAGE).collect::<Vec<_>>();
        let last = pages.len().saturating_sub(1);
        pages.into_iter().enumerate().map(move |(i, page)| (page, i == last))
    }) {
        for row in rows {
            places.push_place(row.0, || format!("place {}", row.0));
            keys.push_key(row.1, || row.1.to_string());
            large.push_key(row.5, || row.5.to_le_bytes());
        }
        let fronts: String = rows.iter().map(|row| front(row.2)).collect();
        let small: Vec<u32> = rows.iter().map(|row| row.3.into()).collect();
        let numbers: Vec<u32> = rows.iter().map(|row| row.4).collect();
        let fees: Vec<Option<i64>> = rows.iter().map(|row| row.6).collect();
        let columns = [
            Column::Words(&places),
            Column::Words(&keys),
            Column::Fronts { text: fronts.as_bytes(), len: 10 },
            Column::Texts { text: fronts.as_bytes(), len: 10 },
            Column::U32(&small),
            Column::U32(&numbers),
            Column::Numbers(&large),
            Column::OptionalI64(&fees),
        ];
        file.write_page(&columns).unwrap();
        if is_last {
            file.end_group(&columns).unwrap();
            [&mut places, &mut keys, &mut large].into_iter().for_each(Words::clear);
        } else {
            [&mut places, &mut keys, &mut large].into_iter().for_each(Words::clear_rows);
        }
    }
    file.finish().unwrap().into()
}

fn read(file: Bytes) -> Vec<Read> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let mut rows = Vec::new();
    for batch in reader {
        let batch = batch.unwrap();
        assert_eq!(batch.schema().fields(), schema().fields());
        let text = |at: usize| batch.column(at).as_any().downcast_ref::<StringArray>().unwrap();
        assert_eq!(batch.column(2), batch.column(3));
        let small = batch.column(4).as_any().downcast_ref::<UInt16Array>().unwrap();
        let number = batch.column(5).as_any().downcast_ref::<UInt32Array>().unwrap();
        let large = batch.column(6).as_any().downcast_ref::<UInt64Array>().unwrap();
        let fee = batch.column(7).as_any().downcast_ref::<Int64Array>().unwrap();
        rows.extend((0..batch.num_rows()).map(|i| {
            let fee = (!fee.is_null(i)).then(|| fee.value(i));
            let text = |at| text(at).value(i).to_owned();
            (text(0), text(1), text(2), small.value(i), number.value(i), large.value(i), fee)
        }));
    }
    rows
}

fn expected(groups: &[Vec<Row>]) -> Vec<Read> {
    let row =
        |row: &Row| (format!("place {}", row.0), row.1.to_string(), front(row.2), row.3, row.4, row.5, row.6);
    groups.iter().flatten().map(row).collect()
}

/// Numbers as they come: anything, or close to each other.
fn number<T: Arbitrary + From<u8> + Clone + 'static>() -> impl Strategy<Value = T> {
    prop_oneof![any::<T>(), (0..4_u8).prop_map(T::from)]
}

proptest! {
    #[test]
    fn whatever_the_values(
        groups in vec(
            vec((0..40_usize, number::<u64>(), 0..5_000_u32, number::<u16>(), number::<u32>(), number::<u64>(),
                option::of(any::<i64>())), 1..600),
            0..4,
        )
    ) {
        prop_assert_eq!(read(write(&groups)), expected(&groups));
    }
}

#[test]
fn one_value_over_and_over_and_no_fee_at_all() {
    let groups = vec![vec![(3, 9, 7, 1, 1, 1, None); 1_000], vec![(3, 9, 7, 1, 1, 1, Some(-5))], vec![]];
    assert_eq!(read(write(&groups)), expected(&groups));
}

/// Every length around the blocks, quarters and groups of eight that numbers and places are packed in.
#[test]
fn every_length_near_a_block() {
    for len in (1..=40).chain(120..=140).chain(250..=260) {
        let row = |i: u32| {
            let wide = u64::from(i).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let fee = i64::from(i) - 7;
            ((i % 5) as usize, wide, i * 3, 65_535, i.wrapping_mul(2_654_435_761), wide, Some(fee))
        };
        let groups = vec![(0..len).map(row).collect::<Vec<Row>>()];
        assert_eq!(read(write(&groups)), expected(&groups), "{len} rows");
    }
}

#[test]
fn what_has_not_the_columns_of_the_schema_is_refused() {
    let mut file = PackedFile::new(&schema(), "test", Vec::new()).unwrap();
    let error = file.write_page(&[Column::U32(&[1])]).unwrap_err();
    assert!(error.to_string().contains("1 columns"), "{error}");
    let (words, none) = (Words::new(), [Column::U32(&[]); 1]);
    let mut columns = vec![Column::Words(&words); 7];
    columns.extend(none);
    columns[3] = Column::U32(&[1, 2]);
    assert!(file.write_page(&columns).is_err(), "not all columns are as long");
}

#[test]
fn the_least_and_greatest_text_are_said() {
    let file = write(&[(5..90).map(|i| (1, 1, i, 0, 0, 0, None)).collect()]);
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let statistics = builder.metadata().row_group(0).column(2).statistics().unwrap();
    assert_eq!(statistics.min_bytes_opt(), Some(front(5).as_bytes()));
    assert_eq!(statistics.max_bytes_opt(), Some(front(89).as_bytes()));
}
