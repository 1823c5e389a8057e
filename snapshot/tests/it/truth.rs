//! What is shown against what was so.

use proptest::prelude::*;
use snapshot::judge::Confidence;

use crate::lab::Lab;
use crate::simulator::{Does, MS, Simulator};

/// Within 5 %, or within what one message makes.
fn near(shown: f64, truth: f64, grain: f64) -> bool {
    (shown - truth).abs() <= 0.05 * truth.abs() + grain
}

fn float(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}

/// The slots share the load: so many a second.
fn capacity(slots: usize, takes: i64) -> f64 {
    // A slot is free again at a step of the model.
    float(slots as u64) * 1e3 / f64::from(i32::try_from(takes / MS).unwrap())
}

/// Runs ten seconds; what was counted in a second of them: deliveries, repeated ones, acknowledgements, published.
fn counted(lab: &mut Lab) -> [f64; 4] {
    let counts = |world: &Simulator| [world.consumer_seq, world.repeated, world.acked, world.last_seq];
    let before = counts(&lab.world);
    lab.run(10);
    let after = counts(&lab.world);
    std::array::from_fn(|index| float(after[index] - before[index]) / 10.0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn rates_are_those_that_were(publish in 1.0..400.0_f64, slots in 1_usize..40, takes in 1_i64..20, nth in 2_u64..50) {
        let mut world = Simulator::new();
        (world.publish_per_s, world.slots, world.takes) = (publish, slots, takes * 10 * MS);
        (world.does, world.max_deliver) = (Does::NakEvery(nth), Some(4));
        let mut lab = Lab::new(world);
        lab.run(20);
        let [deliver, repeat, ack, published] = counted(&mut lab);
        let (row, stream) = (lab.row(), lab.stream());
        prop_assert!(near(row.derived.deliver_per_s.unwrap(), deliver, 0.11));
        prop_assert!(near(row.derived.redeliver_per_s.unwrap(), repeat, 0.11));
        prop_assert!(near(stream.derived.publish_per_s.unwrap(), published, 0.11));
        // Parked messages are not acknowledged, but they do not come back either: the rate has both.
        let parked = repeat / 3.0;
        prop_assert!(near(row.derived.ack_per_s.unwrap(), ack + parked, 1.0 + 0.05 * deliver), "{:?} {ack}", row.derived);
    }

    #[test]
    fn the_age_of_the_next_message_is_exact(publish in 5.0..200.0_f64, slots in 1_usize..5, seconds in 20_i64..90) {
        let mut world = Simulator::new();
        (world.publish_per_s, world.slots, world.takes) = (publish, slots, 1_000 * MS);
        let mut lab = Lab::new(world);
        lab.run(seconds);
        let row = lab.row();
        let shown = row.derived.time_lag_ms.unwrap();
        prop_assert_eq!(shown, lab.world.time_lag() / MS);
        prop_assert_eq!(row.derived.time_lag_confidence, Some(Confidence::Exact));
    }

    #[test]
    fn without_questions_it_is_near(publish in 20.0..200.0_f64, slots in 1_usize..5, seconds in 20_i64..90) {
        let mut world = Simulator::new();
        (world.publish_per_s, world.slots, world.takes) = (publish, slots, 1_000 * MS);
        let mut lab = Lab::new(world);
        lab.state.select(None);
        lab.world.metadata.insert("io.nats.monitor.unprocessed-warn".to_owned(), "1000000".to_owned());
        lab.run(seconds);
        let row = lab.row();
        let shown = row.derived.time_lag_ms.unwrap();
        let truth = lab.world.time_lag() / MS;
        prop_assert!((shown - truth).abs() <= truth / 20 + 100, "{shown} for {truth}");
        prop_assert_eq!(row.derived.time_lag_confidence, Some(Confidence::Estimated));
    }

    #[test]
    fn the_end_of_a_queue_comes_when_it_was_said(publish in 0.0..40.0_f64, queue in 3_000_u64..8_000, slots in 5_usize..12) {
        let mut world = Simulator::new();
        (world.publish_per_s, world.slots, world.takes) = (publish, slots, 100 * MS);
        world.publish(queue);
        let mut lab = Lab::new(world);
        let drain = capacity(slots, 100 * MS) - publish;
        prop_assume!(float(queue) / drain > 60.0);
        lab.run(40);
        let row = lab.row();
        let eta = row.derived.eta_s.unwrap();
        let mut left = 0.0;
        while lab.world.pending() > 0 {
            lab.world.pass(100);
            left += 0.1;
        }
        prop_assert!(near(eta, left, 1.0), "said {eta}, took {left}");
    }
}
