//! How well a device delivers, as shares in parts per million, and what a person should do about it
//! (`docs/continuity.md`, Devices).

use crate::Device;
use crate::named;

/// Parts per million of a whole.
const WHOLE: u64 = 1_000_000;
/// Records from which on a device's shares are believed by half: one bad record of two is an accident.
const DOUBT_RECORDS: u64 = 100;
/// Late records weigh a quarter of lost and refused ones: their money arrives after all.
const LATE_WEIGHT: u64 = 4;
/// From one record in a hundred lost or with a wrong TAC somebody should look at the device.
const REPAIR_PPM: u64 = 10_000;
/// From one record in five late somebody should look at its link.
const LATE_PPM: u64 = 200_000;

named! {
    /// What a person should do about a device.
    Advice {
        Repair = "repair", "送修：TAC 错误过多，检查 PSAM 和读写器", "send for repair: too many wrong TACs, look at PSAM and reader";
        FindTerminal = "find_terminal", "找出其下 TAC 错误多的终端并送修", "find which of its terminals sends wrong TACs";
        Resend = "resend", "要求采集点补传缺失交易包", "have it send the missing packages again";
        Recollect = "recollect", "重新采集缺失记录；取不出则送修", "collect the missing records again; send for repair if they cannot be read";
        CheckLink = "check_link", "检查通信线路和时钟", "look at its link and its clock";
        Nothing = "nothing", "—", "—";
    }
}

/// What one device delivered in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeviceQuality {
    /// Which one.
    pub device: Device,
    /// Packages of a collector, records of a terminal, that arrived.
    pub received: u64,
    /// Records that arrived.
    pub records: u64,
    /// Those dated before the window.
    pub late: u64,
    /// Those whose TAC was wrong.
    pub bad_mac: u64,
    /// Packages of a collector, numbers of a terminal, that are missing at the end of the window, so long as they
    /// could still be paid.
    pub missing: u64,
}

impl DeviceQuality {
    /// A device that has delivered nothing.
    #[must_use]
    pub const fn nothing(device: Device) -> Self {
        Self { device, received: 0, records: 0, late: 0, bad_mac: 0, missing: 0 }
    }

    /// Missing of received and missing together, ppm.
    #[must_use]
    pub const fn missing_ppm(&self) -> u64 {
        share(self.missing, self.received + self.missing)
    }

    /// Late of all records, ppm.
    #[must_use]
    pub const fn late_ppm(&self) -> u64 {
        share(self.late, self.records)
    }

    /// Records with a wrong TAC of all, ppm.
    #[must_use]
    pub const fn bad_mac_ppm(&self) -> u64 {
        share(self.bad_mac, self.records)
    }

    /// By what devices are ranked, the highest first: missing share + bad-MAC share + a quarter of the late share,
    /// believed the more, the more records stand behind it.
    #[must_use]
    pub const fn score_ppm(&self) -> u64 {
        self.believed(self.missing_ppm() + self.bad_mac_ppm() + self.late_ppm() / LATE_WEIGHT)
    }

    /// What should be done: the first cause that is grave enough.
    #[must_use]
    pub const fn advice(&self) -> Advice {
        if self.believed(self.bad_mac_ppm()) >= REPAIR_PPM {
            match self.device {
                Device::Collector(_) => Advice::FindTerminal,
                Device::Terminal(_) => Advice::Repair,
            }
        } else if self.believed(self.missing_ppm()) >= REPAIR_PPM {
            match self.device {
                Device::Collector(_) => Advice::Resend,
                Device::Terminal(_) => Advice::Recollect,
            }
        } else if self.believed(self.late_ppm()) >= LATE_PPM {
            Advice::CheckLink
        } else {
            Advice::Nothing
        }
    }

    /// A share times n / (n + [`DOUBT_RECORDS`]), n being the records and whatever is missing.
    const fn believed(&self, ppm: u64) -> u64 {
        let known = self.records + self.missing;
        ppm * known / (known + DOUBT_RECORDS)
    }
}

/// `part` of `whole` in ppm, rounded down; nothing of nothing is nothing. Counts stay below 2⁴⁴, so nothing overflows.
const fn share(part: u64, whole: u64) -> u64 {
    match (part * WHOLE).checked_div(whole) {
        Some(share) => share,
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CollectorId, TerminalId};

    #[test]
    fn shares_score_and_advice() {
        let terminal = Device::Terminal(TerminalId([1; 6]));
        let collector = Device::Collector(CollectorId([2; 6]));
        // device, received, records, late, bad MAC, missing → missing, late, bad MAC, score (ppm), advice
        let table = [
            (terminal, 0, 0, 0, 0, 0, (0, 0, 0, 0), Advice::Nothing),
            (terminal, 1, 1, 0, 1, 0, (0, 0, 1_000_000, 9_900), Advice::Nothing),
            (terminal, 100, 100, 0, 2, 0, (0, 0, 20_000, 10_000), Advice::Repair),
            (terminal, 900, 900, 0, 0, 100, (100_000, 0, 0, 90_909), Advice::Recollect),
            (terminal, 900, 900, 0, 90, 100, (100_000, 0, 100_000, 181_818), Advice::Repair),
            (terminal, 900, 900, 900, 0, 0, (0, 1_000_000, 0, 225_000), Advice::CheckLink),
            (terminal, 900, 900, 90, 0, 0, (0, 100_000, 0, 22_500), Advice::Nothing),
            (collector, 3, 900, 0, 900, 1, (250_000, 0, 1_000_000, 1_125_124), Advice::FindTerminal),
            (collector, 3, 9_000, 0, 0, 1, (250_000, 0, 0, 247_253), Advice::Resend),
            (collector, 0, 0, 0, 0, 2, (1_000_000, 0, 0, 19_607), Advice::Resend),
        ];
        for (device, received, records, late, bad_mac, missing, shares, advice) in table {
            let quality = DeviceQuality { device, received, records, late, bad_mac, missing };
            let found =
                (quality.missing_ppm(), quality.late_ppm(), quality.bad_mac_ppm(), quality.score_ppm());
            assert_eq!((found, quality.advice()), (shares, advice), "{quality:?}");
        }
    }
}
