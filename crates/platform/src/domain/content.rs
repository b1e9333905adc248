//! From a decoded send request to what is stored and echoed.

use selfsame_wire::send::{Button, Element, MessageContent, QuickReply};
use serde_json::{Map, Value, json};

use super::message::Content;

/// Content of an API message. `media` holds the attachments of [`MessageContent::Media`], already fetched or looked up, in order.
pub fn from_request(content: &MessageContent, media: Vec<Value>, quick_replies: &[QuickReply]) -> Content {
    let mut stored = Content {
        quick_replies: quick_replies.to_vec(),
        ..Content::default()
    };
    match content {
        MessageContent::Text(text) => stored.text = Some(text.clone()),
        MessageContent::Media(_) | MessageContent::MediaShare(_) => stored.attachments = media,
        MessageContent::LikeHeart => stored.attachments = vec![json!({"type": "like_heart"})],
        MessageContent::Generic(elements) => {
            stored.attachments = vec![template(&json!({
                "template_type": "generic",
                "elements": elements.iter().map(element).collect::<Vec<_>>(),
            }))];
            stored.buttons = elements
                .iter()
                .flat_map(|element| element.buttons.iter().cloned())
                .collect();
        }
        MessageContent::Buttons { text, buttons } => {
            stored.attachments = vec![template(&json!({
                "template_type": "button",
                "text": text,
                "buttons": buttons.iter().map(button).collect::<Vec<_>>(),
            }))];
            stored.text = None;
            stored.buttons.clone_from(buttons);
        }
    }
    stored
}

fn template(payload: &Value) -> Value {
    json!({"type": "template", "payload": payload})
}

fn element(element: &Element) -> Value {
    let mut object = Map::new();
    object.insert("title".to_owned(), element.title.as_str().into());
    let mut put = |name: &str, value: &Option<String>| {
        if let Some(value) = value {
            object.insert(name.to_owned(), value.as_str().into());
        }
    };
    put("subtitle", &element.subtitle);
    put("image_url", &element.image_url);
    if let Some(url) = &element.default_action_url {
        object.insert("default_action".to_owned(), json!({"type": "web_url", "url": url}));
    }
    if !element.buttons.is_empty() {
        object.insert("buttons".to_owned(), element.buttons.iter().map(button).collect());
    }
    Value::Object(object)
}

fn button(button: &Button) -> Value {
    match button {
        Button::WebUrl { title, url } => json!({"type": "web_url", "url": url, "title": title}),
        Button::Postback { title, payload } => json!({"type": "postback", "title": title, "payload": payload}),
    }
}
