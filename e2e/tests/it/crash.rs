//! `ratectl` is killed or asked to end in the midst of a create: what is left is right, or is made right by the next one.

use std::fs;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use e2e::Bed;
use rustix::process::Signal;

use crate::cluster::{self, create, create_args, verb};
use crate::decoy::{self, Decoys};
use crate::lifecycle::kubeconfig;
use crate::listing;

/// For the way back after Ctrl-C, which may take ten seconds, on a machine that does other things too.
const ROLLBACK: Duration = Duration::from_secs(30);
/// What a create may take at most.
const LIMIT: Duration = Duration::from_mins(5);

/// A few numbers that are different each day (xorshift64*), and the same for the same seed.
pub(crate) struct Random(u64);

impl Random {
    /// From `E2E_SEED`, or the clock; says which, so that a run can be repeated.
    #[expect(
        clippy::print_stderr,
        reason = "the test's output is where one looks for the seed"
    )]
    pub(crate) fn seeded(test: &str) -> Self {
        let given = std::env::var("E2E_SEED").ok().and_then(|seed| seed.parse().ok());
        let clock = || {
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(1, |now| now.as_secs())
        };
        let seed = given.unwrap_or_else(clock).max(1);
        eprintln!("{test}: E2E_SEED={seed}");
        Self(seed)
    }

    /// Somewhere between nothing and `all`.
    pub(crate) fn part_of(&mut self, all: Duration) -> Duration {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = u32::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32).unwrap_or(u32::MAX);
        all.mul_f64(f64::from(high) / f64::from(u32::MAX))
    }
}

#[test]
fn a_create_killed_at_ten_random_moments_is_finished_by_the_next() {
    let bed = Bed::new("killed");
    fs::write(bed.kubeconfig(), decoy::kubeconfig(&bed)).expect("a first kubeconfig");
    let person = kubeconfig(&bed);
    let port = bed.registry_port().to_string();
    let args = create_args(&bed, &port, &[]);
    let whole = create(&bed).took;
    verb(&bed, "delete-cluster", &["--all"]);
    let mut random = Random::seeded("killed");
    for round in 1..=10 {
        let moment = random.part_of(whole);
        let process = bed.spawn(&args);
        // Chance decides when: this is the fault, not a wait for something.
        std::thread::sleep(moment);
        process.signal(Signal::KILL);
        let killed = bed.record(process.end(LIMIT));

        // Whatever moment it was: a file that can be read, with all that was in it.
        let seen = kubeconfig(&bed);
        assert!(seen["contexts"].to_string().contains("\"prod\""), "{seen:#}");
        assert_eq!(seen["current-context"], "prod");
        let next = create(&bed);
        cluster::is_usable(&bed);
        let made = listing::of(&bed, bed.cluster());
        verb(&bed, "delete-cluster", &["--all"]);
        let left = listing::of(&bed, bed.cluster());
        assert!(
            left.is_empty(),
            "round {round}, killed after {moment:?}\n{left:#?}\n{killed}{next}"
        );
        assert_eq!(listing::left_of(&bed, &made), [""; 0]);
        assert_eq!(kubeconfig(&bed), person, "round {round}, killed after {moment:?}");
        let stray = fs::read_dir(bed.home().join(".kube"))
            .expect("a folder")
            .flatten();
        let stray: Vec<_> = stray
            .map(|entry| entry.file_name())
            .filter(|name| name != "config" && name != "cache")
            .collect();
        assert!(stray.is_empty(), "{stray:?} beside the kubeconfig");
    }
}

/// Steps at whose beginning a create is interrupted, from the first object made to the last.
const MOMENTS: [&str; 5] = ["network", "node", "api", "node-ready", "registry-hosting"];

#[test]
fn ctrl_c_takes_back_what_this_run_made_and_nothing_else() {
    let bed = Bed::new("interrupted");
    fs::write(bed.kubeconfig(), decoy::kubeconfig(&bed)).expect("a first kubeconfig");
    let person = kubeconfig(&bed);
    let decoys = Decoys::make(&bed);
    let port = bed.registry_port().to_string();
    let args = create_args(&bed, &port, &["-o", "json"]);
    for moment in MOMENTS {
        let mut process = bed.spawn(&args);
        process.said(&format!("\"step\":\"{moment}\""));
        process.signal(Signal::INT);
        let run = bed.record(process.end(ROLLBACK)).ended_with(130);
        let left = decoys.taken_out_of(listing::of(&bed, bed.cluster()));
        assert!(left.is_empty(), "at {moment}: {left:#?}\n{run}");
        assert_eq!(kubeconfig(&bed), person, "at {moment}");
    }
    decoys.are_untouched(&bed);
    create(&bed);
    cluster::is_usable(&bed);
}

#[test]
fn ctrl_c_and_sigterm_keep_what_was_there_before() {
    let bed = Bed::new("interrupted-start");
    create(&bed);
    let port = bed.registry_port().to_string();
    let args = create_args(&bed, &port, &["-o", "json"]);
    let ids = || -> Vec<_> {
        let listing = listing::of(&bed, bed.cluster());
        listing
            .into_iter()
            .map(|(name, found)| (name, found["id"].clone()))
            .collect()
    };
    let before = ids();
    let entries = kubeconfig(&bed);
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        verb(&bed, "stop-cluster", &[]);
        let mut process = bed.spawn(&args);
        process.said("\"step\":\"api\"");
        process.signal(signal);
        bed.record(process.end(LIMIT)).ended_with(code);
        assert_eq!(ids(), before, "after {signal:?}");
        assert_eq!(kubeconfig(&bed), entries);
    }
    create(&bed);
    cluster::is_usable(&bed);
    assert_eq!(ids(), before);
}

#[test]
fn a_second_ctrl_c_leaves_at_once_and_the_next_create_repairs() {
    let bed = Bed::new("interrupted-twice");
    let port = bed.registry_port().to_string();
    let args = create_args(&bed, &port, &["-o", "json"]);
    let mut process = bed.spawn(&args);
    process.said("\"step\":\"api\"");
    process.signal(Signal::INT);
    process.signal(Signal::INT);
    let run = bed.record(process.end(ROLLBACK));
    // Two signals that arrive as one are one; then it has taken back what it made.
    assert_eq!(run.code, 130, "{run}");
    create(&bed);
    cluster::is_usable(&bed);
    verb(&bed, "delete-cluster", &["--all"]);
    let left = listing::of(&bed, bed.cluster());
    assert!(left.is_empty(), "{left:#?}");
}
