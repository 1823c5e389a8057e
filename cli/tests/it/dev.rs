//! `ratectl dev` with a made-up system: what a person gets, and what is left when it ends.

mod ending;
mod refusal;
mod running;
mod words;
