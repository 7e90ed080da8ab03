//! What a run of reconciliation comes to, for people and for programs; and its items as CSV.

use std::io::Write;

use serde_json::{Value, json};
use tongclear_life::reconciled::{Item, ItemState, Seen};
use tongclear_registry::Registry;
use tongclear_store::reconciliations::{
    AGE_BUCKETS, OpenItems, Pairs, ReconciliationFigures, ReconciliationRow, SideProof,
};
use tongclear_types::Tally;

use crate::table::{Align, Table};
use crate::text::{Lang, grouped, yuan};

/// Lines that are not items and are shown to a person; the JSON has them all.
const SHOWN_MAX: usize = 10;

/// A run and its figures.
pub struct ReconciliationView<'a> {
    row: &'a ReconciliationRow,
    figures: &'a ReconciliationFigures,
    /// What the operator is called, in Chinese and English.
    name: (String, String),
}

impl<'a> ReconciliationView<'a> {
    /// The view of a run.
    #[must_use]
    pub fn new(row: &'a ReconciliationRow, figures: &'a ReconciliationFigures, registry: &Registry) -> Self {
        let operator = registry.operator(&row.operator);
        let name = operator.map_or_else(Default::default, |it| {
            (it.name.clone(), it.name_en.clone().unwrap_or_else(|| it.name.clone()))
        });
        Self { row, figures, name }
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let Self { row, figures, .. } = self;
        let pairs = |it: &Pairs| {
            let (ours, theirs) = (it.ours, it.theirs);
            json!({ "count": ours.count, "ours_fen": ours.amount_fen, "theirs_fen": theirs.amount_fen })
        };
        let proof = |it: &SideProof| {
            json!({
                "opening": it.opening, "new": it.new, "cleared": it.cleared, "decided": it.decided,
                "closing": it.closing, "holds": it.holds().unwrap_or(false),
            })
        };
        let aging = |it: &OpenItems| -> Value {
            AGE_BUCKETS
                .iter()
                .zip(&it.aging)
                .map(|((name, _), tally)| ((*name).to_owned(), json!(tally)))
                .collect()
        };
        let file = figures.file.as_ref().map(|file| {
            json!({
                "sha256": row.file, "lines": file.lines, "taken": file.taken, "not_taken": file.not_taken,
                "duplicate_lines": file.duplicate_lines, "repeated": file.repeated,
            })
        });
        json!({
            "operator": row.operator,
            "run": row.run,
            "business_date": row.business_date,
            "as_of": row.as_of,
            "taken_through": row.taken_through,
            "file": file,
            "states": {
                "matched": pairs(&figures.matched),
                "mismatch": pairs(&figures.mismatch),
                "ours_only": figures.ours_only.all,
                "theirs_only": figures.theirs_only.all,
            },
            "mismatch_fields": figures.fields,
            "theirs_only_known": figures.known,
            "proof": { "ours": proof(&figures.ours), "theirs": proof(&figures.theirs) },
            "breaks": { "ours": figures.ours_only.breaks, "theirs": figures.theirs_only.breaks },
            "aging": { "ours": aging(&figures.ours_only), "theirs": aging(&figures.theirs_only) },
            "not_taken": figures.not_taken,
            "digest": row.digest,
        })
    }

