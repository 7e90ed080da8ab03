//! Opening the centre: data folder, database, vault, passphrase.

use std::env::VarError;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tongclear_engine::{Centre, Vault};
use tongclear_mac::Passphrase;
use tongclear_store::{Actor, Store};
use tongclear_store_postgres::{Address, AddressError, PostgresStore};
use tongclear_store_sqlite::SqliteStore;
use tongclear_types::SystemClock;
use zeroize::Zeroizing;

use crate::args::Global;
use crate::exit::CliError;

/// The words of `--database`, which may hold a password: they are parsed here and shown nowhere.
#[derive(Clone)]
pub(crate) struct DatabaseUrl(Zeroizing<String>);

impl From<String> for DatabaseUrl {
    fn from(url: String) -> Self {
        Self(Zeroizing::new(url))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl(…)")
    }
}

/// Which database a deployment has.
enum Database {
    /// A file.
    Sqlite(PathBuf),
    /// A database on a server.
    Postgres(Box<Address>),
}

/// Where a deployment lies.
struct Places {
    database: Database,
    vault: PathBuf,
}

/// Makes what is missing of the data folder, database and vault; says whether the database was.
pub(crate) async fn init(global: &Global) -> anyhow::Result<bool> {
    let places = places(global)?;
    let make = |path: &Path| {
        std::fs::create_dir_all(path).map_err(|reason| CliError::Disk {
            doing: "making",
            path: path.display().to_string(),
            reason,
        })
    };
    make(&global.data)?;
    make(&places.vault)?;
    match &places.database {
        Database::Sqlite(file) => {
            let fresh = !file.exists();
            if let Some(folder) = file.parent() {
                make(folder)?;
            }
            SqliteStore::create(file).await?;
            Ok(fresh)
        }
        Database::Postgres(address) => {
            let fresh = !PostgresStore::holds_centre(address).await?;
            PostgresStore::create(address).await?;
            Ok(fresh)
        }
    }
}

/// Opens a centre that `init` has made.
pub(crate) async fn centre(global: &Global) -> anyhow::Result<Centre> {
    let places = places(global)?;
    let file = match &places.database {
        Database::Sqlite(file) => Some(file),
        // Whether a server has a centre only the server can say.
        Database::Postgres(_) => None,
    };
    for path in file.into_iter().chain([&places.vault]) {
        if !path.exists() {
            let hint = format!("{}: there is no centre here yet; run `tongclear init`", path.display());
            return Err(CliError::Usage(hint).into());
        }
    }
    let store: Arc<dyn Store> = match &places.database {
        Database::Sqlite(file) => Arc::new(SqliteStore::open(file).await?),
        Database::Postgres(address) => Arc::new(PostgresStore::open(address).await?),
    };
    let vault = Vault::local(&places.vault)?;
    Ok(Centre { store, vault, clock: Arc::new(SystemClock), actor: local_user() })
}

/// Whoever runs the program, as the audit log names them: the machine's user, not what a variable says.
fn local_user() -> Actor {
    let named = whoami::username().ok().and_then(|name| format!("os:{name}").parse().ok());
    named.unwrap_or_else(|| "os:unknown".parse().expect("a name of letters"))
}

fn places(global: &Global) -> Result<Places, CliError> {
    let vault = global.vault.as_deref().map(|url| {
        local(url, &["file://"]).ok_or_else(|| {
            CliError::Usage(format!("--vault is {url:?}: this version knows file://PATH only"))
        })
    });
    Ok(Places {
        database: database(global)?,
        vault: vault.transpose()?.unwrap_or_else(|| global.data.join("vault")),
    })
}

fn database(global: &Global) -> Result<Database, CliError> {
    let Some(DatabaseUrl(url)) = &global.database else {
        return Ok(Database::Sqlite(global.data.join("centre.sqlite")));
    };
    if let Some(file) = local(url, &["sqlite://", "sqlite:"]) {
        return Ok(Database::Sqlite(file));
    }
    // What is wrong is said without the URL: there may be a password in it.
    match url.parse() {
        Ok(address) => Ok(Database::Postgres(Box::new(address))),
        Err(AddressError::Scheme) => Err(CliError::Usage(
            "--database: the URL is neither sqlite://PATH nor postgres://ROLE@HOST:PORT/DATABASE".into(),
        )),
        Err(reason) => Err(CliError::Usage(format!("--database: {reason}"))),
    }
}

/// The path in a URL of one of `schemes`.
fn local(url: &str, schemes: &[&str]) -> Option<PathBuf> {
    let path = schemes.iter().find_map(|scheme| url.strip_prefix(scheme));
    path.filter(|path| !path.is_empty()).map(PathBuf::from)
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

/// The passphrase, if the caller gave one at all.
pub(crate) fn passphrase_if_given(global: &Global) -> anyhow::Result<Option<Passphrase>> {
    let named = std::env::var_os("TONGCLEAR_PASSPHRASE").is_some_and(|text| !text.is_empty());
    (named || global.passphrase_file.is_some()).then(|| passphrase(global)).transpose()
}
