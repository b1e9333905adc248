//! What crosses the wire, against the documented bytes.

#[cfg(test)]
mod adding_a_webhook;
#[cfg(test)]
mod documented;
#[cfg(test)]
mod events_table;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod normalise;
#[cfg(test)]
mod parse_shapes;
#[cfg(test)]
mod rebuild;
#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod send_decode;
