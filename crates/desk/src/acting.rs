//! Who works at the desk, and what they may.

use tongclear_access::{Action, Person, UserName};
use tongclear_engine::Centre;
use tongclear_store::people::{self, UserRow};
use tongclear_store::{Actor, Scope, StoreError};

use crate::DeskError;

/// Whoever acts: a named person, or a user of the machine who is nobody in particular.
///
/// The machine's user holds the disk, and with it everything; so on the command line an unnamed one may do what needs no
/// second person. Where two people are demanded, both must be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acting {
    actor: Actor,
    person: Option<Person>,
}

impl Acting {
    /// A person with an account.
    ///
    /// # Errors
    /// [`DeskError::Refused`] when role and participant of the account do not belong together.
    pub fn person(row: &UserRow) -> Result<Self, DeskError> {
        let person = Person::new(row.name.clone(), row.role, row.participant)
            .map_err(|error| DeskError::Refused(error.to_string()))?;
        Ok(Self { actor: actor_of(&row.name)?, person: Some(person) })
    }

    /// The person as whom the machine's user `os_user` acts, or that user itself.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] when the account is closed; faults of the store.
    pub async fn on_this_machine(centre: &Centre, os_user: &str) -> Result<Self, DeskError> {
        match people::user_of_os(&*centre.store, os_user).await? {
            Some(row) if row.active => Self::person(&row),
            Some(row) => Err(DeskError::Forbidden(format!("the account {} is closed", row.name))),
            None => {
                let actor = format!("os:{os_user}").parse().or_else(|_| "os:unknown".parse());
                Ok(Self { actor: actor.map_err(DeskError::Refused)?, person: None })
            }
        }
    }

    /// As the audit log names them.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The named person.
    #[must_use]
    pub const fn named(&self) -> Option<&Person> {
        self.person.as_ref()
    }

    /// Whose figures they may see.
    #[must_use]
    pub fn scope(&self) -> Scope {
        let participant = self.person.as_ref().and_then(Person::participant);
        participant.map_or(Scope::Everything, Scope::Of)
    }

    /// Refuses what a named person's role does not cover; the machine's own user may.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] naming the role and the action.
    pub fn demand(&self, action: Action) -> Result<(), DeskError> {
        match &self.person {
            Some(person) if !person.role().may(action) => Err(DeskError::Forbidden(format!(
                "{} has the role {}, which does not cover {action}",
                person.name(),
                person.role()
            ))),
            _ => Ok(()),
        }
    }

    /// Refuses whoever has no account or whose role does not cover it: for steps of which two named people answer.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`].
    pub fn demand_named(&self, action: Action) -> Result<(), DeskError> {
        if self.person.is_none() {
            return Err(DeskError::Forbidden(format!(
                "{action} needs a named person, and {} is none: log in with --user NAME, or let an account act for this \
                 user of the machine with `tongclear user add NAME --os-user`",
                self.actor
            )));
        }
        self.demand(action)
    }

    /// The centre as they work in it: what they do is written under their name.
    #[must_use]
    pub fn at(&self, centre: &Centre) -> Centre {
        Centre { actor: self.actor.clone(), ..centre.clone() }
    }
}

/// A person as the audit log names them.
pub(crate) fn actor_of(name: &UserName) -> Result<Actor, DeskError> {
    format!("user:{name}").parse().map_err(DeskError::internal)
}

/// A conflict in the store as whoever asked should read it: somebody or something is in the way.
pub(crate) fn in_the_way(error: StoreError) -> DeskError {
    match error {
        StoreError::Conflict { what } => DeskError::Refused(what),
        other => other.into(),
    }
}
