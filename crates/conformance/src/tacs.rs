//! Keys and TACs of the records of all packages, in bulk.

use std::collections::HashMap;

use tongclear_mac::{Algorithm, BulkVerifier, CardKeyId, KeyFile, KeySlot, KeyUse, TacBatch};
use tongclear_registry::{Operator, Registry};
use tongclear_types::OperatorCode;

use crate::field::record as at;
use crate::finding::Findings;
use crate::record::Candidate;
use crate::rule::Rule;

/// Verifies TACs of registered operators' cards.
pub(crate) struct Tacs {
    verifier: BulkVerifier,
    slots: HashMap<(OperatorCode, u8, Algorithm), KeySlot>,
    batch: TacBatch,
    verdicts: Vec<bool>,
}

impl Tacs {
    /// With every TAC key that a record of a registered operator could name.
    pub(crate) fn new(registry: &Registry, keys: &KeyFile) -> Self {
        let mut verifier = BulkVerifier::new();
        let mut slots = HashMap::new();
        for operator in &registry.operators {
            for version in 0..=u8::MAX {
                for algorithm in [Algorithm::Des, Algorithm::Sm4] {
                    let id = CardKeyId { key_use: KeyUse::Tac, operator: operator.code, version, algorithm };
                    let Some(master) = keys.master(&id) else { continue };
                    let slot = if operator.two_level_keys {
                        verifier.add_key(&master.diversify(operator.issuer_id.0))
                    } else {
                        verifier.add_key(master)
                    };
                    slots.insert((operator.code, version, algorithm), slot);
                }
            }
        }
        Self { verifier, slots, batch: TacBatch::with_capacity(0), verdicts: Vec::new() }
    }

    /// Verifies the TACs of some records, each with the operator of its card if that is registered.
    pub(crate) fn check(&mut self, records: &[(Candidate<'_>, Option<&Operator>)], findings: &mut Findings) {
        self.batch.clear();
        let mut waiting = Vec::with_capacity(records.len());
        for (candidate, operator) in records {
            let record = candidate.record;
            let (Some(operator), Some(algorithm)) = (operator, Algorithm::from_record_byte(record.algorithm))
            else {
                continue;
            };
            let Some(slot) = self.slots.get(&(operator.code, record.key_version, algorithm)) else {
                let expected = format!("a version of operator {}'s {algorithm} TAC key", operator.code);
                findings.field(Rule::KeyVersion, candidate.place, at::KEY_VERSION, candidate.bytes, expected);
                continue;
            };
            // A type that cannot be cleared has no TAC that could be right.
            if self.batch.push(*slot, record).is_some() {
                waiting.push(candidate);
            }
        }
        self.verdicts.clear();
        self.verifier.verify(&self.batch, &mut self.verdicts);
        for (candidate, is_right) in waiting.into_iter().zip(&self.verdicts) {
            if !is_right {
                // The right TAC is not said: it is the card's to make.
                let expected = "the TAC of these bytes under the card's key";
                findings.field(Rule::Tac, candidate.place, at::TAC, candidate.bytes, expected);
            }
        }
    }
}
