//! The database of the gateway. SQL lives here and nowhere else.
