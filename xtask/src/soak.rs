//! `cargo xtask soak`: the long campaign of interruptions.

use anyhow::Result;
use clap::Args;

use crate::shell::{cargo, run};
use crate::test::prepare;

/// How long the campaign is.
#[derive(Args)]
pub(crate) struct Soak {
    /// Seeds to run, from 1
    #[arg(long, default_value_t = 200)]
    seeds: u64,
    /// Run just this one, the way a failure is reproduced
    #[arg(long, conflicts_with = "seeds")]
    seed: Option<u64>,
}

impl Soak {
    /// Each seed is printed as it begins; the one that fails says how to run it again.
    pub(crate) fn run(&self) -> Result<()> {
        prepare()?;
        let mut command = cargo(&["test", "--locked", "--workspace", "--test", "program", "--"]);
        command.args(["--nocapture", "kill::"]);
        command.env("TONGCLEAR_SOAK_SEEDS", self.seeds.to_string());
        if let Some(seed) = self.seed {
            command.env("TONGCLEAR_SEED", seed.to_string());
        }
        run(&mut command)
    }
}
