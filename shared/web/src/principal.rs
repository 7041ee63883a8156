//! Who is asking, as the authorizer has found out.

use axum::extract::FromRequestParts;
use domain::{Error, TokenId, UserId};
use http::request::Parts;
use lambda_http::request::RequestContext;

use crate::Problem;

/// The person behind a request. API Gateway has let only requests with a valid token pass, and gives its finding along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Principal {
    /// Who.
    pub user: UserId,
    /// By which session or token.
    pub credential: TokenId,
    /// Whether that person owns the installation.
    pub platform_owner: bool,
}

impl<S: Sync> FromRequestParts<S> for Principal {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        if let Some(principal) = parts.extensions.get::<Principal>() {
            return Ok(*principal);
        }
        from_context(parts)
            .ok_or_else(|| Error::Unauthenticated("sign in, and send the token as Authorization: Bearer …").into())
    }
}

fn from_context(parts: &Parts) -> Option<Principal> {
    let RequestContext::ApiGatewayV2(context) = parts.extensions.get::<RequestContext>()? else { return None };
    let fields = &context.authorizer.as_ref()?.fields;
    let text = |name: &str| fields.get(name).and_then(|value| value.as_str());
    Some(Principal {
        user: text("user")?.parse().ok()?,
        credential: text("credential")?.parse().ok()?,
        platform_owner: text("platform_owner") == Some("true"),
    })
}

/// The token of `Authorization: Bearer …` (RFC 6750 §2.1); the scheme's case does not matter.
pub fn bearer(headers: &http::HeaderMap) -> Option<&str> {
    let value = headers.get(http::header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// The address the request came from, as API Gateway saw it; never a header, which anyone can write.
pub fn source_address(extensions: &http::Extensions) -> Option<String> {
    match extensions.get::<RequestContext>()? {
        RequestContext::ApiGatewayV2(context) => context.http.source_ip.clone(),
        _ => None,
    }
}
