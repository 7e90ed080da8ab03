//! What every address may answer besides what it is there for.

use utoipa::IntoResponses;

use crate::problem::Details;

/// The problems that any request of somebody known may meet.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it only describes")]
pub(crate) enum Problems {
    /// The request cannot be read.
    #[response(status = 400, content_type = "application/problem+json")]
    Malformed(#[to_schema] Details),
    /// It is not known who asks.
    #[response(status = 401, content_type = "application/problem+json")]
    UnknownCaller(#[to_schema] Details),
    /// Known, but not allowed.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(#[to_schema] Details),
    /// There is no such thing.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(#[to_schema] Details),
    /// The body came too slowly.
    #[response(status = 408, content_type = "application/problem+json")]
    TooSlow(#[to_schema] Details),
    /// It does not fit the state of the centre.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(#[to_schema] Details),
    /// The body is too large.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(#[to_schema] Details),
    /// The body has another media type.
    #[response(status = 415, content_type = "application/problem+json")]
    MediaType(#[to_schema] Details),
    /// It can be read, but is refused.
    #[response(status = 422, content_type = "application/problem+json")]
    Refused(#[to_schema] Details),
    /// More requests than this caller may make.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(#[to_schema] Details),
    /// Disk, database, or the end of the program.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(#[to_schema] Details),
}
