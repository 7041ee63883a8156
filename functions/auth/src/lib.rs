//! Accounts: claim, invitations, sign-up, sessions, profile, password, tokens.

mod accounts;
mod config;
mod credentials;
mod invitations;
mod me;
mod passwords;
mod sessions;
mod tokens;

use aws_types::SdkConfig;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post, put};
use domain::Sha256;
use idempotency::Keeper;
use store::{Idempotency, Users};
use web::clock::Clock;

pub use config::Config;

/// What the handlers share.
#[derive(Clone)]
pub struct State {
    users: Users,
    claim_code: Option<Sha256>,
    keeper: Keeper,
    clock: Clock,
}

impl State {
    /// Clients for this configuration.
    pub fn new(config: &Config, aws: &SdkConfig, clock: Clock) -> Self {
        Self {
            users: Users::new(aws, config.users_table.clone()),
            claim_code: config.claim_code,
            keeper: Keeper { answers: Idempotency::new(aws, config.users_table.clone()), clock },
            clock,
        }
    }
}

/// The routes of this function.
pub fn router(state: State) -> Router {
    Router::new()
        .route("/auth/claim", post(accounts::claim))
        .route("/auth/users", post(accounts::sign_up))
        .route("/auth/sessions", post(sessions::sign_in))
        .route("/auth/sessions/current", delete(sessions::sign_out))
        .route("/auth/invitations", post(invitations::invite))
        .route("/auth/sign-up", put(invitations::set_sign_up))
        .route("/me", get(me::read).patch(me::update))
        .route("/me/password", put(me::change_password))
        .route("/me/tokens", get(tokens::list).post(tokens::create))
        .route("/me/tokens/{token}", delete(tokens::revoke))
        .layer(from_fn_with_state(state.keeper.clone(), idempotency::once))
        .with_state(state)
}
