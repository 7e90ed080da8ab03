//! `keys.toml` (`cli.md`, *keys.toml*): master keys in the clear, on their way into a key ring or out of the
//! simulator.
//!
//! Read by hand from the parsed TOML rather than through serde, and no error repeats a line of the file: the
//! usual messages quote the value that was wrong, and here that may be a key.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use tongclear_types::OperatorCode;
use zeroize::Zeroizing;

use crate::key_set::{KeySet, Put};
use crate::{Algorithm, CardKeyId, KeyInfo, KeyUse, MasterKey, SealAlgorithm, SealMaster};

/// Hex digits up to this many are repeated in errors, more are not: they may be part of a key.
const SHOWN_DIGITS_MAX: usize = 7;
/// Other texts up to this length are repeated: a DES key half with a typing error in it has 16 characters.
const SHOWN_CHARACTERS_MAX: usize = 15;
/// Room for one entry when a file is written, so that the text is never moved and left behind in memory:
/// four lines, of which the longest is `master = "` and 64 digits.
const ENTRY_BYTES_MAX: usize = 192;

/// Why a key file was refused. Lines count from 1; no message shows key material.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// Not TOML at all.
    #[error("line {line}: not valid TOML: {message}")]
    Syntax {
        /// Where.
        line: usize,
        /// What the parser expected.
        message: String,
    },
    /// A table that no use of keys has.
    #[error("line {line}: unknown table {name}, expected tac, purchase, load, maintenance or seal")]
    UnknownTable {
        /// Where.
        line: usize,
        /// Its name.
        name: String,
    },
    /// A use that is not written as `[[use]]`.
    #[error("line {line}: {table} must be written as [[{table}]]")]
    NotAnArray {
        /// Where.
        line: usize,
        /// The table.
        table: KeyUse,
    },
    /// A field that the table does not have.
    #[error("line {line}: [[{table}]] has no field {field}")]
    UnknownField {
        /// Where.
        line: usize,
        /// The table.
        table: KeyUse,
        /// The field.
        field: String,
    },
    /// A field that the table must have.
    #[error("line {line}: [[{table}]] lacks the field {field}")]
    MissingField {
        /// Where the table begins.
        line: usize,
        /// The table.
        table: KeyUse,
        /// The field.
        field: &'static str,
    },
    /// A field whose value cannot be taken.
    #[error("line {line}: [[{table}]] {field}: expected {expected}, found {found}")]
    BadValue {
        /// Where.
        line: usize,
        /// The table.
        table: KeyUse,
        /// The field.
        field: &'static str,
        /// What would have been accepted.
        expected: &'static str,
        /// The value, or only its length when it may be a key.
        found: String,
    },
    /// A second key under the same identity.
    #[error("line {line}: a second {key}")]
    SecondKey {
        /// Where.
        line: usize,
        /// The identity.
        key: String,
    },
    /// A second key under the same identity, in a file that is being built.
    #[error("the key file already holds a {key}")]
    AlreadyHeld {
        /// The identity.
        key: String,
    },
}

/// The keys of one key file.
#[derive(Clone, Default)]
pub struct KeyFile {
    pub(crate) keys: KeySet,
}

impl KeyFile {
    /// A file without keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a key file.
    ///
    /// ```
    /// let error = tongclear_mac::KeyFile::parse("[[tac]]\noperator = \"0417\"\nversion = 256").unwrap_err();
    /// assert_eq!(error.to_string(), "line 3: [[tac]] version: expected a number from 0 to 255, found 256");
    /// ```
    ///
    /// # Errors
    /// The first fault, by table in the order tac, purchase, load, maintenance, seal; unknown tables before all.
    pub fn parse(text: &str) -> Result<Self, KeyFileError> {
        let root = DeTable::parse(text).map_err(|error| KeyFileError::Syntax {
            line: line_of(text, error.span().unwrap_or_default()),
            message: error.message().to_owned(),
        })?;
        let root = root.get_ref();
        let known = |name: &str| KeyUse::ALL.into_iter().any(|key_use| key_use.name() == name);
        if let Some(name) = root.keys().find(|name| !known(name.get_ref())) {
            let line = line_of(text, name.span());
            return Err(KeyFileError::UnknownTable { line, name: shown(name.get_ref()) });
        }
        let mut file = Self::new();
        for table in KeyUse::ALL {
            let Some(value) = root.get(table.name()) else { continue };
            let not_an_array = || KeyFileError::NotAnArray { line: line_of(text, value.span()), table };
            for entry in value.get_ref().as_array().ok_or_else(not_an_array)? {
                let fields = entry.get_ref().as_table().ok_or_else(not_an_array)?;
                let line = line_of(text, entry.span());
                file.take(&Entry { text, table, line, fields })?;
            }
        }
        Ok(file)
    }

