//! One file per call.

mod answer;
mod comment_on_media;
mod exchange_code;
mod exchange_facebook_code;
mod exchange_facebook_long_lived;
mod exchange_long_lived;
mod find_conversation;
mod get_instagram_profile;
mod get_page_profile;
mod get_person_profile;
mod list_comment_replies;
mod list_messages;
mod list_pages;
mod post_message;
mod refresh_token;
mod reply_to_comment;
mod send_action;
mod send_message;
mod send_to_self;
mod subscribe;
mod unsubscribe;

pub use exchange_code::{AppCredentials, CodeExchange};
pub use get_instagram_profile::InstagramProfile;
pub use get_page_profile::PageProfile;
pub use get_person_profile::PersonProfile;
pub use list_comment_replies::CommentReply;
pub use list_messages::ConversationMessage;
pub use list_pages::PageAccount;
