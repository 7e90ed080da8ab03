//! Who sent the packages of a run: of each what its records are written with, close together, as every record asks.

use tongclear_store::{PackageKey, PackageRow};
use tongclear_types::MerchantCode;

/// What a record takes from its package.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sender {
    pub(crate) merchant: MerchantCode,
    pub(crate) package: PackageKey,
    /// The merchant's place among those of the window.
    pub(crate) merchant_place: u32,
}

/// The senders by package, and the merchants among them.
#[derive(Debug, Default)]
pub(crate) struct Senders {
    of_package: Vec<Sender>,
    /// Sorted.
    merchants: Vec<MerchantCode>,
}

impl Senders {
    /// Those of `packages`.
    pub(crate) fn of(packages: &[PackageRow]) -> Self {
        let mut merchants: Vec<MerchantCode> = packages.iter().map(|package| package.merchant).collect();
        merchants.sort_unstable();
        merchants.dedup();
        let sender = |package: &PackageRow| {
            let place = merchants.partition_point(|code| *code < package.merchant);
            let merchant_place = u32::try_from(place).expect("rows number the packages with 32 bits");
            Sender { merchant: package.merchant, package: package.key, merchant_place }
        };
        Self { of_package: packages.iter().map(sender).collect(), merchants }
    }

    /// The sender of a package, by the run's index.
    #[inline]
    pub(crate) fn of_package(&self, package: u32) -> &Sender {
        &self.of_package[package as usize]
    }

    /// The merchants that sent packages, sorted.
    pub(crate) fn merchants(&self) -> &[MerchantCode] {
        &self.merchants
    }
}
