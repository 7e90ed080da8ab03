//! `ca`: the centre's own certificate authority, and the certificates of collectors.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::json;
use tongclear_access::Action;
use tongclear_desk::authority;
use tongclear_report::{Align, Table};
use tongclear_store::people::certificates;
use tongclear_types::{CollectorId, UnixMillis};

use crate::args::Global;
use crate::exit::{CliError, DONE};
use crate::open;
use crate::out_file::OutFile;
use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum CaCommand {
    /// Make the authority, once · 建立证书机构
    #[command(
        after_help = "Its private key is sealed with the key ring's passphrase and lies in the database.\n\nExample · 示例:\n  \
        tongclear ca init\n  tongclear ca init --name 'Chengdu Tong CA'"
    )]
    Init {
        /// Its name
        #[arg(long, value_name = "NAME", default_value = "Tongclear CA")]
        name: String,
    },
    /// Print its certificate, PEM: what clients trust · 输出根证书
    #[command(after_help = "Example · 示例:\n  tongclear ca show > ca.pem")]
    Show,
    /// Issue certificates to collectors: COLLECTOR.pem, COLLECTOR.key, ca.pem · 签发采集点证书
    #[command(
        after_help = "The private keys are written to DIR and kept nowhere else.\n\nExample · 示例:\n  tongclear ca issue \
        6510000000f1 --out certificates\n  tongclear ca issue --all --out certificates"
    )]
    Issue {
        /// Collectors of the registry
        #[arg(value_name = "COLLECTOR", required_unless_present = "all", conflicts_with = "all")]
        collectors: Vec<CollectorId>,
        /// Every collector of the registry
        #[arg(long)]
        all: bool,
        /// Folder to write into; made if it is not there
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// How long they are good for
        #[arg(long, value_name = "DAYS", default_value_t = authority::CERTIFICATE_DAYS)]
        days: u32,
    },
    /// Revoke a certificate; from the next request on it opens nothing · 吊销证书
    #[command(after_help = "Example · 示例:\n  tongclear ca list\n  tongclear ca revoke SERIAL")]
    Revoke {
        /// Its serial number, hex
        #[arg(value_name = "SERIAL")]
        serial: String,
    },
    /// Certificates that were issued · 证书列表
    #[command(after_help = "Example · 示例:\n  tongclear ca list --json")]
    List,
}

impl CaCommand {
    /// What the caller typed, for the log.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Init { .. } => "ca init",
            Self::Show => "ca show",
            Self::Issue { .. } => "ca issue",
            Self::Revoke { .. } => "ca revoke",
            Self::List => "ca list",
        }
    }
}

pub(crate) async fn run(command: CaCommand, global: &Global, output: &Output) -> anyhow::Result<u8> {
    let (centre, acting) = open::desk(global).await?;
    if !matches!(command, CaCommand::Show) {
        acting.demand(Action::ManageCertificates)?;
    }
    match command {
        CaCommand::Init { name } => {
            authority::make(&centre, &name, &open::passphrase(global)?).await?;
            output.result(&json!({ "name": name }), || {
                output
                    .pick(format!("已建立证书机构 {name}"), format!("made the certificate authority {name}"))
            })?;
        }
        CaCommand::Show => Output::print(authority::certificate(&centre).await?.as_bytes())?,
        CaCommand::Issue { collectors, all, out, days } => {
            let collectors = match all {
                true => centre.registry().await?.body.collectors.iter().map(|it| it.id).collect(),
                false => collectors,
            };
            let opened = authority::open(&centre, &open::passphrase(global)?).await?;
            let issued = authority::issue(&centre, &opened, &collectors, days).await?;
            make_folder(&out)?;
            write(&out.join("ca.pem"), authority::certificate(&centre).await?.as_bytes())?;
            for key in &issued {
                write(&out.join(format!("{}.key", key.collector)), key.key_pem.as_bytes())?;
                write(&out.join(format!("{}.pem", key.collector)), key.certificate_pem.as_bytes())?;
            }
            let list: Vec<_> = issued
                .iter()
                .map(|key| json!({ "collector": key.collector, "serial": key.serial, "expires_at": key.expires_at.0 }))
                .collect();
            output.result(&json!({ "out": out.display().to_string(), "issued": list }), || {
                let (count, out) = (issued.len(), out.display());
                output.pick(
                    format!("已签发 {count} 张证书，位于 {out}"),
                    format!("{count} certificates issued, with their keys in {out}"),
                )
            })?;
        }
        CaCommand::Revoke { serial } => {
            authority::revoke(&centre, &serial).await?;
            output.result(&json!({ "revoked": serial }), || {
                output.pick(format!("证书 {serial} 已吊销"), format!("certificate {serial} is revoked"))
            })?;
        }
        CaCommand::List => {
            let rows = certificates(&*centre.store).await?;
            let list: Vec<_> = rows
                .iter()
                .map(|row| {
                    json!({
                        "serial": row.serial,
                        "collector": row.collector,
                        "issued_at": row.issued_at.0,
                        "expires_at": row.expires_at.0,
                        "revoked_at": row.revoked_at.map(|it| it.0),
                    })
                })
                .collect();
            output.result(&list, || {
                let mut table = Table::new(&[
                    (output.pick("采集点", "collector"), Align::Left),
                    (output.pick("有效期至", "expires"), Align::Left),
                    (output.pick("吊销", "revoked"), Align::Left),
                    (output.pick("序列号", "serial"), Align::Left),
                ]);
                for row in &rows {
                    let revoked = row.revoked_at.map_or_else(|| "-".to_owned(), day);
                    table.row([row.collector.to_string(), day(row.expires_at), revoked, row.serial.clone()]);
                }
                table.lines().join("\n")
            })?;
        }
    }
    Ok(DONE)
}

/// The date of a moment, UTC.
pub(crate) fn day(at: UnixMillis) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).map(|at| at.strftime("%Y-%m-%d").to_string());
    at.unwrap_or_else(|_| "-".to_owned())
}

/// Makes a folder that only its owner can look into: there will be keys in it.
fn make_folder(path: &Path) -> Result<(), CliError> {
    use std::os::unix::fs::DirBuilderExt as _;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|reason| CliError::Disk { doing: "making", path: path.display().to_string(), reason })
}

/// Writes a file that only its owner can read, whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let mut out = OutFile::create(path)?;
    let fault = |reason| CliError::Disk { doing: "writing", path: path.display().to_string(), reason };
    out.file().write_all(bytes).map_err(fault)?;
    out.finish()
}
