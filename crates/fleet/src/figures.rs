//! What a run came to: counts of every collector, added up, and the latencies.

use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::answer::Verdict;

/// What a run came to. Every package is counted once in `received`, `already_received` or `quarantined`, by its first
/// answer that was heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Collectors that played.
    pub collectors: u64,
    /// Packages that were answered.
    pub packages: u64,
    /// Records of the packages that the centre took.
    pub records: u64,
    /// Bytes of the packages that the centre took, each package once.
    pub bytes: u64,
    /// Requests that were begun, whatever became of them.
    pub uploads: u64,
    /// Packages that the centre took.
    pub received: u64,
    /// Packages that the centre said it had already: from an answer that was lost, or from an earlier run.
    pub already_received: u64,
    /// Packages that the centre put aside: file name and reason.
    pub quarantined: Vec<(String, String)>,
    /// Packages sent again after they were answered, each answered `already_received`.
    pub resent: u64,
    /// Packages sent whole whose answer was not heard, on purpose.
    pub answers_lost: u64,
    /// Packages cut off in the middle, on purpose.
    pub hung_up: u64,
    /// Requests made again because of the connection, a 5xx, 429 or 408.
    pub retries: u64,
    /// The time from beginning to end; `elapsed_ms` in JSON.
    #[serde(rename = "elapsed_ms", serialize_with = "as_millis")]
    pub elapsed: Duration,
    /// Half of the answers that were heard took at most this long from the request's beginning, milliseconds.
    pub latency_p50_ms: u64,
    /// 99 of 100 answers that were heard took at most this long, milliseconds.
    pub latency_p99_ms: u64,
}

/// The whole milliseconds of a time.
pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Writes a time as whole milliseconds.
fn as_millis<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(millis(*time))
}

/// The counts of some collectors; the fields are those of [`Outcome`].
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) collectors: u64,
    pub(crate) records: u64,
    pub(crate) bytes: u64,
    pub(crate) uploads: u64,
    pub(crate) received: u64,
    pub(crate) already_received: u64,
    pub(crate) quarantined: Vec<(String, String)>,
    pub(crate) resent: u64,
    pub(crate) answers_lost: u64,
    pub(crate) hung_up: u64,
    pub(crate) retries: u64,
    /// How long each answer that was heard took, milliseconds.
    pub(crate) latencies_ms: Vec<u64>,
}

impl Figures {
    /// Notes the first answer to a package.
    pub(crate) fn note(&mut self, file: &str, records: u64, bytes: u64, verdict: Verdict) {
        match verdict {
            Verdict::Received => self.received += 1,
            Verdict::AlreadyReceived => self.already_received += 1,
            Verdict::Quarantined(reason) => {
                self.quarantined.push((file.to_owned(), reason));
                return;
            }
        }
        self.records += records;
        self.bytes += bytes;
    }

    /// Adds the figures of others.
    pub(crate) fn add(&mut self, other: Self) {
        self.collectors += other.collectors;
        self.records += other.records;
        self.bytes += other.bytes;
        self.uploads += other.uploads;
        self.received += other.received;
        self.already_received += other.already_received;
        self.quarantined.extend(other.quarantined);
        self.resent += other.resent;
        self.answers_lost += other.answers_lost;
        self.hung_up += other.hung_up;
        self.retries += other.retries;
        self.latencies_ms.extend(other.latencies_ms);
    }

    /// The outcome of a run that took `elapsed`.
    pub(crate) fn outcome(mut self, elapsed: Duration) -> Outcome {
        self.quarantined.sort_unstable();
        self.latencies_ms.sort_unstable();
        let quarantined = u64::try_from(self.quarantined.len()).unwrap_or(u64::MAX);
        Outcome {
            collectors: self.collectors,
            packages: self.received + self.already_received + quarantined,
            records: self.records,
            bytes: self.bytes,
            uploads: self.uploads,
            received: self.received,
            already_received: self.already_received,
            quarantined: self.quarantined,
            resent: self.resent,
            answers_lost: self.answers_lost,
            hung_up: self.hung_up,
            retries: self.retries,
            elapsed,
            latency_p50_ms: percentile(&self.latencies_ms, 50),
            latency_p99_ms: percentile(&self.latencies_ms, 99),
        }
    }
}

/// The smallest of `sorted` that at least `percent` in a hundred do not exceed (nearest rank); 0 of none.
fn percentile(sorted: &[u64], percent: usize) -> u64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let hundred: Vec<u64> = (1..=100).collect();
        for (sorted, percent, expected) in [
            (&[][..], 50, 0),
            (&[7], 50, 7),
            (&[7], 99, 7),
            (&[1, 2], 50, 1),
            (&[1, 2], 99, 2),
            (&[1, 2, 3], 50, 2),
            (&hundred, 50, 50),
            (&hundred, 99, 99),
        ] {
            assert_eq!(percentile(sorted, percent), expected, "{percent} of {sorted:?}");
        }
    }

    #[test]
    fn a_package_put_aside_counts_as_answered_but_not_as_taken() {
        let mut figures = Figures { collectors: 1, latencies_ms: vec![9, 3], ..Figures::default() };
        figures.note("b", 10, 100, Verdict::Quarantined("seal_invalid".to_owned()));
        figures.note("c", 20, 200, Verdict::Received);
        let mut others = Figures { collectors: 1, latencies_ms: vec![5], ..Figures::default() };
        others.note("a", 40, 400, Verdict::AlreadyReceived);
        figures.add(others);
        let outcome = figures.outcome(Duration::from_millis(1_500));
        assert_eq!(
            serde_json::to_string(&outcome).unwrap(),
            r#"{"collectors":2,"packages":3,"records":60,"bytes":600,"uploads":0,"received":1,"#.to_owned()
                + r#""already_received":1,"quarantined":[["b","seal_invalid"]],"resent":0,"answers_lost":0,"#
                + r#""hung_up":0,"retries":0,"elapsed_ms":1500,"latency_p50_ms":5,"latency_p99_ms":9}"#
        );
    }
}
