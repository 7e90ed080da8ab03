//! The contract tests every store must pass, one function a promise of [`Store`].
//!
//! A store's own tests implement [`Database`] and say [`store_contract_tests!`](crate::store_contract_tests) once.
//! The functions need no particular runtime. They panic where a promise is broken and return an error where the
//! database is at fault; like all tests, they run on a database of their own.

pub mod audit;
pub mod clearing;
pub mod decisions;
pub mod four_eyes;
pub mod intake;
pub mod operator_files;
pub mod payouts;
pub mod people;
pub mod portable;
pub mod reconciliations;
pub mod registry;
pub mod sample;
pub mod scope;
pub mod settlement;
pub mod statements;
pub mod webhooks;
pub mod windows;

use async_trait::async_trait;

use crate::{Store, StoreError};

/// A database that starts empty.
#[async_trait]
pub trait Database: Send + Sync {
    /// The store under test.
    type Store: Store;

    /// Opens the database; each call is one more handle on the same data, as another process would have.
    async fn open(&self) -> Result<Self::Store, StoreError>;
}

/// What a contract test returns.
pub type Tested = Result<(), StoreError>;

/// Asserts that `result` is [`StoreError::Conflict`].
#[track_caller]
pub fn assert_conflict<T>(result: Result<T, StoreError>) {
    match result {
        Err(StoreError::Conflict { .. }) => {}
        Err(other) => panic!("a conflict was due, not: {other}"),
        Ok(_) => panic!("a conflict was due"),
    }
}

/// Makes one `#[tokio::test]` of every contract test; `$database` is an expression that makes an empty
/// [`Database`].
///
/// ```text
/// tongclear_store::store_contract_tests!(TemporaryFile::new());
/// ```
#[macro_export]
macro_rules! store_contract_tests {
    ($database:expr) => {
        $crate::store_contract_tests!(@ $database;
            registry::starts_empty,
            registry::numbers_registries_from_one,
            registry::numbers_key_rings_from_one,
            registry::refuses_a_registry_on_top_of_another,
            registry::refuses_a_key_ring_on_top_of_another,
            registry::keeps_deny_lists_in_load_order,
            registry::refuses_deny_lists_that_do_not_follow,
            windows::opens_the_first_window,
            windows::closes_and_opens_the_next,
            windows::takes_its_snapshot_at_the_close,
            windows::closes_only_the_open_window,
            windows::dates_ascend,
            windows::does_not_close_without_registry_or_keys,
            intake::accepts_into_the_open_window,
            intake::counts_windows_like_their_packages,
            intake::forgets_a_dropped_batch,
            intake::knows_its_neighbours,
            intake::refuses_the_same_sequence_twice,
            intake::refuses_another_window,
            intake::finds_packages_again,
            intake::finds_missing_packages,
            intake::quarantines_and_counts_arrivals,
            intake::releases_quarantined_bytes,
            intake::batches_exclude_each_other,
            intake::batches_exclude_the_close,
            intake::takes_many_terminals,
            clearing::commits_a_run,
            clearing::commits_a_window_once,
            clearing::commits_only_closed_windows,
            clearing::leaves_equal_transfers_alone,
            clearing::commits_all_or_nothing,
            clearing::balances_are_the_transfers,
            clearing::keeps_suspended_items_for_later_windows,
            clearing::finds_items_and_transfers_again,
            clearing::takes_many_rows,
            clearing::keeps_history,
            settlement::fixes_positions,
            settlement::settles_only_cleared_windows,
            settlement::survives_reopening,
            audit::tells_what_was_done,
            audit::tells_nothing_of_what_was_not_done,
            audit::tells_of_every_change_or_nothing_changes,
            statements::forgets_a_dropped_transaction,
            statements::counts_what_it_touches,
            statements::reads_one_state,
            statements::writers_exclude_each_other,
            statements::tells_the_newest_versions,
            people::keeps_accounts,
            people::names_and_machine_users_are_taken_once,
            people::changes_accounts,
            people::a_change_ends_sessions,
            people::counts_attempts_and_tells_of_locks,
            people::sessions_end,
            people::a_closed_account_opens_nothing,
            people::attempts_count_before_they_are_made,
            people::tokens_open_until_they_expire,
            people::revokes_tokens_once,
            people::keeps_one_authority,
            people::keeps_certificates_all_or_nothing,
            people::revokes_certificates_once,
            four_eyes::requires_and_releases_kinds,
            four_eyes::numbers_proposals_from_one,
            four_eyes::takes_two_people,
            four_eyes::decides_once,
            four_eyes::withdraws_what_cannot_take_effect,
            four_eyes::decides_for_one_of_two,
            four_eyes::applies_once,
            decisions::take_two_people_and_one_window,
            decisions::are_taken_once,
            decisions::that_move_nothing_take_effect_at_once,
            decisions::never_change,
            webhooks::are_told_from_now_on,
            webhooks::are_removed_once,
            webhooks::keep_how_far_they_were_told,
            webhooks::page_through_the_log,
            operator_files::arrive_once,
            operator_files::are_listed_for_their_operator,
            reconciliations::are_listed_in_order,
            reconciliations::follow_one_another,
            reconciliations::commit_all_or_nothing,
            payouts::are_kept_once,
            payouts::keep_what_the_bank_says,
            payouts::pay_settled_windows_once,
            scope::shows_positions_of_one_participant,
            scope::shows_gaps_of_one_collector,
            portable::a_snapshot_stands_still,
            portable::fills_only_a_new_store,
        );
    };
    (@ $database:expr; $($module:ident::$test:ident,)+) => {
        #[tokio::test]
        async fn carries_everything() -> $crate::contract::Tested {
            $crate::contract::portable::carries_everything(&$database, &$database).await
        }
        $(
            #[tokio::test]
            async fn $test() -> $crate::contract::Tested {
                $crate::contract::$module::$test(&$database).await
            }
        )+
    };
}
