//! Enums that have a name for other programs and one for people, in Chinese and in English.

/// Declares such an enum; `FromStr`, `Display` and serde all go by the name.
macro_rules! named {
    (
        $(#[$doc:meta])* $name:ident, $expected:literal
        { $($variant:ident = $text:literal, $zh:literal, $en:literal;)+ }
    ) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        pub enum $name { $(#[doc = $en] #[serde(rename = $text)] $variant,)+ }

        impl $name {
            /// All of them, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name in files and JSON.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// For people, in Chinese.
            #[must_use]
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$variant => $zh,)+ }
            }

            /// For people, in English.
            #[must_use]
            pub const fn en(self) -> &'static str {
                match self { $(Self::$variant => $en,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }

        impl std::str::FromStr for $name {
            type Err = tongclear_types::IdError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|it| it.name() == text).ok_or_else(|| {
                    tongclear_types::IdError { value: text.to_owned(), expected: $expected }
                })
            }
        }
    };
}

pub(crate) use named;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::{Action, ProposalKind, ProposalState, Role, SecretKind};

    /// Names are snake case and differ, come back through text and JSON, and people can read every one.
    macro_rules! check {
        ($kind:ty, $refusal:literal) => {
            let names: BTreeSet<&str> = <$kind>::ALL.iter().map(|it| it.name()).collect();
            assert_eq!(names.len(), <$kind>::ALL.len());
            for it in <$kind>::ALL {
                assert!(it.name().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{it}");
                assert_eq!(it.to_string().parse(), Ok(*it));
                let json = serde_json::to_string(it).unwrap();
                assert_eq!(json, format!("{:?}", it.name()));
                assert_eq!(serde_json::from_str::<$kind>(&json).unwrap(), *it);
                assert!(!it.zh().is_ascii() && it.en().is_ascii(), "{it}");
            }
            assert_eq!("Nobody".parse::<$kind>().unwrap_err().to_string(), $refusal);
        };
    }

    #[test]
    fn names_are_read_back() {
        check!(
            Role,
            "\"Nobody\" is not a role: viewer, merchant, operator, clerk, approver, auditor or admin"
        );
        check!(Action, "\"Nobody\" is not an action such as read_figures");
        check!(ProposalKind, "\"Nobody\" is not a kind: registry, keys, deny_list, decision or payout");
        check!(ProposalState, "\"Nobody\" is not a state: open, approved, refused, withdrawn or applied");
        check!(SecretKind, "\"Nobody\" is not a kind of secret: session, token or webhook");
    }
}
