//! Both lanes of the automations: what is written, what is live, what was live.

mod get;
mod history;
mod publish;
mod validate;

pub(super) use get::{__path_get_automations, get_automations};
pub(in crate::http) use get::{LanesView, lanes_of};
pub(super) use history::{__path_history, __path_roll_back, HistoryPage, RollBackRequest, history, roll_back};
pub(in crate::http) use history::{PublishedView, history_of};
pub(super) use publish::{__path_publish, publish};
pub(super) use validate::{__path_schema, __path_validate, schema, validate};
