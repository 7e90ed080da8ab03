//! `verify-statement`: what a merchant runs, without a centre, a database or a passphrase.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use tongclear_proof::{
    Disagreement, FilesHeld, Hash, PackageFiles, Proven, PublishedRoot, Statement, verify,
};
use tongclear_report::{grouped, yuan};
use tongclear_types::Disposition;

use crate::exit::{CHECK_FAILED, CliError, DONE};
use crate::output::Output;

#[derive(Debug, Args)]
pub(crate) struct VerifyStatement {
    /// statement-MERCHANT.json
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    root: Root,
    /// Folder with the merchant's own .ctp files, to be held against the statement as well
    #[arg(long, value_name = "DIR")]
    packages: Option<PathBuf>,
}

/// The root that the centre published, in one of two forms.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Root {
    /// The published root, 64 hex digits
    #[arg(long, value_name = "HEX")]
    root: Option<String>,
    /// The published root.json
    #[arg(long, value_name = "FILE")]
    root_file: Option<PathBuf>,
}

pub(crate) fn run(options: &VerifyStatement, output: &Output) -> anyhow::Result<u8> {
    let refused = |path: &Path, reason: &dyn std::fmt::Display| {
        CliError::Refused(format!("{}: {reason}", path.display()))
    };
    let read = |path: &Path| std::fs::read(path).map_err(|error| CliError::reading(path, error));
    let statement =
        Statement::parse(&read(&options.file)?).map_err(|error| refused(&options.file, &error))?;
    let verified = match (&options.root.root, &options.root.root_file) {
        (_, Some(path)) => {
            let published = PublishedRoot::parse(&read(path)?).map_err(|error| refused(path, &error))?;
            let checked = published.check().map_err(|mut disagreement| {
                disagreement.field = format!("{}: {}", path.display(), disagreement.field);
                disagreement
            });
            checked.and_then(|()| verify(&statement, published.root))
        }
        (root, None) => {
            let root: Hash = root.as_deref().unwrap_or_default().parse().map_err(CliError::Refused)?;
            verify(&statement, root)
        }
    };
    let outcome = match (verified, &options.packages) {
        (Ok(proven), Some(folder)) => held(&statement, folder)?.map(|held| (proven, Some(held))),
        (verified, _) => verified.map(|proven| (proven, None)),
    };
    match outcome {
        Ok((proven, held)) => {
            let result = json!({ "verified": true, "proven": proven, "packages": held });
            output.result(&result, || proven_text(&proven, held, output))?;
            Ok(DONE)
        }
        Err(Disagreement { field, stated, follows }) => {
            let disagreement = json!({ "field": field, "stated": stated, "expected": follows });
            output.result(&json!({ "verified": false, "disagreement": disagreement }), || {
                output.pick(
                    format!("对账单未通过验证：{field} 为 {stated}，应为 {follows}"),
                    format!("the statement is NOT verified: {field} is {stated}, expected {follows}"),
                )
            })?;
            Ok(CHECK_FAILED)
        }
    }
}

/// Holds the .ctp files of a folder and its subfolders against the statement.
fn held(statement: &Statement, folder: &Path) -> Result<Result<FilesHeld, Disagreement>, CliError> {
    let mut files = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|error| CliError::reading(&folder, error))?;
        for entry in entries {
            let path = entry.map_err(|error| CliError::reading(&folder, error))?.path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|it| it == "ctp") {
                files.push(path);
            }
        }
    }
    files.sort();
    let mut check = PackageFiles::new(statement);
    for file in &files {
        let bytes = std::fs::read(file).map_err(|error| CliError::reading(file, error))?;
        if let Err(mut disagreement) = check.take(&bytes) {
            disagreement.field = format!("{}: {}", file.display(), disagreement.field);
            return Ok(Err(disagreement));
        }
    }
    Ok(check.finish())
}

/// What is proven, in words.
fn proven_text(proven: &Proven, held: Option<FilesHeld>, output: &Output) -> String {
    let (merchant, window) = (proven.merchant, proven.window);
    let of = |disposition: &Disposition| {
        let tally = proven.dispositions.get(*disposition);
        let name = output.pick(disposition.zh(), disposition.name());
        format!("{name} {} ({})", grouped(tally.count), yuan(tally.amount_fen))
    };
    let tallies = Disposition::ALL.iter().map(of).collect::<Vec<_>>().join(output.pick("，", ", "));
    let (packages, net) = (grouped(proven.packages), yuan(proven.net_fen));
    let (merchants, records, amount) =
        (grouped(proven.merchants.into()), grouped(proven.records), yuan(proven.amount_fen));
    let mut lines = vec![
        output.pick(
            format!("商户 {merchant} 窗口 {window} 的对账单已通过验证"),
            format!("the statement of {merchant} for window {window} is verified"),
        ),
        format!("  {}{}", output.pick("根  ", "root  "), proven.root),
        output.pick(
            format!("  完整：{packages} 包交易，{tallies}；该根之下不存在该商户的另一份对账单"),
            format!(
                "  complete: {packages} packages, {tallies}; no other statement of this merchant leads to this root"
            ),
        ),
        output.pick(
            "  未付：每一笔未接受的记录及其原因都已列出".to_owned(),
            "  unpaid: every record that was not accepted is listed with its reason".to_owned(),
        ),
        output.pick(
            format!("  金额：消费、手续费、优惠补贴和充值逐项相加，本窗口净额 {net} 元"),
            format!("  money: purchases, fees, concessions and loads re-add to the window's net of {net} yuan"),
        ),
        output.pick(
            format!("  窗口：该根共含 {merchants} 个商户、{records} 笔、{amount} 元，本商户计入其中"),
            format!(
                "  window: the root stands for {merchants} merchants, {records} records and {amount} yuan, these among them"
            ),
        ),
    ];
    let (carried, adjusted) = (proven.carried_in_fen, proven.adjustments_fen);
    if !carried.is_zero() || !adjusted.is_zero() {
        let (carried, adjusted) = (yuan(carried), yuan(adjusted));
        lines.push(output.pick(
            format!("  不在证明之内：上期结转 {carried} 元，调整 {adjusted} 元，请与以前窗口的对账单核对"),
            format!(
                "  not covered: {carried} yuan carried in, {adjusted} adjusted; compare the statements before"
            ),
        ));
    }
    if let Some(FilesHeld { matched, others }) = held {
        let (matched, others) = (grouped(matched), grouped(others));
        lines.push(output.pick(
            format!("  交易包：对账单所列 {matched} 包与文件逐字节相同；另有 {others} 个文件不在本对账单内"),
            format!("  packages: all {matched} listed are among the files byte for byte; {others} files are not of this statement"),
        ));
    }
    lines.join("\n")
}
