//! `night`.

use tongclear_access::Action;
use tongclear_desk::Night;
use tongclear_engine::Effort;
use tongclear_report::night_text;
use tongclear_types::BusinessDate;

use crate::args::Global;
use crate::exit::DONE;
use crate::output::Output;
use crate::{open, progress::progress};

pub(crate) async fn run(
    date: BusinessDate,
    effort: Effort,
    global: &Global,
    output: &Output,
) -> anyhow::Result<u8> {
    let centre = open::centre_for(global, Action::RunNight).await?;
    let mut night = Night::new(centre, effort, progress(global.lang));
    let earlier = |window| {
        output.say(&format!("先完成窗口 {window}"), &format!("finishing window {window} first"));
    };
    let changed = night.finish::<anyhow::Error>(date, || open::passphrase(global), earlier).await?;
    let report = night.report(date, changed).await?;
    output.result(&report.json(), || night_text(&report, output.lang()))?;
    Ok(DONE)
}
