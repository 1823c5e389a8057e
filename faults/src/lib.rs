//! What happens when a part dies under load: counts lost and doubled writes.
