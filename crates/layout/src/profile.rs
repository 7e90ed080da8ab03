//! [`Profile`]: a layout as it was checked.

use std::collections::BTreeMap;

use crate::codec::Codec;
use crate::encoding::Encoding;
use crate::error::ProfileError;
use crate::frame::{Frame, Slot};
use crate::kind::Kind;
use crate::target::Target;

/// A layout of foreign files; one that exists feeds every field of the record that it must.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    pub(crate) name: String,
    pub(crate) frame: Frame,
    /// What every record holds.
    pub(crate) constants: Vec<(Target, Vec<u8>)>,
    pub(crate) fields: Vec<Field>,
    pub(crate) derived: Derived,
    pub(crate) result: Option<ResultLayout>,
}

/// One foreign field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) slot: Slot,
    pub(crate) role: Role,
}

/// What a foreign field is there for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Role {
    /// Feeds a field of the record.
    Feeds(Target, Codec),
    /// Always says the same.
    Is(Encoding, String),
    /// Known, and used by nobody; blank when written.
    Unused(Encoding),
}

/// What follows from other fields because the file does not carry it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Derived {
    /// The list price is the amount.
    pub(crate) list_price: bool,
    /// The balance before follows from amount and balance after.
    pub(crate) balance_before: bool,
    /// The balance after follows from amount and balance before.
    pub(crate) balance_after: bool,
}

/// How results are turned back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ResultLayout {
    pub(crate) frame: Frame,
    /// Whether accepted records have a line too.
    pub(crate) all: bool,
    pub(crate) fields: Vec<ResultField>,
}

/// One field of a foreign result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ResultField {
    pub(crate) name: String,
    pub(crate) slot: Slot,
    pub(crate) role: ResultRole,
}

/// What a field of a foreign result says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ResultRole {
    From { told: Source, codec: Codec, map: Option<ResultMap> },
    Is(Encoding, String),
}

/// What a result writes for each value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ResultMap {
    pub(crate) texts: BTreeMap<Vec<u8>, String>,
    /// For all others.
    pub(crate) other: Option<String>,
}

/// What a foreign result can tell of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// A field of the record.
    Record(Target),
    /// Its place in the package, from 0.
    Row,
    /// The package's sequence.
    Sequence,
    /// The package's collector.
    Collector,
    /// `accepted`, `duplicate`, `suspended` or `rejected`.
    Disposition,
    /// Why it was suspended or rejected; nothing otherwise.
    Reason,
}

impl Source {
    const OWN: [(&'static str, Self); 5] = [
        ("row", Self::Row),
        ("sequence", Self::Sequence),
        ("collector", Self::Collector),
        ("disposition", Self::Disposition),
        ("reason", Self::Reason),
    ];

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let own = Self::OWN.iter().find(|(known, _)| *known == name).map(|(_, source)| *source);
        own.or_else(|| Target::from_name(name).map(Self::Record))
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Record(target) => target.name(),
            own => Self::OWN.iter().find(|(_, known)| *known == own).map_or("", |(name, _)| name),
        }
    }

    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::Record(target) => target.kind(),
            Self::Row | Self::Sequence => Kind::Number,
            Self::Collector => Kind::Hex,
            Self::Disposition | Self::Reason => Kind::Text,
        }
    }
}

impl Profile {
    /// Reads a profile.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        crate::build::build(text)
    }

    /// The layout's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}
