//! How long to wait before a request is made again, and when to give up: values in, values out, no clock.
//!
//! Bounds: waits that the centre does not ask for lie between [`WAIT_FIRST`]/2 and [`WAIT_MAX`].

use std::time::Duration;

use crate::random::Random;

/// The first wait.
pub(crate) const WAIT_FIRST: Duration = Duration::from_millis(50);
/// The longest wait that the centre did not ask for.
pub(crate) const WAIT_MAX: Duration = Duration::from_secs(2);

/// The waits of one package: 50 ms doubling to 2 s, each between half of it and all of it.
#[derive(Debug)]
pub(crate) struct Patience {
    give_up_after: Duration,
    wait: Duration,
}

impl Patience {
    /// The patience of a package that may go `give_up_after` without an answer.
    pub(crate) const fn new(give_up_after: Duration) -> Self {
        Self { give_up_after, wait: WAIT_FIRST }
    }

    /// How long to wait after an attempt failed `elapsed` after the first one began; none when it is time to give up.
    /// A wait that the centre asked for is at least kept.
    pub(crate) fn wait(
        &mut self,
        elapsed: Duration,
        asked_for: Option<Duration>,
        random: &mut Random,
    ) -> Option<Duration> {
        let half_ms = u64::try_from((self.wait / 2).as_millis()).expect("at most a second");
        let jitter = random.millis(0, half_ms);
        let wait = match asked_for {
            Some(asked_for) => asked_for.saturating_add(jitter),
            None => self.wait / 2 + jitter,
        };
        self.wait = (self.wait * 2).min(WAIT_MAX);
        (elapsed.saturating_add(wait) <= self.give_up_after).then_some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;
    use tongclear_types::CollectorId;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn waits_double_to_two_seconds_and_stay_within_the_upper_half() {
        for seed in 0..100 {
            let mut random = Random::new(seed, CollectorId([1; 6]), Purpose::Jitter);
            let mut patience = Patience::new(ms(60_000));
            for full in [50, 100, 200, 400, 800, 1_600, 2_000, 2_000] {
                let wait = patience.wait(ms(0), None, &mut random).unwrap();
                assert!((ms(full / 2)..=ms(full)).contains(&wait), "seed {seed}: {wait:?} of {full} ms");
            }
        }
    }

    #[test]
    fn gives_up_when_the_wait_would_end_too_late() {
        // elapsed, asked for, whether another attempt is made; of 1,000 ms in all and a first wait of at most 50 ms.
        for (elapsed, asked_for, expected) in [
            (0, None, true),
            (950, None, true),
            (976, None, false),
            (1_001, None, false),
            (0, Some(0), true),
            (0, Some(975), true),
            (0, Some(1_001), false),
            (500, Some(501), false),
            (0, Some(u64::MAX), false),
        ] {
            let mut random = Random::new(1, CollectorId([1; 6]), Purpose::Jitter);
            let wait = Patience::new(ms(1_000)).wait(ms(elapsed), asked_for.map(ms), &mut random);
            assert_eq!(wait.is_some(), expected, "{elapsed} {asked_for:?} {wait:?}");
            if let (Some(wait), Some(asked_for)) = (wait, asked_for) {
                assert!(wait >= ms(asked_for), "{wait:?} is shorter than {asked_for} ms");
            }
        }
    }
}
