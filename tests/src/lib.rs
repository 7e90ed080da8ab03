//! Whole-program tests: what their targets share.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The program, built once from the tree as it is, beside the test that asks for it.
///
/// # Panics
/// When it does not build.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        // …/target/<profile>/deps/<test>-<hash>
        let here = std::env::current_exe().expect("a test has a path");
        let profile = here.parent().and_then(Path::parent).expect("tests are in <target>/<profile>/deps");
        let target = profile.parent().expect("a profile's folder is inside the target folder");
        // With the tests, as whoever runs them has built it: the same features, so that nothing is built twice.
        let mut build = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
        build.current_dir(env!("CARGO_MANIFEST_DIR"));
        build
            .args(["build", "--quiet", "--workspace", "--bin", "tongclear", "--tests", "--target-dir"])
            .arg(target);
        if let Some(name) = profile.file_name().filter(|name| *name != "debug") {
            build.arg("--profile").arg(name);
        }
        // What cargo tells a test of its package would make build scripts run again, and with them everything.
        for (name, _) in std::env::vars_os() {
            if name
                .to_str()
                .is_some_and(|it| it.starts_with("CARGO_PKG_") || it.starts_with("CARGO_MANIFEST_"))
            {
                build.env_remove(name);
            }
        }
        let status = build.status().expect("cargo starts");
        assert!(status.success(), "the program does not build");
        profile.join(format!("tongclear{}", std::env::consts::EXE_SUFFIX))
    })
}
