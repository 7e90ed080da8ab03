//! Writes sample statements and a month's report into a folder, to be looked at:
//! `cargo run -p tongclear-press --example samples -- DIR [FONT PACKAGE]`.

mod city;

use std::error::Error;
use std::path::Path;

use tongclear_press::{FONTS, FontFile, Fonts, MonthReport, Statement};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("name a folder: samples DIR [FONT PACKAGE]")?;
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    let fonts = fonts(arguments.next().as_deref())?;
    let statements = [
        ("bus-day", city::bus_day(60)),
        ("bus-month", city::bus_month(400)),
        ("water-day", city::water_day()),
        ("operator-day", city::operator_day()),
        ("bus-10000", city::bus_day(10_000)),
    ];
    for (name, draft) in statements {
        let statement = Statement::new(draft)?;
        let started = std::time::Instant::now();
        let pdf = tongclear_press::pdf(&statement, &fonts)?;
        println!("{name}.pdf: {} bytes in {:?}", pdf.len(), started.elapsed());
        std::fs::write(folder.join(format!("{name}.pdf")), pdf)?;
        std::fs::write(folder.join(format!("{name}.xlsx")), tongclear_press::xlsx(&statement)?)?;
        std::fs::write(folder.join(format!("{name}.csv")), tongclear_press::csv(&statement)?)?;
        std::fs::write(folder.join(format!("{name}.json")), tongclear_press::json(&statement)?)?;
    }
    let report = MonthReport::new(city::month())?;
    std::fs::write(folder.join("month.pdf"), tongclear_press::month_pdf(&report, &fonts)?)?;
    std::fs::write(folder.join("month.xlsx"), tongclear_press::month_xlsx(&report)?)?;
    std::fs::write(folder.join("month.csv"), tongclear_press::month_csv(&report)?)?;
    std::fs::write(folder.join("month.json"), tongclear_press::month_json(&report)?)?;
    Ok(())
}

/// The first of the fonts that is whole on this machine, or that of `package`.
fn fonts(package: Option<&str>) -> Result<Fonts, Box<dyn Error>> {
    for candidate in FONTS.iter().filter(|it| package.is_none_or(|name| it.packages.contains(&name))) {
        let files = candidate
            .files
            .iter()
            .map(|(path, index)| std::fs::read(path).map(|bytes| FontFile { bytes, index: *index }));
        if let Ok(files) = files.collect() {
            return Ok(Fonts::new(files)?);
        }
    }
    Err(format!("no font with Chinese is there; install one of {:?}", FONTS.map(|it| it.packages)).into())
}
