//! Opening the centre: data folder, database, vault, passphrase.

use std::env::VarError;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tongclear_engine::{Centre, Vault};
use tongclear_mac::Passphrase;
use tongclear_store::Actor;
use tongclear_store_sqlite::SqliteStore;
use tongclear_types::SystemClock;
use zeroize::Zeroizing;

use crate::args::Global;
use crate::exit::CliError;

/// Where a deployment lies.
struct Places {
    database: PathBuf,
    vault: PathBuf,
}

/// Makes what is missing of the data folder, database and vault; says whether anything was.
pub(crate) async fn init(global: &Global) -> anyhow::Result<bool> {
    let places = places(global)?;
    let fresh = !places.database.exists();
    let make = |path: &Path| {
        std::fs::create_dir_all(path).map_err(|reason| CliError::Disk {
            doing: "making",
            path: path.display().to_string(),
            reason,
        })
    };
    make(&global.data)?;
    if let Some(folder) = places.database.parent() {
        make(folder)?;
    }
    make(&places.vault)?;
    SqliteStore::create(&places.database).await?;
    Ok(fresh)
}

/// Opens a centre that `init` has made.
pub(crate) async fn centre(global: &Global) -> anyhow::Result<Centre> {
    let places = places(global)?;
    for path in [&places.database, &places.vault] {
        if !path.exists() {
            let hint = format!("{}: there is no centre here yet; run `tongclear init`", path.display());
            return Err(CliError::Usage(hint).into());
        }
    }
    let store = SqliteStore::open(&places.database).await?;
    let vault = Vault::local(&places.vault)?;
    Ok(Centre { store: Arc::new(store), vault, clock: Arc::new(SystemClock), actor: local_user() })
}

/// Whoever runs the program, as the audit log names them: the machine's user, not what a variable says.
fn local_user() -> Actor {
    let named = whoami::username().ok().and_then(|name| format!("os:{name}").parse().ok());
    named.unwrap_or_else(|| "os:unknown".parse().expect("a name of letters"))
}

fn places(global: &Global) -> Result<Places, CliError> {
    let database = local(global.database.as_deref(), "--database", &["sqlite://", "sqlite:"])?;
    let vault = local(global.vault.as_deref(), "--vault", &["file://"])?;
    Ok(Places {
        database: database.unwrap_or_else(|| global.data.join("centre.sqlite")),
        vault: vault.unwrap_or_else(|| global.data.join("vault")),
    })
}

/// The path in a URL of one of `schemes`; none without a URL.
fn local(url: Option<&str>, option: &str, schemes: &[&str]) -> Result<Option<PathBuf>, CliError> {
    let Some(url) = url else { return Ok(None) };
    let path = schemes.iter().find_map(|scheme| url.strip_prefix(scheme)).filter(|path| !path.is_empty());
    match path {
        Some(path) => Ok(Some(PathBuf::from(path))),
        None => {
            Err(CliError::Usage(format!("{option} is {url:?}: this version knows {}PATH only", schemes[0])))
        }
    }
}

/// The key ring's passphrase, from `--passphrase-file` or `TONGCLEAR_PASSPHRASE`.
pub(crate) fn passphrase(global: &Global) -> anyhow::Result<Passphrase> {
    let text = match &global.passphrase_file {
        Some(path) => {
            let bytes = std::fs::read(path).map_err(|error| CliError::reading(path, error))?;
            let bytes = Zeroizing::new(bytes);
            let text = std::str::from_utf8(&bytes)
                .map_err(|_| CliError::Refused(format!("{}: the passphrase is not UTF-8", path.display())))?;
            text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text)).to_owned()
        }
        None => match std::env::var("TONGCLEAR_PASSPHRASE") {
            Ok(text) => text,
            Err(VarError::NotPresent) => String::new(),
            Err(VarError::NotUnicode(_)) => {
                return Err(CliError::Refused("TONGCLEAR_PASSPHRASE is not UTF-8".into()).into());
            }
        },
    };
    if text.is_empty() {
        let hint =
            "the key ring's passphrase is missing: set TONGCLEAR_PASSPHRASE or give --passphrase-file FILE";
        return Err(CliError::Refused(hint.into()).into());
    }
    Ok(Passphrase::new(text))
}