    fn take(&mut self, entry: &Entry<'_, '_>) -> Result<(), KeyFileError> {
        let added = match entry.table {
            KeyUse::Seal => {
                entry.only(&["version", "algorithm", "master"])?;
                let version = entry.number("version", "a number from 0 to 4294967295")?;
                let algorithm: SealAlgorithm = entry.text("algorithm", "hmac-sha256 or hmac-sm3")?;
                let master = entry.master("64 hex digits")?;
                self.add_seal(version, SealMaster::new(algorithm, *master))
            }
            key_use => {
                entry.only(&["operator", "version", "algorithm", "master"])?;
                let operator: OperatorCode = entry.text("operator", "4 hex digits")?;
                let version = entry.number("version", "a number from 0 to 255")?;
                let algorithm: Algorithm = entry.text("algorithm", "des or sm4")?;
                let master = entry.master("32 hex digits")?;
                self.add(key_use, operator, version, MasterKey::new(algorithm, *master))
            }
        };
        added.map_err(|error| match error {
            KeyFileError::AlreadyHeld { key } => KeyFileError::SecondKey { line: entry.line, key },
            other => other,
        })
    }

    /// Adds an operator's master key.
    ///
    /// # Errors
    /// [`KeyFileError::AlreadyHeld`] when a key of the same use, operator, version and algorithm is there.
    pub fn add(
        &mut self,
        key_use: KeyUse,
        operator: OperatorCode,
        version: u8,
        master: MasterKey,
    ) -> Result<(), KeyFileError> {
        let algorithm = master.algorithm();
        let id = CardKeyId { key_use, operator, version, algorithm };
        match self.keys.put_card(id, master) {
            Put::Added => Ok(()),
            Put::Same | Put::Taken => Err(KeyFileError::AlreadyHeld { key: id.to_string() }),
        }
    }

    /// Adds a seal master.
    ///
    /// # Errors
    /// [`KeyFileError::AlreadyHeld`] when a seal master of that version is there, whatever its algorithm.
    pub fn add_seal(&mut self, version: u32, master: SealMaster) -> Result<(), KeyFileError> {
        match self.keys.put_seal(version, master) {
            Put::Added => Ok(()),
            Put::Same | Put::Taken => {
                Err(KeyFileError::AlreadyHeld { key: format!("seal key of version {version}") })
            }
        }
    }

    /// The operator's master key of that identity.
    #[must_use]
    pub fn master(&self, id: &CardKeyId) -> Option<&MasterKey> {
        self.keys.cards.get(id)
    }

    /// The seal master of that version.
    #[must_use]
    pub fn seal_master(&self, version: u32) -> Option<&SealMaster> {
        self.keys.seals.get(&version)
    }

    /// What may be shown of the keys, sorted.
    pub fn entries(&self) -> impl Iterator<Item = KeyInfo> {
        self.keys.entries()
    }

    /// The file's text, keys in the clear; [`KeyFile::parse`] reads it back.
    #[must_use]
    pub fn to_toml(&self) -> Zeroizing<String> {
        self.keys.to_toml()
    }
}

impl KeySet {
    pub(crate) fn to_toml(&self) -> Zeroizing<String> {
        let room = (self.cards.len() + self.seals.len()) * ENTRY_BYTES_MAX;
        let mut text = Zeroizing::new(String::with_capacity(room));
        for (id, key) in &self.cards {
            let CardKeyId { key_use, operator, version, algorithm } = id;
            let master = Zeroizing::new(hex::encode(key.bytes()));
            text.push_str(&format!("[[{key_use}]]\noperator = \"{operator}\"\nversion = {version}\n"));
            push_secret(&mut text, algorithm.name(), &master);
        }
        for (version, key) in &self.seals {
            let master = Zeroizing::new(hex::encode(key.bytes()));
            text.push_str(&format!("[[{}]]\nversion = {version}\n", KeyUse::Seal));
            push_secret(&mut text, key.algorithm().name(), &master);
        }
        text
    }
}

