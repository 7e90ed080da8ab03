//! The state of every known card after a window, one Parquet file a card partition, sorted by card and chain.

use arrow_array::{StringArray, UInt16Array, UInt32Array, UInt64Array};
use arrow_schema::{DataType, SchemaRef};
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use tongclear_columnar::{Column, Words};
use tongclear_types::{BcdDate, BcdTime, CardId, Chain};

use super::chain::ChainState;
use super::columns::{self, PAGE_ROWS, ROW_GROUP_ROWS, hex_digits, number};

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
    let mut file = columns::packed(&card_schema(), Vec::new())?;
    let mut words: [Words; 4] = Default::default();
    let [mut serial, mut time] = [Vec::new(), Vec::new()];
    let mut numbers: [Vec<u32>; 3] = Default::default();
    for (page, group) in (1..).zip(chains.chunks(PAGE_ROWS)) {
        words.iter_mut().for_each(Words::clear_rows);
        numbers.iter_mut().for_each(Vec::clear);
        serial.clear();
        time.clear();
        let [issuer, name, below, date] = &mut words;
        let [highest, balance, other] = &mut numbers;
        for ((card, chain), state) in group {
            issuer.push_key(number(&card.issuer.0), || hex_digits::<8, 16>(&card.issuer.0));
            serial.extend_from_slice(&hex_digits::<10, 20>(&card.serial.0));
            name.push_place(*chain as usize, || chain.name());
            highest.push(state.highest.into());
            below.push_key(state.below, || state.below.to_le_bytes());
            balance.push(state.last_balance_fen);
            date.push_key(number(&state.last_date.0), || hex_digits::<4, 8>(&state.last_date.0));
            time.extend_from_slice(&hex_digits::<3, 6>(&state.last_time.0));
            other.push(state.other_counter.into());
        }
        let columns = [
            Column::Words(issuer),
            Column::Fronts { text: &serial, len: 20 },
            Column::Words(name),
            Column::U32(highest),
            Column::Numbers(below),
            Column::U32(balance),
            Column::Words(date),
            Column::Texts { text: &time, len: 6 },
            Column::U32(other),
        ];
        file.write_page(&columns).map_err(|error| error.to_string())?;
        let ends_group =
            (page * PAGE_ROWS).is_multiple_of(ROW_GROUP_ROWS) || page * PAGE_ROWS >= chains.len();
        if ends_group {
            file.end_group(&columns).map_err(|error| error.to_string())?;
            words.iter_mut().for_each(Words::clear);
        }
    }
    file.finish().map_err(|error| error.to_string())
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

/// Length of a chain's canonical bytes.
const CANONICAL_LEN: usize = 42;

/// The canonical bytes of one chain, which enter the digest of its partition.
pub(crate) fn canonical(((card, chain), state): &KnownChain) -> [u8; CANONICAL_LEN] {
    let mut bytes = [0; CANONICAL_LEN];
    let mut rest = bytes.as_mut_slice();
    let mut put = |field: &[u8]| {
        let (place, after) = std::mem::take(&mut rest).split_at_mut(field.len());
        place.copy_from_slice(field);
        rest = after;
    };
    put(&card.issuer.0);
    put(&card.serial.0);
    put(&[u8::from(*chain == Chain::Load)]);
    put(&state.highest.to_be_bytes());
    put(&state.below.to_be_bytes());
    put(&state.last_balance_fen.to_be_bytes());
    put(&state.last_date.0);
    put(&state.last_time.0);
    put(&state.other_counter.to_be_bytes());
    bytes
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
