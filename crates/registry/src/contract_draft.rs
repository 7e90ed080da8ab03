//! Contracts that are tried out: read and checked against a registry, which stays as it is.

use std::collections::BTreeSet;

use tongclear_ledger::{Contract, ContractBook};
use tongclear_types::MerchantCode;

use crate::error::{Faults, Placed};
use crate::read::read_contracts;
use crate::validate::{Draft, contracts};
use crate::{Registry, RegistryError, SourceFile};

/// The contracts of a registry with those of some merchants replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractDraft {
    /// The merchants whose contracts are the draft's; at least one.
    pub merchants: BTreeSet<MerchantCode>,
    /// The draft's contracts of those merchants, and the registry's of all others.
    pub contracts: ContractBook,
}

impl Registry {
    /// Reads the `[[contract]]` tables of a text, under the rules of `registry.toml`: merchants, operators and
    /// sponsors must be in this registry. The text may be a whole `registry.toml`; then only its contracts are
    /// used. Of a merchant that the draft names, it must hold every contract that is to be in force.
    ///
    /// # Errors
    /// Everything that is wrong, as in [`Registry::parse`], with [`SourceFile::ContractDraft`] as the file.
    pub fn contract_draft(&self, toml: &str) -> Result<ContractDraft, Vec<RegistryError>> {
        let mut faults = Faults::default();
        let read = read_contracts(toml, &mut faults);
        let drafted = faults.result().and_then(|()| {
            let draft = self.with_contracts(read);
            contracts(&draft, &mut faults);
            faults.result().map(|()| draft.contracts)
        });
        let drafted = drafted.map_err(|mut errors| {
            errors.iter_mut().for_each(|error| error.file = SourceFile::ContractDraft);
            errors
        })?;
        let mut drafted: Vec<Contract> = drafted.into_iter().map(|entry| entry.value).collect();
        let merchants: BTreeSet<MerchantCode> = drafted.iter().map(|contract| contract.merchant).collect();
        let kept = self.contracts().iter().map(|(_, contract)| contract);
        drafted.extend(kept.filter(|contract| !merchants.contains(&contract.merchant)).cloned());
        Ok(ContractDraft { merchants, contracts: ContractBook::new(drafted) })
    }

    /// What `contracts` are checked against: themselves, and who is registered here.
    fn with_contracts(&self, contracts: Vec<Placed<Contract>>) -> Draft {
        fn stored<T: Clone>(entries: &[T]) -> Vec<Placed<T>> {
            entries.iter().cloned().map(Placed::stored).collect()
        }
        Draft {
            centre: Placed::stored(self.centre.clone()),
            operators: stored(&self.operators),
            merchants: stored(&self.merchants),
            collectors: Vec::new(),
            contracts,
            calendars: Vec::new(),
            terminals: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTRY: &str = r#"
[centre]
code = "CDT"
[[operator]]
code = "0417"
issuer_id = "04176510FFFFFFFF"
name = "天府通"
[[merchant]]
code = "BUS00001"
sector = "bus"
name = "成都公交"
[[merchant]]
code = "MET00001"
sector = "metro"
name = "成都地铁"
"#;

    /// A contract from its merchant, operator, first date and rate; the merchant stands on line 2 of it.
    fn contract(terms: [&str; 4]) -> String {
        let [merchant, operator, from, rate] = terms;
        format!(
            "[[contract]]\nmerchant = \"{merchant}\"\noperator = \"{operator}\"\nfrom = \"{from}\"\nrate = \"{rate}\"\n\
             fixed_fen = \"0\"\nlevel = \"transaction\"\nrounding = \"half_up\"\namount_limit_fen = 1000\ncycle = \"T+1\"\n"
        )
    }

    fn registry() -> Registry {
        let contracts = [
            contract(["BUS00001", "*", "2026-01-01", "0.006"]),
            contract(["BUS00001", "0417", "2026-06-01", "0.005"]),
            contract(["MET00001", "*", "2026-01-01", "0.004"]),
        ];
        let toml = REGISTRY.to_owned() + &contracts.concat();
        Registry::parse(&toml, b"id,merchant,collector,from,until\n").unwrap()
    }

    #[test]
    fn a_merchant_of_the_draft_has_its_contracts_and_no_others() {
        let draft = contract(["BUS00001", "*", "2026-03-01", "0.012"]);
        // Alone, or among everything else that a registry has.
        for toml in [draft.clone(), format!("\u{feff}{REGISTRY}{draft}")] {
            let drafted = registry().contract_draft(&toml).unwrap();
            let terms = drafted.contracts.iter().map(|(_, it)| format!("{} {}", it.key(), it.rate));
            assert_eq!(
                terms.collect::<Vec<_>>(),
                ["BUS00001/*/2026-03-01 0.012", "MET00001/*/2026-01-01 0.004"]
            );
            assert_eq!(drafted.merchants, BTreeSet::from(["BUS00001".parse().unwrap()]));
        }
    }

    #[test]
    fn what_is_wrong_is_named_by_line_field_and_value() {
        let good = contract(["BUS00001", "*", "2026-03-01", "0.012"]);
        for (toml, expected) in [
            (String::new(), "contracts:1: contract: there is no table [[contract]]"),
            ("[[contract]\n".to_owned(), "contracts:1: line is \"[[contract]\": not TOML"),
            (good.clone() + "[[fee]]\n", "contracts:11: fee: unknown table"),
            (
                good.clone() + "cicle = \"T+1\"\n",
                "contracts:11: cicle is \"T+1\": unknown field of [[contract]]",
            ),
            (good.replace("cycle", "# cycle"), "contracts:1: cycle: missing in [[contract]]"),
            (good.replace("0.012", "1.2"), "contracts:5: rate is \"1.2\": above 1"),
            (good.replace("BUS00001", "BUS00009"), "contracts:2: merchant is \"BUS00009\": not a registered"),
            (good.replace('*', "0418"), "contracts:3: operator is \"0418\": not a registered card operator"),
            (
                good.clone() + "sponsor = \"GOV00001\"\n",
                "contracts:11: sponsor is \"GOV00001\": not a registered",
            ),
            (
                good.clone() + "sponsor = \"MET00001\"\n",
                "contracts:11: sponsor is \"MET00001\": a merchant of",
            ),
            (
                good.clone() + &good,
                "contracts:14: from is \"2026-03-01\": contract BUS00001/*/2026-03-01 is on",
            ),
        ] {
            let errors = registry().contract_draft(&toml).unwrap_err();
            assert!(errors[0].to_string().starts_with(expected), "{} is not {expected}", errors[0]);
        }
    }
}
