//! The tables of `registry.toml` (`cli.md`), in the order of their documentation.

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use tongclear_ledger::{Calendar, Contract};

use super::table::{Source, TableReader};
use super::value::{bank, boolean, date, decimal, number, parsed, parsed_text, shown, text};
use crate::error::{Faults, Place, Placed};
use crate::validate::Draft;
use crate::{Centre, Collector, Merchant, Operator, RegistryError, SourceFile};

/// The tables that may come several times, and `[centre]`.
const SECTIONS: [&str; 6] = ["centre", "operator", "merchant", "collector", "contract", "calendar"];

/// Characters of a line with a syntax error that are shown.
const SHOWN_CHARACTERS_MAX: usize = 60;

/// Reads `registry.toml`; without a new fault there is a draft, whose terminals are still missing.
pub(crate) fn read_toml(text: &str, faults: &mut Faults) -> Option<Draft> {
    let source = Source::new(without_mark(text));
    let document = parse(without_mark(text), &source, faults)?;
    let document = Document { source: &source, table: document.get_ref() };
    document.unknown_sections(faults);
    let centre = document.centre(faults);
    let operators = document.entries("operator", "[[operator]]", OPERATOR, faults, operator);
    let merchants = document.entries("merchant", "[[merchant]]", MERCHANT, faults, merchant);
    let collectors = document.entries("collector", "[[collector]]", COLLECTOR, faults, collector);
    let contracts = document.contracts(faults);
    let calendars = document.entries("calendar", "[[calendar]]", CALENDAR, faults, calendar);
    Some(Draft {
        centre: centre?,
        operators,
        merchants,
        collectors,
        contracts,
        calendars,
        terminals: Vec::new(),
    })
}

/// Reads the contracts of a text, which may be a whole `registry.toml`; its other tables are passed over.
pub(crate) fn read_contracts(text: &str, faults: &mut Faults) -> Vec<Placed<Contract>> {
    let source = Source::new(without_mark(text));
    let Some(document) = parse(without_mark(text), &source, faults) else { return Vec::new() };
    let document = Document { source: &source, table: document.get_ref() };
    document.unknown_sections(faults);
    if !document.table.contains_key("contract") {
        let place = Place::new(SourceFile::RegistryToml, 1);
        faults.push(place.missing("contract", "there is no table [[contract]]"));
    }
    document.contracts(faults)
}

/// Editors on Windows put a mark before the first line.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// The document, unless it is not TOML.
fn parse<'t>(text: &'t str, source: &Source, faults: &mut Faults) -> Option<Spanned<DeTable<'t>>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        faults.push(syntax(text, source, error));
    }
    errors.is_empty().then_some(document)
}

fn syntax(text: &str, source: &Source, error: &toml::de::Error) -> RegistryError {
    let line = source.line(error.span().map_or(0, |span| span.start));
    let place = usize::try_from(line).ok().and_then(|line| line.checked_sub(1));
    let shown = place.and_then(|place| text.lines().nth(place)).unwrap_or_default().trim();
    RegistryError {
        file: SourceFile::RegistryToml,
        line,
        field: "line".to_owned(),
        value: Some(shown.chars().take(SHOWN_CHARACTERS_MAX).collect()),
        message: format!("not TOML: {}", error.message()),
    }
}

struct Document<'r, 't> {
    source: &'r Source,
    table: &'r DeTable<'t>,
}

impl<'r, 't> Document<'r, 't> {
    fn unknown_sections(&self, faults: &mut Faults) {
        for (key, _) in self.table {
            if !SECTIONS.contains(&key.get_ref().as_ref()) {
                let place = Place::new(SourceFile::RegistryToml, self.source.line(key.span().start));
                faults.push(place.missing(key.get_ref(), "unknown table"));
            }
        }
    }

    fn centre(&self, faults: &mut Faults) -> Option<Placed<Centre>> {
        let Some(section) = self.table.get("centre") else {
            let place = Place::new(SourceFile::RegistryToml, 1);
            faults.push(place.missing("centre", "the table [centre] is missing"));
            return None;
        };
        self.entry(section, "[centre]", CENTRE, faults, centre)
    }

    fn contracts(&self, faults: &mut Faults) -> Vec<Placed<Contract>> {
        self.entries("contract", "[[contract]]", CONTRACT, faults, contract)
    }

