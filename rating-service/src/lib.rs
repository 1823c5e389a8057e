//! The worker: pulls requests, keeps users, services and ratings.
