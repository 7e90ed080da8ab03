//! Enums that have a name for other programs and one for people, in Chinese and in English.

/// Declares such an enum, which is read back from its name.
macro_rules! named {
    (
        $(#[$doc:meta])* $name:ident, $expected:literal
        { $($variant:ident = $text:literal, $zh:literal, $en:literal;)+ }
    ) => {
        tongclear_types::named! { $(#[$doc])* $name { $($variant = $text, $zh, $en;)+ } }

        impl std::str::FromStr for $name {
            type Err = tongclear_types::IdError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::from_name(text).ok_or_else(|| {
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
