//! Room on the disk where the engine keeps images and volumes; the kubelet evicts pods when little is left.

use std::time::Duration;

use bollard::query_parameters::ListImagesOptions;

use super::machine::{Kind, Machine};
use super::{Finding, blocking, quantity, scene::Scene};

pub(super) const CHECK: &str = "disk";

/// The images are left out when the engine takes longer to list them.
const IMAGES_LIMIT: Duration = Duration::from_millis(800);
/// Below this share the kubelet of k3s evicts pods and refuses new ones.
const EVICTION_PERCENT: u64 = 5;
/// Below this share it is near.
const LITTLE_PERCENT: u64 = 15;
/// Room for the node image, a few others and their layers.
const LITTLE_BYTES: u64 = 10 << 30;
/// Too little to start with.
const NOTHING_BYTES: u64 = 2 << 30;

struct Facts<'a> {
    machine: &'a Machine,
    /// Bytes that are free for everybody, and in all.
    free: u64,
    total: u64,
    /// What the images take at most; those that share layers are counted more than once.
    images: Option<u64>,
}

pub(super) async fn examine(scene: &Scene<'_>) -> Vec<Finding> {
    let reached = match scene.reached(CHECK).await {
        Ok(reached) => reached,
        Err(skipped) => return skipped,
    };
    let machine = &reached.machine;
    if machine.kind != Kind::Here {
        return vec![Finding::skipped(
            CHECK,
            "the engine's disk is not on this machine",
        )];
    }
    let root = machine.info.root_dir.clone();
    let listing = reached.engine.api().list_images(None::<ListImagesOptions>);
    let (disk, images) = tokio::join!(
        blocking(move || rustix::fs::statvfs(root.as_str())),
        tokio::time::timeout(IMAGES_LIMIT, listing)
    );
    let Some(Ok(disk)) = disk else {
        return vec![Finding::skipped(
            CHECK,
            format!("{} cannot be looked at by this user", machine.info.root_dir),
        )];
    };
    let images = images.ok().and_then(Result::ok);
    let size = |size: i64| u64::try_from(size).unwrap_or_default();
    vec![judge(&Facts {
        machine,
        free: disk.f_bavail.saturating_mul(disk.f_frsize),
        total: disk.f_blocks.saturating_mul(disk.f_frsize),
        images: images.map(|images| images.iter().map(|image| size(image.size)).sum()),
    })]
}

fn judge(facts: &Facts<'_>) -> Finding {
    let percent = facts.free.saturating_mul(100) / facts.total.max(1);
    let images = facts
        .images
        .map(|images| format!("; images take at most {}", quantity::bytes(images)));
    let summary = format!(
        "{} of {} free at {} ({percent} %){}",
        quantity::bytes(facts.free),
        quantity::bytes(facts.total),
        facts.machine.info.root_dir,
        images.unwrap_or_default()
    );
    let fix = "`docker system df` shows what takes it, `docker builder prune` and `docker image prune` remove what \
               nobody uses";
    if percent < EVICTION_PERCENT || facts.free < NOTHING_BYTES {
        Finding::error(CHECK, summary, fix)
    } else if percent < LITTLE_PERCENT || facts.free < LITTLE_BYTES {
        Finding::warning(CHECK, summary, fix)
    } else {
        Finding::ok(CHECK, summary)
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::docker::Info;
    use crate::doctor::Verdict;

    #[test_case(40, 250 => Verdict::Ok; "enough")]
    #[test_case(30, 250 => Verdict::Warning; "a small share of a large disk")]
    #[test_case(8, 20 => Verdict::Warning; "a large share of a small disk")]
    #[test_case(10, 250 => Verdict::Error; "pods are evicted")]
    #[test_case(1, 4 => Verdict::Error; "no room for the node image")]
    #[test_case(0, 0 => Verdict::Error; "a disk of no size")]
    fn free_gib(free: u64, total: u64) -> Verdict {
        let machine = Machine::default();
        let (free, total) = (free << 30, total << 30);
        judge(&Facts {
            machine: &machine,
            free,
            total,
            images: None,
        })
        .verdict
    }

    #[test]
    fn the_figures_are_told() {
        let machine = Machine {
            info: Info {
                root_dir: "/var/lib/docker".to_owned(),
                ..Info::default()
            },
            ..Machine::default()
        };
        let facts = Facts {
            machine: &machine,
            free: 50 << 30,
            total: 200 << 30,
            images: Some(3 << 29),
        };
        assert_eq!(
            judge(&facts).summary,
            "50.0 GiB of 200.0 GiB free at /var/lib/docker (25 %); images take at most 1.5 GiB"
        );
    }
}
