//! All ratings of one service in four numbers.

use serde::Serialize;
use uuid::Uuid;

/// How a service is rated.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Of the service.
    pub service_id: Uuid,
    /// How many ratings there are.
    pub count: i64,
    /// Their mean; null when there are none.
    pub mean: Option<f64>,
    /// How many have the score 0, 1, ... 5.
    pub histogram: [i64; 6],
}

impl Summary {
    /// Computes the rest from the histogram, so that the numbers cannot contradict each other.
    pub fn new(service_id: Uuid, histogram: [i64; 6]) -> Self {
        let count = histogram.iter().sum();
        let total: i64 = histogram
            .iter()
            .zip(0..)
            .map(|(ratings, score)| ratings * score)
            .sum();
        #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 ratings")]
        let mean = (count > 0).then(|| total as f64 / count as f64);
        Self {
            service_id,
            count,
            mean,
            histogram,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_weighs_each_score_by_its_ratings() {
        let summary = Summary::new(Uuid::nil(), [1, 0, 0, 2, 0, 1]);
        assert_eq!((summary.count, summary.mean), (4, Some(2.75)));
    }

    #[test]
    fn without_ratings_there_is_no_mean() {
        assert_eq!(Summary::new(Uuid::nil(), [0; 6]).mean, None);
    }
}
