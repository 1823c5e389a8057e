//! Figures in findings.

use std::time::Duration;

/// Bytes in MiB or GiB: `512 MiB`, `1.5 GiB`.
pub(super) fn bytes(count: u64) -> String {
    let mebibytes = count >> 20;
    if mebibytes < 1024 {
        return format!("{mebibytes} MiB");
    }
    let tenths = u128::from(count) * 10 / (1 << 30);
    format!("{}.{} GiB", tenths / 10, tenths % 10)
}

/// A time span in its largest unit: `45 s`, `12 min`, `3 h`, `9 days`.
pub(super) fn span(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds / 60),
        seconds @ 7200..172_800 => format!("{} h", seconds / 3600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(0 => "0 MiB")]
    #[test_case((1 << 30) - 1 => "1023 MiB")]
    #[test_case(3 << 29 => "1.5 GiB")]
    #[test_case(u64::MAX => "17179869183.9 GiB")]
    fn size(count: u64) -> String {
        bytes(count)
    }

    #[test_case(119 => "119 s")]
    #[test_case(120 => "2 min")]
    #[test_case(7200 => "2 h")]
    #[test_case(200_000 => "2 days")]
    fn time(seconds: u64) -> String {
        span(Duration::from_secs(seconds))
    }
}
