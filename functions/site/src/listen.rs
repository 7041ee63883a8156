//! The same router without Lambda: behind a load balancer, or on a laptop.

use std::net::SocketAddr;

use axum::Router;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// Serves plain HTTP until SIGTERM or SIGINT, then finishes the answers that are under way.
pub async fn listen(router: Router, address: SocketAddr) -> std::io::Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let listener = TcpListener::bind(address).await?;
    tracing::info!(address = %listener.local_addr()?, "serving");
    let stopped = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    axum::serve(listener, router).with_graceful_shutdown(stopped).await
}
