//! `registry.toml` and `terminals.csv` of the city, as text.

use std::fmt::Write;

use jiff::civil::Date;

use crate::city::{City, Service, Terminal};
use crate::fee::{Contract, Level};
use crate::holidays::Calendar;
use crate::merchants::SPONSORS;
use crate::moment::{Dates, Day};

/// First day of the terminals: before every record that can be dated.
const TERMINALS_FROM: Day = Day(-400);
/// Last day of the retired terminals: before every record that can be dated.
const RETIRED_UNTIL: Day = Day(-70);
/// Last day at the merchant that a moved terminal came from.
const MOVED_UNTIL: Day = Day(-100);

/// The registry; writing to a `String` cannot fail.
pub(crate) fn registry(city: &City, dates: &Dates) -> String {
    let mut out = String::from(
        "# The simulated city.\n\n[centre]\ncode = \"CDT\"\ntimezone = \"Asia/Shanghai\"\nmax_age_days = 30\n\
         deny_grace_hours = 24\ncard_partitions = 64\ncalendar = \"centre\"\n\
         account = \"6221000000000000000\"\nbank = \"102651000000\"\n",
    );
    for operator in &city.operators {
        let issuer = operator.issuer.to_string().to_uppercase();
        let [account, bank] = operator.account;
        let _ = write!(
            out,
            "\n[[operator]]\ncode = \"{}\"\nissuer_id = \"{issuer}\"\nname = \"{}\"\nname_en = \"{}\"\n\
             two_level_keys = {}\ncalendar = \"{}\"\ngrace_days = {}\naccount = \"{account}\"\nbank = \"{bank}\"\n",
            operator.code,
            operator.name,
            operator.name_en,
            operator.two_level_keys,
            operator.calendar.name(),
            operator.grace_days
        );
    }
    let mut account = 6_222_000_000_000_000_001_u64;
    let mut participant = |out: &mut String, code: &str, sector: &str, [name, name_en]: [&str; 2]| {
        let _ = write!(
            out,
            "\n[[merchant]]\ncode = \"{code}\"\nsector = \"{sector}\"\nname = \"{name}\"\nname_en = \"{name_en}\"\n\
             account = \"{account}\"\nbank = \"102651000000\"\n"
        );
        account += 1;
    };
    for merchant in &city.merchants {
        let entry = merchant.entry;
        participant(&mut out, entry.code, entry.sector.name(), [entry.name, entry.name_en]);
    }
    for [code, name, name_en] in SPONSORS {
        participant(&mut out, code, "sponsor", [name, name_en]);
    }
    for collector in &city.collectors {
        let merchant = city.merchants[collector.merchant].code;
        let _ = write!(out, "\n[[collector]]\nid = \"{}\"\nmerchant = \"{merchant}\"\n", collector.id);
    }
    for merchant in &city.merchants {
        for terms in &merchant.contracts {
            contract(&mut out, merchant.entry.code, terms, city, dates);
        }
    }
    for calendar in Calendar::ALL {
        let _ = write!(
            out,
            "\n[[calendar]]\nname = \"{}\"\nholidays = [{}]\nworkdays = [{}]\n",
            calendar.name(),
            list(&calendar.holidays()),
            list(&calendar.workdays())
        );
    }
    out
}

fn list(dates: &[Date]) -> String {
    dates.iter().map(|date| format!("\"{date}\"")).collect::<Vec<_>>().join(", ")
}

fn contract(out: &mut String, merchant: &str, terms: &Contract, city: &City, dates: &Dates) {
    let operator = terms.operator.map_or("*".to_owned(), |index| city.operators[index].code.to_string());
    let from = dates.civil(terms.from);
    let _ = write!(
        out,
        "\n[[contract]]\nmerchant = \"{merchant}\"\noperator = \"{operator}\"\nfrom = \"{from}\"\n"
    );
    if let Some(until) = terms.until {
        let _ = writeln!(out, "until = \"{}\"", dates.civil(until));
    }
    // Rates are below one, fixed parts below a thousand fen; both are kept in millionths.
    let _ = writeln!(out, "rate = \"0.{:06}\"", terms.rate);
    let _ = writeln!(out, "fixed_fen = \"{}.{:06}\"", terms.fixed / 1_000_000, terms.fixed % 1_000_000);
    if let Some(min) = terms.min_fee_fen {
        let _ = writeln!(out, "min_fee_fen = \"{min}\"");
    }
    if let Some(max) = terms.max_fee_fen {
        let _ = writeln!(out, "max_fee_fen = \"{max}\"");
    }
    let level = if terms.level == Level::Window { "window" } else { "transaction" };
    let _ = write!(
        out,
        "level = \"{level}\"\nrounding = \"{}\"\namount_limit_fen = {}\ncycle = \"T+{}\"\n",
        terms.rounding.name(),
        terms.limit_fen,
        terms.cycle
    );
    if let Some(sponsor) = terms.sponsor {
        let _ = writeln!(out, "sponsor = \"{sponsor}\"");
    }
}

/// The terminals; one row each, two for those that moved.
pub(crate) fn terminals(city: &City, dates: &Dates) -> String {
    let mut out = String::from("id,merchant,collector,from,until\n");
    let mut row = |terminal: &Terminal, merchant: usize, collector: usize, from: Day, until: Option<Day>| {
        let until = until.map(|day| dates.civil(day).to_string()).unwrap_or_default();
        let from = dates.civil(from);
        let (merchant, collector) = (city.merchants[merchant].code, city.collectors[collector].id);
        let _ = writeln!(out, "{},{merchant},{collector},{from},{until}", terminal.id);
    };
    for terminal in &city.terminals {
        let (merchant, collector) = (terminal.merchant, terminal.collector);
        match terminal.service {
            Service::Always => row(terminal, merchant, collector, TERMINALS_FROM, None),
            Service::MovedFrom(former) => {
                let its_collector = city.merchants[former].collectors.start;
                row(terminal, former, its_collector, TERMINALS_FROM, Some(MOVED_UNTIL));
                row(terminal, merchant, collector, MOVED_UNTIL.plus(1), None);
            }
            Service::Retired => row(terminal, merchant, collector, TERMINALS_FROM, Some(RETIRED_UNTIL)),
            Service::Unregistered => {}
        }
    }
    out
}
