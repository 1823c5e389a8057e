//! How far a pull is: an engine tells it by layer, several at a time.

use std::collections::BTreeMap;

use bollard::models::CreateImageInfo;

/// Bytes of every layer that was spoken of.
#[derive(Debug, Default)]
pub(super) struct Progress {
    layers: BTreeMap<String, Layer>,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Layer {
    done: u64,
    /// `None` until the engine tells it, which it does when the layer's turn comes.
    total: Option<u64>,
}

impl Progress {
    /// Takes a line in; bytes done and in all if it moved something.
    pub(super) fn take(&mut self, line: &CreateImageInfo) -> Option<(u64, Option<u64>)> {
        let (status, id) = (line.status.as_deref()?, line.id.as_deref()?);
        let detail = line.progress_detail.clone().unwrap_or_default();
        let bytes = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok());
        let before = self.sum();
        match status {
            "Pulling fs layer" | "Waiting" => {
                self.layers.entry(id.to_owned()).or_default();
            }
            "Downloading" => {
                let layer = self.layers.entry(id.to_owned()).or_default();
                layer.total = bytes(detail.total).filter(|total| *total > 0).or(layer.total);
                // After a broken connection a layer begins again: what is told does not go back.
                layer.done = bytes(detail.current).unwrap_or_default().max(layer.done);
            }
            "Already exists" => self.complete(id, 0),
            "Download complete" | "Pull complete" => {
                let done = self
                    .layers
                    .get(id)
                    .map_or(0, |layer| layer.total.unwrap_or(layer.done));
                self.complete(id, done);
            }
            _ => return None,
        }
        let after = self.sum();
        (after != before && after.0 > 0).then_some(after)
    }

    fn complete(&mut self, id: &str, bytes: u64) {
        let layer = Layer {
            done: bytes,
            total: Some(bytes),
        };
        self.layers.insert(id.to_owned(), layer);
    }

    fn sum(&self) -> (u64, Option<u64>) {
        let done = self.layers.values().map(|layer| layer.done).sum();
        let total = self.layers.values().map(|layer| layer.total).sum::<Option<u64>>();
        (done, total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: &str, status: &str, detail: Option<(i64, i64)>) -> CreateImageInfo {
        let detail = detail.map(|(current, total)| serde_json::json!({"current": current, "total": total}));
        let json = serde_json::json!({"id": id, "status": status, "progressDetail": detail});
        serde_json::from_value(json).unwrap()
    }

    fn told(lines: &[CreateImageInfo]) -> Vec<(u64, Option<u64>)> {
        let mut progress = Progress::default();
        lines.iter().filter_map(|line| progress.take(line)).collect()
    }

    #[test]
    fn bytes_are_summed_over_layers_and_the_total_is_told_once_every_size_is_known() {
        let lines = [
            line("3.20", "Pulling from library/alpine", None),
            line("a", "Pulling fs layer", None),
            line("b", "Pulling fs layer", None),
            line("c", "Already exists", None),
            line("a", "Downloading", Some((10, 100))),
            line("b", "Downloading", Some((5, 50))),
            line("a", "Download complete", None),
            line("a", "Extracting", Some((32, 100))),
            line("b", "Downloading", Some((50, 50))),
            line("b", "Pull complete", None),
        ];
        assert_eq!(
            told(&lines),
            [(10, None), (15, Some(150)), (105, Some(150)), (150, Some(150))]
        );
    }

    #[test]
    fn a_layer_that_begins_again_does_not_go_back() {
        let lines = [
            line("a", "Downloading", Some((80, 100))),
            line("a", "Retrying in 1 second", None),
            line("a", "Downloading", Some((10, 100))),
            line("a", "Downloading", Some((90, 100))),
        ];
        assert_eq!(told(&lines), [(80, Some(100)), (90, Some(100))]);
    }

    #[test]
    fn a_layer_of_unknown_size_hides_the_total_until_it_is_there() {
        let lines = [
            line("a", "Downloading", Some((80, -1))),
            line("a", "Download complete", None),
        ];
        assert_eq!(told(&lines), [(80, None), (80, Some(80))]);
    }
}
