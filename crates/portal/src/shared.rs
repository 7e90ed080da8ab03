//! What all requests share.

use std::sync::Arc;

use tokio::sync::Semaphore;
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
    /// Bound to nobody's scope: see [`Shared::unscoped`].
    pub(super) centre: Centre,
    pub(crate) keys: Arc<Keys>,
    pub(crate) intake: Intake,
    pub(crate) nights: Arc<Nights>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) limits: Limits,
    pub(crate) room: Room,
    /// Exports that may run at the same time: each holds the compressed files of its window.
    pub(crate) exports: Arc<Semaphore>,
    /// Part of each request's id.
    pub(crate) started_at: UnixMillis,
}

impl Shared {
    /// The centre without anybody's scope: to find out who asks, for its clock, and for what is nobody's figures. Whoever is
    /// known goes by [`Caller`](crate::caller::Caller) or [`Collector`](crate::caller::Collector).
    pub(crate) const fn unscoped(&self) -> &Centre {
        &self.centre
    }
}
