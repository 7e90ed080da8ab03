//! How often somebody may ask: a bucket a caller, so that one who hammers keeps nobody else out.

use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter};
use std::hash::Hash;

use crate::problem::Problem;

/// Requests a second of a person or program.
const CALLER_PER_S: NonZeroU32 = NonZeroU32::new(100).expect("not zero");
/// Requests a second of a collector: far more than one has to send.
const COLLECTOR_PER_S: NonZeroU32 = NonZeroU32::new(200).expect("not zero");
/// Attempts to log in a minute from one address; an account rests after five wrong passwords besides.
const STRANGER_PER_MIN: NonZeroU32 = NonZeroU32::new(30).expect("not zero");
/// Callers that are remembered before those that have not asked for long are forgotten.
const REMEMBERED_MAX: usize = 20_000;

/// The buckets.
pub(crate) struct Limits {
    callers: DefaultKeyedRateLimiter<String>,
    collectors: DefaultKeyedRateLimiter<String>,
    strangers: DefaultKeyedRateLimiter<IpAddr>,
}

impl Limits {
    pub(crate) fn new() -> Self {
        Self {
            callers: RateLimiter::keyed(Quota::per_second(CALLER_PER_S)),
            collectors: RateLimiter::keyed(Quota::per_second(COLLECTOR_PER_S)),
            strangers: RateLimiter::keyed(Quota::per_minute(STRANGER_PER_MIN)),
        }
    }

    pub(crate) fn caller(&self, actor: &str) -> Result<(), Problem> {
        check(&self.callers, &actor.to_owned())
    }

    pub(crate) fn collector(&self, actor: &str) -> Result<(), Problem> {
        check(&self.collectors, &actor.to_owned())
    }

    pub(crate) fn stranger(&self, peer: IpAddr) -> Result<(), Problem> {
        check(&self.strangers, &peer)
    }
}

fn check<K: Hash + Eq + Clone>(limiter: &DefaultKeyedRateLimiter<K>, key: &K) -> Result<(), Problem> {
    if limiter.len() > REMEMBERED_MAX {
        limiter.retain_recent();
    }
    limiter.check_key(key).map(|_| ()).map_err(|until: NotUntil<_>| {
        let wait = until.wait_time_from(DefaultClock::default().now());
        Problem::too_many(wait.as_secs() + 1)
    })
}
