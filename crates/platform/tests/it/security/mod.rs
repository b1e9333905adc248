//! What somebody who means harm would try, one file per door.

mod doors;
mod markup;
