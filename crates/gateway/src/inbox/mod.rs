//! From raw bodies to decided events: splitting, recognising, deciding.
