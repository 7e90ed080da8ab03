//! The state of every known card after a window, one Parquet file a card partition, sorted by card and chain.

use std::sync::Arc;

use arrow_array::builder::{StringBuilder, UInt16Builder, UInt32Builder, UInt64Builder};
use arrow_array::{StringArray, UInt16Array, UInt32Array, UInt64Array};
use arrow_schema::{DataType, SchemaRef};
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use tongclear_types::{BcdDate, BcdTime, CardId, Chain};

use super::chain::ChainState;
use super::columns::{self, BATCH_ROWS, ParquetFile};

/// One card and chain with its state.
pub(crate) type KnownChain = ((CardId, Chain), ChainState);

fn card_schema() -> SchemaRef {
    columns::schema(&[
        ("issuer_id", DataType::Utf8),
        ("serial", DataType::Utf8),
        ("chain", DataType::Utf8),
        ("highest_counter", DataType::UInt16),
        ("accepted_below", DataType::UInt64),
        ("last_balance_fen", DataType::UInt32),
        ("last_date", DataType::Utf8),
        ("last_time", DataType::Utf8),
        ("other_counter", DataType::UInt16),
    ])
}

/// Writes the state of one partition, whose chains come sorted.
pub(crate) fn write(chains: &[KnownChain]) -> Result<Vec<u8>, String> {
    let mut file = ParquetFile::new(card_schema(), Vec::new())?;
    for batch in chains.chunks(BATCH_ROWS) {
        let mut texts: [StringBuilder; 5] = Default::default();
        let (mut highest, mut below) = (UInt16Builder::new(), UInt64Builder::new());
        let (mut balance, mut other) = (UInt32Builder::new(), UInt16Builder::new());
        for ((card, chain), state) in batch {
            let [issuer, serial, name, date, time] = &mut texts;
            issuer.append_value(hex::encode(card.issuer.0));
            serial.append_value(hex::encode(card.serial.0));
            name.append_value(chain.name());
            date.append_value(hex::encode(state.last_date.0));
            time.append_value(hex::encode(state.last_time.0));
            highest.append_value(state.highest);
            below.append_value(state.below);
            balance.append_value(state.last_balance_fen);
            other.append_value(state.other_counter);
        }
        let [mut issuer, mut serial, mut name, mut date, mut time] = texts;
        file.write(vec![
            Arc::new(issuer.finish()),
            Arc::new(serial.finish()),
            Arc::new(name.finish()),
            Arc::new(highest.finish()),
            Arc::new(below.finish()),
            Arc::new(balance.finish()),
            Arc::new(date.finish()),
            Arc::new(time.finish()),
            Arc::new(other.finish()),
        ])?;
    }
    file.finish()
}

/// Reads the state of one partition back, in its order.
pub(crate) fn read(file: Bytes) -> Result<Vec<KnownChain>, String> {
    decode(columns::read(file, &[])?)
}

/// Reads the state of one card out of its partition's file.
pub(crate) fn read_card(file: Bytes, card: &CardId) -> Result<Vec<KnownChain>, String> {
    decode(columns::read_where(file, &columns::of_card(card))?)
}

fn decode(batches: ParquetRecordBatchReader) -> Result<Vec<KnownChain>, String> {
    let mut chains = Vec::new();
    for batch in batches {
        let batch = batch.map_err(|error| error.to_string())?;
        let text = |name| columns::column::<StringArray>(&batch, name);
        let (issuer, serial, chain) = (text("issuer_id")?, text("serial")?, text("chain")?);
        let (date, time) = (text("last_date")?, text("last_time")?);
        let highest = columns::column::<UInt16Array>(&batch, "highest_counter")?;
        let below = columns::column::<UInt64Array>(&batch, "accepted_below")?;
        let balance = columns::column::<UInt32Array>(&batch, "last_balance_fen")?;
        let other = columns::column::<UInt16Array>(&batch, "other_counter")?;
        for i in 0..batch.num_rows() {
            let bad = |error: &dyn std::fmt::Display| format!("row {}: {error}", chains.len());
            let card = CardId {
                issuer: issuer.value(i).parse().map_err(|error| bad(&error))?,
                serial: serial.value(i).parse().map_err(|error| bad(&error))?,
            };
            let chain = Chain::from_name(chain.value(i))
                .ok_or_else(|| bad(&format!("chain is {:?}", chain.value(i))))?;
            let (mut last_date, mut last_time) = ([0; 4], [0; 3]);
            hex::decode_to_slice(date.value(i), &mut last_date).map_err(|error| bad(&error))?;
            hex::decode_to_slice(time.value(i), &mut last_time).map_err(|error| bad(&error))?;
            let state = ChainState {
                highest: highest.value(i),
                below: below.value(i),
                last_balance_fen: balance.value(i),
                last_date: BcdDate(last_date),
                last_time: BcdTime(last_time),
                other_counter: other.value(i),
            };
            chains.push(((card, chain), state));
        }
    }
    Ok(chains)
}

/// The canonical bytes of one chain, which enter the digest of its partition.
pub(crate) fn canonical((id, state): &KnownChain, digest: &mut impl FnMut(&[u8])) {
    let (card, chain) = id;
    digest(&card.issuer.0);
    digest(&card.serial.0);
    digest(&[u8::from(*chain == Chain::Load)]);
    digest(&state.highest.to_be_bytes());
    digest(&state.below.to_be_bytes());
    digest(&state.last_balance_fen.to_be_bytes());
    digest(&state.last_date.0);
    digest(&state.last_time.0);
    digest(&state.other_counter.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use tongclear_types::{IssuerId, Serial};

    #[test]
    fn what_is_written_is_read_back() {
        let chains: Vec<KnownChain> = (0..20_000_u32)
            .map(|i| {
                let mut serial = [0; 10];
                serial[6..].copy_from_slice(&i.to_be_bytes());
                let card = CardId { issuer: IssuerId([4; 8]), serial: Serial(serial) };
                let state = ChainState {
                    highest: u16::try_from(i % 65_536).unwrap(),
                    below: u64::from(i) << 32 | 1,
                    last_balance_fen: i,
                    last_date: BcdDate([0x20, 0x26, 0x11, 0x24]),
                    last_time: BcdTime([0x08, 0x30, 0]),
                    other_counter: 1,
                };
                ((card, if i % 2 == 0 { Chain::Purchase } else { Chain::Load }), state)
            })
            .collect();
        let file = write(&chains).unwrap();
        let file = Bytes::from(file);
        assert_eq!(read(file.clone()).unwrap(), chains);
        for place in [0, 1, 7_777, 19_999] {
            let ((card, _), _) = chains[place];
            assert_eq!(read_card(file.clone(), &card).unwrap(), chains[place..=place]);
        }
        let stranger = CardId { issuer: IssuerId([4; 8]), serial: Serial([9; 10]) };
        assert_eq!(read_card(file, &stranger).unwrap(), []);
        assert_eq!(read(write(&[]).unwrap().into()).unwrap(), []);
        assert!(read(Bytes::from_static(b"PAR1 is not enough")).is_err());
    }
}
