//! What somebody who means harm would try, one file per door.

mod doors;
mod erasure;
mod keys;
mod leaks;
mod markup;
mod outcalls;
mod signatures;
mod slow;
