//! The door as those who come in by it find it: the real server over TLS, collectors, people, programs and strangers.

mod api;
mod crowd;
mod fleet;
mod forge;
mod four_eyes;
mod hostile;
mod night;
mod people;
mod receiver;
mod roles;
mod scope;
pub(crate) mod server;
mod town;
mod webhooks;
