//! What can be asked, one file a noun.

mod accounts;
mod audit;
mod certificates;
mod collector;
mod deny_lists;
mod intake;
mod nights;
mod operations;
mod operator_files;
mod proposals;
mod quarantine;
mod registry;
mod sessions;
mod transactions;
mod webhooks;
mod why;
mod windows;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;

use crate::shared::Shared;

pub(crate) use operations::open_api;

/// Every route with its description.
pub(crate) fn all() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::with_openapi(open_api())
        .merge(operations::routes())
        .merge(sessions::routes())
        .merge(collector::routes())
        .merge(windows::routes())
        .merge(transactions::routes())
        .merge(why::routes())
        .merge(operator_files::routes())
        .merge(registry::routes())
        .merge(deny_lists::routes())
        .merge(intake::routes())
        .merge(quarantine::routes())
        .merge(nights::routes())
        .merge(proposals::routes())
        .merge(audit::routes())
        .merge(accounts::routes())
        .merge(certificates::routes())
        .merge(webhooks::routes())
}
