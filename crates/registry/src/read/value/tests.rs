//! Decimals, dates and numbers as people write them; nothing that is written can make a reader panic.

use std::fmt::Debug;

use proptest::prelude::*;

use super::*;
use crate::Registry;

/// What `read` makes of a TOML value: its text, or what is wrong.
fn check<T: Debug + ToString>(read: fn(&DeValue<'_>) -> Result<T, String>, toml: &str, expected: &str) {
    let value = DeValue::parse(toml).unwrap();
    let got = read(value.get_ref()).map_or_else(|message| message, |value| value.to_string());
    assert_eq!(got, expected, "{toml}");
}

#[test]
fn decimals_are_texts_or_whole_numbers() {
    let not_one = "not a decimal such as 0.0060";
    check(decimal, "'0.0060'", "0.006");
    check(decimal, "'1.000'", "1");
    check(decimal, "'-1.5'", "-1.5");
    check(decimal, "'0'", "0");
    check(decimal, "'-0'", "0");
    check(decimal, "7", "7");
    check(decimal, "-7", "-7");
    check(decimal, "1_000", "1000");
    check(decimal, "0.006", "a TOML float is not exact; write it in quotes");
    check(decimal, "1e3", "a TOML float is not exact; write it in quotes");
    check(decimal, "nan", "a TOML float is not exact; write it in quotes");
    check(decimal, "0x10", "a TOML integer; write it as text, in quotes");
    check(decimal, "true", "a TOML boolean; write it as text, in quotes");
    for text in ["", "-", ".5", "5.", "1e3", "1_000", "0,006", "+1", " 1", "1 ", "１", "1.2.3", "0.6%", "NaN"]
    {
        check(decimal, &format!("'{text}'"), not_one);
    }
    check(decimal, "'0.00000000000000000000000000006'", "has more digits than can be computed with");
    check(decimal, "'99999999999999999999999999999999'", "has more digits than can be computed with");
}

#[test]
fn dates_are_whole_days() {
    let not_one = "not a date YYYY-MM-DD";
    check(date, "'2026-02-28'", "2026-02-28");
    check(date, "2026-02-28", "2026-02-28");
    check(date, "2026-02-28T00:00:00", not_one);
    check(date, "07:32:00", not_one);
    for text in ["", "2026-02-29", "20260228", "2026-2-28", "2026-02-28T00", "26-02-28", " 2026-02-28"] {
        check(date, &format!("'{text}'"), not_one);
    }
    check(date, "20260228", "a TOML integer; write it as text, in quotes");
}

#[test]
fn numbers_texts_and_banks() {
    check(number::<u16>, "0", "0");
    check(number::<u16>, "65_535", "65535");
    check(number::<u16>, "0xff", "255");
    check(number::<u16>, "65536", "out of range");
    check(number::<u16>, "-1", "out of range");
    check(number::<u16>, "99999999999999999999", "out of range");
    check(number::<u16>, "'64'", "a TOML string; write a whole number without quotes");
    check(number::<u16>, "64.0", "a TOML float; write a whole number without quotes");
    check(text, "'成都公交'", "成都公交");
    check(text, "''", "empty");
    check(text, "' '", "empty");
    check(text, "\"a\\nb\"", "has a control character");
    check(text, &format!("'{}'", "公".repeat(200)), &"公".repeat(200));
    check(text, &format!("'{}'", "公".repeat(201)), "longer than 200 characters");
    check(bank, "'102651000000'", "102651000000");
    check(bank, "102651000000", "a TOML integer; write it as text, in quotes");
    for text in ["", "10265100000", "1026510000000", "10265100000X", "１０２６"] {
        check(bank, &format!("'{text}'"), "not a CNAPS code of 12 digits");
    }
}

/// A registry that is accepted, to be damaged.
const SMALL: &str = include_str!("../../../../../fixtures/registry/valid-overlaps/registry.toml");
const TERMINALS: &[u8] = include_bytes!("../../../../../fixtures/registry/valid-overlaps/terminals.csv");

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_are_read_or_refused(toml in "\\PC{0,200}", csv in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Registry::parse(&toml, &csv).is_err());
    }

    /// One stretch of a good file replaced by another text: never a panic, every error has a line of its file.
    #[test]
    fn damaged_files_are_read_or_refused(
        at in any::<prop::sample::Index>(),
        length in 0..12_usize,
        with in "[ -~\n公]{0,12}",
        in_toml in any::<bool>(),
    ) {
        let terminals = str::from_utf8(TERMINALS).unwrap();
        let damage = |text: &str| {
            let characters: Vec<char> = text.chars().collect();
            let from = at.index(characters.len());
            let to = (from + length).min(characters.len());
            characters[..from].iter().chain(with.chars().collect::<Vec<_>>().iter()).chain(&characters[to..]).collect()
        };
        let (toml, csv): (String, String) = if in_toml {
            (damage(SMALL), terminals.to_owned())
        } else {
            (SMALL.to_owned(), damage(terminals))
        };
        if let Err(errors) = Registry::parse(&toml, csv.as_bytes()) {
            let most = u64::try_from(toml.lines().count().max(csv.lines().count()) + 1).unwrap();
            prop_assert!(errors.iter().all(|error| (1..=most).contains(&error.line)), "{errors:?}");
        }
    }
}
