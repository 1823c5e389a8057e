//! What the figures were measured on: they mean nothing on another machine.

use std::process::Command;

use serde::Serialize;

/// Machine and versions.
#[derive(Debug, Clone, Serialize)]
pub struct Host {
    /// Cores this process may use; others may share them.
    pub cores: usize,
    /// The processor as the kernel names it.
    pub processor: String,
    /// The kernel.
    pub kernel: String,
    /// Load average of the last minute before the run: what else the machine was doing.
    pub load_average: f64,
    /// nats-server's version.
    pub nats_server: String,
    /// The version of this workspace.
    pub ratectl: &'static str,
    /// When the run began, Unix time in seconds.
    pub unix_seconds: u64,
}

impl Host {
    /// Looks at this machine.
    ///
    /// # Errors
    ///
    /// When there is no nats-server.
    pub fn look() -> Result<Self, crate::Error> {
        let nats_server = testbed::nats::find()?;
        let version = Command::new(nats_server).arg("--version").output();
        let version = version.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Ok(Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            processor: processor().unwrap_or_else(|| "unknown".to_owned()),
            kernel: read("/proc/sys/kernel/osrelease"),
            load_average: first_number(&read("/proc/loadavg")),
            nats_server: version.unwrap_or_else(|_| "unknown".to_owned()),
            ratectl: env!("CARGO_PKG_VERSION"),
            unix_seconds: now.as_secs(),
        })
    }

    /// Whether other programs had more than half a core before the run. They keep cores from falling asleep, which
    /// speeds up what takes few steps, and delay what takes many.
    pub fn was_busy(&self) -> bool {
        self.load_average > 0.5
    }
}

fn first_number(text: &str) -> f64 {
    let word = text.split_whitespace().next();
    word.and_then(|word| word.parse().ok()).unwrap_or_default()
}

fn processor() -> Option<String> {
    let text = read("/proc/cpuinfo");
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    line.split_once(':').map(|(_, name)| name.trim().to_owned())
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path)
        .unwrap_or_default()
        .trim()
        .to_owned()
}
