//! From raw bodies to decided events: splitting, recognising who spoke, deciding.

pub mod recognise;
