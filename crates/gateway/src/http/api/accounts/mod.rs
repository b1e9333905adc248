//! Connected accounts, their health, and the automations that belong to one of them only.

mod automations;
mod change;
mod connect;
mod disconnect;
mod forward;
mod health;
mod list;
mod reconcile;
mod view;

pub(super) use automations::{
    __path_account_automations_history, __path_get_account_automations, __path_publish_account_automations,
    __path_replace_account_draft, __path_roll_back_account_automations, account_automations_history,
    get_account_automations, publish_account_automations, replace_account_draft, roll_back_account_automations,
};
pub(super) use change::{__path_change_account, change_account};
pub(super) use connect::{__path_connect_account, connect_account};
pub(in crate::http) use disconnect::disconnect;
pub(super) use disconnect::{__path_disconnect_account, disconnect_account};
pub(super) use forward::{
    __path_delete_forward, __path_get_forward, __path_make_engine_key, __path_put_forward, __path_revoke_engine_key,
    delete_forward, get_forward, make_engine_key, put_forward, revoke_engine_key,
};
pub(super) use health::{__path_account_health, __path_install_webhooks, account_health, install_webhooks};
pub(in crate::http) use health::{health_of_account, install_webhooks_of, live_health_of_account};
pub(super) use list::{__path_get_account, __path_list_accounts, get_account, list_accounts};
pub(super) use reconcile::{
    __path_get_reconciliation, __path_interrupt_reconciliation, __path_reconcile_account, __path_replay_gaps,
    get_reconciliation, interrupt_reconciliation, reconcile_account, replay_gaps,
};
pub(in crate::http) use view::{find_account, view_of_account};
