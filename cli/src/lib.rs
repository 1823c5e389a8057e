//! ratectl: what a person types and sees.
