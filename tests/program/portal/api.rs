//! Every address of the API as the tests know it: whom it is open to, and a request to it that changes nothing.
//!
//! The tests walk the server's own description; an address that is not in the table here ends them.

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tongclear_access::Action::{self, *};

use super::server::Client;
use crate::city::DAY;

/// Whom an address is open to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opens {
    /// Whoever comes.
    Everybody,
    /// Whoever is known, whatever the role.
    Known,
    /// Those whose role covers it.
    May(Action),
    /// Collectors.
    Collector,
}

use Opens::{Collector, Everybody, Known, May};

/// The addresses of the API.
const OPENS: &[(&str, &str, Opens)] = &[
    ("GET", "/healthz", Everybody),
    ("GET", "/readyz", Everybody),
    ("GET", "/v1/ca.pem", Everybody),
    ("POST", "/v1/sessions", Everybody),
    ("GET", "/v1/sessions", Known),
    ("DELETE", "/v1/sessions", Known),
    ("GET", "/v1/windows", May(ReadFigures)),
    ("GET", "/v1/windows/{window}", May(ReadFigures)),
    ("GET", "/v1/windows/{window}/transactions", May(ReadTransactions)),
    ("GET", "/v1/windows/{window}/export", May(ReadTransactions)),
    ("GET", "/v1/why", May(ReadTransactions)),
    ("GET", "/v1/operator-files", May(ReadTransactions)),
    ("GET", "/v1/windows/{window}/reports", May(ReadStatements)),
    ("GET", "/v1/windows/{window}/reports/{name}", May(ReadStatements)),
    ("GET", "/v1/windows/{window}/continuity", May(ReadDevices)),
    ("GET", "/v1/windows/{window}/devices", May(ReadDevices)),
    ("PUT", "/v1/operator-files/{operator}/{business_date}", May(UploadOperatorFile)),
    ("GET", "/v1/registry", May(ReadRegistry)),
    ("PUT", "/v1/registry", May(Propose)),
    ("GET", "/v1/keys", May(ReadKeys)),
    ("POST", "/v1/keys", May(Propose)),
    ("GET", "/v1/deny-lists", May(ReadDenyLists)),
    ("POST", "/v1/deny-lists", May(Propose)),
    ("GET", "/v1/quarantine", May(ReadQuarantine)),
    ("POST", "/v1/quarantine/retry", May(RetryQuarantine)),
    ("GET", "/v1/intake", May(ReadOperations)),
    ("GET", "/metrics", May(ReadOperations)),
    ("POST", "/v1/nights", May(RunNight)),
    ("GET", "/v1/nights/{window}", May(RunNight)),
    ("GET", "/v1/nights/{window}/events", May(RunNight)),
    ("GET", "/v1/proposals", May(ReadProposals)),
    ("GET", "/v1/proposals/{id}", May(ReadProposals)),
    ("GET", "/v1/four-eyes", May(ReadProposals)),
    ("POST", "/v1/four-eyes", May(SetPolicy)),
    ("POST", "/v1/proposals/{id}/approve", May(Approve)),
    ("POST", "/v1/proposals/{id}/refuse", May(Approve)),
    ("POST", "/v1/proposals/{id}/withdraw", May(Propose)),
    ("GET", "/v1/audit", May(ReadAudit)),
    ("GET", "/v1/users", May(ManageUsers)),
    ("POST", "/v1/users", May(ManageUsers)),
    ("PATCH", "/v1/users/{name}", May(ManageUsers)),
    ("GET", "/v1/tokens", May(ManageUsers)),
    ("POST", "/v1/tokens", May(ManageUsers)),
    ("DELETE", "/v1/tokens/{id}", May(ManageUsers)),
    ("GET", "/v1/certificates", May(ManageCertificates)),
    ("POST", "/v1/certificates", May(ManageCertificates)),
    ("DELETE", "/v1/certificates/{serial}", May(ManageCertificates)),
    ("GET", "/v1/webhooks", May(ManageWebhooks)),
    ("POST", "/v1/webhooks", May(ManageWebhooks)),
    ("DELETE", "/v1/webhooks/{id}", May(ManageWebhooks)),
    ("POST", "/v1/collector/packages", Collector),
    ("GET", "/v1/collector/packages/missing", Collector),
    ("GET", "/v1/collector/results", Collector),
    ("GET", "/v1/collector/results/{window}", Collector),
    ("GET", "/v1/collector/deny-lists", Collector),
    ("GET", "/v1/collector/deny-lists/{operator}", Collector),
    ("GET", "/v1/collector/registry", Collector),
];

