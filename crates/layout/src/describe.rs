//! What people are shown of a profile: its form, and a line for each field.

use serde::Serialize;

use crate::codec::Codec;
use crate::frame::Frame;
use crate::kind::Kind;
use crate::profile::{Profile, ResultMap, ResultRole, Role, Source};
use crate::target::Target;

/// One line of what people are shown of a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldLine {
    /// The field's name; `-` for a constant or a value that is worked out.
    pub name: String,
    /// Where it stands in the foreign record.
    pub place: String,
    /// How it is written.
    pub encoding: String,
    /// The field of the record that it feeds, or what of a result it tells; `-` when nobody uses it.
    pub feeds: String,
    /// Constants, prefixes, maps and the like.
    pub note: String,
}

impl Profile {
    /// The form of its files, in a few words.
    #[must_use]
    pub fn form(&self) -> String {
        form(&self.frame)
    }

    /// The form of its result files, if it has any.
    #[must_use]
    pub fn result_form(&self) -> Option<String> {
        self.result.as_ref().map(|result| {
            let which = if result.all { "every record" } else { "records that were not accepted" };
            format!("{}, {which}", form(&result.frame))
        })
    }

    /// Its fields in their order, then constants and what is worked out.
    #[must_use]
    pub fn lines(&self) -> Vec<FieldLine> {
        let line = |name: &str, place: String, encoding: &str, feeds: &str, note: String| FieldLine {
            name: name.to_owned(),
            place,
            encoding: encoding.to_owned(),
            feeds: feeds.to_owned(),
            note,
        };
        let fields = self.fields.iter().map(|field| {
            let place = field.slot.to_string();
            match &field.role {
                Role::Feeds(target, codec) => {
                    line(&field.name, place, codec.encoding.name(), target.name(), note(codec))
                }
                Role::Is(encoding, text) => {
                    line(&field.name, place, encoding.name(), "-", format!("always {text:?}"))
                }
                Role::Unused(_) => line(&field.name, place, "-", "-", "not used".to_owned()),
            }
        });
        let constants = self.constants.iter().map(|(target, bytes)| {
            line("-", "-".to_owned(), "-", target.name(), format!("always {}", hex::encode(bytes)))
        });
        let derived = [
            (self.derived.list_price, Target::ListPrice, "the amount"),
            (self.derived.balance_before, Target::BalanceBefore, "from amount and balance after"),
            (self.derived.balance_after, Target::BalanceAfter, "from amount and balance before"),
        ];
        let derived = derived
            .into_iter()
            .filter(|(is, ..)| *is)
            .map(|(_, target, note)| line("-", "-".to_owned(), "-", target.name(), note.to_owned()));
        fields.chain(constants).chain(derived).collect()
    }

    /// The fields of its result files in their order.
    #[must_use]
    pub fn result_lines(&self) -> Vec<FieldLine> {
        let fields = self.result.iter().flat_map(|result| &result.fields);
        fields
            .map(|field| {
                let (encoding, feeds, note) = match &field.role {
                    ResultRole::From { told, codec, map } => {
                        let mapped = map.as_ref().map(|map| map.note(*told)).unwrap_or_default();
                        (codec.encoding, told.name(), [note(codec), mapped].concat())
                    }
                    ResultRole::Is(encoding, text) => (*encoding, "-", format!("always {text:?}")),
                };
                FieldLine {
                    name: field.name.clone(),
                    place: field.slot.to_string(),
                    encoding: encoding.name().to_owned(),
                    feeds: feeds.to_owned(),
                    note,
                }
            })
            .collect()
    }
}

impl ResultMap {
    /// The pairs, for people.
    fn note(&self, told: Source) -> String {
        let named = self.texts.iter().map(|(value, text)| match told.kind() {
            Kind::Text => format!("{} is {text:?}", String::from_utf8_lossy(value)),
            _ => format!("{} is {text:?}", hex::encode(value)),
        });
        let other = self.other.iter().map(|text| format!("others are {text:?}"));
        named.chain(other).collect::<Vec<_>>().join(", ")
    }
}

fn form(frame: &Frame) -> String {
    match frame {
        Frame::Fixed(fixed) => {
            let mut form = format!("records of {} bytes", fixed.record_length);
            if fixed.header_length > 0 {
                form.push_str(&format!(" behind a header of {}", fixed.header_length));
            }
            if fixed.trailer_length > 0 {
                form.push_str(&format!(", a trailer of {}", fixed.trailer_length));
            }
            form
        }
        Frame::Delimited(delimited) => {
            let names = if delimited.header { ", the first names the columns" } else { "" };
            format!("lines of fields between {:?}{names}", char::from(delimited.delimiter))
        }
    }
}

/// What else a codec does.
fn note(codec: &Codec) -> String {
    let mut notes = Vec::new();
    if let Some(format) = &codec.format {
        notes.push(format.to_string());
    }
    if !codec.prefix.is_empty() {
        notes.push(format!("behind {}", codec.prefix));
    }
    if codec.pad {
        notes.push("leading zeros may be missing".to_owned());
    }
    if let Some(map) = &codec.map {
        let pairs: Vec<String> =
            map.iter().map(|(name, bytes)| format!("{name:?} is {}", hex::encode(bytes))).collect();
        notes.push(pairs.join(", "));
    }
    if let Some(empty) = &codec.empty {
        notes.push(format!("blank is {}", hex::encode(empty)));
    }
    notes.join("; ")
}
