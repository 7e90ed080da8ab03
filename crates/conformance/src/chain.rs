//! The packages of each collector together: sequences and the chain of seals.

use tongclear_types::{CollectorId, PackageSequence};

use crate::field::header as at;
use crate::finding::{Findings, Place};
use crate::package::Opened;
use crate::rule::Rule;

/// Checks packages in the order of (collector, sequence); returns how many links of the chain hold between
/// packages that are both there.
pub(crate) fn check_chains(packages: &[Opened<'_>], findings: &mut Findings) -> u64 {
    let mut links = 0;
    let mut before: Option<&Opened<'_>> = None;
    for (index, package) in packages.iter().enumerate() {
        let place = (Place { package: index, row: None }, package.file.name);
        let head = package.file.bytes;
        let previous = at::PREVIOUS_SEAL.of(head);
        let of_same = before.filter(|before| before.collector == package.collector);
        if let Some(same) = of_same.filter(|before| before.sequence == package.sequence) {
            let expected = format!("a sequence that {} does not have", same.file.name);
            findings.field(Rule::SequenceUnique, place, at::SEQUENCE, head, expected);
            continue;
        }
        let last = of_same.map_or(0, |before| before.sequence.0);
        let follows = package.sequence.0.checked_sub(last);
        match (package.sequence, of_same) {
            // The form is wrong already.
            (PackageSequence(0), _) => {}
            (PackageSequence(1), _) => {
                if previous.iter().any(|byte| *byte != 0) {
                    findings.field(Rule::SealChain, place, at::PREVIOUS_SEAL, head, "zeros in package 1");
                }
            }
            (_, Some(before)) if follows == Some(1) => {
                let Some(seal) = before.seal_start else { continue };
                if previous == seal {
                    links += 1;
                } else {
                    let expected =
                        format!("{}, the start of the seal of {}", hex::encode(seal), before.file.name);
                    findings.field(Rule::SealChain, place, at::PREVIOUS_SEAL, head, expected);
                }
            }
            (PackageSequence(sequence), _) => {
                let expected = missing(package.collector, last, sequence);
                findings.field(Rule::SequenceContiguous, place, at::SEQUENCE, head, expected);
            }
        }
        before = Some(package);
    }
    links
}

/// Says which packages are not there between the last one and `sequence`.
fn missing(collector: CollectorId, last: u32, sequence: u32) -> String {
    let (from, to) = (u64::from(last) + 1, u64::from(sequence).saturating_sub(1));
    if from == to {
        return format!("package {from} of collector {collector} before it");
    }
    format!("packages {from} to {to} of collector {collector} before it")
}

#[cfg(test)]
mod tests;
