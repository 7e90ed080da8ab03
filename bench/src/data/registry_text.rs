//! `registry.toml` and `terminals.csv`, and the fee terms as the rivals take them; writing to a `String` cannot fail.

use std::fmt::Write as _;

use tongclear_types::Rounding;

use super::city::{City, Merchant};
use super::operators::Operator;
use super::terms::{LIMIT_FEN, Terms};

/// First day of contracts and terminals.
const FROM: &str = "2026-01-01";

/// The registry.
pub(crate) fn registry(city: &City, operators: &[Operator; 3]) -> String {
    let mut out = String::from(
        "# The city of the bench.\n\n[centre]\ncode = \"CDT\"\ntimezone = \"Asia/Shanghai\"\nmax_age_days = 30\n\
         deny_grace_hours = 24\ncard_partitions = 64\n",
    );
    for Operator { code, issuer, name: [name, name_en], two_level_keys, .. } in operators {
        let _ = write!(
            out,
            "\n[[operator]]\ncode = \"{code}\"\nissuer_id = \"{issuer}\"\nname = \"{name}\"\n\
             name_en = \"{name_en}\"\ntwo_level_keys = {two_level_keys}\n"
        );
    }
    for (index, Merchant { code, sector, .. }) in city.merchants.iter().enumerate() {
        let account = 6_222_000_000_000_000_001 + index as u64;
        let _ = write!(
            out,
            "\n[[merchant]]\ncode = \"{code}\"\nsector = \"{}\"\nname = \"商户 {code}\"\nname_en = \"Merchant {code}\"\n\
             account = \"{account}\"\nbank = \"102651000000\"\n",
            sector.name()
        );
    }
    for collector in &city.collectors {
        let code = city.merchants[collector.merchant].code;
        let _ = write!(out, "\n[[collector]]\nid = \"{}\"\nmerchant = \"{code}\"\n", collector.id);
    }
    for merchant in &city.merchants {
        let [own, others, third] = merchant.terms;
        debug_assert_eq!(others, third, "contracts name the city's own operator or none");
        contract(&mut out, merchant, "*", &others);
        if own != others {
            contract(&mut out, merchant, &operators[0].code.to_string(), &own);
        }
    }
    out
}

fn contract(out: &mut String, merchant: &Merchant, operator: &str, terms: &Terms) {
    let _ = write!(
        out,
        "\n[[contract]]\nmerchant = \"{}\"\noperator = \"{operator}\"\nfrom = \"{FROM}\"\nrate = \"0.{:06}\"\n\
         fixed_fen = \"{}.{:06}\"\n",
        merchant.code,
        terms.rate_ppm,
        terms.fixed_micro_fen / 1_000_000,
        terms.fixed_micro_fen % 1_000_000
    );
    for (name, bound) in [("min_fee_fen", terms.min_fen), ("max_fee_fen", terms.max_fen)] {
        if let Some(bound) = bound {
            let _ = writeln!(out, "{name} = \"{bound}\"");
        }
    }
    let rounding = match terms.rounding {
        Rounding::HalfUp => "half_up",
        Rounding::HalfEven => "half_even",
        Rounding::Down => "down",
        Rounding::Up => "up",
    };
    let _ = write!(
        out,
        "level = \"transaction\"\nrounding = \"{rounding}\"\namount_limit_fen = {LIMIT_FEN}\ncycle = \"T+1\"\n"
    );
}

/// The terminals.
pub(crate) fn terminals(city: &City) -> String {
    let mut out = String::from("id,merchant,collector,from,until\n");
    for terminal in &city.terminals {
        let (merchant, collector) =
            (city.merchants[terminal.merchant].code, city.collectors[terminal.collector].id);
        let _ = writeln!(out, "{},{merchant},{collector},{FROM},", terminal.id);
    }
    out
}

/// For the rivals, the terms of every merchant and operator, ready to be joined: in millionths of a fen, with bounds that bound
/// nothing where there are none.
pub(crate) fn contracts(city: &City) -> String {
    let mut out = String::new();
    for (merchant, entry) in city.merchants.iter().enumerate() {
        for (operator, terms) in entry.terms.iter().enumerate() {
            let (min, max) = (terms.min_fen.unwrap_or(0), terms.max_fen.unwrap_or(1_000_000_000));
            let _ = writeln!(
                out,
                "{merchant},{operator},{},{},{},{},{}",
                terms.rate_ppm,
                terms.fixed_micro_fen,
                u64::from(min) * 1_000_000,
                u64::from(max) * 1_000_000,
                terms.rounds_by()
            );
        }
    }
    out
}

/// For the rivals, the codes behind their small numbers: merchant, operator.
pub(crate) fn merchants(city: &City) -> String {
    city.merchants.iter().enumerate().fold(String::new(), |mut out, (index, merchant)| {
        let _ = writeln!(out, "{index},{}", merchant.code);
        out
    })
}