/// An address of the server.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    pub(crate) method: String,
    /// As the description writes it, with names in braces.
    pub(crate) path: String,
    pub(crate) opens: Opens,
}

/// Every address that the server describes.
pub(crate) fn endpoints(client: &Client) -> Vec<Endpoint> {
    let described = client.operations();
    assert_eq!(described.len(), OPENS.len(), "an address of the table is gone");
    described.into_iter().map(|(method, path, described)| known(method, path, &described)).collect()
}

/// What the table says of an address; it must be what the description says.
fn known(method: String, path: String, described: &Value) -> Endpoint {
    let row = OPENS.iter().find(|row| (row.0, row.1) == (&*method, &*path));
    let opens = row.unwrap_or_else(|| panic!("{method} {path}: whom is it open to?")).2;
    let security = match opens {
        Everybody => Value::Null,
        Known | May(_) => json!([{ "bearer": [] }]),
        Collector => json!([{ "certificate": [] }]),
    };
    assert_eq!(described["security"], security, "{method} {path}");
    Endpoint { method, path, opens }
}

impl Endpoint {
    /// The address with something in place of each name: what is there where that does no harm, else what is not.
    pub(crate) fn filled(&self) -> String {
        let gone = self.method != "GET";
        let filled = self
            .path
            .replace("{window}", DAY)
            .replace("{business_date}", DAY)
            .replace("{operator}", "0417")
            .replace("{name}", if gone { "nobody" } else { "root.json" })
            .replace("{serial}", "00")
            .replace("{id}", if gone { "999999" } else { "1" });
        assert!(!filled.contains('{'), "{filled}: what stands there?");
        match &*self.path {
            "/v1/why" => format!("{filled}?package=6510c0000000-1&row=0"),
            _ => filled,
        }
    }

    /// A request that can be read and changes nothing, whoever sends it.
    pub(crate) fn request(&self, client: &Client) -> RequestBuilder {
        let request = client.request(&self.method, &self.filled());
        let nobody = json!({ "user": "nobody", "password": "not the password" });
        match (&*self.method, &*self.path) {
            ("GET" | "DELETE", _) | ("POST", "/v1/quarantine/retry") => request,
            ("POST", "/v1/sessions") => request.json(&nobody),
            ("POST", "/v1/collector/packages" | "/v1/deny-lists")
            | ("PUT", "/v1/operator-files/{operator}/{business_date}") => request.body("not a list of ours"),
            ("PUT", "/v1/registry") => {
                request.json(&json!({ "registry_toml": "not a registry", "terminals_csv": "" }))
            }
            ("POST", "/v1/keys") => request.json(&json!({ "keys_toml": "no keys" })),
            ("POST", "/v1/nights") => request.json(&json!({ "window": "2001-01-01" })),
            ("POST", "/v1/four-eyes") => request.json(&json!({ "kind": "haste" })),
            (
                "POST",
                "/v1/proposals/{id}/approve" | "/v1/proposals/{id}/refuse" | "/v1/proposals/{id}/withdraw",
            )
            | ("PATCH", "/v1/users/{name}") => request.json(&json!({})),
            ("POST", "/v1/users") => {
                request.json(&json!({ "name": "-", "role": "clerk", "password": "long enough" }))
            }
            ("POST", "/v1/tokens") => request.json(&json!({ "user": "nobody", "label": "no", "days": 1 })),
            ("POST", "/v1/certificates") => request.json(&json!({ "collector": "000000000000" })),
            ("POST", "/v1/webhooks") => request.json(&json!({ "url": "mailto:somebody" })),
            (method, path) => panic!("{method} {path}: what is a request to it that changes nothing?"),
        }
    }
}
