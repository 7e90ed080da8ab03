//! `cargo xtask schema`: schemathesis against the OpenAPI document, as a clerk, as an administrator and as a collector.
//!
//! It makes requests of every kind that the document allows, and of many that it does not, and demands that no answer is a
//! fault of the server's and that every answer is one that the document describes.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::centre::{Centre, Server, free_port, make_small_city, text};
use crate::machine::ensure_python_peers;
use crate::shell::{DEBUG, program, run};

/// What every answer is held to.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance";
/// Requests that are made up for each operation.
const EXAMPLES: &str = "12";

/// Runs it on a small centre with one cleared window.
pub(crate) fn run_all() -> Result<()> {
    let schemathesis = ensure_python_peers()?.join("bin/schemathesis");
    let dir = std::env::temp_dir().join(format!("tongclear-schema-{}", std::process::id()));
    let outcome = in_folder(&schemathesis, &dir);
    // What cannot be removed now is in the way of nobody.
    let _ = std::fs::remove_dir_all(&dir);
    outcome
}

fn in_folder(schemathesis: &Path, dir: &Path) -> Result<()> {
    let program = program(DEBUG);
    let city = dir.join("city");
    make_small_city(&program, &city)?;
    let centre = Centre::new(program, dir.join("centre"), None);
    centre.knows(&city)?;
    centre.clears(&city)?;
    let server = Server::start(&centre, free_port()?)?;
    let url = format!("https://{}/v1/openapi.json", server.address);
    let ca = text(&centre.certificates().join("ca.pem"));
    let base = || {
        let mut command = Command::new(schemathesis);
        // What it keeps for its next run goes with the folder.
        command.current_dir(dir);
        command.args(["run", &url, "--tls-verify", &ca, "--checks", CHECKS, "--max-examples", EXAMPLES]);
        command.args([
            "--phases",
            "examples,coverage,fuzzing",
            "--generation-deterministic",
            "--suppress-health-check",
            "all",
        ]);
        // Limits are kept for everybody; they are not what is tested here.
        command.args(["--rate-limit", "60/s", "--no-color", "--warnings", "off"]);
        command
    };
    for (name, role) in [("wang", "clerk"), ("boss", "admin")] {
        let mut add = centre.command(&["user", "add", name, "--role", role]);
        run(add.env("TONGCLEAR_NEW_PASSWORD", "only for this campaign"))?;
        let token = centre.done(&["token", "issue", "--for", name, "--label", "schema"])?;
        let token = token.lines().last().context("no token was printed")?;
        run(base().args(["--header", &format!("Authorization: Bearer {token}")]))?;
    }
    let (certificate, key) = first_certificate(&centre)?;
    run(base().args([
        "--include-path-regex",
        "^/v1/collector/",
        "--request-cert",
        &certificate,
        "--request-cert-key",
        &key,
    ]))?;
    server.end()
}

/// The certificate and key of some collector.
fn first_certificate(centre: &Centre) -> Result<(String, String)> {
    let mut files: Vec<_> =
        centre.certificates().read_dir()?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    let key = files.into_iter().find(|path| path.extension().is_some_and(|it| it == "key"));
    let key = key.context("there is no certificate")?;
    Ok((text(&key.with_extension("pem")), text(&key)))
}
