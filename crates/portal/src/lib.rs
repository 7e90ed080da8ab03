//! The centre's door: an HTTP API over TLS for collectors, merchants, card operators and the centre's staff.
//!
//! A request passes, from the outside in: `connections` (how many, how slow, which certificate), a layer that counts and
//! logs it under an id of its own, `caller` (who asks, how often, for what), and a route of `routes`, which asks the
//! desk. Packages meet in `intake`, which makes many durable at once.
//!
//! **Invariant:** a route reaches figures of participants only through a `View`, which is bound to the caller's scope.
//!
//! **Invariant:** no secret reaches the log: of a request it holds method, route, status, time and id.

mod answers;
mod caller;
mod connections;
mod extract;
mod files;
mod intake;
mod keys;
mod limits;
mod metrics;
mod nights;
mod observe;
mod of_window;
mod problem;
mod routes;
mod serve;
mod shared;
mod tls;
mod webhooks;

pub use serve::{ServeError, Server, Settings, api_document};
pub use tls::ServerIdentity;
