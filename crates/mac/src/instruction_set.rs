//! Which vector instructions the bulk verifier uses: the machine's best, found at run time.

use std::fmt;
use std::str::FromStr;

/// The vector instructions that [`BulkVerifier`](crate::BulkVerifier) works with; all give the same verdicts.
///
/// ```
/// use tongclear_mac::InstructionSet;
/// assert!(InstructionSet::available().any(|set| set == InstructionSet::detect()));
/// assert!(InstructionSet::Portable.is_available());
/// assert_eq!("avx2".parse(), Ok(InstructionSet::Avx2));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstructionSet {
    /// What every machine of the target has: on x86-64 SSE2 with 128 bits. The specification of the others.
    Portable,
    /// AVX2 of x86-64: 256 bits.
    Avx2,
    /// AVX-512 of x86-64, its parts F, BW, DQ and VL: 512 bits, and any function of three bits in one step.
    Avx512,
}

/// An instruction set that was asked for and that this machine does not have, or a name that none has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InstructionSetError {
    /// The machine lacks it.
    #[error("this machine has no {wanted}: the best it has is {best}")]
    Missing {
        /// What was asked for.
        wanted: InstructionSet,
        /// What [`InstructionSet::detect`] finds.
        best: InstructionSet,
    },
    /// No set has that name.
    #[error("no instruction set is named {name:?}: expected \"portable\", \"avx2\" or \"avx512\"")]
    Unknown {
        /// What was given.
        name: String,
    },
}

impl InstructionSet {
    /// All, the widest last.
    pub const ALL: [Self; 3] = [Self::Portable, Self::Avx2, Self::Avx512];

    /// The widest that this machine has.
    #[must_use]
    pub fn detect() -> Self {
        Self::available().last().unwrap_or(Self::Portable)
    }

    /// All that this machine has, the widest last; the portable one is always among them.
    pub fn available() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|set| set.is_available())
    }

    /// Whether this machine, and its operating system, has it.
    #[must_use]
    pub fn is_available(self) -> bool {
        match self {
            Self::Portable => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => std::is_x86_feature_detected!("avx2"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                std::is_x86_feature_detected!("avx512f")
                    && std::is_x86_feature_detected!("avx512bw")
                    && std::is_x86_feature_detected!("avx512dq")
                    && std::is_x86_feature_detected!("avx512vl")
            }
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx2 | Self::Avx512 => false,
        }
    }

    /// Itself, if this machine has it.
    ///
    /// # Errors
    /// When it has not.
    pub fn checked(self) -> Result<Self, InstructionSetError> {
        if self.is_available() {
            Ok(self)
        } else {
            Err(InstructionSetError::Missing { wanted: self, best: Self::detect() })
        }
    }

    /// The name in settings and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }
}

impl fmt::Display for InstructionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for InstructionSet {
    type Err = InstructionSetError;

    fn from_str(name: &str) -> Result<Self, InstructionSetError> {
        let found = Self::ALL.into_iter().find(|set| set.name() == name);
        found.ok_or_else(|| InstructionSetError::Unknown { name: name.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_others_refused() {
        for set in InstructionSet::ALL {
            assert_eq!(set.to_string().parse(), Ok(set));
        }
        let refused = "AVX2".parse::<InstructionSet>().unwrap_err();
        assert_eq!(
            refused.to_string(),
            "no instruction set is named \"AVX2\": expected \"portable\", \"avx2\" or \"avx512\""
        );
        let missing =
            InstructionSetError::Missing { wanted: InstructionSet::Avx512, best: InstructionSet::Avx2 };
        assert_eq!(missing.to_string(), "this machine has no avx512: the best it has is avx2");
    }

    #[test]
    fn what_is_available_can_be_asked_for_and_nothing_else() {
        let available: Vec<_> = InstructionSet::available().collect();
        assert_eq!(available[0], InstructionSet::Portable);
        assert_eq!(available.last(), Some(&InstructionSet::detect()));
        for set in InstructionSet::ALL {
            let best = InstructionSet::detect();
            let expected = if available.contains(&set) {
                Ok(set)
            } else {
                Err(InstructionSetError::Missing { wanted: set, best })
            };
            assert_eq!(set.checked(), expected, "{set}");
        }
    }
}
