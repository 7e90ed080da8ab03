//! Who asks: people and programs by a bearer secret, collectors by the certificate of their connection.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use tongclear_access::{Action, Secret};
use tongclear_authority::CollectorCertificate;
use tongclear_desk::{Acting, View};
use tongclear_engine::Centre;
use tongclear_ledger::Participant;
use tongclear_store::{Scope, people};
use tongclear_types::CollectorId;

use crate::extract::parsed_if;
use crate::problem::Problem;
use crate::shared::Shared;

/// What is known of a connection, put into each of its requests.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    /// The other end.
    pub(crate) peer: IpAddr,
    /// The certificate it showed, which the centre's CA has signed; revoked or not is asked for each request.
    pub(crate) certificate: Option<Arc<CollectorCertificate>>,
}

fn connection(parts: &Parts) -> Result<&Connection, Problem> {
    parts.extensions.get::<Connection>().ok_or_else(Problem::internal)
}

/// A person or program. What they reach of the centre they reach by [`Caller::view`], bound to their scope, or, as the
/// centre's staff, by [`Caller::centre`]; both ask for the action first, so that neither check can be forgotten.
pub(crate) struct Caller {
    pub(crate) acting: Acting,
    centre: Centre,
}

impl FromRequestParts<Arc<Shared>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Problem> {
        let secret = bearer(parts)?;
        let acting = tongclear_desk::people::holder(shared.unscoped(), &secret).await?;
        let acting = acting.ok_or_else(|| {
            Problem::unknown_caller("the session or token is unknown, has expired or was revoked")
        })?;
        shared.limits.caller(&acting.actor().to_string())?;
        let centre = acting.at(shared.unscoped());
        Ok(Self { acting, centre })
    }
}

/// The secret that a request shows.
pub(crate) fn bearer(parts: &Parts) -> Result<Secret, Problem> {
    let Some(header) = parts.headers.get(AUTHORIZATION) else {
        return Err(Problem::unknown_caller(
            "no bearer secret: log in with POST /v1/sessions, or show a token as `Authorization: Bearer …`",
        ));
    };
    let secret = header.to_str().ok().and_then(|text| text.strip_prefix("Bearer ")).and_then(Secret::parse);
    secret.ok_or_else(|| {
        Problem::unknown_caller("the Authorization header is not `Bearer` and a secret of ours")
    })
}

impl Caller {
    /// The whole centre, for those of its staff whose role covers `action`.
    pub(crate) fn centre(&self, action: Action) -> Result<&Centre, Problem> {
        self.acting.demand(action)?;
        match self.acting.scope() {
            Scope::Everything => Ok(&self.centre),
            Scope::Of(_) | Scope::Collector(_) => {
                Err(Problem::forbidden("only the centre's own staff see the whole centre"))
            }
        }
    }

    /// The centre as the caller sees it, if their role covers `action`; or as the participant `named` does, which must be the
    /// caller's own unless they are of the centre's staff.
    pub(crate) fn view(&self, action: Action, named: Option<&str>) -> Result<View, Problem> {
        self.acting.demand(action)?;
        let own = self.acting.scope();
        let scope = match parsed_if::<Participant>("participant", named)? {
            None => own,
            Some(participant) if own.sees_account(participant) => Scope::Of(participant),
            Some(participant) => {
                return Err(Problem::forbidden(format!("{participant} is not yours to see"))
                    .naming("participant", participant.to_string()));
            }
        };
        Ok(View::new(self.centre.clone(), scope))
    }
}

/// A collector, by its certificate.
pub(crate) struct Collector {
    pub(crate) id: CollectorId,
    pub(crate) view: View,
}

impl FromRequestParts<Arc<Shared>> for Collector {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Problem> {
        let shown = connection(parts)?.certificate.clone().ok_or_else(|| {
            Problem::unknown_caller("a collector shows a certificate of the centre's CA when it connects")
        })?;
        let CollectorCertificate { collector, serial, .. } = &*shown;
        let issued = people::certificate(&*shared.unscoped().store, serial).await?;
        let issued = issued.filter(|issued| issued.collector == *collector);
        let issued = issued.ok_or_else(|| {
            Problem::forbidden("the centre did not issue this certificate").naming("serial", serial.as_str())
        })?;
        if issued.revoked_at.is_some() {
            return Err(Problem::forbidden("this certificate was revoked").naming("serial", serial.as_str()));
        }
        if issued.expires_at <= shared.unscoped().clock.now() {
            return Err(Problem::forbidden("this certificate has expired").naming("serial", serial.as_str()));
        }
        let actor = format!("collector:{collector}");
        shared.limits.collector(&actor)?;
        let actor = actor.parse().map_err(|_| Problem::internal())?;
        let centre = Centre { actor, ..shared.unscoped().clone() };
        Ok(Self { id: *collector, view: View::new(centre, Scope::Collector(*collector)) })
    }
}

/// Somebody who is not known yet: only by where they come from.
pub(crate) struct Stranger;

impl FromRequestParts<Arc<Shared>> for Stranger {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Problem> {
        shared.limits.stranger(connection(parts)?.peer)?;
        Ok(Self)
    }
}
