//! Layouts to the byte, and what has not their form.

use super::*;

/// `bytes` are what `data` writes, and are read as `data`.
fn check(sector: Sector, data: &SectorData, bytes: &str) {
    assert_eq!(hex::encode(data.to_bytes()), bytes);
    assert_eq!(SectorData::parse(sector, &data.to_bytes()).as_ref(), Ok(data), "{sector}");
}

#[test]
fn every_layout_is_the_documented_one() {
    let ride = SectorData::Ride(Ride {
        line: 0x0102,
        vehicle_or_station: 0x0304_0506,
        boarding_stop: 0x0708,
        direction: 0x09,
        driver_or_operator: 0x0a0b_0c0d,
        entry_date: BcdDate([0x20, 0x26, 0x11, 0x24]),
        entry_time: BcdTime([0x08, 0x30, 0x59]),
    });
    let utility = SectorData::Utility(Utility {
        account: "123456789".parse().unwrap(),
        meter_reading: 0x0102_0304,
        billing_period: "202611".parse().unwrap(),
    });
    let till = SectorData::Till("T-17/0004711".parse().unwrap());
    for sector in [Sector::Bus, Sector::Metro] {
        check(sector, &ride, "0102030405060708090a0b0c0d2026112408305900000000");
    }
    for sector in [Sector::Water, Sector::Power, Sector::Gas] {
        check(sector, &utility, "000000000001234567890102030420261100000000000000");
    }
    for sector in [Sector::Commerce, Sector::Load] {
        check(sector, &till, "542d31372f30303034373131000000000000000000000000");
    }
}

#[test]
fn what_has_not_the_form_is_named() {
    let with = |at: usize, value: u8| {
        let mut bytes = [0; SECTOR_DATA_LEN];
        bytes[14..17].copy_from_slice(&[0x20, 0x26, 0x11]);
        bytes[at] = value;
        bytes
    };
    let table = [
        (Sector::Bus, with(23, 1), "reserved is 00000001, expected zeros"),
        (Sector::Water, with(23, 1), "reserved is 00000000000001, expected zeros"),
        (Sector::Gas, with(9, 0x0a), "account is 0000000000000000000a, expected 20 decimal digits"),
        (Sector::Power, with(16, 0x13), "billing_period is 202613, expected a month YYYYMM"),
        (Sector::Load, with(23, 1), "reserved is 1100000000000001, expected zeros"),
        (Sector::Sponsor, with(0, 0), "sector is sponsor, expected a sector that sends records"),
    ];
    for (sector, bytes, expected) in table {
        assert_eq!(SectorData::parse(sector, &bytes).unwrap_err().to_string(), expected);
    }
    let mut gap = [0; SECTOR_DATA_LEN];
    gap[1] = b'A';
    assert_eq!(SectorData::parse(Sector::Commerce, &gap).unwrap_err().field, "till_reference");
}

#[test]
fn fields_are_read_from_and_shown_to_people() {
    assert_eq!("42".parse::<CustomerAccount>().unwrap().to_string(), "00000000000000000042");
    assert_eq!("202612".parse::<BillingPeriod>().unwrap().to_string(), "202612");
    assert_eq!("A 1".parse::<TillReference>().unwrap().to_string(), "A 1");
    for bad in ["", "4a", "123456789012345678901"] {
        assert!(bad.parse::<CustomerAccount>().is_err(), "{bad}");
    }
    for bad in ["202600", "2026-1", "20261", "20260f"] {
        assert!(bad.parse::<BillingPeriod>().is_err(), "{bad}");
    }
    for bad in ["12345678901234567", "公交", "a\tb"] {
        assert!(bad.parse::<TillReference>().is_err(), "{bad}");
    }
}
