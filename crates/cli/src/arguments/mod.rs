//! The command line, as clap reads it.
//!
//! Every flag has one name everywhere: `--gateway-port`, `SELFSAME_GATEWAY_PORT`, `gateway-port` in `selfsame.toml`.
//! These are the raw flags; [`crate::configuration`] turns the ones about serving into what the libraries take.

mod gateway_side;
mod gestures;
mod platform_side;
mod root;
mod serving;

pub(crate) use gateway_side::{
    AccountsArgs, AccountsCommand, AddAccountArgs, AutomationsArgs, AutomationsCommand, DeadLettersArgs,
    DeadLettersCommand, DoctorArgs, KeysArgs, KeysCommand, ListDeadLettersArgs, ReconcileArgs, ValidateArgs,
};
pub(crate) use gestures::{CommentArgs, DmArgs, EditArgs, MessageArgs, ReactArgs, SendArgs, TapArgs, TriggerArgs};
pub(crate) use platform_side::{
    BlocksArgs, BlocksCommand, BrokenSignature, ChaosArgs, ChaosCommand, ClockArgs, ClockCommand, EnvArgs, EnvFormat,
    EventsArgs, EventsCommand, ExportArgs, ImportArgs, ListEventsArgs, ListenArgs, ResetArgs, RolesArgs, RolesCommand,
    SwitchesArgs, WhoamiArgs,
};
pub(crate) use root::{Arguments, Command, CommonArgs, ManArgs, ManFormat, ReadyzArgs};
pub(crate) use serving::{
    CallbackArgs, FlowName, GatewayArgs, JournalArgs, ListenerArgs, MetaName, PlatformArgs, ShapeName, StartArgs,
};
