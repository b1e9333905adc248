//! Previews: the owner of a newly connected account sees her automation answer before any customer does.
//!
//! Reading order: [`Previews`] makes them, `feed` lets a gesture of a preview happen in the owner's own
//! thread, `look` tells where one stands, and [`Links`] signs the address of its page.

mod feed;
mod link;
mod look;
mod transcript;
mod workings;

pub use link::{LinkError, Links};
pub use look::{Look, PreviewState, TracedDecision};
pub use transcript::{Line, LineButton, LineSide};
pub use workings::{MOST_OPEN, NewPreview, PreviewError, Previews};
