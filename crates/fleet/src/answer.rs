//! What the centre said: a response judged by its status and body alone.

use std::time::Duration;

use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use crate::error::{FleetError, shown};

/// A response, read to its end.
#[derive(Debug)]
pub(crate) struct Response {
    /// The HTTP status.
    pub(crate) status: StatusCode,
    /// How long the centre asks to wait.
    pub(crate) retry_after: Option<Duration>,
    /// The body.
    pub(crate) body: Vec<u8>,
}

/// What becomes of a package, for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The centre took it.
    Received,
    /// The centre had taken it before.
    AlreadyReceived,
    /// The centre put it aside, for this reason.
    Quarantined(String),
}

impl Verdict {
    /// As the API says it.
    pub(crate) const fn result(&self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::AlreadyReceived => "already_received",
            Self::Quarantined(_) => "quarantined",
        }
    }
}

/// What a response means for the request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The package is answered.
    Answered(Verdict),
    /// The request is to be made again, after the wait the centre asked for, if it did.
    Again(Option<Duration>),
}

/// The fields of an answer that are held against something.
#[derive(Deserialize)]
struct Answer {
    result: String,
    sha256: String,
    reason: Option<Value>,
    field: Option<Value>,
    value: Option<Value>,
    expected: Option<Value>,
}

impl Response {
    /// Judges the response to `file`, whose bytes have the digest `sent` in lower-case hex.
    ///
    /// # Errors
    /// [`FleetError::Refused`] for a status that no retry would change, [`FleetError::NotAnAnswer`] for a body
    /// without the documented form, [`FleetError::OtherBytes`] for another digest.
    pub(crate) fn judge(&self, file: &str, sent: &str) -> Result<Meaning, FleetError> {
        match self.status {
            StatusCode::OK => read(&self.body, file, sent).map(Meaning::Answered),
            StatusCode::REQUEST_TIMEOUT => Ok(Meaning::Again(None)),
            StatusCode::TOO_MANY_REQUESTS => Ok(Meaning::Again(self.retry_after)),
            status if status.is_server_error() => Ok(Meaning::Again(self.retry_after)),
            status => Err(FleetError::Refused {
                file: file.to_owned(),
                status: status.as_u16(),
                body: shown(&self.body),
            }),
        }
    }

    /// The response in one line, for whoever asks why there was no answer.
    pub(crate) fn summary(&self) -> String {
        format!("status {}: {}", self.status.as_u16(), shown(&self.body))
    }
}

/// The answer to a package.
fn read(body: &[u8], file: &str, sent: &str) -> Result<Verdict, FleetError> {
    let refused =
        |message: String| FleetError::NotAnAnswer { file: file.to_owned(), message, body: shown(body) };
    let answer: Answer = serde_json::from_slice(body).map_err(|error| refused(error.to_string()))?;
    if !answer.sha256.eq_ignore_ascii_case(sent) {
        return Err(FleetError::OtherBytes {
            file: file.to_owned(),
            sent: sent.to_owned(),
            answered: answer.sha256,
        });
    }
    match answer.result.as_str() {
        "received" => Ok(Verdict::Received),
        "already_received" => Ok(Verdict::AlreadyReceived),
        "quarantined" => Ok(Verdict::Quarantined(answer.reason_text())),
        other => Err(refused(format!("the result is {other:?}"))),
    }
}

impl Answer {
    /// Why the package was put aside, as the door says it: `reason: field is value, expected …`.
    fn reason_text(&self) -> String {
        let text = |value: &Option<Value>, otherwise: &str| match value {
            None | Some(Value::Null) => otherwise.to_owned(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        let reason = text(&self.reason, "no reason given");
        if self.field.is_none() {
            return reason;
        }
        let (field, value) = (text(&self.field, "a field"), text(&self.value, "not said"));
        format!("{reason}: {field} is {value}, expected {}", text(&self.expected, "something else"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: u16, retry_after_s: Option<u64>, body: &str, expected: &str) {
        let response = Response {
            status: StatusCode::from_u16(status).unwrap(),
            retry_after: retry_after_s.map(Duration::from_secs),
            body: body.as_bytes().to_vec(),
        };
        let told = match response.judge("f.ctp", "ab") {
            Ok(meaning) => format!("{meaning:?}"),
            Err(error) => error.to_string(),
        };
        assert_eq!(told, expected, "{status} {body}");
    }

    #[test]
    fn responses_are_judged_by_status_and_body() {
        let answer = |rest: &str| format!(r#"{{"collector":"6510000000f1","sequence":3,{rest}}}"#);
        check(200, None, &answer(r#""result":"received","sha256":"ab""#), "Answered(Received)");
        check(
            200,
            None,
            &answer(r#""result":"already_received","sha256":"AB""#),
            "Answered(AlreadyReceived)",
        );
        check(
            200,
            None,
            &answer(
                r#""result":"quarantined","sha256":"ab","reason":"sum_mismatch","field":"amount_sum","value":7,"expected":"8""#,
            ),
            r#"Answered(Quarantined("sum_mismatch: amount_sum is 7, expected 8"))"#,
        );
        check(
            200,
            None,
            &answer(r#""result":"quarantined","sha256":"ab","reason":"seal_invalid""#),
            r#"Answered(Quarantined("seal_invalid"))"#,
        );
        check(
            200,
            None,
            &answer(r#""result":"received","sha256":"cd""#),
            "f.ctp: sent bytes with SHA-256 ab, answered for cd",
        );
        check(
            200,
            None,
            r#"{"result":"lost","sha256":"ab"}"#,
            r#"f.ctp: not an answer to a package: the result is "lost": {"result":"lost","sha256":"ab"}"#,
        );
        check(
            200,
            None,
            "",
            "f.ctp: not an answer to a package: EOF while parsing a value at line 1 column 0: ",
        );
        check(429, Some(3), "", "Again(Some(3s))");
        check(503, Some(1), "", "Again(Some(1s))");
        check(503, None, "", "Again(None)");
        check(500, None, "", "Again(None)");
        check(408, None, "", "Again(None)");
        check(403, None, "revoked", "f.ctp: the centre refused the request with status 403: revoked");
        check(302, None, "", "f.ctp: the centre refused the request with status 302: ");
    }
}
