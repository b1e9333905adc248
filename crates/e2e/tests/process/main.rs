//! The real binary as a process: its starts and ends, and what a power cut does to it.

mod real_binary;
