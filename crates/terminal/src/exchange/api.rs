//! Exchange over the centre's API (`docs/serve.md`) with the collector's certificate.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::blocking::{Client, Response};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use serde::Deserialize;

use super::{CentreLink, HandedIn, ListFile};
use crate::TerminalError;
use crate::lists::OPERATORS_JSON;

/// The longest that one request may take: a package of half a thousand records over a slow line.
const PATIENCE: Duration = Duration::from_secs(60);

/// The centre behind its API.
#[derive(Debug)]
pub struct ApiCentre {
    client: Client,
    url: String,
}

/// What the centre answers to a package.
#[derive(Deserialize)]
struct PackageAnswer {
    result: String,
    refusal: Option<serde_json::Value>,
}

/// A deny list in the overview.
#[derive(Deserialize)]
struct DenyListHead {
    operator: String,
    version: u32,
}

impl ApiCentre {
    /// A client for the centre at `url` with the files of `[root, certificate, key]`, PEM.
    ///
    /// # Errors
    /// A file that is missing or is not what it should be.
    pub fn new(url: &str, [root, certificate, key]: [&Path; 3]) -> Result<Self, TerminalError> {
        let refused = |path: &Path, error: &dyn std::fmt::Display| TerminalError::Config {
            path: path.to_owned(),
            message: error.to_string(),
        };
        let read = |path: &Path| fs::read(path).map_err(TerminalError::io(path));
        let certificates = |path: &Path| {
            CertificateDer::pem_slice_iter(&read(path)?)
                .collect::<Result<Vec<_>, _>>()
                .map_err(|error| refused(path, &error))
        };
        let mut roots = RootCertStore::empty();
        for certificate in certificates(root)? {
            roots.add(certificate).map_err(|error| refused(root, &error))?;
        }
        let chain = certificates(certificate)?;
        let private = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|error| refused(key, &error))?;
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| TerminalError::Centre(error.to_string()))?
            .with_root_certificates(roots)
            .with_client_auth_cert(chain, private)
            .map_err(|error| refused(certificate, &error))?;
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .http1_only()
            .no_proxy()
            .timeout(PATIENCE)
            .build()
            .map_err(|error| TerminalError::Centre(with_causes(&error)))?;
        Ok(Self { client, url: url.trim_end_matches('/').to_owned() })
    }

    /// The answer to GET `path`; none when there is no such thing.
    fn get(&self, path: &str) -> Result<Option<Response>, TerminalError> {
        let response = self
            .client
            .get(format!("{}{path}", self.url))
            .send()
            .map_err(|error| TerminalError::Centre(with_causes(&error)))?;
        match response.status() {
            StatusCode::OK => Ok(Some(response)),
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(refusal(response)),
        }
    }

    fn json<A: serde::de::DeserializeOwned>(&self, path: &str) -> Result<Option<A>, TerminalError> {
        let Some(response) = self.get(path)? else { return Ok(None) };
        response
            .json()
            .map(Some)
            .map_err(|error| TerminalError::Centre(format!("{path}: {}", with_causes(&error))))
    }

    fn bytes(&self, path: &str) -> Result<Option<Vec<u8>>, TerminalError> {
        let Some(response) = self.get(path)? else { return Ok(None) };
        let bytes = response.bytes().map_err(|error| TerminalError::Centre(with_causes(&error)))?;
        Ok(Some(bytes.to_vec()))
    }
}

/// What the centre said instead.
fn refusal(response: Response) -> TerminalError {
    let status = response.status();
    let text = response.text().unwrap_or_default();
    TerminalError::Centre(format!("{status}: {}", text.chars().take(500).collect::<String>()))
}

/// An error with what caused it.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

impl CentreLink for ApiCentre {
    fn hand_in(&mut self, _: &str, package: &[u8]) -> Result<HandedIn, TerminalError> {
        let response = self
            .client
            .post(format!("{}/v1/collector/packages", self.url))
            .header("content-type", "application/octet-stream")
            .body(package.to_vec())
            .send()
            .map_err(|error| TerminalError::Centre(with_causes(&error)))?;
        if response.status() != StatusCode::OK {
            return Err(refusal(response));
        }
        let answer: PackageAnswer =
            response.json().map_err(|error| TerminalError::Centre(with_causes(&error)))?;
        match answer.result.as_str() {
            "received" | "already_received" => Ok(HandedIn::Received),
            "quarantined" => {
                Ok(HandedIn::Quarantined(answer.refusal.map(|it| it.to_string()).unwrap_or_default()))
            }
            other => Err(TerminalError::Centre(format!("result is {other:?}, which is not documented"))),
        }
    }

    fn results(&mut self) -> Result<Vec<Vec<u8>>, TerminalError> {
        let windows: Vec<String> = self.json("/v1/collector/results")?.unwrap_or_default();
        windows
            .iter()
            .filter_map(|window| self.bytes(&format!("/v1/collector/results/{window}")).transpose())
            .collect()
    }

    fn lists(&mut self) -> Result<Vec<ListFile>, TerminalError> {
        let mut lists = Vec::new();
        if let Some(bytes) = self.bytes("/v1/collector/registry")? {
            lists.push(ListFile { name: OPERATORS_JSON.to_owned(), bytes });
        }
        let heads: Vec<DenyListHead> = self.json("/v1/collector/deny-lists")?.unwrap_or_default();
        for DenyListHead { operator, version } in heads {
            if let Some(bytes) = self.bytes(&format!("/v1/collector/deny-lists/{operator}"))? {
                lists.push(ListFile { name: format!("deny-{operator}-{version}.txt"), bytes });
            }
        }
        Ok(lists)
    }
}
