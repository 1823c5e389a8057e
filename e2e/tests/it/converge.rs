//! A first deployment that is interrupted or killed at a random moment: the next one makes it whole, and the one after that has nothing
//! to write.

mod system;

use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use e2e::{Bed, Process};
use rustix::process::Signal;

use crate::audit::{self, audited};
use crate::crash::Random;
use system::System;

/// What a deployment may take at most, on a machine that does other things too.
const LIMIT: Duration = Duration::from_mins(3);
/// How each of the rounds is ended: ten by Ctrl-C, two by the kernel.
const SIGNALS: [Signal; 12] = {
    let mut signals = [Signal::INT; 12];
    signals[3] = Signal::KILL;
    signals[8] = Signal::KILL;
    signals
};
/// Rounds at the same time.
const LANES: usize = 3;

/// Deploys the system until `moment`, then again to the end, then once more.
fn round(bed: &Bed, system: &System<'_>, whole: &[String], moment: Duration, signal: Signal) -> String {
    let process = Process::start(system.deploy());
    // Chance decides when: this is the fault, not a wait for something.
    thread::sleep(moment);
    process.signal(signal);
    let signalled = Instant::now();
    let ended = bed.record(process.end(LIMIT));
    let ending = signalled.elapsed();
    // It may have been done before.
    let by_signal = if signal == Signal::INT { 130 } else { 137 };
    assert!([by_signal, 0].contains(&ended.code), "{ended}");
    // The kernel has its own time for a process that has ended by itself.
    let left = system.objects();

    let next = bed.run(system.deploy()).succeeded();
    assert_eq!(system.objects(), whole, "after {ended}\n{next}");
    system.is_as_deployed();
    let before = audited(bed).len();
    let again = bed.run(system.deploy()).succeeded();
    let asked = audited(bed).split_off(before);
    let written: Vec<_> = asked
        .iter()
        .filter(|asked| asked.writes() && system.is_named_in(&asked.uri))
        .collect();
    assert!(written.is_empty(), "{written:?}\n{again}");
    assert!(again.stdout.contains("there was nothing to do"), "{again}");
    format!(
        "{} after {:>6} ms: exit code {:>3} after {:>4} ms, {:>2} of {} objects there; the next run took {:>5} ms, the one after {:>4} ms",
        if signal == Signal::INT {
            "Ctrl-C"
        } else {
            "kill -9"
        },
        moment.as_millis(),
        ended.code,
        ending.as_millis(),
        left.len(),
        whole.len(),
        next.took.as_millis(),
        again.took.as_millis(),
    )
}

#[test]
fn a_deployment_ended_at_a_random_moment_is_made_whole_by_the_next() {
    let bed = Bed::new("converge");
    audit::create(&bed, &bed, 0);
    let first = System::write(&bed, 0);
    let whole = bed.run(first.deploy()).succeeded();
    let objects = first.objects();
    assert!(objects.len() > 8, "{objects:?}");
    println!("a whole deployment: {} ms", whole.took.as_millis());

    let mut random = Random::seeded("converge");
    let rounds = (1..).zip(SIGNALS).map(|(number, signal)| {
        let moment = random.part_of(whole.took);
        (System::write(&bed, number), moment, signal)
    });
    let waiting = Mutex::new(rounds.collect::<Vec<_>>().into_iter());
    thread::scope(|scope| {
        for _ in 0..LANES {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().expect("no lane panics with it").next();
                    let Some((system, moment, signal)) = next else {
                        break;
                    };
                    println!("{}", round(&bed, &system, &objects, moment, signal));
                }
            });
        }
    });
    system::remove_images(&bed);
}
