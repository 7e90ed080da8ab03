//! What the files of a card hold (`card.md`, *Files*).

mod city_union;
mod log;
mod management;
mod public;
mod region;
mod trip;

pub use city_union::CityUnionInfo;
pub use log::{LOG_RECORD_LEN, LogRecord};
pub use management::{CardCategory, MANAGEMENT_READ_LEN, Management};
pub use public::{ApplicationType, PUBLIC_LEN, PublicInfo};
pub use region::region_name;
pub use trip::{TRIP_LEN, TRIP_RECORD_LEN, Trip, TripRecord, TripState};
