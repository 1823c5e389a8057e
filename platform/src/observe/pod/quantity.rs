//! Quantities of Kubernetes: `100m`, `1.5`, `256Mi`, `1G`.

/// Suffixes and what they multiply by.
const SUFFIXES: [(&str, f64); 15] = [
    ("Ki", 1024.0),
    ("Mi", 1_048_576.0),
    ("Gi", 1_073_741_824.0),
    ("Ti", 1_099_511_627_776.0),
    ("Pi", 1_125_899_906_842_624.0),
    ("Ei", 1_152_921_504_606_846_976.0),
    ("n", 1e-9),
    ("u", 1e-6),
    ("m", 1e-3),
    ("k", 1e3),
    ("M", 1e6),
    ("G", 1e9),
    ("T", 1e12),
    ("P", 1e15),
    ("E", 1e18),
];

/// A number of processors in thousandths.
pub(in crate::observe) fn millicores(text: &str) -> Option<u64> {
    whole(value(text)? * 1e3)
}

/// A size in bytes.
pub(in crate::observe) fn bytes(text: &str) -> Option<u64> {
    whole(value(text)?)
}

fn value(text: &str) -> Option<f64> {
    let suffix = SUFFIXES.iter().find(|(suffix, _)| text.ends_with(suffix));
    let (number, factor) = suffix.map_or((text, 1.0), |(suffix, factor)| {
        (&text[..text.len() - suffix.len()], *factor)
    });
    let number: f64 = number.parse().ok()?;
    number.is_finite().then_some(number * factor)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "both are looked at before"
)]
fn whole(value: f64) -> Option<u64> {
    // 2^63 is more than there is of anything.
    (0.0..9.2e18).contains(&value).then(|| value.ceil() as u64)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("100m", Some(100), Some(1))]
    #[test_case("1.5", Some(1500), Some(2))]
    #[test_case("4152881n", Some(5), Some(1))]
    #[test_case("256Mi", Some(268_435_456_000), Some(268_435_456))]
    #[test_case("1G", Some(1_000_000_000_000), Some(1_000_000_000))]
    #[test_case("1e3", Some(1_000_000), Some(1000))]
    #[test_case("lots", None, None)]
    #[test_case("-1", None, None)]
    #[test_case("NaN", None, None)]
    fn a_quantity_is_read(text: &str, cores: Option<u64>, size: Option<u64>) {
        assert_eq!((millicores(text), bytes(text)), (cores, size));
    }
}
