//! The fields of headers and records that findings speak of, with their places (`package.md`).

/// A field: its name, where it begins, its length, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) offset: usize,
    pub(crate) len: usize,
}

impl Field {
    const fn new(name: &'static str, offset: usize, len: usize) -> Self {
        Self { name, offset, len }
    }

    /// What it holds in a header or record; nothing where that ends before.
    pub(crate) fn of(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.offset..self.offset + self.len).unwrap_or_default()
    }

    /// It as a big-endian number of at most 8 bytes.
    pub(crate) fn number(self, bytes: &[u8]) -> u64 {
        self.of(bytes).iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

/// Fields of the header.
pub(crate) mod header {
    use super::Field;

    pub(crate) const MAGIC: Field = Field::new("magic", 0, 4);
    pub(crate) const VERSION: Field = Field::new("version", 4, 2);
    pub(crate) const HEADER_LENGTH: Field = Field::new("header_length", 6, 2);
    pub(crate) const MERCHANT: Field = Field::new("merchant", 8, 8);
    pub(crate) const COLLECTOR: Field = Field::new("collector", 16, 6);
    pub(crate) const RESERVED_22: Field = Field::new("reserved_22", 22, 2);
    pub(crate) const SEQUENCE: Field = Field::new("sequence", 24, 4);
    pub(crate) const RECORD_COUNT: Field = Field::new("record_count", 28, 4);
    pub(crate) const AMOUNT_SUM: Field = Field::new("amount_sum", 32, 8);
    pub(crate) const CREATED_AT: Field = Field::new("created_at", 40, 8);
    pub(crate) const SEAL_KEY_VERSION: Field = Field::new("seal_key_version", 48, 4);
    pub(crate) const SEAL_ALGORITHM: Field = Field::new("seal_algorithm", 52, 1);
    pub(crate) const RECORD_LAYOUT: Field = Field::new("record_layout", 53, 1);
    pub(crate) const RECORD_LENGTH: Field = Field::new("record_length", 54, 2);
    pub(crate) const PREVIOUS_SEAL: Field = Field::new("previous_seal", 56, 8);
    pub(crate) const RESERVED_64: Field = Field::new("reserved_64", 64, 64);
}

/// Fields of a record.
pub(crate) mod record {
    use super::Field;

    pub(crate) const AMOUNT: Field = Field::new("amount", 0, 4);
    pub(crate) const TTI: Field = Field::new("tti", 4, 1);
    pub(crate) const TERMINAL: Field = Field::new("terminal", 5, 6);
    pub(crate) const TERMINAL_NUMBER: Field = Field::new("terminal_number", 11, 4);
    pub(crate) const DATE: Field = Field::new("date", 15, 4);
    pub(crate) const TIME: Field = Field::new("time", 19, 3);
    pub(crate) const TAC: Field = Field::new("tac", 22, 4);
    pub(crate) const KEY_VERSION: Field = Field::new("key_version", 26, 1);
    pub(crate) const ALGORITHM: Field = Field::new("algorithm", 27, 1);
    pub(crate) const ISSUER: Field = Field::new("issuer", 28, 8);
    pub(crate) const SERIAL: Field = Field::new("serial", 36, 10);
    pub(crate) const OFFLINE_COUNTER: Field = Field::new("offline_counter", 46, 2);
    pub(crate) const ONLINE_COUNTER: Field = Field::new("online_counter", 48, 2);
    pub(crate) const BALANCE_AFTER: Field = Field::new("balance_after", 54, 4);
    pub(crate) const LIST_PRICE: Field = Field::new("list_price", 58, 4);
    pub(crate) const SECTOR: Field = Field::new("sector", 62, 1);
    pub(crate) const FLAGS: Field = Field::new("flags", 63, 1);
    pub(crate) const DENY_LIST_VERSION: Field = Field::new("deny_list_version", 64, 4);
    pub(crate) const ENTRY_DATE: Field = Field::new("entry_date", 85, 4);
    pub(crate) const ENTRY_TIME: Field = Field::new("entry_time", 89, 3);
    pub(crate) const ACCOUNT: Field = Field::new("account", 72, 10);
    pub(crate) const BILLING_PERIOD: Field = Field::new("billing_period", 86, 3);
    pub(crate) const TILL_REFERENCE: Field = Field::new("till_reference", 72, 16);
    pub(crate) const RIDE_RESERVED: Field = Field::new("reserved", 92, 4);
    pub(crate) const BILL_RESERVED: Field = Field::new("reserved", 89, 7);
    pub(crate) const TILL_RESERVED: Field = Field::new("reserved", 88, 8);
}