/// The two lines that end an entry, without passing the key through a formatter's buffer.
fn push_secret(text: &mut String, algorithm: &str, master: &str) {
    for part in ["algorithm = \"", algorithm, "\"\nmaster = \"", master, "\"\n\n"] {
        text.push_str(part);
    }
}

/// One `[[…]]` of a file.
struct Entry<'a, 'i> {
    text: &'a str,
    table: KeyUse,
    /// Where it begins.
    line: usize,
    fields: &'a DeTable<'i>,
}

impl<'i> Entry<'_, 'i> {
    fn only(&self, allowed: &[&str]) -> Result<(), KeyFileError> {
        match self.fields.keys().find(|name| !allowed.contains(&name.get_ref().as_ref())) {
            None => Ok(()),
            Some(name) => Err(KeyFileError::UnknownField {
                line: line_of(self.text, name.span()),
                table: self.table,
                field: shown(name.get_ref()),
            }),
        }
    }

    fn field(&self, field: &'static str) -> Result<&Spanned<DeValue<'i>>, KeyFileError> {
        let missing = || KeyFileError::MissingField { line: self.line, table: self.table, field };
        self.fields.get(field).ok_or_else(missing)
    }

    fn bad(
        &self,
        field: &'static str,
        value: &Spanned<DeValue<'_>>,
        expected: &'static str,
        found: String,
    ) -> KeyFileError {
        KeyFileError::BadValue {
            line: line_of(self.text, value.span()),
            table: self.table,
            field,
            expected,
            found,
        }
    }

    fn text<T: FromStr>(&self, field: &'static str, expected: &'static str) -> Result<T, KeyFileError> {
        let value = self.field(field)?;
        let refused = |found| self.bad(field, value, expected, found);
        let text = value.get_ref().as_str().ok_or_else(|| refused(kind(value)))?;
        text.parse().map_err(|_| refused(shown(text)))
    }

    fn number<T: TryFrom<i64>>(
        &self,
        field: &'static str,
        expected: &'static str,
    ) -> Result<T, KeyFileError> {
        let value = self.field(field)?;
        let refused = |found| self.bad(field, value, expected, found);
        let number = value.get_ref().as_integer().ok_or_else(|| refused(kind(value)))?;
        let parsed =
            i64::from_str_radix(number.as_str(), number.radix()).ok().and_then(|n| T::try_from(n).ok());
        parsed.ok_or_else(|| refused(shown(number.as_str())))
    }

    /// The key itself; nothing of it is ever shown but its length.
    fn master<const N: usize>(&self, expected: &'static str) -> Result<Zeroizing<[u8; N]>, KeyFileError> {
        let value = self.field("master")?;
        let refused = |found| self.bad("master", value, expected, found);
        let text = value.get_ref().as_str().ok_or_else(|| refused(kind(value)))?;
        let mut bytes = Zeroizing::new([0; N]);
        let length = text.chars().count();
        match hex::decode_to_slice(text, bytes.as_mut()) {
            Ok(()) => Ok(bytes),
            Err(_) if length == 2 * N => Err(refused("a character that is no hex digit".to_owned())),
            Err(_) => Err(refused(format!("{length} characters"))),
        }
    }
}

/// The type of a value that is not what it should be.
fn kind(value: &Spanned<DeValue<'_>>) -> String {
    format!("a value of type {}", value.get_ref().type_str())
}

/// `text` for an error, unless it may be part of a key in the wrong place.
fn shown(text: &str) -> String {
    let length = text.chars().count();
    let digits = text.chars().all(|character| character.is_ascii_hexdigit());
    if length <= if digits { SHOWN_DIGITS_MAX } else { SHOWN_CHARACTERS_MAX } {
        text.escape_debug().to_string()
    } else {
        format!("{length} characters")
    }
}

/// The line, from 1, in which `span` begins.
fn line_of(text: &str, span: Range<usize>) -> usize {
    let before = text.as_bytes().get(..span.start).unwrap_or(text.as_bytes());
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyFile({:?})", self.keys)
    }
}

#[cfg(test)]
mod tests;