    /// For people.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let Self { row, figures, name } = self;
        let who = lang.pick(&name.0, &name.1);
        let mut lines = vec![lang.pick(
            format!(
                "与 {} {who} 对账，第 {} 次：业务日 {}，账龄截至 {}",
                row.operator, row.run, row.business_date, row.as_of
            ),
            format!(
                "Reconciliation with {} {who}, run {}: for {}, as of {}",
                row.operator, row.run, row.business_date, row.as_of
            ),
        )];
        lines.extend(self.file(lang));
        lines.push(String::new());
        lines.extend(self.states(lang));
        lines.push(String::new());
        lines.extend(proofs(figures, lang));
        lines.push(String::new());
        lines.extend(aging(figures, lang));
        if !figures.not_taken.is_empty() {
            lines.push(String::new());
            lines.extend(self.not_taken(lang));
        }
        lines.join("\n")
    }

    fn file(&self, lang: Lang) -> Vec<String> {
        let Some(file) = &self.figures.file else {
            return vec![lang.pick(
                "没有对方文件：只收我方，账龄照计".to_owned(),
                "no file: our side and ages only".to_owned(),
            )];
        };
        let [lines, taken, not_taken, twice, repeated] =
            [file.lines, file.taken.count, file.not_taken, file.duplicate_lines, file.repeated].map(grouped);
        vec![lang.pick(
            format!("文件 {lines} 行：收入 {taken}，未收 {not_taken}，文件内重复 {twice}，以前已有 {repeated}"),
            format!("file of {lines} lines: {taken} taken, {not_taken} not taken, {twice} twice in it, {repeated} had before"),
        )]
    }

    fn states(&self, lang: Lang) -> Vec<String> {
        let figures = self.figures;
        let header = lang.pick(
            [
                ("状态", Align::Left),
                ("笔数", Align::Right),
                ("我方（元）", Align::Right),
                ("对方（元）", Align::Right),
            ],
            [
                ("state", Align::Left),
                ("count", Align::Right),
                ("ours, yuan", Align::Right),
                ("theirs, yuan", Align::Right),
            ],
        );
        let mut table = Table::new(&header);
        let nothing = String::new;
        let (matched, mismatch) = (&figures.matched, &figures.mismatch);
        for (state, pairs) in [(ItemState::Matched, matched), (ItemState::Mismatch, mismatch)] {
            let (zh, en) = state.names();
            table.row([
                lang.pick(zh, en).to_owned(),
                grouped(pairs.ours.count),
                yuan(pairs.ours.amount_fen),
                yuan(pairs.theirs.amount_fen),
            ]);
        }
        let (ours, theirs) = (figures.ours_only.all, figures.theirs_only.all);
        let (zh, en) = ItemState::OursOnly.names();
        table.row([lang.pick(zh, en).to_owned(), grouped(ours.count), yuan(ours.amount_fen), nothing()]);
        let (zh, en) = ItemState::TheirsOnly.names();
        table.row([lang.pick(zh, en).to_owned(), grouped(theirs.count), nothing(), yuan(theirs.amount_fen)]);
        let mut lines = table.lines();
        if !figures.fields.is_empty() {
            let fields: Vec<_> =
                figures.fields.iter().map(|(field, count)| format!("{field} {}", grouped(*count))).collect();
            let fields = fields.join(lang.pick("，", ", "));
            lines.push(
                lang.pick(format!("  不一致的字段：{fields}"), format!("  fields that differ: {fields}")),
            );
        }
        if !figures.known.is_empty() {
            let known: Vec<_> =
                figures.known.iter().map(|(known, it)| format!("{known} {}", grouped(it.count))).collect();
            let known = known.join(lang.pick("，", ", "));
            lines.push(lang.pick(
                format!("  对方独有而我方收到未记：{known}"),
                format!("  theirs only, received and not accepted by us: {known}"),
            ));
        }
        lines
    }

    fn not_taken(&self, lang: Lang) -> Vec<String> {
        let told = &self.figures.not_taken;
        let mut lines =
            vec![lang.pick("未收或不再计的行：", "lines not taken, or counted once before:").to_owned()];
        lines.extend(told.iter().take(SHOWN_MAX).map(|it| {
            let (line, field, value, expected) = (it.line, &it.field, &it.value, &it.expected);
            lang.pick(
                format!("  第 {line} 行：{field} 为 {value}，应为 {expected}"),
                format!("  line {line}: {field} is {value}, expected {expected}"),
            )
        }));
        if told.len() > SHOWN_MAX {
            let more = told.len() - SHOWN_MAX;
            lines.push(
                lang.pick(format!("  另有 {more} 行，见 --json"), format!("  and {more} more; see --json")),
            );
        }
        lines
    }
}

fn told(tally: &Tally) -> [String; 2] {
    [grouped(tally.count), yuan(tally.amount_fen)]
}

/// The proof lines of both sides.
fn proofs(figures: &ReconciliationFigures, lang: Lang) -> Vec<String> {
    let side = |zh, en, proof: &SideProof| {
        let [opening, new, cleared, decided, closing] =
            [&proof.opening, &proof.new, &proof.cleared, &proof.decided, &proof.closing].map(|tally| {
                let [count, yuan] = told(tally);
                lang.pick(format!("{count} 笔 {yuan} 元"), format!("{count} of {yuan}"))
            });
        let sign = if proof.holds().unwrap_or(false) { "=" } else { "≠" };
        lang.pick(
            format!("  {zh}：期初 {opening} + 新增 {new} − 勾销 {cleared} − 裁定 {decided} {sign} 期末 {closing}"),
            format!("  {en}: opening {opening} + new {new} - cleared {cleared} - decided {decided} {sign} closing {closing}"),
        )
    };
    let title = lang.pick("平衡", "proof").to_owned();
    vec![title, side("我方", "ours", &figures.ours), side("对方", "theirs", &figures.theirs)]
}

/// Open items by age.
fn aging(figures: &ReconciliationFigures, lang: Lang) -> Vec<String> {
    let header = lang.pick(
        [
            ("账龄（天）", Align::Left),
            ("我方笔数", Align::Right),
            ("元", Align::Right),
            ("对方笔数", Align::Right),
            ("元", Align::Right),
        ],
        [
            ("age, days", Align::Left),
            ("ours", Align::Right),
            ("yuan", Align::Right),
            ("theirs", Align::Right),
            ("yuan", Align::Right),
        ],
    );
    let mut table = Table::new(&header);
    let (ours, theirs) = (&figures.ours_only, &figures.theirs_only);
    let mut row = |name: String, ours: &Tally, theirs: &Tally| {
        let ([count, amount], [their_count, their_amount]) = (told(ours), told(theirs));
        table.row([name, count, amount, their_count, their_amount]);
    };
    for (((name, _), ours), theirs) in AGE_BUCKETS.iter().zip(&ours.aging).zip(&theirs.aging) {
        let name = if *name == "over_30" {
            lang.pick("30 以上", "over 30").to_owned()
        } else {
            name.replace('-', "–")
        };
        row(name, ours, theirs);
    }
    row(lang.pick("其中差错（过宽限）", "breaks (past grace)").to_owned(), &ours.breaks, &theirs.breaks);
    table.lines()
}

