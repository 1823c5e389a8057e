//! Engines with a script, for what a real one cannot be asked for.

use serde_json::json;
use testbed::engine::{Answer, Ending, Engine};

/// An engine as most people have it, which holds nothing.
pub(super) fn empty() -> Engine {
    let engine = Engine::start("27.5.1", "1.47").unwrap();
    engine.answer("GET /containers/json", Answer::json(200, &json!([])));
    engine.answer("GET /networks", Answer::json(200, &json!([])));
    engine.answer(
        "GET /volumes",
        Answer::json(200, &json!({ "Volumes": [], "Warnings": [] })),
    );
    engine
}

/// One that has everything for a cluster without a registry but the node image, to whose pull it says `answer`.
pub(super) fn without_the_image(answer: Answer) -> Engine {
    let engine = empty();
    let network = json!({ "Id": "n1", "Name": "k3d-demo", "Warning": "" });
    engine.answer("POST /networks/create", Answer::json(201, &network));
    let network = json!({
        "Id": "n1", "Name": "k3d-demo", "Driver": "bridge", "Labels": { "app": "k3d" }, "Containers": {},
        "IPAM": { "Driver": "default", "Config": [{ "Subnet": "172.30.0.0/16", "Gateway": "172.30.0.1" }] },
    });
    for question in ["GET /networks/n1", "GET /networks/k3d-demo"] {
        engine.answer(question, Answer::json(200, &network));
    }
    takes_volumes(&engine);
    engine.answer("POST /images/create", answer);
    engine
}

/// One that makes volumes, and says nothing to anything else that is to be made.
pub(super) fn dumb() -> Engine {
    let engine = empty();
    takes_volumes(&engine);
    for question in ["POST /networks/create", "POST /images/create"] {
        engine.answer(question, Answer::text(200, "").ending(Ending::NoAnswer));
    }
    engine
}

fn takes_volumes(engine: &Engine) {
    let volume = json!({ "Name": "v1", "Driver": "local", "Mountpoint": "/v1", "Labels": {}, "Scope": "local", "Options": {} });
    engine.answer("POST /volumes/create", Answer::json(201, &volume));
}

/// One that takes connections and ends or keeps them without a word.
pub(super) fn mute(ending: Ending) -> Engine {
    let engine = Engine::silent().unwrap();
    engine.answer("GET /_ping", Answer::text(200, "").ending(ending));
    engine
}

/// Newer than anything we know.
pub(super) fn of_the_future() -> Engine {
    let engine = Engine::start("99.0.0", "9.12").unwrap();
    let version = json!({ "Version": "99.0.0", "ApiVersion": "9.12", "MinAPIVersion": "9.0", "Os": "linux", "Arch": "amd64" });
    engine.answer("GET /version", Answer::json(200, &version));
    engine
}
