//! One cluster for all tests that only look.

use std::ops::Deref;
use std::sync::OnceLock;
use std::thread;

use super::{Bed, failure};

/// The shared cluster, in the hands of one test. It goes when the test program ends.
#[derive(Debug)]
pub struct Shared {
    bed: &'static Bed,
    test: String,
}

impl Shared {
    pub(super) fn new(test: &str) -> Self {
        static BED: OnceLock<Result<Bed, String>> = OnceLock::new();
        let bed = BED.get_or_init(|| {
            let bed = Bed::new("shared cluster");
            let port = bed.registry_port().to_string();
            let created = bed.ratectl(&["create-cluster", bed.cluster(), "--registry-port", &port]);
            if created.code == 0 {
                Ok(bed)
            } else {
                failure::write(&bed, "shared cluster");
                Err(format!("the shared cluster could not be made\n{created}"))
            }
        });
        Self {
            bed: bed.as_ref().unwrap_or_else(|error| panic!("{error}")),
            test: test.to_owned(),
        }
    }
}

impl Deref for Shared {
    type Target = Bed;

    fn deref(&self) -> &Bed {
        self.bed
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if thread::panicking() {
            failure::write(self.bed, &self.test);
        }
    }
}