/// Runs, a line each.
#[must_use]
pub fn reconciliations_text(runs: &[(&ReconciliationRow, ReconciliationFigures)], lang: Lang) -> String {
    let names = lang.pick(
        ["发卡机构", "次", "业务日", "账龄截至", "一致", "不一致", "我方独有", "对方独有", "差错"],
        ["operator", "run", "for", "as of", "matched", "mismatch", "ours only", "theirs only", "breaks"],
    );
    let left = |place| if matches!(place, 0 | 2 | 3) { Align::Left } else { Align::Right };
    let header: Vec<_> = names.into_iter().enumerate().map(|(place, name)| (name, left(place))).collect();
    let mut table = Table::new(&header);
    for (row, figures) in runs {
        table.row([
            row.operator.to_string(),
            row.run.to_string(),
            row.business_date.to_string(),
            row.as_of.to_string(),
            grouped(figures.matched.ours.count),
            grouped(figures.mismatch.ours.count),
            grouped(figures.ours_only.all.count),
            grouped(figures.theirs_only.all.count),
            grouped(figures.ours_only.breaks.count + figures.theirs_only.breaks.count),
        ]);
    }
    table.lines().join("\n")
}

/// The columns of the items of a run.
pub const ITEM_COLUMNS: [&str; 29] = [
    "state",
    "rule",
    "fields",
    "since",
    "age_days",
    "break",
    "serial",
    "tti",
    "merchant",
    "collector",
    "package_sequence",
    "row",
    "window",
    "our_counter",
    "our_terminal",
    "our_terminal_number",
    "our_amount_fen",
    "our_moment",
    "their_counter",
    "their_terminal",
    "their_terminal_number",
    "their_amount_fen",
    "their_moment",
    "their_status",
    "file_date",
    "file_run",
    "line",
    "disposition",
    "reason",
];

/// Writes items as CSV that a spreadsheet opens.
pub struct ItemsCsv<W: Write> {
    out: csv::Writer<W>,
}

impl<W: Write> ItemsCsv<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn new(mut out: W) -> Result<Self, csv::Error> {
        out.write_all("\u{feff}".as_bytes())?;
        let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        out.write_record(ITEM_COLUMNS)?;
        Ok(Self { out })
    }

    /// Writes one item; `age` in days and whether it is a break, for open ones.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&mut self, item: &Item, age: Option<(u32, bool)>) -> Result<(), csv::Error> {
        fn or_empty<T: ToString>(value: Option<T>) -> String {
            value.map_or_else(String::new, |value| value.to_string())
        }
        let record = item.record.as_ref();
        let line = item.line.as_ref();
        let seen = line.map(|line| &line.seen).or(record.map(|(seen, _)| seen));
        let place = record.map(|(_, place)| place).or(item.known.as_ref().map(|(place, ..)| place));
        let side = |seen: Option<&Seen>| {
            [
                or_empty(seen.map(|it| it.counter)),
                or_empty(seen.map(|it| it.terminal)),
                or_empty(seen.map(|it| it.terminal_number.0)),
                or_empty(seen.map(|it| it.amount)),
                or_empty(seen.map(|it| format!("{} {}", it.date, it.time))),
            ]
        };
        let head = [
            item.state.name().to_owned(),
            or_empty(item.rule),
            item.fields.join("|"),
            or_empty(item.since()),
            or_empty(age.map(|(days, _)| days)),
            or_empty(age.map(|(_, is_break)| if is_break { "yes" } else { "no" })),
            or_empty(seen.map(|it| it.serial)),
            or_empty(seen.map(|it| it.tti)),
            or_empty(place.map(|it| it.merchant)),
            or_empty(place.map(|it| it.collector)),
            or_empty(place.map(|it| it.package_sequence.0)),
            or_empty(place.map(|it| it.row)),
            or_empty(place.map(|it| it.window)),
        ];
        let tail = [
            or_empty(line.map(|it| it.status.as_str())),
            or_empty(line.map(|it| it.file_date)),
            or_empty(line.map(|it| it.run)),
            or_empty(line.map(|it| it.line)),
            or_empty(item.known.map(|(_, disposition, _)| disposition)),
            or_empty(item.known.and_then(|(_, _, reason)| reason)),
        ];
        let ours = side(record.map(|(seen, _)| seen));
        let theirs = side(line.map(|line| &line.seen));
        self.out.write_record(head.into_iter().chain(ours).chain(theirs).chain(tail))
    }

    /// Flushes, and gives `out` back.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn finish(self) -> std::io::Result<W> {
        self.out.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}
