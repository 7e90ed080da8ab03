//! What one collector will do, decided before it begins: a pure function of the number of its packages, the mischief
//! and its stream of chance.
//!
//! **Invariant:** every package has exactly one [`Step::Upload`]; mishaps come right before the upload of their
//! package, and resends somewhere after it.

use std::time::Duration;

use crate::plan::Mischief;
use crate::random::Random;

/// Packages that a collector sends before it goes, at most.
const VISIT_PACKAGES_MAX: u64 = 12;
/// How long a collector stays away, milliseconds: long enough for the centre to notice, short enough for a run.
const AWAY_MS: (u64, u64) = (20, 200);
/// How long a collector that will lose the answer stays to the last, milliseconds: sometimes less and sometimes more
/// than the centre needs to write a package down.
const LOSING_MS: (u64, u64) = (1, 30);
/// How often two neighbouring packages change places, percent.
const SWAP_PERCENT: u8 = 25;

/// One thing that a collector does; packages by their index in the order of sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Sends part of the package and closes the connection.
    HangUp {
        /// The package.
        package: usize,
        /// How much of its bytes is sent, percent; 1 to 99.
        percent: u8,
    },
    /// Sends the whole package and closes the connection without hearing the answer.
    LoseAnswer {
        /// The package.
        package: usize,
        /// How long it stays after the last byte.
        stays: Duration,
    },
    /// Sends the package until it is answered.
    Upload {
        /// The package.
        package: usize,
    },
    /// Sends an answered package again.
    Resend {
        /// The package.
        package: usize,
    },
    /// Goes, and comes back over a new connection.
    Leave {
        /// How long it stays away.
        away: Duration,
    },
}

/// The script of a collector with `packages` packages.
pub(crate) fn script(packages: usize, mischief: &Mischief, random: &mut Random) -> Vec<Step> {
    let order = order(packages, mischief.shuffle, random);
    let mut steps = Vec::with_capacity(packages.saturating_mul(2));
    let mut until_leave = random.between(1, VISIT_PACKAGES_MAX);
    for (done, &package) in order.iter().enumerate() {
        if until_leave == 0 {
            steps.push(Step::Leave { away: random.millis(AWAY_MS.0, AWAY_MS.1) });
            until_leave = random.between(1, VISIT_PACKAGES_MAX);
        }
        until_leave -= 1;
        if random.percent(mischief.hang_up_mid_body_percent) {
            let percent = u8::try_from(random.between(1, 99)).expect("below 100");
            steps.push(Step::HangUp { package, percent });
        }
        if random.percent(mischief.lose_answer_percent) {
            steps.push(Step::LoseAnswer { package, stays: random.millis(LOSING_MS.0, LOSING_MS.1) });
        }
        steps.push(Step::Upload { package });
        if random.percent(mischief.resend_percent) {
            steps.push(Step::Resend { package: order[random.index(done + 1)] });
        }
    }
    steps
}

/// The order in which packages are sent: by sequence, but for some neighbours that change places.
fn order(packages: usize, shuffle: bool, random: &mut Random) -> Vec<usize> {
    let mut order: Vec<usize> = (0..packages).collect();
    if shuffle {
        order.chunks_exact_mut(2).filter(|_| random.percent(SWAP_PERCENT)).for_each(<[usize]>::reverse);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;
    use tongclear_types::CollectorId;

    fn make(packages: usize, mischief: &Mischief, seed: u64) -> Vec<Step> {
        let mut random = Random::new(seed, CollectorId([1; 6]), Purpose::Script);
        script(packages, mischief, &mut random)
    }

    /// Holds a script against the invariant, and counts hang-ups, lost answers, resends and leaves.
    fn check(packages: usize, mischief: &Mischief, seed: u64) -> [usize; 4] {
        let steps = make(packages, mischief, seed);
        assert_eq!(steps, make(packages, mischief, seed), "seed {seed}");
        let mut counts = [0; 4];
        let mut uploaded = vec![false; packages];
        let mut due = None;
        for step in &steps {
            match *step {
                Step::HangUp { package, percent } => {
                    assert!((1..=99).contains(&percent));
                    assert_eq!(due.replace(package), None, "seed {seed}: {steps:?}");
                    counts[0] += 1;
                }
                Step::LoseAnswer { package, .. } => {
                    assert!(due.replace(package).is_none_or(|due| due == package), "seed {seed}: {steps:?}");
                    counts[1] += 1;
                }
                Step::Upload { package } => {
                    assert!(due.take().is_none_or(|due| due == package), "seed {seed}: {steps:?}");
                    assert!(!std::mem::replace(&mut uploaded[package], true), "seed {seed}: {steps:?}");
                }
                Step::Resend { package } => {
                    assert!(uploaded[package] && due.is_none(), "seed {seed}: {steps:?}");
                    counts[2] += 1;
                }
                Step::Leave { .. } => {
                    assert_eq!(due, None, "seed {seed}: {steps:?}");
                    counts[3] += 1;
                }
            }
        }
        assert!(uploaded.iter().all(|uploaded| *uploaded), "seed {seed}: {steps:?}");
        counts
    }

    #[test]
    fn every_package_is_uploaded_once_and_mishaps_come_before_and_resends_after() {
        let all = Mischief {
            resend_percent: 100,
            lose_answer_percent: 100,
            hang_up_mid_body_percent: 100,
            shuffle: true,
        };
        assert_eq!(check(0, &all, 1), [0, 0, 0, 0]);
        for seed in 0..200 {
            assert_eq!(check(40, &all, seed)[..3], [40, 40, 40]);
            assert_eq!(check(40, &Mischief::NONE, seed)[..3], [0, 0, 0]);
            assert!(check(40, &Mischief::default(), seed)[3] >= 3, "40 packages are more than 3 visits");
        }
    }

    #[test]
    fn shares_are_about_what_the_mischief_says() {
        let [hung_up, lost, resent, _] = check(10_000, &Mischief::default(), 3);
        assert!((400..=600).contains(&hung_up), "{hung_up}");
        assert!((400..=600).contains(&lost), "{lost}");
        assert!((850..=1_150).contains(&resent), "{resent}");
    }

    #[test]
    fn only_neighbours_change_places_and_only_when_shuffled() {
        let mut random = Random::new(5, CollectorId([2; 6]), Purpose::Script);
        assert!(order(100, false, &mut random).is_sorted());
        let shuffled = order(100, true, &mut random);
        assert!(!shuffled.is_sorted());
        assert!(shuffled.iter().enumerate().all(|(place, package)| place.abs_diff(*package) <= 1));
    }

    #[test]
    fn collectors_and_seeds_have_streams_of_their_own() {
        let of = |seed, collector| {
            script(40, &Mischief::default(), &mut Random::new(seed, CollectorId(collector), Purpose::Script))
        };
        assert_ne!(of(1, [1; 6]), of(2, [1; 6]));
        assert_ne!(of(1, [1; 6]), of(1, [2; 6]));
    }
}
