//! Limits of the Send API, each named once.

/// Text of a message, in UTF-8 bytes (not characters).
pub const TEXT_BYTES_MAX: usize = 1000;
/// Quick replies of one message.
pub const QUICK_REPLIES_MAX: usize = 13;
/// Title of a quick reply, in characters; longer ones are truncated, not refused.
pub const QUICK_REPLY_TITLE_CHARS_MAX: usize = 20;
/// Title of a button, in characters.
pub const BUTTON_TITLE_CHARS_MAX: usize = 20;
/// Payload of a button or quick reply, in characters.
pub const PAYLOAD_CHARS_MAX: usize = 1000;
/// Buttons of a template or element.
pub const BUTTONS_MAX: usize = 3;
/// Text of a button template, in characters.
pub const BUTTON_TEMPLATE_TEXT_CHARS_MAX: usize = 640;
/// Elements of a generic template.
pub const ELEMENTS_MAX: usize = 10;
/// Title and subtitle of an element, in characters.
pub const ELEMENT_TEXT_CHARS_MAX: usize = 80;
/// Images of one message.
pub const IMAGES_MAX: usize = 10;
