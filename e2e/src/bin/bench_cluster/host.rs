//! What the figures were measured on: they mean nothing on another machine.

use std::fs;

use bollard::Docker;

use crate::error::Error;

/// Machine and engine in two lines.
pub(crate) async fn describe(docker: &Docker) -> Result<String, Error> {
    let info = docker.info().await?;
    let version = docker.version().await?;
    let text = |value: Option<String>| value.unwrap_or_else(|| "unknown".to_owned());
    let cgroup = info
        .cgroup_version
        .map_or_else(|| "unknown".to_owned(), |v| v.to_string());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(format!(
        "{cores} cores, Linux {}, load {:.2}\nDocker {} (API {}), storage {}, cgroup v{cgroup}",
        text(info.kernel_version),
        load(),
        text(version.version),
        text(version.api_version),
        text(info.driver),
    ))
}

/// Load average of the last minute.
pub(crate) fn load() -> f64 {
    let words = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let first = words.split_whitespace().next();
    first.and_then(|word| word.parse().ok()).unwrap_or(f64::NAN)
}
