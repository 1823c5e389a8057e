//! Which container a port of the engine's machine belongs to.

use super::Engine;

/// The running container that publishes `port`, by name; `None` if none does, or the engine does not say.
pub async fn publisher(engine: &Engine, port: u16) -> Option<String> {
    let containers = engine.api().list_containers(None).await.ok()?;
    let publishes =
        |ports: &[bollard::models::PortSummary]| ports.iter().any(|p| p.public_port == Some(port));
    let container = containers
        .into_iter()
        .find(|container| container.ports.as_deref().is_some_and(publishes))?;
    let name = container.names?.into_iter().next()?;
    Some(crate::plain_line::plain_line(name.trim_start_matches('/')))
}
