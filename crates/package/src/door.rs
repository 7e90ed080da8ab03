//! What is refused at the door (`package.md`): two pure functions that hold the whole documented order.
//!
//! [`admit`] makes the checks that the package, the registry and the keys answer; [`place`] those against the
//! packages accepted before. Whoever calls them answers `already_received` in between.

use tongclear_mac::SealMaster;
use tongclear_types::{CollectorId, MerchantCode, PackageSequence};

use crate::form::Form;
use crate::header::{HEADER_LEN, at};
use crate::refusal::{QuarantineReason, Refusal, shown_hex};
use crate::view::PackageView;
use crate::wire::part;

/// What the door has to know.
pub trait Door {
    /// The merchant whose collector it is; none when the collector is not registered.
    fn merchant_of(&self, collector: CollectorId) -> Option<MerchantCode>;
    /// The seal master of `version`, if the key ring has it.
    fn seal_master(&self, version: u32) -> Option<&SealMaster>;
}

/// What was accepted before around a package, of the same collector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Neighbours {
    /// The seal of the accepted package with the same sequence.
    pub same: Option<[u8; 32]>,
    /// The seal of the accepted package with the sequence before.
    pub before: Option<[u8; 32]>,
    /// The previous-seal field of the accepted package with the sequence after.
    pub after: Option<[u8; 8]>,
}

/// Which package the bytes say they are, if they hold a header: for finding the accepted one with the same
/// bytes before anything is judged.
#[must_use]
pub fn peek_key(bytes: &[u8]) -> Option<(CollectorId, PackageSequence)> {
    let head = bytes.first_chunk::<HEADER_LEN>()?;
    let sequence = u32::from_be_bytes(part::<{ at::SEQUENCE }, 4, _>(head));
    Some((CollectorId(part::<{ at::COLLECTOR }, 6, _>(head)), PackageSequence(sequence)))
}

/// Judges the bytes of a package by themselves, by registry and keys.
///
/// # Errors
/// The first check that fails, in the documented order: length (header present, length as the count says,
/// count within the maximum), magic, version, header length, record length and layout, reserved bytes,
/// merchant form, collector registered, merchant is the collector's, seal algorithm and key version known and
/// fitting each other, seal, sum, sequence from 1.
pub fn admit<'a>(bytes: &'a [u8], door: &dyn Door) -> Result<PackageView<'a>, Refusal> {
    let form = Form::check(bytes)?;

    let collector = form.collector();
    let Some(merchant) = door.merchant_of(collector) else {
        return Err(Refusal::new(
            QuarantineReason::UnknownCollector,
            "collector",
            collector,
            "a registered collector",
        ));
    };
    if form.merchant != merchant {
        let expected = format_args!("{merchant}, the merchant of collector {collector}").to_string();
        return Err(Refusal::new(QuarantineReason::MerchantMismatch, "merchant", form.merchant, expected));
    }

    let algorithm = form.seal_algorithm()?;
    let version = form.seal_key_version();
    let Some(master) = door.seal_master(version) else {
        return Err(Refusal::new(
            QuarantineReason::UnknownSealKey,
            "seal_key_version",
            version,
            "a version in the key ring",
        ));
    };
    if algorithm != master.algorithm() {
        let expected =
            format_args!("{:02x} for seal key version {version}", master.algorithm().byte()).to_string();
        let value = format_args!("{:02x}", algorithm.byte()).to_string();
        return Err(Refusal::new(QuarantineReason::UnknownSealKey, "seal_algorithm", value, expected));
    }

    if !master.seal_key(collector).verify(form.sealed, form.seal) {
        // The right seal is not said: whoever reads the message could put it on forged bytes.
        return Err(Refusal::new(
            QuarantineReason::SealInvalid,
            "seal",
            shown_hex(form.seal),
            "the seal of these bytes",
        ));
    }
    form.check_sum()?;
    form.check_sequence()?;
    Ok(PackageView::new(&form, form.header(algorithm)))
}

/// Judges an admitted package, whose bytes were not accepted before, by its accepted neighbours.
///
/// # Errors
/// `sequence_conflict` when another package holds its sequence; `chain_broken` when its previous-seal field is
/// not that of the package before (zero for sequence 1), or its seal not what the package after says. A
/// neighbour that has not arrived is no error: the gap is closed later.
pub fn place(view: &PackageView<'_>, neighbours: &Neighbours) -> Result<(), Refusal> {
    let header = view.header();
    if let Some(seal) = neighbours.same {
        let expected =
            format_args!("a sequence not yet accepted with other bytes (seal {})", shown_hex(&seal))
                .to_string();
        return Err(Refusal::new(QuarantineReason::SequenceConflict, "sequence", header.sequence, expected));
    }
    let (before, whose) = match header.sequence.0 {
        1 => (Some([0; 32]), "as the first package has it"),
        _ => (neighbours.before, "from the seal of the package before"),
    };
    if let Some(before) = before {
        check_link("previous_seal", header.previous_seal, part::<0, 8, _>(&before), whose)?;
    }
    if let Some(after) = neighbours.after {
        check_link("seal", view.seal_start(), after, "as the package after it says")?;
    }
    Ok(())
}

/// One link of the chain: eight bytes of a seal on either side.
fn check_link(field: &'static str, value: [u8; 8], expected: [u8; 8], whose: &str) -> Result<(), Refusal> {
    if value != expected {
        let expected = format!("{} {whose}", shown_hex(&expected));
        return Err(Refusal::new(QuarantineReason::ChainBroken, field, shown_hex(&value), expected));
    }
    Ok(())
}
