//! A person with a role, and the participant they belong to.

use tongclear_ledger::Participant;

use crate::{Role, UserName};

/// Why nobody can be that person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PersonError {
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
    /// [`PersonError`] when role and participant do not fit each other.
    pub fn new(name: UserName, role: Role, participant: Option<Participant>) -> Result<Self, PersonError> {
        match (role, participant) {
            (Role::Merchant, Some(Participant::Merchant(_)))
            | (Role::Operator, Some(Participant::Operator(_))) => Ok(Self { name, role, participant }),
            (_, Some(participant)) => Err(PersonError::WrongParticipant { name, role, participant }),
            (_, None) if role.of_participant() => Err(PersonError::NeedsParticipant { name, role }),
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
}

#[cfg(test)]
mod tests {
    use super::*;

    const MERCHANT: &str = "merchant:BUS00001";
    const OPERATOR: &str = "operator:0417";

    fn person(role: Role, participant: Option<&str>) -> Result<Person, PersonError> {
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
}
