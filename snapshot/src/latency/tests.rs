use proptest::prelude::*;
use test_case::test_case;

use super::{Histogram, bounds, bucket};
use crate::number::float;
use crate::sample::Buckets;

#[test_case(0, None)]
#[test_case(1, Some(0))]
#[test_case(2, Some(4))]
#[test_case(3, Some(6))]
#[test_case(4, Some(8))]
#[test_case(5, Some(9))]
#[test_case(1024, Some(40))]
#[test_case(1279, Some(40))]
#[test_case(1280, Some(41))]
#[test_case(u64::MAX, Some(255))]
fn a_value_has_its_bucket(value: u64, index: Option<u32>) {
    assert_eq!(bucket(value), index);
}

fn of(values: &[u64]) -> Histogram {
    let mut histogram = Histogram::default();
    for value in values {
        histogram.record(*value);
    }
    histogram
}

#[test]
fn what_began_anew_has_no_difference() {
    let before = of(&[5, 5, 900]);
    assert_eq!(of(&[5]).since(&before), None);
    assert_eq!(of(&[5, 5, 900, 7]).since(&before), Some(of(&[7])));
}

#[test]
fn other_schemes_are_not_read() {
    let other = Buckets {
        scheme: "linear".to_owned(),
        ..Buckets::default()
    };
    assert_eq!(Histogram::read(&other), None);
    let absurd = Buckets {
        b: vec![(u32::MAX, 1), (3, u64::MAX), (3, 5)],
        ..Buckets::default()
    };
    assert_eq!(Histogram::read(&absurd).unwrap().count(), u64::MAX);
}

#[test]
fn nothing_has_no_percentile() {
    assert_eq!(Histogram::default().percentile(0.5), None);
    assert_eq!(of(&[0, 0]).percentile(0.99), Some(0.0));
}

proptest! {
    #[test]
    fn every_value_lies_in_its_bucket(value in 1_u64..) {
        let (low, width) = bounds(bucket(value).unwrap());
        prop_assert!(low <= float(value) && float(value) <= low + width);
    }

    #[test]
    fn percentiles_are_off_by_a_quarter_at_most(mut values in prop::collection::vec(1_u64..u64::MAX / 2, 1..200), share in 0.0..=1.0_f64) {
        let found = of(&values).percentile(share).unwrap();
        values.sort_unstable();
        let rank = values.iter().enumerate().find(|(index, _)| float(*index as u64 + 1) >= share * float(values.len() as u64));
        let exact = float(*rank.unwrap().1);
        prop_assert!(found >= exact * 0.75 && found <= exact * 1.26, "{found} is not near {exact}");
    }

    #[test]
    fn instances_add_up_in_any_order(one in prop::collection::vec(any::<u64>(), 0..50), other in prop::collection::vec(any::<u64>(), 0..50)) {
        let mut sum = of(&one);
        sum.add(&of(&other));
        let mut mus = of(&other);
        mus.add(&of(&one));
        prop_assert_eq!(&sum, &mus);
        prop_assert_eq!(sum.since(&of(&one)), Some(of(&other)));
        prop_assert_eq!(Histogram::read(&sum.write()), Some(sum));
    }
}
