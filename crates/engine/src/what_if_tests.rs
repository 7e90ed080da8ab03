//! Records under the contracts in force and under a draft: one row a case.

use tongclear_types::Chain;

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
[[merchant]]
code = "GOV00001"
sector = "sponsor"
name = "市政府"
"#;

/// A contract from `merchant from rate fixed level limit sponsor`, `-` for no sponsor.
fn contract(terms: &str) -> String {
    let [merchant, from, rate, fixed, level, limit, sponsor] =
        terms.split(' ').collect::<Vec<_>>().try_into().unwrap();
    let sponsor = if sponsor == "-" { String::new() } else { format!("sponsor = \"{sponsor}\"\n") };
    format!(
        "[[contract]]\nmerchant = \"{merchant}\"\noperator = \"*\"\nfrom = \"{from}\"\nrate = \"{rate}\"\n\
         fixed_fen = \"{fixed}\"\nlevel = \"{level}\"\nrounding = \"half_up\"\namount_limit_fen = {limit}\n\
         cycle = \"T+1\"\n{sponsor}"
    )
}

/// A record from `merchant date purchase|load amount list-price`.
fn taking(text: &str) -> Taking {
    let [merchant, date, chain, amount, list] = text.split(' ').collect::<Vec<_>>().try_into().unwrap();
    Taking {
        merchant: merchant.parse().unwrap(),
        issuer: "04176510FFFFFFFF".parse().unwrap(),
        chain: Chain::from_name(chain).unwrap(),
        amount_fen: amount.parse().unwrap(),
        list_price_fen: list.parse().unwrap(),
        date: BcdDate::from_civil(date.parse().unwrap()),
    }
}

const RECORDS: [&str; 6] = [
    "BUS00001 2026-11-22 purchase 200 200",
    "BUS00001 2026-11-23 purchase 200 300",
    "BUS00001 2026-11-23 purchase 0 200",
    "BUS00001 2026-11-23 load 5000 5000",
    "MET00001 2026-11-23 purchase 150 150",
    "MET00001 2026-11-23 purchase 150 150",
];

/// `merchant fee concession net > fee concession net`, then the records without contract and over the limit.
fn check(draft: &[&str], expected: &[&str]) {
    let contracts = [
        contract("BUS00001 2026-01-01 0.006 0 transaction 100000 GOV00001"),
        contract("MET00001 2026-01-01 0.005 0 window 100000 -"),
    ];
    let toml = REGISTRY.to_owned() + &contracts.concat();
    let registry = Registry::parse(&toml, b"id,merchant,collector,from,until\n").unwrap();
    let toml: String = draft.iter().map(|terms| contract(terms)).collect();
    let draft = registry.contract_draft(&toml).unwrap();
    let mut rerating = Rerating::new(&registry, &draft.contracts);
    RECORDS.iter().for_each(|text| rerating.count(&taking(text)).unwrap());
    let Rerated { now, draft, unfit } = rerating.finish().unwrap();
    let comparison = Comparison::of(&now, &draft, &unfit).unwrap();
    let shown = comparison.lines.iter().map(|((merchant, _), it)| {
        let side = |it: &tongclear_ledger::Charges| format!("{} {} {}", it.fee, it.concession, it.net);
        format!(
            "{merchant} {} > {}; {} {}",
            side(&it.now),
            side(&it.draft),
            it.unfit.no_contract_count,
            it.unfit.over_limit_count
        )
    });
    assert_eq!(shown.collect::<Vec<_>>(), expected);
}

#[test]
fn a_draft_replaces_the_contracts_of_the_merchants_it_names() {
    // Twice 200 × 0.006 = 1.2, rounded to 1 each; concessions 100 + 200; a load of 5000. 300 × 0.005 = 1.5 gives 2.
    let bus = "BUS00001 2 300 -4302";
    let metro = "MET00001 2 0 298 > 2 0 298; 0 0";
    let level = |draft: &str, expected: &str| check(&[draft], &[&format!("{bus} > {expected}"), metro]);
    // The same contract.
    level("BUS00001 2026-01-01 0.006 0 transaction 100000 GOV00001", "2 300 -4302; 0 0");
    // Twice the rate: 2.4 gives 2 each.
    level("BUS00001 2026-01-01 0.012 0 transaction 100000 GOV00001", "4 300 -4304; 0 0");
    // By the window: 400 × 0.006 + 3 × 0.5 = 3.9 gives 4.
    level("BUS00001 2026-01-01 0.006 0.5 window 100000 GOV00001", "4 300 -4304; 0 0");
    // Without a sponsor nobody owes the concession.
    level("BUS00001 2026-01-01 0.006 0 transaction 100000 -", "2 0 -4602; 0 0");
    // From the 23rd on only: the record of the 22nd has no contract and is charged nothing.
    level("BUS00001 2026-11-23 0.006 0 transaction 100000 GOV00001", "1 300 -4301; 1 0");
    // Above the limit, and charged all the same: the load.
    level("BUS00001 2026-01-01 0.006 0 transaction 4999 GOV00001", "2 300 -4302; 0 1");
    // At the limit.
    level("BUS00001 2026-01-01 0.006 0 transaction 5000 GOV00001", "2 300 -4302; 0 0");
    // Another merchant: 150 × 0.005 = 0.75 gives 1 each, 1 fixed.
    check(
        &["MET00001 2026-01-01 0.005 1 transaction 100000 -"],
        &["BUS00001 2 300 -4302 > 2 300 -4302; 0 0", "MET00001 2 0 298 > 4 0 296; 0 0"],
    );
}

#[test]
fn a_run_that_was_rated_otherwise_is_named() {
    let total = |fee: u32| RatedTotal {
        merchant: "BUS00001".parse().unwrap(),
        operator: "0417".parse().unwrap(),
        contract: "BUS00001/*/2026-01-01".parse().unwrap(),
        cycle: "T+1".parse().unwrap(),
        sponsor: None,
        purchase_count: 2,
        purchase: Fen::from(400),
        fee: Fen::from(fee),
        concession: Fen::ZERO,
        load_count: 0,
        load: Fen::ZERO,
    };
    assert_eq!(disagreement(&[total(2)], &[total(2)]), None);
    let said = disagreement(&[total(3)], &[total(2)]).unwrap();
    for word in ["BUS00001/*/2026-01-01", "operator 0417", "fee 3", "fee 2"] {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert!(disagreement(&[total(3)], &[]).unwrap().ends_with("give nothing"));
    assert!(disagreement(&[], &[total(3)]).unwrap().contains("the run has nothing"));
}
