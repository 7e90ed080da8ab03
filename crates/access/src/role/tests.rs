//! The table of roles against a second one that was written from the meaning of the roles, and against the document.

use super::*;

/// Written from what the roles are for, not copied from the table: a line a role, with everything that it may do.
const MEANT: &str = "
viewer: read_figures read_transactions read_statements read_devices read_registry read_deny_lists read_quarantine read_operations read_proposals
merchant: read_figures read_transactions read_statements read_devices
operator: read_figures read_transactions read_statements read_devices upload_operator_file
clerk: read_figures read_transactions read_statements read_devices read_registry read_deny_lists read_quarantine read_operations read_proposals read_keys retry_quarantine run_night propose upload_operator_file
approver: read_figures read_transactions read_statements read_devices read_registry read_deny_lists read_quarantine read_operations read_proposals read_keys approve
auditor: read_figures read_transactions read_statements read_devices read_registry read_deny_lists read_quarantine read_operations read_proposals read_keys read_audit
admin: manage_users manage_certificates manage_webhooks set_policy read_operations read_audit read_proposals
";

#[test]
fn every_role_may_what_it_is_meant_to_and_nothing_else() {
    let mut lines = MEANT.trim().lines();
    for role in Role::ALL {
        let (name, actions) = lines.next().unwrap().split_once(": ").unwrap();
        assert_eq!(name.parse(), Ok(*role));
        let meant: Vec<Action> = actions.split(' ').map(|name| name.parse().unwrap()).collect();
        for action in Action::ALL {
            assert_eq!(role.may(*action), meant.contains(action), "{role} {action}");
        }
    }
    assert_eq!(lines.next(), None);
}

#[test]
fn every_action_has_its_place_in_the_table() {
    let rows: Vec<Action> = MAY.iter().map(|(action, _)| *action).collect();
    assert_eq!(rows, Action::ALL);
    assert_eq!(Role::ALL.len(), MAY[0].1.len());
}

/// Nobody can do alone what takes two people, and whoever hands out roles touches no money.
#[test]
fn powers_that_must_be_apart_are_apart() {
    use Action::{Approve, ManageUsers, Propose, ReadFigures, ReadTransactions, RunNight};
    for role in Role::ALL {
        for (one, other) in [
            (Propose, Approve),
            (RunNight, Approve),
            (ManageUsers, Propose),
            (ManageUsers, Approve),
            (ManageUsers, ReadFigures),
            (ManageUsers, ReadTransactions),
        ] {
            assert!(!(role.may(one) && role.may(other)), "{role} may both {one} and {other}");
        }
    }
}

#[test]
fn two_roles_belong_to_a_participant() {
    let of_participant: Vec<&Role> = Role::ALL.iter().filter(|role| role.of_participant()).collect();
    assert_eq!(of_participant, [&Role::Merchant, &Role::Operator]);
}

/// The document has this table, row by row.
#[test]
fn the_document_says_the_same() {
    let document = include_str!("../../../../docs/roles.md");
    let cell = |role: &Role| format!("{}<br>{}", role.zh(), role.en());
    let row = |first: &str, cells: Vec<String>| format!("| {first} | {} |", cells.join(" | "));
    let mut expected = vec![row("", Role::ALL.iter().map(cell).collect())];
    expected.push(format!("|---|{}", ":-:|".repeat(Role::ALL.len())));
    for action in Action::ALL {
        let mark = |role: &Role| if role.may(*action) { "✓" } else { "" }.to_owned();
        let first = format!("{}<br>{} `{action}`", action.zh(), action.en());
        expected.push(row(&first, Role::ALL.iter().map(mark).collect()));
    }
    let found: Vec<&str> = document.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(found, expected, "docs/roles.md must have\n{}", expected.join("\n"));
}
