//! A small city of an integrator's, good and broken in every way that has a rule.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed, wherever it stops")]

mod certify;
mod city;
mod rules;
