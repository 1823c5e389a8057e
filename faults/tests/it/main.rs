//! A whole fault run against real processes: the short one, or with `LONG=1` in the environment the long one.

use std::io::Write as _;
use std::path::Path;

use faults::fault::Plan;
use faults::run::run;

#[tokio::test(flavor = "multi_thread")]
async fn no_fault_loses_doubles_or_delays_a_write() {
    let long = std::env::var_os("LONG").is_some_and(|value| value == "1");
    let plan = if long { Plan::long() } else { Plan::short() };
    let report = run(Path::new(env!("CARGO_BIN_EXE_faults")), &plan).await.unwrap();
    let mut table = Vec::new();
    report.print(&mut table).unwrap();
    let table = String::from_utf8_lossy(&table);
    // Past the capture of passing tests: the counts are worth seeing in every run.
    writeln!(std::io::stdout(), "\n{table}").unwrap();
    assert!(report.verdict.is_clean(), "{table}");
    // A run that never met its faults proves nothing.
    let kills = report
        .rows
        .iter()
        .filter(|row| row.fault.starts_with("worker killed"));
    assert!(
        kills.clone().count() == 4 && kills.map(|row| row.redeliveries).sum::<u64>() > 0,
        "{table}"
    );
}
