//! How many clients there are, in all and of each address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Refusal;

/// The seats of one proxy.
#[derive(Debug)]
pub(super) struct Seats {
    most: usize,
    most_of_address: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// One client's seat; dropping it frees it.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Arc<Seats>,
    address: IpAddr,
}

impl Seats {
    pub(super) fn new(most: usize, most_of_address: usize) -> Self {
        Self {
            most,
            most_of_address,
            taken: Mutex::default(),
        }
    }

    /// A seat for a client of this address.
    pub(super) fn take(self: &Arc<Self>, address: IpAddr) -> Result<Seat, Refusal> {
        let mut taken = self.lock();
        if taken.all >= self.most {
            return Err(Refusal::Full);
        }
        let of_address = taken.by_address.get(&address).copied().unwrap_or_default();
        if of_address >= self.most_of_address {
            return Err(Refusal::FullForAddress);
        }
        taken.all += 1;
        taken.by_address.insert(address, of_address + 1);
        Ok(Seat {
            seats: Arc::clone(self),
            address,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.lock();
        taken.all = taken.all.saturating_sub(1);
        if let Some(count) = taken.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                taken.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_are_counted_in_all_and_by_address_and_come_back() {
        let seats = Arc::new(Seats::new(3, 2));
        let address = |last| IpAddr::from([192, 0, 2, last]);
        let first = seats.take(address(1)).unwrap();
        let _second = seats.take(address(1)).unwrap();
        assert_eq!(seats.take(address(1)).unwrap_err(), Refusal::FullForAddress);
        let third = seats.take(address(2)).unwrap();
        assert_eq!(seats.take(address(3)).unwrap_err(), Refusal::Full);
        drop(third);
        assert!(!seats.lock().by_address.contains_key(&address(2)));
        drop(first);
        assert!(seats.take(address(1)).is_ok());
    }
}
