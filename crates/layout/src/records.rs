//! Foreign file ⇄ records, as a profile says.

use tongclear_package::{decode_record, encode_record};
use tongclear_types::TransactionRecord;

use crate::Profile;
use crate::codec::Wrong;
use crate::error::{FileFaults, Place};
use crate::frame::Slot;
use crate::kind::{bytes_number, number_bytes};
use crate::profile::Role;
use crate::target::{Family, RecordBytes, Target};

impl Profile {
    /// Reads the records of a foreign file, in its order.
    ///
    /// # Errors
    /// Everything that is wrong with it; a file with one bad record is refused whole.
    pub fn read(&self, bytes: &[u8]) -> Result<Vec<TransactionRecord>, FileFaults> {
        let mut faults = FileFaults::default();
        let mut records = Vec::new();
        self.frame.each(bytes, &self.slots(), &mut faults, |place, fields, faults| {
            let before = faults.count();
            let record = self.record(place, fields, faults);
            if faults.count() == before {
                records.push(decode_record(&record));
            }
        });
        faults.or(records)
    }

    /// Writes the foreign file of `records`, as a terminal of this layout would: for tests and for trying out a
    /// profile. Headers, trailers and fields that nobody uses are blank.
    ///
    /// # Errors
    /// Every record that the layout cannot carry: what is read back from it would not be the same record.
    pub fn write(&self, records: &[TransactionRecord]) -> Result<Vec<u8>, FileFaults> {
        let mut faults = FileFaults::default();
        let mut rows = Vec::with_capacity(records.len());
        for (index, record) in records.iter().enumerate() {
            let place = self.frame.place(index);
            let before = faults.count();
            let record = encode_record(record);
            let row = self.row(&record, place, &mut faults);
            if faults.count() == before {
                self.check_carried(&record, &row, place, &mut faults);
            }
            rows.push(row);
        }
        faults.or(())?;
        Ok(self.frame.write(&self.slots(), &rows))
    }

    fn slots(&self) -> Vec<&Slot> {
        self.fields.iter().map(|field| &field.slot).collect()
    }

    /// The record of foreign fields; what is wrong goes to `faults`.
    fn record(&self, place: Place, fields: &[&[u8]], faults: &mut FileFaults) -> RecordBytes {
        let before = faults.count();
        let mut record: RecordBytes = [0; _];
        for (target, bytes) in &self.constants {
            target.of_mut(&mut record).copy_from_slice(bytes);
        }
        // Parts of the sector data share their bytes with those of other sectors, so they wait for the sector.
        let mut parts: Vec<(&str, Target, Vec<u8>)> = Vec::new();
        for (field, raw) in self.fields.iter().zip(fields) {
            let read = match &field.role {
                Role::Feeds(target, codec) => codec
                    .read(raw, target.kind(), target.len(), target.expected())
                    .and_then(|bytes| match target.wrong(&bytes) {
                        Some(expected) => Err(Wrong::raw(raw, codec.encoding, expected)),
                        None => Ok(Some((*target, bytes))),
                    }),
                Role::Is(encoding, text) => match encoding.read(raw) {
                    Some(spelled) if spelled.text() == *text => Ok(None),
                    _ => Err(Wrong::raw(raw, *encoding, format!("always {text:?}"))),
                },
                Role::Unused(_) => Ok(None),
            };
            match read {
                Ok(Some((target, bytes))) if target.family().is_some() => {
                    parts.push((&field.name, target, bytes));
                }
                Ok(Some((target, bytes))) => target.of_mut(&mut record).copy_from_slice(&bytes),
                Ok(None) => {}
                Err(Wrong { value, expected }) => faults.push(place, &field.name, value, expected),
            }
        }
        // What follows would only repeat what is wrong already.
        if faults.count() == before {
            put_parts(&mut record, &parts, place, faults);
            self.derive(&mut record, place, faults);
        }
        record
    }

