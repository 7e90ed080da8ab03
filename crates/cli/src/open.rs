//! Opening the centre: data folder, database, vault, passphrase.

use std::env::VarError;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tongclear_access::{Action, Password};
use tongclear_desk::{Acting, people};
use tongclear_engine::{Centre, Vault};
use tongclear_mac::Passphrase;
use tongclear_store::Store;
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
    vault: Place,
}

/// Where files lie.
enum Place {
    /// A folder.
    Folder(PathBuf),
    /// A bucket, and what the names of all files in it begin with.
    S3 { bucket: String, prefix: String },
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
    if let Place::Folder(folder) = &places.vault {
        make(folder)?;
    }
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

/// Opens a centre that `init` has made, and says who works in it.
pub(crate) async fn desk(global: &Global) -> anyhow::Result<(Centre, Acting)> {
    let places = places(global)?;
    let file = match &places.database {
        Database::Sqlite(file) => Some(file),
        // Whether a server has a centre only the server can say.
        Database::Postgres(_) => None,
    };
    let folder = match &places.vault {
        Place::Folder(folder) => Some(folder),
        Place::S3 { .. } => None,
    };
    for path in file.into_iter().chain(folder) {
        if !path.exists() {
            let hint = format!("{}: there is no centre here yet; run `tongclear init`", path.display());
            return Err(CliError::Usage(hint).into());
        }
    }
    let store: Arc<dyn Store> = match &places.database {
        Database::Sqlite(file) => Arc::new(SqliteStore::open(file).await?),
        Database::Postgres(address) => Arc::new(PostgresStore::open(address).await?),
    };
    let vault = match &places.vault {
        Place::Folder(folder) => Vault::local(folder)?,
        Place::S3 { bucket, prefix } => Vault::s3(bucket, prefix)?,
    };
    let actor = "os:unknown".parse().map_err(CliError::Refused)?;
    let centre = Centre { store, vault, clock: Arc::new(SystemClock), actor };
    let acting = acting(&centre, global).await?;
    Ok((acting.at(&centre), acting))
}

/// Opens a centre for whoever runs the program.
pub(crate) async fn centre(global: &Global) -> anyhow::Result<Centre> {
    Ok(desk(global).await?.0)
}

/// Opens a centre for whoever runs the program, if they may do that.
pub(crate) async fn centre_for(global: &Global, action: Action) -> anyhow::Result<Centre> {
    let (centre, acting) = desk(global).await?;
    acting.demand(action)?;
    Ok(centre)
}

/// Whoever runs the program: the user of the centre that `--user` names, or else the machine's user, not what a variable
/// says, and the user of the centre as whom that one acts.
async fn acting(centre: &Centre, global: &Global) -> anyhow::Result<Acting> {
    match &global.user {
        Some(name) => {
            let password =
                password(global.password_file.as_deref(), "TONGCLEAR_PASSWORD", "--password-file")?;
            Ok(Acting::person(&people::who(centre, name, password).await?)?)
        }
        None => {
            let os_user = whoami::username().unwrap_or_else(|_| "unknown".to_owned());
            Ok(Acting::on_this_machine(centre, &os_user).await?)
        }
    }
}

/// A password from a file or a variable, never from an argument, which others can see.
pub(crate) fn password(file: Option<&Path>, variable: &str, option: &str) -> anyhow::Result<Password> {
    let text = secret_text(file, variable)?;
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        let hint = format!("the password is missing: set {variable} or give {option} FILE");
        return Err(CliError::Refused(hint).into());
    };
    Ok(Password::new(text).map_err(|error| CliError::Refused(error.to_string()))?)
}

fn places(global: &Global) -> Result<Places, CliError> {
    let vault = match global.vault.as_deref() {
        None => Place::Folder(global.data.join("vault")),
        Some(url) => place(url).ok_or_else(|| {
            CliError::Usage(format!("--vault is {url:?}: expected file://PATH or s3://BUCKET/PREFIX"))
        })?,
    };
    Ok(Places { database: database(global)?, vault })
}

/// Where a vault's URL points.
fn place(url: &str) -> Option<Place> {
    let Some(name) = url.strip_prefix("s3://") else { return local(url, &["file://"]).map(Place::Folder) };
    let (bucket, prefix) = name.split_once('/').unwrap_or((name, ""));
    let (bucket, prefix) = (bucket.to_owned(), prefix.trim_matches('/').to_owned());
    (!bucket.is_empty()).then_some(Place::S3 { bucket, prefix })
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
    let file = global.passphrase_file.as_deref();
    let text = secret_text(file, "TONGCLEAR_PASSPHRASE")?.unwrap_or_default();
    if text.is_empty() {
        let hint =
            "the key ring's passphrase is missing: set TONGCLEAR_PASSPHRASE or give --passphrase-file FILE";
        return Err(CliError::Refused(hint.into()).into());
    }
    Ok(Passphrase::new(text))
}

/// What a file or a variable holds, without the line's end; nothing when neither is there.
fn secret_text(file: Option<&Path>, variable: &str) -> Result<Option<String>, CliError> {
    let Some(path) = file else {
        return match std::env::var(variable) {
            Ok(text) => Ok(Some(text)),
            Err(VarError::NotPresent) => Ok(None),
            Err(VarError::NotUnicode(_)) => Err(CliError::Refused(format!("{variable} is not UTF-8"))),
        };
    };
    let bytes = Zeroizing::new(std::fs::read(path).map_err(|error| CliError::reading(path, error))?);
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| CliError::Refused(format!("{}: it is not UTF-8", path.display())))?;
    Ok(Some(text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text)).to_owned()))
}

/// The passphrase, if the caller gave one at all.
pub(crate) fn passphrase_if_given(global: &Global) -> anyhow::Result<Option<Passphrase>> {
    let named = std::env::var_os("TONGCLEAR_PASSPHRASE").is_some_and(|text| !text.is_empty());
    (named || global.passphrase_file.is_some()).then(|| passphrase(global)).transpose()
}
