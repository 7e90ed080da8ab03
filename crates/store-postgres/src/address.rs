//! Where a database is: the URL of the command line, which may hold a password, as a value that never shows it.

use std::fmt;
use std::str::FromStr;

use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;

/// The schemes of a PostgreSQL URL.
const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

/// What may stand behind the `?` of a URL, as libpq names it.
const PARAMETERS: [&str; 12] = [
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "user",
];

/// Server, database, role and perhaps a password; what the URL leaves out comes from `PGHOST`, `PGUSER`,
/// `PGPASSWORD` and their like, and from the password file.
///
/// ```
/// let address: tongclear_store_postgres::Address = "postgres://clearing:secret@db.example:5433/centre".parse()?;
/// assert_eq!(address.to_string(), "postgres://clearing@db.example:5433/centre");
/// # Ok::<(), tongclear_store_postgres::AddressError>(())
/// ```
#[derive(Clone)]
pub struct Address(PgConnectOptions);

/// A URL that cannot be one of a PostgreSQL database; it never repeats the URL, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Another scheme.
    #[error("the URL does not begin with postgres:// or postgresql://")]
    Scheme,
    /// A character of the password that ends the part it stands in.
    #[error("the URL has an @ behind the host: write / ? # @ and : of a password as %2F %3F %23 %40 and %3A")]
    Unescaped,
    /// A parameter that is not known.
    #[error("the URL's parameter {0:?} is not known")]
    Parameter(String),
    /// No database, neither in the URL nor in `PGDATABASE`.
    #[error("the URL names no database: postgres://ROLE@HOST:PORT/DATABASE")]
    NoDatabase,
    /// Anything else that is wrong with it.
    #[error("the URL is no PostgreSQL URL: {0}")]
    Malformed(String),
}

impl Address {
    /// How to connect, with nothing of it in any log.
    pub(crate) fn options(&self) -> PgConnectOptions {
        let options = self.0.clone().disable_statement_logging();
        match options.get_application_name() {
            Some(_) => options,
            None => options.application_name("tongclear"),
        }
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(url: &str) -> Result<Self, AddressError> {
        let rest = SCHEMES.iter().find_map(|scheme| url.strip_prefix(scheme)).ok_or(AddressError::Scheme)?;
        // Without this, a password with a slash would be read as host and database, and shown.
        if rest.find(['/', '?', '#']).is_some_and(|end| rest[end..].contains('@')) {
            return Err(AddressError::Unescaped);
        }
        let parameters = rest.split_once('?').map_or("", |(_, parameters)| parameters);
        for name in
            parameters.split('&').filter_map(|pair| pair.split('=').next()).filter(|it| !it.is_empty())
        {
            if !PARAMETERS.contains(&name) {
                return Err(AddressError::Parameter(name.to_owned()));
            }
        }
        let options: PgConnectOptions = url.parse().map_err(|error| match error {
            sqlx::Error::Configuration(reason) => AddressError::Malformed(reason.to_string()),
            other => AddressError::Malformed(other.to_string()),
        })?;
        if options.get_database().is_none() {
            return Err(AddressError::NoDatabase);
        }
        Ok(Self(options))
    }
}

/// The URL without its password and parameters.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(options) = self;
        write!(f, "postgres://{}@", options.get_username())?;
        match options.get_socket() {
            Some(folder) => write!(f, "{}", folder.display())?,
            None => write!(f, "{}", options.get_host())?,
        }
        write!(f, ":{}/{}", options.get_port(), options.get_database().unwrap_or_default())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// URL, and how it is shown or why it is refused.
    #[test]
    fn a_password_is_never_shown() {
        #[rustfmt::skip]
        let table = [
            ("postgres://u:pa55@h/d", "postgres://u@h:5432/d"),
            ("postgresql://u:pa55@h:6543/d", "postgres://u@h:6543/d"),
            ("postgres://u@h/d?password=pa55&sslmode=require", "postgres://u@h:5432/d"),
            ("postgres:///d?host=/run/postgresql&user=u&password=pa55", "postgres://u@/run/postgresql:5432/d"),
            ("postgres://u:pa55@/d?host=/run/postgresql", "the URL is no PostgreSQL URL: empty host"),
            ("postgres://u:p%2Fa55@h/d", "postgres://u@h:5432/d"),
            ("postgres://u:12/pa55@h/d", "an @ behind the host"),
            ("postgres://u:12?pa55@h/d", "an @ behind the host"),
            ("postgres://u:12#pa55@h/d", "an @ behind the host"),
            ("postgres://u:pa55@h:port/d", "the URL is no PostgreSQL URL: invalid port number"),
            ("postgres://u:pa55@h/d?pasword=pa55", "the URL's parameter \"pasword\" is not known"),
            ("postgres://u:pa55@h/d?sslmode=maybe", "unknown value \"maybe\" for `ssl_mode`"),
            ("postgres://u:pa55@h", "the URL names no database"),
            ("mysql://u:pa55@h/d", "does not begin with postgres://"),
        ];
        for (url, expected) in table {
            let said = match url.parse::<Address>() {
                Ok(address) => format!("{address} {address:?}"),
                Err(error) => format!("{error} {error:?}"),
            };
            assert!(said.contains(expected), "{url}: {said}");
            assert!(!said.contains("a55"), "{url}: {said}");
        }
    }
}
