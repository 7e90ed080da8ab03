//! What to play: the plan and its limits.
//!
//! Bounds: shares are percentages from 0 to 100; at least one collector is connected at a time.

use std::path::PathBuf;
use std::time::Duration;

use reqwest::Url;

use crate::error::FleetError;

/// Where packages are sent, below the server.
const UPLOAD_PATH: &str = "/v1/collector/packages";

/// What to play; the same plan over the same folder gives the same scripts, though the network may answer otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The centre, as `https://host:port`. Over `http://` no certificate is read or shown.
    pub server: String,
    /// Folder that is searched, with everything below it, for `<collector>-<sequence, 10 digits>.ctp`.
    pub packages: PathBuf,
    /// Folder with `ca.pem` and for each collector `<collector>.pem` and `<collector>.key` (PKCS#8 PEM).
    pub certificates: PathBuf,
    /// At most this many collectors, the first by id; all of the folder when none is given.
    pub collectors: Option<usize>,
    /// Seed of every random choice.
    pub seed: u64,
    /// What goes wrong on purpose.
    pub mischief: Mischief,
    /// Collectors that are connected at the same time; the others wait until one of them goes.
    pub at_once: usize,
    /// How long one package may go without an answer before the run fails.
    pub give_up_after: Duration,
}

impl Plan {
    /// Checks every field, in the order of the fields, and gives the address to upload to.
    pub(crate) fn validate(&self) -> Result<Url, FleetError> {
        let url = self.upload_url()?;
        let at_least_one = |field, value: usize| match value {
            0 => Err(FleetError::plan(field, value, "at least 1")),
            _ => Ok(()),
        };
        at_least_one("collectors", self.collectors.unwrap_or(1))?;
        let Mischief { resend_percent, lose_answer_percent, hang_up_mid_body_percent, shuffle: _ } =
            self.mischief;
        for (field, value) in [
            ("resend_percent", resend_percent),
            ("lose_answer_percent", lose_answer_percent),
            ("hang_up_mid_body_percent", hang_up_mid_body_percent),
        ] {
            if value > 100 {
                return Err(FleetError::plan(field, value, "0 to 100"));
            }
        }
        at_least_one("at_once", self.at_once)?;
        Ok(url)
    }

    /// The server's address with the path of uploads.
    fn upload_url(&self) -> Result<Url, FleetError> {
        let refused = || FleetError::plan("server", &self.server, "https://host:port, and nothing after it");
        let mut url = Url::parse(&self.server).map_err(|_| refused())?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() || !bare {
            return Err(refused());
        }
        url.set_path(UPLOAD_PATH);
        Ok(url)
    }
}

/// What goes wrong on purpose, as shares of the packages. Collectors come and go whatever is said here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mischief {
    /// How often an answered package is sent again, percent; it must be `already_received` then.
    pub resend_percent: u8,
    /// How often a package is first sent whole without hearing the answer, percent.
    pub lose_answer_percent: u8,
    /// How often a package is first cut off in the middle of its bytes, percent.
    pub hang_up_mid_body_percent: u8,
    /// Whether some neighbouring packages change places.
    pub shuffle: bool,
}

impl Mischief {
    /// Nothing goes wrong on purpose.
    pub const NONE: Self =
        Self { resend_percent: 0, lose_answer_percent: 0, hang_up_mid_body_percent: 0, shuffle: false };
}

impl Default for Mischief {
    fn default() -> Self {
        Self { resend_percent: 10, lose_answer_percent: 5, hang_up_mid_body_percent: 5, shuffle: true }
    }
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Packages answered for good.
    pub answered: u64,
    /// Packages that the whole run will send.
    pub packages_total: u64,
    /// Records of the packages that the centre took.
    pub records: u64,
    /// Requests that had to be made again because of the connection or a busy centre.
    pub retries: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        Plan {
            server: "https://centre.example:8443".to_owned(),
            packages: PathBuf::new(),
            certificates: PathBuf::new(),
            collectors: None,
            seed: 1,
            mischief: Mischief::default(),
            at_once: 1,
            give_up_after: Duration::ZERO,
        }
    }

    fn check(change: impl FnOnce(&mut Plan), expected: &str) {
        let mut plan = plan();
        change(&mut plan);
        let told = plan.validate().map_or_else(|error| error.to_string(), |url| url.to_string());
        assert_eq!(told, expected);
    }

    #[test]
    fn a_plan_is_checked_field_by_field() {
        let server = |text: &'static str| move |plan: &mut Plan| plan.server = text.to_owned();
        check(|_| {}, "https://centre.example:8443/v1/collector/packages");
        check(server("http://127.0.0.1:80/"), "http://127.0.0.1/v1/collector/packages");
        check(
            server("https://h/api"),
            "server = https://h/api: expected https://host:port, and nothing after it",
        );
        check(server("h:8443"), "server = h:8443: expected https://host:port, and nothing after it");
        check(server(""), "server = : expected https://host:port, and nothing after it");
        check(|plan| plan.collectors = Some(0), "collectors = 0: expected at least 1");
        check(|plan| plan.at_once = 0, "at_once = 0: expected at least 1");
        check(|plan| plan.mischief.resend_percent = 101, "resend_percent = 101: expected 0 to 100");
    }
}
