//! `backup`, `restore` and `migrate-store`: a whole centre, copied as it is at one moment.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;
use tongclear_engine::backup::{self, MANIFEST, Manifest};
use tongclear_engine::{Centre, EngineError, Vault};
use tongclear_report::grouped;
use tongclear_store::StoreError;
use tongclear_store_sqlite::SqliteStore;

use crate::args::Global;
use crate::exit::{CHECK_FAILED, CliError, DONE};
use crate::open::DatabaseUrl;
use crate::output::Output;
use crate::{open, progress::progress};

/// The database of a backup, as an ordinary data folder has it.
const DATABASE: &str = "centre.sqlite";
/// The vault of a backup, likewise.
const VAULT: &str = "vault";
/// What lies in a data folder while a backup is brought back into it, so that an interrupted one can be begun again.
const RESTORING: &str = "restoring";

/// `backup --out DIR`.
pub(crate) async fn backup(out: &Path, global: &Global, output: &Output) -> anyhow::Result<u8> {
    let centre = open::centre(global).await?;
    refuse_unless_empty(out, "--out")?;
    make(&out.join(VAULT))?;
    let store = SqliteStore::create(out.join(DATABASE)).await?;
    let vault = Vault::local(&out.join(VAULT))?;
    let manifest = backup::backup(&centre, &store, &vault, &*progress(global.lang)).await?;
    store.close().await;
    let manifest_file = out.join(MANIFEST);
    let text = serde_json::to_vec_pretty(&manifest)?;
    // Last of all: without it the folder is an interrupted backup.
    durable(&manifest_file, &text).map_err(|reason| disk("writing", &manifest_file, reason))?;
    say(&manifest, out, output, output.pick("已备份到", "backed up to"))
}

/// `restore BACKUP`.
pub(crate) async fn restore(from: &Path, global: &Global, output: &Output) -> anyhow::Result<u8> {
    let path = from.join(MANIFEST);
    let bytes = std::fs::read(&path).map_err(|error| CliError::reading(&path, error))?;
    let manifest = Manifest::parse(&bytes)?;
    // Opening a database may bring its tables up to date: that is done to a copy, never to the backup.
    let scratch = tempfile::tempdir().map_err(|reason| disk("making", &std::env::temp_dir(), reason))?;
    let (database, file) = (scratch.path().join(DATABASE), from.join(DATABASE));
    std::fs::copy(&file, &database).map_err(|error| CliError::reading(&file, error))?;
    open::init(global).await?;
    let target = open::centre(global).await?;
    let source = Centre {
        store: Arc::new(SqliteStore::open(&database).await?),
        vault: Vault::local(&from.join(VAULT))?,
        ..target.clone()
    };
    let marker = global.data.join(RESTORING);
    if !target.vault.is_empty().await? && !marker.exists() {
        let hint = "the vault is not empty: a backup is restored only into a new place".to_owned();
        return Err(CliError::Refused(hint).into());
    }
    std::fs::write(&marker, "").map_err(|reason| disk("writing", &marker, reason))?;
    let restored = backup::restore(&source, &*target.store, &target.vault, &*progress(global.lang)).await;
    let restored = restored.map_err(not_new)?;
    std::fs::remove_file(&marker).map_err(|reason| disk("removing", &marker, reason))?;
    if (restored.rows, restored.audit_head) != (manifest.rows, manifest.audit_head) {
        let (rows, told) = (restored.rows, manifest.rows);
        let hint =
            format!("{MANIFEST} tells of {told} rows, the backup holds {rows}, or its audit log was changed");
        return Err(CliError::Refused(hint).into());
    }
    say(&restored, &global.data, output, output.pick("已恢复到", "restored to"))
}

/// `migrate-store --to URL`.
pub(crate) async fn migrate(to: DatabaseUrl, global: &Global, output: &Output) -> anyhow::Result<u8> {
    let from = open::centre(global).await?;
    let target = Global { database: Some(to), ..global.clone() };
    open::init(&target).await?;
    let target = open::centre(&target).await?;
    let rows = backup::move_rows(&from, &*target.store, &*progress(global.lang)).await.map_err(not_new)?;
    output.result(&json!({ "rows": rows }), || {
        let rows = grouped(rows);
        output.pick(
            format!("已迁移 {rows} 行；今后请用 --database 指定新库，并运行 tongclear check"),
            format!("moved {rows} rows; give --database from now on, and run `tongclear check`"),
        )
    })?;
    Ok(DONE)
}

/// A store that holds something already is the caller's mistake, not a lost race.
fn not_new(error: EngineError) -> anyhow::Error {
    match error {
        EngineError::Store(StoreError::Conflict { .. }) => {
            let hint = "the database is not new: a centre is copied only into an empty one";
            CliError::Refused(hint.into()).into()
        }
        other => other.into(),
    }
}

fn say(manifest: &Manifest, to: &Path, output: &Output, done: &str) -> anyhow::Result<u8> {
    let to = to.display();
    output.result(&json!({ "path": to.to_string(), "manifest": manifest }), || {
        let (rows, files) = (grouped(manifest.rows), grouped(manifest.files));
        let mib = grouped(manifest.bytes >> 20);
        let mut lines = vec![output.pick(
            format!("{done} {to}：{rows} 行，{files} 个文件，{mib} MiB"),
            format!("{done} {to}: {rows} rows, {files} files, {mib} MiB"),
        )];
        if let Some(head) = manifest.audit_head {
            lines.push(output.pick(format!("审计链末端 {head}"), format!("audit head {head}")));
        }
        if !manifest.damaged.is_empty() {
            let damaged = manifest.damaged.len();
            lines.push(output.pick(
                format!("{damaged} 个文件与数据库不符："),
                format!("{damaged} files are not what the database says of them:"),
            ));
            lines.extend(manifest.damaged.iter().map(|path| format!("  {path}")));
        }
        lines.join("\n")
    })?;
    Ok(if manifest.damaged.is_empty() { DONE } else { CHECK_FAILED })
}

fn refuse_unless_empty(folder: &Path, option: &str) -> Result<(), CliError> {
    let occupied = match folder.read_dir() {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => return Err(disk("reading", folder, error)),
    };
    if occupied {
        return Err(CliError::Refused(format!("{option} {}: the folder is not empty", folder.display())));
    }
    Ok(())
}

fn make(folder: &PathBuf) -> Result<(), CliError> {
    std::fs::create_dir_all(folder).map_err(|reason| disk("making", folder, reason))
}

fn durable(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut out = std::fs::File::create(file)?;
    out.write_all(bytes)?;
    out.sync_all()
}

fn disk(doing: &'static str, path: &Path, reason: std::io::Error) -> CliError {
    CliError::Disk { doing, path: path.display().to_string(), reason }
}
