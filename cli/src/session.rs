//! A system running on this machine.

mod door;
mod plain_line;
mod port_owner;
