//! Four eyes: what one person proposes takes effect only when another approves it.

use crate::named::named;

named! {
    /// What is proposed.
    ProposalKind, "a kind: registry, keys, deny_list, decision or payout" {
        Registry = "registry", "登记变更", "a new registry";
        Keys = "keys", "密钥载入", "keys to be loaded";
        DenyList = "deny_list", "黑名单载入", "a deny list";
        Decision = "decision", "挂账处置", "a decision on suspended records";
        Payout = "payout", "付款", "a payout";
    }
}

named! {
    /// How far a proposal has come.
    ProposalState, "a state: open, approved, refused, withdrawn or applied" {
        Open = "open", "待复核", "waits for another person";
        Approved = "approved", "已通过", "approved, about to take effect";
        Refused = "refused", "已拒绝", "refused";
        Withdrawn = "withdrawn", "已撤回", "withdrawn";
        Applied = "applied", "已生效", "in effect";
    }
}

/// The one who proposed is the one who would approve.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} proposed this and cannot approve it as well")]
pub struct SamePerson {
    /// Who.
    pub name: String,
}

/// A proposal cannot go that way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a proposal that is {from} cannot become {to}")]
pub struct TransitionError {
    /// How far it has come.
    pub from: ProposalState,
    /// What it was to become.
    pub to: ProposalState,
}

/// Whether `approver` may approve what `proposer` proposed. Names are compared as they are, so both must come from
/// the same place: the user names of the centre.
///
/// # Errors
/// [`SamePerson`] when they are the same.
pub fn may_approve(proposer: &str, approver: &str) -> Result<(), SamePerson> {
    if proposer == approver { Err(SamePerson { name: approver.to_owned() }) } else { Ok(()) }
}

impl ProposalState {
    /// What it may become next: an open one is decided or withdrawn; an approved one takes effect, or is withdrawn
    /// when it no longer can; everything else stays as it is.
    #[must_use]
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::Open => &[Self::Approved, Self::Refused, Self::Withdrawn],
            Self::Approved => &[Self::Applied, Self::Withdrawn],
            Self::Refused | Self::Withdrawn | Self::Applied => &[],
        }
    }

    /// The state after a step to `next`.
    ///
    /// # Errors
    /// [`TransitionError`] when there is no such step.
    pub fn step_to(self, next: Self) -> Result<Self, TransitionError> {
        if self.next().contains(&next) { Ok(next) } else { Err(TransitionError { from: self, to: next }) }
    }

    /// Whether nothing comes after it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        self.next().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_two() {
        assert_eq!(may_approve("wang", "li"), Ok(()));
        assert_eq!(
            may_approve("wang", "wang").unwrap_err().to_string(),
            "wang proposed this and cannot approve it as well"
        );
    }

    #[test]
    fn these_steps_and_no_others() {
        let steps =
            ["open approved", "open refused", "open withdrawn", "approved applied", "approved withdrawn"];
        for from in ProposalState::ALL {
            for to in ProposalState::ALL {
                let expected = if steps.contains(&format!("{from} {to}").as_str()) {
                    Ok(*to)
                } else {
                    Err(TransitionError { from: *from, to: *to })
                };
                assert_eq!(from.step_to(*to), expected);
            }
            let last = !steps.iter().any(|step| step.starts_with(&format!("{from} ")));
            assert_eq!(from.is_final(), last, "{from}");
        }
        assert_eq!(
            ProposalState::Refused.step_to(ProposalState::Applied).unwrap_err().to_string(),
            "a proposal that is refused cannot become applied"
        );
    }
}
