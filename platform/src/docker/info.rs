//! What an engine says about itself and its machine.

use bollard::models::{SystemInfo, SystemInfoCgroupVersionEnum};
use serde::Serialize;

use super::error::one_line;
use super::{Engine, Error};

/// An engine and its machine. Text is on one line and without control characters; what the engine does not say is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Info {
    /// Its version, such as `29.1.0`.
    pub version: String,
    /// The API version that we speak with it.
    pub api_version: String,
    /// `1` or `2`.
    pub cgroup_version: Option<u8>,
    /// `cgroupfs`, `systemd` or `none`.
    pub cgroup_driver: String,
    /// Such as `overlay2`.
    pub storage_driver: String,
    /// Where it keeps its data, on its machine.
    pub root_dir: String,
    /// The operating system's own name, such as `Debian GNU/Linux 12 (bookworm)`.
    pub operating_system: String,
    /// `linux` or `windows`.
    pub os: String,
    /// The kernel's version.
    pub kernel_version: String,
    /// Such as `x86_64`.
    pub architecture: String,
    /// The machine's name.
    pub name: String,
    /// Whether it runs without root.
    pub rootless: bool,
    /// Whether it maps users of containers to others of the machine (`userns-remap`).
    pub user_namespaces: bool,
    /// Processors.
    pub cpus: u32,
    /// Bytes of memory.
    pub memory_bytes: u64,
    /// The proxy it pulls through.
    pub http_proxy: String,
    /// The same for HTTPS.
    pub https_proxy: String,
    /// What it asks without a proxy.
    pub no_proxy: String,
    /// Its clock when it answered, in RFC 3339.
    pub system_time: String,
    /// What it warns of, such as missing limits.
    pub warnings: Vec<String>,
}

impl Engine {
    /// Asks the engine about itself.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn info(&self) -> Result<Info, Error> {
        let operation = "tell about itself";
        let answer = tokio::time::timeout(super::REQUEST_LIMIT, self.api.info()).await;
        match answer {
            Ok(Ok(info)) => Ok(Info::of(info, self)),
            Ok(Err(error)) => Err(Error::of(operation, error)),
            Err(_) => Err(Error::Silent {
                operation: operation.to_owned(),
                limit: super::REQUEST_LIMIT,
            }),
        }
    }
}

impl Info {
    fn of(info: SystemInfo, engine: &Engine) -> Self {
        let text = |value: Option<String>| value.as_deref().map(one_line).unwrap_or_default();
        let options = info.security_options.unwrap_or_default();
        let has = |name: &str| {
            options
                .iter()
                .any(|option| option.contains(&format!("name={name}")))
        };
        Self {
            version: engine.version.clone(),
            api_version: engine.api_version.clone(),
            cgroup_version: match info.cgroup_version {
                Some(SystemInfoCgroupVersionEnum::_1) => Some(1),
                Some(SystemInfoCgroupVersionEnum::_2) => Some(2),
                _ => None,
            },
            cgroup_driver: info
                .cgroup_driver
                .map(|driver| driver.to_string())
                .unwrap_or_default(),
            storage_driver: text(info.driver),
            root_dir: text(info.docker_root_dir),
            operating_system: text(info.operating_system),
            os: text(info.os_type),
            kernel_version: text(info.kernel_version),
            architecture: text(info.architecture),
            name: text(info.name),
            rootless: has("rootless"),
            user_namespaces: has("userns"),
            cpus: info
                .ncpu
                .and_then(|number| number.try_into().ok())
                .unwrap_or_default(),
            memory_bytes: info
                .mem_total
                .and_then(|bytes| bytes.try_into().ok())
                .unwrap_or_default(),
            http_proxy: text(info.http_proxy),
            https_proxy: text(info.https_proxy),
            no_proxy: text(info.no_proxy),
            system_time: text(info.system_time),
            warnings: info
                .warnings
                .unwrap_or_default()
                .iter()
                .map(|text| one_line(text))
                .collect(),
        }
    }
}
