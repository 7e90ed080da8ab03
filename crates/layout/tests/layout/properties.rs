//! What a profile writes it reads back, and nothing that it reads can make it panic.

use proptest::prelude::*;
use tongclear_layout::Profile;

use crate::sample::{any_ride, any_sale, rides, sales, shop, text, validator};

proptest! {
    #[test]
    fn rides_come_back_from_the_validators_file(seeds in proptest::collection::vec(any::<[u8; 32]>(), 0..20)) {
        let records: Vec<_> = seeds.into_iter().map(any_ride).collect();
        let profile = validator();
        let file = profile.write(&records).unwrap();
        prop_assert_eq!(file.len(), 16 + 80 * records.len() + 4);
        prop_assert_eq!(profile.read(&file).unwrap(), records);
    }

    #[test]
    fn sales_come_back_from_the_shops_file(seeds in proptest::collection::vec(any::<[u8; 32]>(), 0..20)) {
        let records: Vec<_> = seeds.into_iter().map(any_sale).collect();
        let profile = shop();
        prop_assert_eq!(profile.read(&profile.write(&records).unwrap()).unwrap(), records);
    }

    #[test]
    fn any_bytes_are_records_or_faults(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
        for profile in [validator(), shop()] {
            if let Ok(records) = profile.read(&bytes) {
                // What was read can be written, and means the same then.
                let again = profile.write(&records).unwrap();
                prop_assert_eq!(profile.read(&again).unwrap(), records);
            }
        }
    }

    #[test]
    fn a_changed_byte_is_records_or_faults(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        for (profile, records) in [(validator(), rides()), (shop(), sales())] {
            let mut file = profile.write(&records).unwrap();
            *at.get_mut(&mut file) = byte;
            match profile.read(&file) {
                Ok(read) => prop_assert!(read.len() <= records.len()),
                Err(faults) => prop_assert!(!faults.kept().is_empty() && !faults.to_string().is_empty()),
            }
        }
    }

    #[test]
    fn a_changed_profile_is_one_or_an_error(at in any::<prop::sample::Index>(), byte in 9_u8..127) {
        for name in ["validator-fixed.toml", "shop-csv.toml"] {
            let mut bytes = text(name).into_bytes();
            *at.get_mut(&mut bytes) = byte;
            if let Err(error) = Profile::parse(&String::from_utf8(bytes).unwrap()) {
                prop_assert!(error.line() > 0 && error.to_string().starts_with("line "));
            }
        }
    }

    #[test]
    fn any_text_is_no_profile(text in "\\PC{0,200}") {
        prop_assert!(Profile::parse(&text).is_err());
    }
}
