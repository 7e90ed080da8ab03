//! A request about one window: who asks, which window, and with whose eyes.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Deserialize;
use tongclear_access::Action;
use tongclear_desk::View;
use tongclear_types::BusinessDate;
use utoipa::IntoParams;

use crate::caller::Caller;
use crate::extract::{Path, Query, parsed};
use crate::problem::Problem;
use crate::shared::Shared;

/// What an address below `/v1/windows/{window}` says of it.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct WindowAsked {
    /// The business date.
    #[param(format = Date, example = "2026-11-23")]
    window: String,
}

/// Whose figures are asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Of {
    /// As this participant sees it, such as `merchant:BUS00001` or `operator:0417`; by default as the caller does. Nobody but
    /// the centre's staff may name another one than their own.
    #[param(example = "merchant:BUS00001")]
    participant: Option<String>,
}

/// Who asks about which window.
pub(crate) struct OfWindow {
    caller: Caller,
    window: String,
    participant: Option<String>,
}

impl FromRequestParts<Arc<Shared>> for OfWindow {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, shared).await?;
        let Path(WindowAsked { window }) = Path::from_request_parts(parts, shared).await?;
        let Query(Of { participant }) = Query::from_request_parts(parts, shared).await?;
        Ok(Self { caller, window, participant })
    }
}

impl OfWindow {
    /// What the caller may see, if their role covers `action`, and the window.
    pub(crate) fn seen(&self, action: Action) -> Result<(View, BusinessDate), Problem> {
        let view = self.caller.view(action, self.participant.as_deref())?;
        Ok((view, parsed("window", &self.window)?))
    }
}