    /// The entries of a list of tables.
    fn entries<T>(
        &self,
        section: &str,
        kind: &'static str,
        fields: &[&'static str],
        faults: &mut Faults,
        read: fn(&mut TableReader<'_, 't>) -> Option<T>,
    ) -> Vec<Placed<T>> {
        let Some(value) = self.table.get(section) else { return Vec::new() };
        let Some(entries) = value.get_ref().as_array() else {
            let place = Place::new(SourceFile::RegistryToml, self.source.line(value.span().start));
            faults.push(place.fault(section, shown(value.get_ref()), format!("not a list of tables {kind}")));
            return Vec::new();
        };
        entries.iter().filter_map(|entry| self.entry(entry, kind, fields, faults, read)).collect()
    }

    fn entry<T>(
        &self,
        value: &'r Spanned<DeValue<'t>>,
        kind: &'static str,
        fields: &[&'static str],
        faults: &mut Faults,
        read: fn(&mut TableReader<'_, 't>) -> Option<T>,
    ) -> Option<Placed<T>> {
        let offset = value.span().start;
        let Some(table) = value.get_ref().as_table() else {
            let place = Place::new(SourceFile::RegistryToml, self.source.line(offset));
            faults.push(place.fault(kind, shown(value.get_ref()), "not a table"));
            return None;
        };
        let mut reader = TableReader::new(self.source, kind, fields, offset, table, faults);
        let value = read(&mut reader)?;
        Some(Placed { value, place: reader.place() })
    }
}

const CENTRE: &[&str] = &[
    "code",
    "timezone",
    "max_age_days",
    "deny_grace_hours",
    "card_partitions",
    "calendar",
    "account",
    "bank",
];

fn centre(table: &mut TableReader<'_, '_>) -> Option<Centre> {
    let code = table.required("code", text);
    let timezone = table.optional("timezone", text).unwrap_or_else(|| "Asia/Shanghai".to_owned());
    let max_age_days = table.optional("max_age_days", number).unwrap_or(30);
    let deny_grace_hours = table.optional("deny_grace_hours", number).unwrap_or(24);
    let card_partitions = table.optional("card_partitions", number).unwrap_or(64);
    let calendar = table.optional("calendar", text);
    let account = table.optional("account", text);
    let bank = table.optional("bank", bank);
    Some(Centre {
        code: code?,
        timezone,
        max_age_days,
        deny_grace_hours,
        card_partitions,
        calendar,
        account,
        bank,
    })
}

const OPERATOR: &[&str] =
    &["code", "issuer_id", "name", "name_en", "two_level_keys", "calendar", "grace_days", "account", "bank"];

fn operator(table: &mut TableReader<'_, '_>) -> Option<Operator> {
    let code = table.required("code", parsed);
    let issuer_id = table.required("issuer_id", parsed);
    let name = table.required("name", text);
    let name_en = table.optional("name_en", text);
    let two_level_keys = table.optional("two_level_keys", boolean).unwrap_or(false);
    let calendar = table.optional("calendar", text);
    let grace_days = table.optional("grace_days", number);
    let account = table.optional("account", text);
    let bank = table.optional("bank", bank);
    Some(Operator {
        code: code?,
        issuer_id: issuer_id?,
        name: name?,
        name_en,
        two_level_keys,
        calendar,
        grace_days,
        account,
        bank,
    })
}

const MERCHANT: &[&str] = &["code", "sector", "name", "name_en", "account", "bank"];

fn merchant(table: &mut TableReader<'_, '_>) -> Option<Merchant> {
    let code = table.required("code", parsed);
    let sector = table.required("sector", parsed);
    let name = table.required("name", text);
    let name_en = table.optional("name_en", text);
    let account = table.optional("account", text);
    let bank = table.optional("bank", bank);
    Some(Merchant { code: code?, sector: sector?, name: name?, name_en, account, bank })
}

const COLLECTOR: &[&str] = &["id", "merchant"];

fn collector(table: &mut TableReader<'_, '_>) -> Option<Collector> {
    let id = table.required("id", parsed);
    let merchant = table.required("merchant", parsed);
    Some(Collector { id: id?, merchant: merchant? })
}

const CONTRACT: &[&str] = &[
    "merchant",
    "operator",
    "from",
    "until",
    "rate",
    "fixed_fen",
    "min_fee_fen",
    "max_fee_fen",
    "level",
    "rounding",
    "amount_limit_fen",
    "cycle",
    "sponsor",
];

fn contract(table: &mut TableReader<'_, '_>) -> Option<Contract> {
    let merchant = table.required("merchant", parsed);
    let operator = table.required("operator", |value| match value.as_str() {
        Some("*") => Ok(None),
        Some(code) => parsed_text(code).map(Some),
        None => parsed(value).map(Some),
    });
    let from = table.required("from", date);
    let until = table.optional("until", date);
    let rate = table.required("rate", decimal);
    let fixed_fen = table.required("fixed_fen", decimal);
    let min_fee_fen = table.optional("min_fee_fen", decimal);
    let max_fee_fen = table.optional("max_fee_fen", decimal);
    let level = table.required("level", parsed);
    let rounding = table.required("rounding", parsed);
    let amount_limit = table.required("amount_limit_fen", number);
    let cycle = table.required("cycle", parsed);
    let sponsor = table.optional("sponsor", parsed);
    Some(Contract {
        merchant: merchant?,
        operator: operator?,
        from: from?,
        until,
        rate: rate?,
        fixed_fen: fixed_fen?,
        min_fee_fen,
        max_fee_fen,
        level: level?,
        rounding: rounding?,
        amount_limit: amount_limit?,
        cycle: cycle?,
        sponsor,
    })
}

const CALENDAR: &[&str] = &["name", "holidays", "workdays"];

fn calendar(table: &mut TableReader<'_, '_>) -> Option<Calendar> {
    let name = table.required("name", text);
    let holidays = table.list("holidays", date);
    let workdays = table.list("workdays", date);
    Some(Calendar { name: name?, holidays, workdays })
}
