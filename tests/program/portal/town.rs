//! The small town's centre with its people and its certificate authority, made once and copied for each test.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::server::add_person;
use crate::city::{DAY, small_town};
use crate::program::{Centre, copy_folder, path};

/// The second and last day of the town.
pub(crate) const NEXT: &str = "2026-11-24";

/// Everybody who has an account: name, role and participant. Of each role the first is named as the role is.
pub(crate) const PEOPLE: [(&str, &str, Option<&str>); 10] = [
    ("viewer", "viewer", None),
    ("merchant", "merchant", Some("merchant:BUS00001")),
    ("operator", "operator", Some("operator:0417")),
    ("clerk", "clerk", None),
    ("approver", "approver", None),
    ("auditor", "auditor", None),
    ("admin", "admin", None),
    ("shop", "merchant", Some("merchant:SHOP0001")),
    ("chongqing", "operator", Some("operator:0165")),
    ("colleague", "clerk", None),
];

/// Two collectors of the merchant BUS00001 and one of METRO001, which sends two packages a day.
pub(crate) const BUS: [&str; 2] = ["6510c0000000", "6510c0000001"];
pub(crate) const METRO: &str = "6510c2000000";

/// A centre that knows the town and has its people; nothing has arrived yet.
pub(crate) fn expectant() -> Centre {
    static DATA: OnceLock<PathBuf> = OnceLock::new();
    Centre::copy_of(DATA.get_or_init(|| {
        let centre = Centre::of_city(small_town());
        centre.done(&["ca", "init"]);
        for (name, role, participant) in PEOPLE {
            add_person(&centre, name, role, participant);
        }
        kept(&centre, "expectant")
    }))
}

/// The same with both days settled.
pub(crate) fn settled() -> Centre {
    static DATA: OnceLock<PathBuf> = OnceLock::new();
    Centre::copy_of(DATA.get_or_init(|| {
        let centre = expectant();
        for day in [DAY, NEXT] {
            centre.done(&["intake", path(&small_town().join("packages").join(day))]);
            centre.done(&["night", "--date", day]);
        }
        kept(&centre, "settled")
    }))
}

/// Keeps a centre's data in cargo's folder for such files.
fn kept(centre: &Centre, name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("portal-{name}"));
    if folder.exists() {
        std::fs::remove_dir_all(&folder).unwrap();
    }
    copy_folder(&centre.data(), &folder);
    folder
}

/// A package of the town, byte for byte.
pub(crate) fn package(day: &str, collector: &str, sequence: u32) -> Vec<u8> {
    let name = format!("packages/{day}/{collector}-{sequence:010}.ctp");
    std::fs::read(small_town().join(name)).unwrap()
}
