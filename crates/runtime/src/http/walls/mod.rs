//! Who may call: the walls between a request and what it asks for.
//!
//! Documented in `docs/architecture.md` under "Who may call". A page on the internet can make the browser of whoever runs
//! this program send requests here; what it cannot do is choose the `Host` of a name it does not own, leave `Origin`
//! out of a write, or read an answer. The rules below stand on that.

mod caller;
mod decision;
mod layer;

pub use caller::Caller;
pub use decision::{Admitted, Policy, Refusal, Surface};
pub use layer::Walls;
