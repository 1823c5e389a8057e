//! How many messages the server may still send: never more than there are free slots.

/// Counts what was asked for and has neither come nor been taken back.
///
/// A delivered message does not say which pull it belongs to, but the server's last word on a pull says how much of it
/// was left; so one sum over all pulls stays exact as long as nothing on the wire is lost. When something may have been,
/// the count starts anew together with the inbox, and the server drops pulls nobody listens to.
#[derive(Debug, Default)]
pub(super) struct Credit {
    outstanding: usize,
}

impl Credit {
    /// How many messages to ask for now, given this many free slots and the longest batch the server accepts.
    ///
    /// Waits until as much is free as is outstanding, so that under load one pull stands for many messages, yet there is
    /// always credit while there is room.
    pub(super) fn wanted(&self, free: usize, longest: usize) -> Option<usize> {
        let room = free.saturating_sub(self.outstanding);
        (room > 0 && room >= self.outstanding).then(|| room.min(longest))
    }

    /// A pull for this many was sent.
    pub(super) fn asked(&mut self, batch: usize) {
        self.outstanding += batch;
    }

    /// A message came.
    pub(super) fn delivered(&mut self) {
        self.outstanding = self.outstanding.saturating_sub(1);
    }

    /// A pull ended with this many not sent.
    pub(super) fn returned(&mut self, rest: usize) {
        self.outstanding = self.outstanding.saturating_sub(rest);
    }

    /// Whether the server owes us messages or heartbeats.
    pub(super) fn is_outstanding(&self) -> bool {
        self.outstanding > 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Credit;

    #[test]
    fn one_pull_stands_for_many_messages_when_they_come_fast() {
        let mut credit = Credit::default();
        assert_eq!(credit.wanted(64, 1000), Some(64));
        credit.asked(64);
        assert_eq!(credit.wanted(64, 1000), None);
        (0..31).for_each(|_| credit.delivered());
        assert_eq!(credit.wanted(64, 1000), None, "31 free, 33 outstanding");
        credit.delivered();
        assert_eq!(credit.wanted(64, 1000), Some(32));
        credit.asked(32);
        credit.returned(32);
        assert_eq!(credit.wanted(33, 1000), None);
        assert_eq!(credit.wanted(64, 10), Some(10), "no more than the server takes");
    }

    proptest! {
        /// Slots fill with deliveries and empty as handlers end, in any order; pulls end early now and then.
        #[test]
        fn credit_and_work_together_never_exceed_the_slots(
            slots in 1_usize..100, longest in 1_usize..100, steps in prop::collection::vec(0_u8..4, 1..400)
        ) {
            let (mut credit, mut working) = (Credit::default(), 0);
            for step in steps {
                match step {
                    0 if credit.outstanding > 0 => { credit.delivered(); working += 1; }
                    1 if working > 0 => working -= 1,
                    2 => credit.returned(credit.outstanding / 2),
                    _ => {}
                }
                if let Some(batch) = credit.wanted(slots - working, longest) {
                    prop_assert!(batch > 0 && batch <= longest);
                    credit.asked(batch);
                }
                prop_assert!(credit.outstanding + working <= slots);
                prop_assert!(credit.outstanding > 0 || working == slots, "free slots and no credit");
            }
        }
    }
}
