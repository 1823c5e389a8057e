//! Which ratectl this is, on what.

use super::{Finding, scene::Scene};

pub(super) const CHECK: &str = "version";

pub(super) fn examine(scene: &Scene<'_>) -> Vec<Finding> {
    let system = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
    vec![judge(&scene.question.version, &system)]
}

fn judge(version: &str, system: &str) -> Finding {
    Finding::ok(CHECK, format!("ratectl {version} on {system}"))
}
