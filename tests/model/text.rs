//! `registry.toml`, `terminals.csv`, `keys.toml` and deny lists as text, as cli.md and package.md lay them out.
//!
//! Bounded by: the values of tests, none of which needs escaping.

use std::fmt::Write as _;

use jiff::civil::Date;
use tongclear_types::Sector;

use crate::facts::{Cipher, Contract, DenyList, Keys, Level, Registry, SealHash};

/// `registry.toml`.
pub(crate) fn registry_toml(registry: &Registry) -> String {
    let mut out = format!(
        "[centre]\ncode = \"CDT\"\ntimezone = \"Asia/Shanghai\"\nmax_age_days = {}\ndeny_grace_hours = {}\ncard_partitions = 64\n",
        registry.max_age_days, registry.grace_hours
    );
    let mut table = |header: &str, lines: &[(&str, String)]| {
        write!(out, "\n[[{header}]]\n").expect("a string takes everything");
        for (key, value) in lines {
            writeln!(out, "{key} = {value}").expect("a string takes everything");
        }
    };
    for operator in &registry.operators {
        table(
            "operator",
            &[
                ("code", quoted(operator.code)),
                ("issuer_id", quoted(operator.issuer.to_string().to_uppercase())),
                ("name", quoted("卡公司")),
                ("name_en", quoted("Card operator")),
                ("two_level_keys", operator.two_levels.to_string()),
            ],
        );
    }
    for merchant in &registry.merchants {
        table(
            "merchant",
            &[
                ("code", quoted(merchant.code)),
                ("sector", quoted(sector(merchant.sector))),
                ("name", quoted("商户")),
                ("name_en", quoted("Merchant")),
                ("account", quoted("6222000000000000001")),
                ("bank", quoted("102651000000")),
            ],
        );
    }
    for collector in &registry.collectors {
        table(
            "collector",
            &[("id", quoted(hex::encode(collector.id.0))), ("merchant", quoted(collector.merchant))],
        );
    }
    for contract in &registry.contracts {
        table("contract", &contract_lines(contract));
    }
    out
}

fn quoted(value: impl std::fmt::Display) -> String {
    format!("\"{value}\"")
}

fn sector(sector: Sector) -> &'static str {
    match sector {
        Sector::Bus => "bus",
        Sector::Metro => "metro",
        Sector::Water => "water",
        Sector::Power => "power",
        Sector::Gas => "gas",
        Sector::Commerce => "commerce",
        Sector::Load => "load",
        Sector::Sponsor => "sponsor",
    }
}

fn contract_lines(contract: &Contract) -> Vec<(&'static str, String)> {
    let mut lines = vec![
        ("merchant", quoted(contract.merchant)),
        ("operator", contract.operator.map_or(quoted("*"), quoted)),
        ("from", quoted(contract.from)),
    ];
    lines.extend(contract.until.map(|until| ("until", quoted(until))));
    lines.push(("rate", quoted(contract.rate)));
    lines.push(("fixed_fen", quoted(contract.fixed_fen)));
    lines.extend(contract.min_fee_fen.map(|fee| ("min_fee_fen", quoted(fee))));
    lines.extend(contract.max_fee_fen.map(|fee| ("max_fee_fen", quoted(fee))));
    let level = match contract.level {
        Level::Transaction => "transaction",
        Level::Window => "window",
    };
    lines.push(("level", quoted(level)));
    lines.push(("rounding", quoted(contract.rounding.name())));
    lines.push(("amount_limit_fen", contract.amount_limit_fen.to_string()));
    lines.push(("cycle", quoted("T+1")));
    lines.extend(contract.sponsor.map(|sponsor| ("sponsor", quoted(sponsor))));
    lines
}

/// `terminals.csv`.
pub(crate) fn terminals_csv(registry: &Registry) -> String {
    let mut out = "id,merchant,collector,from,until\n".to_owned();
    for row in &registry.services {
        let until = row.until.map_or(String::new(), |date: Date| date.to_string());
        writeln!(out, "{},{},{},{},{until}", row.terminal, row.merchant, row.collector, row.from)
            .expect("a string takes everything");
    }
    out
}

/// `keys.toml`.
pub(crate) fn keys_toml(keys: &Keys) -> String {
    let mut out = String::new();
    for key in &keys.tac {
        let algorithm = match key.cipher {
            Cipher::Des => "des",
            Cipher::Sm4 => "sm4",
        };
        writeln!(
            out,
            "[[tac]]\noperator = \"{}\"\nversion = {}\nalgorithm = \"{algorithm}\"\nmaster = \"{}\"\n",
            key.operator,
            key.version,
            hex::encode(key.master)
        )
        .expect("a string takes everything");
    }
    for key in &keys.seal {
        let algorithm = match key.hash {
            SealHash::Sha256 => "hmac-sha256",
            SealHash::Sm3 => "hmac-sm3",
        };
        writeln!(
            out,
            "[[seal]]\nversion = {}\nalgorithm = \"{algorithm}\"\nmaster = \"{}\"\n",
            key.version,
            hex::encode(key.master)
        )
        .expect("a string takes everything");
    }
    out
}

/// A deny list's file.
pub(crate) fn deny_list(list: &DenyList) -> Vec<u8> {
    let mut out = format!(
        "DENY:{}:{}:{}:{}\r\n",
        list.operator,
        list.version,
        list.effective.strftime("%Y%m%d%H%M%S"),
        list.serials.len()
    );
    for serial in &list.serials {
        write!(out, "{serial}\r\n").expect("a string takes everything");
    }
    let crc = crc32fast::hash(out.as_bytes());
    write!(out, "CRC:{crc:08x}").expect("a string takes everything");
    out.into_bytes()
}
