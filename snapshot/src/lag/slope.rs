//! Where a series of points goes.

/// Points used of a longer series: the pairs of 24 points are 276 slopes.
const MOST: usize = 24;

/// The slope of the straight line with the least squared distance; nothing with fewer than two times.
pub fn least_squares(points: impl Iterator<Item = (f64, f64)> + Clone) -> Option<f64> {
    let count = points.clone().fold(0.0, |sum, _| sum + 1.0);
    let (x, y) = points.clone().fold((0.0, 0.0), |(x, y), point| {
        (x + point.0 / count, y + point.1 / count)
    });
    let (above, below) = points.fold((0.0, 0.0), |(above, below), point| {
        (
            above + (point.0 - x) * (point.1 - y),
            below + (point.0 - x) * (point.0 - x),
        )
    });
    let slope = above / below;
    slope.is_finite().then_some(slope)
}

/// The median of the slopes of all pairs (Theil and Sen): one dip, or a quarter of all points being wrong, does not turn it.
pub fn median_slope(points: impl ExactSizeIterator<Item = (f64, f64)>) -> Option<f64> {
    let step = points.len().div_ceil(MOST).max(1);
    let skip = points.len().saturating_sub(1) % step;
    let points: Vec<(f64, f64)> = points.skip(skip).step_by(step).collect();
    // Most queues are empty: a level line needs no pairs.
    let level = |pair: &[(f64, f64)]| pair[0].1.total_cmp(&pair[1].1).is_eq() && pair[0].0 < pair[1].0;
    if points.len() > 1 && points.windows(2).all(level) {
        return Some(0.0);
    }
    let mut slopes: Vec<f64> = points
        .iter()
        .enumerate()
        .flat_map(|(index, from)| {
            points[index + 1..]
                .iter()
                .map(move |to| (to.1 - from.1) / (to.0 - from.0))
        })
        .filter(|slope| slope.is_finite())
        .collect();
    if slopes.is_empty() {
        return None;
    }
    let middle = slopes.len() / 2;
    Some(*slopes.select_nth_unstable_by(middle, f64::total_cmp).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(values: &[f64]) -> impl ExactSizeIterator<Item = (f64, f64)> + Clone {
        values
            .iter()
            .enumerate()
            .map(|(x, y)| (f64::from(u32::try_from(x).unwrap()), *y))
    }

    #[test]
    fn a_line_has_its_slope() {
        assert_eq!(least_squares(line(&[9.0, 7.0, 5.0, 3.0])), Some(-2.0));
        assert_eq!(median_slope(line(&[9.0, 7.0, 5.0, 3.0])), Some(-2.0));
    }

    #[test]
    fn one_dip_turns_only_the_squares() {
        let dip = [100.0, 110.0, 120.0, 130.0, 140.0, 10.0];
        assert!(least_squares(line(&dip)).unwrap() < 0.0);
        assert!(median_slope(line(&dip)).unwrap() > 0.0);
    }

    #[test]
    fn too_few_points_have_none() {
        assert_eq!(least_squares(line(&[1.0])), None);
        assert_eq!(median_slope(line(&[1.0])), None);
        assert_eq!(median_slope([(1.0, 1.0), (1.0, 2.0)].into_iter()), None);
    }

    #[test]
    fn long_series_are_thinned_and_keep_their_newest() {
        let long: Vec<f64> = (0..150).map(|value| f64::from(value) * 3.0).collect();
        assert_eq!(median_slope(line(&long)), Some(3.0));
    }
}