    /// Fills in what the file does not carry.
    fn derive(&self, record: &mut RecordBytes, place: Place, faults: &mut FileFaults) {
        let number =
            |record: &RecordBytes, target: Target| bytes_number(target.of(record)).unwrap_or_default();
        let amount = number(record, Target::Amount);
        if self.derived.list_price {
            let bytes = Target::Amount.of(record).to_vec();
            Target::ListPrice.of_mut(record).copy_from_slice(&bytes);
        }
        // A load adds what a purchase takes.
        let adds = decode_record(record).tti.chain() == Some(tongclear_types::Chain::Load);
        let (known, wanted, adds) = match (self.derived.balance_before, self.derived.balance_after) {
            (_, true) => (Target::BalanceBefore, Target::BalanceAfter, adds),
            (true, false) => (Target::BalanceAfter, Target::BalanceBefore, !adds),
            (false, false) => return,
        };
        let from = number(record, known);
        let balance = if adds { from.checked_add(amount) } else { from.checked_sub(amount) };
        match balance.and_then(|balance| number_bytes(balance, wanted.len())) {
            Some(bytes) => wanted.of_mut(record).copy_from_slice(&bytes),
            None => {
                let sign = if adds { '+' } else { '-' };
                let value = format!("{from} {sign} {amount}");
                faults.push(place, wanted.name(), value, wanted.expected());
            }
        }
    }

    /// The foreign fields of a record; one that cannot be written is left out and goes to `faults`.
    fn row(&self, record: &RecordBytes, place: Place, faults: &mut FileFaults) -> Vec<Vec<u8>> {
        let mut row = Vec::with_capacity(self.fields.len());
        for field in &self.fields {
            let width = field.slot.width();
            let blank = |byte: u8| vec![byte; width.unwrap_or_default()];
            let written = match &field.role {
                Role::Feeds(target, codec) => {
                    // A part of another sector's data is not there.
                    let family = Family::of_byte(record[Target::Sector.offset()]);
                    let zeros = vec![0; target.len()];
                    let absent = target.family().is_some() && target.family() != family;
                    let value = if absent { &zeros } else { target.of(record) };
                    codec.write(value, target.kind(), width)
                }
                Role::Is(encoding, text) => {
                    let spelled = encoding.spell(text).and_then(|spelled| encoding.write(&spelled, width));
                    spelled.ok_or_else(|| Wrong::new(format!("{text:?}"), "a value that the field can say"))
                }
                Role::Unused(encoding) => Ok(blank(encoding.blank())),
            };
            row.push(written.unwrap_or_else(|Wrong { value, expected }| {
                faults.push(place, &field.name, value, expected);
                Vec::new()
            }));
        }
        row
    }

    /// What is read back from `row` is `record`.
    fn check_carried(&self, record: &RecordBytes, row: &[Vec<u8>], place: Place, faults: &mut FileFaults) {
        let before = faults.count();
        let fields: Vec<&[u8]> = row.iter().map(Vec::as_slice).collect();
        let read = self.record(place, &fields, faults);
        if faults.count() > before || read == *record {
            return;
        }
        let differs = Target::ALL.iter().find(|target| target.of(&read) != target.of(record));
        if let Some(target) = differs {
            let (value, carried) = (hex::encode(target.of(record)), hex::encode(target.of(&read)));
            faults.push(place, target.name(), value, format!("{carried}, which is what the layout carries"));
        }
    }
}

/// Puts the parts of the sector data that belong to the record's sector into their places; others must be zero.
fn put_parts(
    record: &mut RecordBytes,
    parts: &[(&str, Target, Vec<u8>)],
    place: Place,
    faults: &mut FileFaults,
) {
    let family = Family::of_byte(record[Target::Sector.offset()]);
    for (name, target, bytes) in parts {
        if target.family() == family {
            target.of_mut(record).copy_from_slice(bytes);
        } else if bytes.iter().any(|byte| *byte != 0) {
            let sectors = target.family().map_or("", Family::sectors);
            faults.push(place, name, hex::encode(bytes), format!("nothing: only {sectors} have it"));
        }
    }
}

#[cfg(test)]
mod tests;
