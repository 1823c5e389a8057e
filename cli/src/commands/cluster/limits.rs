//! How long an operation may take, and whether it waits for others.

use std::time::Duration;

use contract::definition::Nanos;

/// Flags of everything that changes a cluster.
#[derive(Debug, clap::Args)]
pub(super) struct Limits {
    /// Refuse, with exit code 9, when another ratectl works on the cluster, instead of waiting for it
    #[arg(long)]
    no_wait: bool,

    /// Give up after this time, such as 90s or 5m [default: each step has a limit of its own]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(super) timeout: Option<Duration>,
}

impl Limits {
    /// Whether to wait while another process works on the cluster.
    pub(super) fn wait_for_lock(&self) -> bool {
        !self.no_wait
    }
}

/// Reads a time such as `90s`, more than none.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let duration = text
        .parse::<Nanos>()
        .map_err(|error| error.to_string())?
        .duration();
    if duration.is_zero() {
        return Err("leave it out for no limit".to_owned());
    }
    Ok(duration)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("90s" => Some(Duration::from_secs(90)); "seconds")]
    #[test_case("1h30m" => Some(Duration::from_mins(90)); "two units")]
    #[test_case("0s" => None; "no time at all")]
    #[test_case("90" => None; "no unit")]
    #[test_case("-1s" => None; "negative")]
    fn time(text: &str) -> Option<Duration> {
        duration(text).ok()
    }
}
