//! Who is acting: a person with a role, or a collector with a certificate.

use std::fmt;

use tongclear_ledger::Participant;
use tongclear_types::CollectorId;

use crate::{Action, Role, UserName};

/// Why nobody can be that person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// A role of participants without the participant.
    #[error("{name}: the role {role} needs the {role} that the person belongs to")]
    NeedsParticipant {
        /// Whose.
        name: UserName,
        /// Which role.
        role: Role,
    },
    /// A participant that people of that role do not belong to.
    #[error("{name}: a person of role {role} does not belong to {participant}")]
    WrongParticipant {
        /// Whose.
        name: UserName,
        /// Which role.
        role: Role,
        /// The participant that was given.
        participant: Participant,
    },
}

/// A person who signed in. Role and participant always fit each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    name: UserName,
    role: Role,
    participant: Option<Participant>,
}

impl Person {
    /// The person of that name: people of a merchant or operator belong to it, all others to the centre and so to
    /// no participant.
    ///
    /// # Errors
    /// [`IdentityError`] when role and participant do not fit each other.
    pub fn new(name: UserName, role: Role, participant: Option<Participant>) -> Result<Self, IdentityError> {
        match (role, participant) {
            (Role::Merchant, Some(Participant::Merchant(_)))
            | (Role::Operator, Some(Participant::Operator(_))) => Ok(Self { name, role, participant }),
            (_, Some(participant)) => Err(IdentityError::WrongParticipant { name, role, participant }),
            (_, None) if role.of_participant() => Err(IdentityError::NeedsParticipant { name, role }),
            (_, None) => Ok(Self { name, role, participant }),
        }
    }

    /// The name signed in with.
    #[must_use]
    pub const fn name(&self) -> &UserName {
        &self.name
    }

    /// What the person is here for.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// The participant that everything the person sees is narrowed to; none for the centre's own people.
    #[must_use]
    pub const fn participant(&self) -> Option<Participant> {
        self.participant
    }

    /// Whether data of `other` may be shown, as far as the role may see such data at all.
    #[must_use]
    pub fn sees(&self, other: Participant) -> bool {
        self.participant.is_none_or(|own| own == other)
    }
}

/// Who is acting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// A person.
    Person(Person),
    /// A collector, known by its certificate; it sends its own packages and does nothing else.
    Collector(CollectorId),
}

impl Identity {
    /// Whether `action` is allowed. Collectors may do nothing that people do.
    #[must_use]
    pub fn may(&self, action: Action) -> bool {
        match self {
            Self::Person(person) => person.role.may(action),
            Self::Collector(_) => false,
        }
    }
}

/// `user:wang.fang` or `collector:6510000000f1`, as the audit log has it.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(person) => f.pad(&format!("user:{}", person.name)),
            Self::Collector(id) => f.pad(&format!("collector:{id}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MERCHANT: &str = "merchant:BUS00001";
    const OPERATOR: &str = "operator:0417";

    fn person(role: Role, participant: Option<&str>) -> Result<Person, IdentityError> {
        Person::new("wang".parse().unwrap(), role, participant.map(|text| text.parse().unwrap()))
    }

    #[test]
    fn each_role_goes_with_one_kind_of_participant() {
        let participants = [None, Some(MERCHANT), Some(OPERATOR), Some("sponsor:GOV00001"), Some("centre")];
        for role in Role::ALL {
            let fits = match role {
                Role::Merchant => Some(MERCHANT),
                Role::Operator => Some(OPERATOR),
                _ => None,
            };
            for participant in participants {
                assert_eq!(person(*role, participant).is_ok(), participant == fits, "{role} {participant:?}");
            }
        }
    }

    #[test]
    fn the_refusal_names_what_does_not_fit() {
        let table = [
            (Role::Merchant, None, "wang: the role merchant needs the merchant that the person belongs to"),
            (
                Role::Merchant,
                Some(OPERATOR),
                "wang: a person of role merchant does not belong to operator:0417",
            ),
            (Role::Clerk, Some("centre"), "wang: a person of role clerk does not belong to centre"),
        ];
        for (role, participant, expected) in table {
            assert_eq!(person(role, participant).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn people_of_a_participant_see_their_own() {
        let merchant = person(Role::Merchant, Some(MERCHANT)).unwrap();
        assert!(merchant.sees(MERCHANT.parse().unwrap()));
        for other in ["merchant:BUS00002", OPERATOR, "sponsor:BUS00001", "centre"] {
            assert!(!merchant.sees(other.parse().unwrap()), "{other}");
        }
        let viewer = person(Role::Viewer, None).unwrap();
        assert!([MERCHANT, OPERATOR, "centre"].iter().all(|it| viewer.sees(it.parse().unwrap())));
    }

    #[test]
    fn collectors_have_no_rights_of_people() {
        let collector = Identity::Collector("6510000000f1".parse().unwrap());
        assert!(!Action::ALL.iter().any(|action| collector.may(*action)));
        assert_eq!(collector.to_string(), "collector:6510000000f1");
        let clerk = Identity::Person(person(Role::Clerk, None).unwrap());
        assert!(clerk.may(Action::Propose) && !clerk.may(Action::Approve));
        assert_eq!(clerk.to_string(), "user:wang");
    }
}
