//! What all requests share.

use std::sync::Arc;

use tongclear_engine::Centre;
use tongclear_types::UnixMillis;

use crate::extract::Room;
use crate::intake::Intake;
use crate::keys::Keys;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::nights::Nights;

/// The centre and what stands around it.
pub(crate) struct Shared {
    /// Whoever asks works in it under their own name.
    pub(crate) centre: Centre,
    pub(crate) keys: Arc<Keys>,
    pub(crate) intake: Intake,
    pub(crate) nights: Arc<Nights>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) limits: Limits,
    pub(crate) room: Room,
    /// Part of each request's id.
    pub(crate) started_at: UnixMillis,
}
