//! `serve`: the door, until it is asked to close.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use tongclear_desk::{DeskError, authority};
use tongclear_portal::{Server, ServerIdentity, Settings};
use zeroize::Zeroizing;

use crate::args::Global;
use crate::commands::registry::read_text;
use crate::exit::{CliError, DONE};
use crate::open;
use crate::output::Output;

/// How long the certificate that the server issues itself is good for: it is made anew at each start, days.
const SERVER_CERTIFICATE_DAYS: u32 = 397;

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address and port; port 0 takes any that is free
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8443")]
    listen: SocketAddr,
    /// A name or IP address under which clients reach it; may be given several times
    #[arg(long = "name", value_name = "HOST", default_values = ["localhost", "127.0.0.1"])]
    names: Vec<String>,
    /// The server's certificate chain, PEM, instead of one of the centre's own CA
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_certificate: Option<PathBuf>,
    /// Its private key, PEM
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
    /// Speak HTTP without TLS, on this machine only: no collector can come in
    #[arg(long, conflicts_with_all = ["tls_certificate", "tls_key"])]
    plain_http: bool,
    /// Print the OpenAPI document and end
    #[arg(long)]
    openapi: bool,
}

pub(crate) async fn run(options: Serve, global: &Global, output: &Output) -> anyhow::Result<u8> {
    if options.openapi {
        Output::print(tongclear_portal::api_document().as_bytes())?;
        return Ok(DONE);
    }
    let centre = open::centre(global).await?;
    let passphrase = open::passphrase(global)?;
    // A wrong passphrase is found now, not by the first collector.
    if centre.store.latest_key_ring().await?.is_some() {
        centre.key_ring(&passphrase).await?;
    }
    let tls = if options.plain_http {
        if !options.listen.ip().is_loopback() {
            let listen = options.listen;
            let hint = format!("--plain-http: {listen} can be reached from other machines; use TLS there");
            return Err(CliError::Usage(hint).into());
        }
        None
    } else {
        let authority_pem = authority::certificate(&centre).await?;
        let identity = match (&options.tls_certificate, &options.tls_key) {
            (Some(chain), Some(key)) => {
                ServerIdentity { chain_pem: read_text(chain)?, key_pem: Zeroizing::new(read_text(key)?) }
            }
            _ => {
                let opened = authority::open(&centre, &passphrase).await?;
                let issued = opened
                    .issue_server(&options.names, centre.clock.now(), SERVER_CERTIFICATE_DAYS)
                    .map_err(|error| DeskError::Refused(format!("--name: {error}")))?;
                ServerIdentity { chain_pem: issued.certificate_pem, key_pem: issued.key_pem }
            }
        };
        Some((identity, authority_pem))
    };
    let scheme = if tls.is_some() { "https" } else { "http" };
    let ending = ending()?;
    let server = Server::start(centre, passphrase, Settings { listen: options.listen, tls }).await?;
    let url = format!("{scheme}://{}", server.address());
    output.result(&json!({ "url": url, "openapi": format!("{url}/v1/openapi.json") }), || {
        output.pick(
            format!("清算中心接口 {url}（接口说明 {url}/v1/openapi.json）；按 Ctrl+C 结束"),
            format!("serving {url}, described at {url}/v1/openapi.json; Ctrl+C ends it"),
        )
    })?;
    ending.await;
    output.say("正在结束：先完成已受理的请求", "ending: what was acknowledged is finished first");
    server.stop().await;
    Ok(DONE)
}

/// Waits for Ctrl+C or SIGTERM; heard from the moment it is made.
fn ending() -> Result<impl Future<Output = ()>, CliError> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| {
        signal(kind).map_err(|reason| CliError::Disk {
            doing: "listening for",
            path: "signals".into(),
            reason,
        })
    };
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
