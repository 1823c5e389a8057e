//! Scripts of engines.

use serde_json::{Value, json};
use testbed::engine::{Answer, Engine};

/// One without volumes; its containers a test says.
pub(super) fn bare() -> Engine {
    let engine = Engine::start("27.5.1", "1.47").unwrap();
    engine.answer(
        "GET /volumes",
        Answer::json(200, &json!({"Volumes": [], "Warnings": []})),
    );
    engine
}

/// One that has the node image and nothing else, and makes whatever it is asked for; its containers do not start before
/// a test says what it answers to that.
pub(super) fn willing() -> Engine {
    let engine = bare();
    listing(&engine, &json!([]));
    networks(&engine, &json!([]));
    engine.answer(
        "GET /images/rancher/k3s:v1.34.4-k3s1/json",
        Answer::json(200, &json!({"Id": "sha256:1"})),
    );
    engine.answer(
        "POST /networks/create",
        Answer::json(201, &json!({"Id": "n1", "Warning": ""})),
    );
    engine.answer("GET /networks/n1", Answer::json(200, &network()));
    engine.answer("DELETE /networks/n1", Answer::text(204, ""));
    let volume = json!({"Name": "k3d-x-images", "Driver": "local", "Mountpoint": "/v", "Labels": {}, "Scope": "local", "Options": {}});
    engine.answer("POST /volumes/create", Answer::json(201, &volume));
    engine.answer("DELETE /volumes/k3d-x-images", Answer::text(204, ""));
    engine.answer(
        "POST /containers/create",
        Answer::json(201, &json!({"Id": "c1", "Warnings": []})),
    );
    engine.answer("PUT /containers/c1/archive", Answer::text(200, ""));
    engine.answer("DELETE /containers/c1", Answer::text(204, ""));
    engine
}

/// Adds what the engine lists, from the next time on.
pub(super) fn listing(engine: &Engine, containers: &Value) {
    engine.answer("GET /containers/json", Answer::json(200, containers));
}

/// Adds the networks that the engine lists.
pub(super) fn networks(engine: &Engine, networks: &Value) {
    engine.answer("GET /networks", Answer::json(200, networks));
}

/// The cluster's network, as the engine tells it.
pub(super) fn network() -> Value {
    json!({
        "Id": "n1", "Name": "k3d-x", "Driver": "bridge", "Labels": {"app": "k3d", "k3d.cluster": "x"}, "Containers": {},
        "IPAM": {"Driver": "default", "Config": [{"Subnet": "172.30.0.0/16", "Gateway": "172.30.0.1"}]},
    })
}

/// A container of cluster `x`, as k3d makes it; with `spec` as if we had.
pub(super) fn container(id: &str, name: &str, role: &str, state: &str, spec: Option<&str>) -> Value {
    let mut labels = json!({"app": "k3d", "k3d.cluster": "x", "k3d.role": role, "k3d.cluster.network": "k3d-x", "k3d.version": "v5.9.0",
                            "k3d.server.api.host": "127.0.0.1", "k3d.server.api.port": "6555"});
    if let Some(spec) = spec {
        labels["ratectl.spec"] = spec.into();
    }
    json!({"Id": id, "Names": [format!("/{name}")], "Image": "rancher/k3s:v1.34.4-k3s1", "State": state, "Labels": labels})
}
