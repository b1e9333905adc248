//! Writes a page with every view of this crate to a folder, to look at while drawing:
//! `cargo run -p selfsame-ui --example gallery -- DIR`, then serve DIR with any static file server.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use maud::html;
use selfsame_ui::assets;
use selfsame_ui::frame::{Frame, Layout, NavLink};
use selfsame_ui::message::{
    Attachment, Body, Button, Card, Entry, Message, QuickReply, Quote, Reaction, Receipt, ReceiptState, Side,
    SystemNote,
};
use selfsame_ui::parts::{Tone, callout};
use selfsame_ui::person::Person;
use selfsame_ui::post::{Comment, Post};
use selfsame_ui::thread::{Thread, ThreadLine, thread_list};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "gallery".to_owned()));
    fs::create_dir_all(folder.join("assets"))?;
    for asset in assets::ALL {
        fs::write(folder.join("assets").join(asset.file_name()), asset.bytes)?;
    }
    let start: Timestamp = "2026-11-22T09:41:00Z".parse()?;
    fs::write(folder.join("thread.html"), thread_page(start).into_string())?;
    fs::write(folder.join("post.html"), post_page(start).into_string())?;
    Ok(())
}

fn frame(title: &str, layout: Layout) -> Frame {
    let links = [
        ("Start", "/"),
        ("Phone", "/phone"),
        ("Inspector", "/inspector"),
        ("Dashboard", "/dashboard"),
    ];
    Frame {
        title: title.to_owned(),
        links: links
            .into_iter()
            .map(|(label, href)| NavLink::new(label, href))
            .collect(),
        current: Some("/phone".to_owned()),
        live: None,
        layout,
    }
}

fn luna() -> Person {
    Person {
        username: "luna.coffee".to_owned(),
        name: "Luna Coffee".to_owned(),
        kind: "Business account".to_owned(),
    }
}

fn sam() -> Person {
    Person {
        username: "sam".to_owned(),
        name: "Sam Okafor".to_owned(),
        kind: "Person".to_owned(),
    }
}

fn message(number: i64, start: Timestamp, side: Side, body: Body, states: Vec<ReceiptState>) -> Message {
    let receipt = |state| Receipt {
        subject: None,
        app: None,
        details_href: Some("/inspector".to_owned()),
        state,
    };
    Message {
        key: format!("m{number}"),
        mid: format!("m{number}"),
        side,
        author: if side == Side::Mine {
            "you".to_owned()
        } else {
            "automation".to_owned()
        },
        sent_at: start + SignedDuration::from_secs(number * 20),
        body,
        quote: None,
        reactions: Vec::new(),
        edited: false,
        seen: false,
        receipts: states.into_iter().map(receipt).collect(),
    }
}

fn text(text: &str) -> Body {
    Body::Content {
        text: Some(text.to_owned()),
        attachments: Vec::new(),
        quick_replies: Vec::new(),
    }
}

fn attached(attachment: Attachment) -> Body {
    Body::Content {
        text: None,
        attachments: vec![attachment],
        quick_replies: Vec::new(),
    }
}

#[expect(clippy::too_many_lines, reason = "one list, an entry of every kind")]
fn entries(start: Timestamp) -> Vec<Entry> {
    let postback = |title: &str, index| Button::Postback {
        title: title.to_owned(),
        index,
    };
    let menu = Attachment::ButtonTemplate {
        text: "Here is our menu, luna.coffee".to_owned(),
        buttons: vec![
            postback("Coffee", 0),
            Button::Link {
                title: "Web site".to_owned(),
                url: "https://example.com".to_owned(),
            },
        ],
    };
    let card = |title: &str, index| Card {
        title: title.to_owned(),
        subtitle: Some("Roasted on Tuesday".to_owned()),
        image_url: None,
        url: None,
        buttons: vec![postback("Order", index), postback("Tell me more", index + 1)],
    };
    let cards = Attachment::GenericTemplate {
        cards: vec![
            card("Ethiopia Guji", 0),
            card("Colombia Huila", 2),
            card("Kenya Nyeri", 4),
        ],
    };
    let delivered = || vec![ReceiptState::Delivered];
    let mut loved = message(4, start, Side::Theirs, text("Flat white 3.50"), vec![]);
    loved.reactions = vec![Reaction {
        emoji: "❤".to_owned(),
        by: "@luna.coffee".to_owned(),
        mine: true,
    }];
    let mut quoting = message(
        7,
        start,
        Side::Mine,
        text("That one, please. <b>Really</b> مرحبا بالعالم"),
        delivered(),
    );
    quoting.quote = Some(Quote {
        author: "automation".to_owned(),
        text: "Flat white 3.50".to_owned(),
    });
    quoting.edited = true;
    let chips = Body::Content {
        text: Some("Anything else?".to_owned()),
        attachments: Vec::new(),
        quick_replies: ["Yes", "No, thank you"]
            .map(|title| QuickReply {
                title: title.to_owned(),
                payload: title.to_owned(),
            })
            .to_vec(),
    };
    let suppressed = ReceiptState::Suppressed {
        reason: "field not subscribed by app".to_owned(),
        remedy: "App demo does not subscribe to messages. Add it to the app's webhook fields.".to_owned(),
    };
    let failed = ReceiptState::Failed {
        cause: "your bot answered 500".to_owned(),
        next_attempt_at: Some(start + SignedDuration::from_secs(400)),
    };
    let unanswered = ReceiptState::Unanswered {
        hint: "Does it drop is_echo? A message to oneself arrives only as an echo.".to_owned(),
    };
    let tapped = SystemNote {
        key: "t1".to_owned(),
        text: "You tapped “Coffee”".to_owned(),
        at: start + SignedDuration::from_secs(60),
        receipts: vec![Receipt {
            subject: None,
            app: None,
            details_href: Some("/inspector".to_owned()),
            state: ReceiptState::Delivered,
        }],
    };
    let messages = vec![
        message(1, start, Side::Mine, text("menu"), delivered()),
        message(2, start, Side::Theirs, attached(menu), vec![]),
    ];
    let later = vec![
        loved,
        message(5, start, Side::Theirs, attached(cards), vec![]),
        message(6, start, Side::Mine, Body::LikeHeart, delivered()),
        quoting,
        message(8, start, Side::Mine, text(&"verylongword".repeat(20)), vec![suppressed]),
        message(9, start, Side::Mine, Body::Deleted, delivered()),
        message(10, start, Side::Mine, text("hello?"), vec![failed]),
        message(11, start, Side::Mine, text("anybody?"), vec![unanswered]),
        message(12, start, Side::Theirs, chips, vec![]),
    ];
    let wrap = |message: Message| Entry::Message(Box::new(message));
    messages
        .into_iter()
        .map(wrap)
        .chain([Entry::Note(tapped)])
        .chain(later.into_iter().map(wrap))
        .collect()
}

fn lines(start: Timestamp) -> Vec<ThreadLine> {
    let line = |other: Person, is_self: bool, preview: &str| ThreadLine {
        href: format!("/phone/@luna.coffee/t/@{}", other.username),
        other,
        is_self,
        preview: preview.to_owned(),
        last_at: Some(start),
        is_current: is_self,
        is_request: false,
    };
    vec![
        line(luna(), true, "Flat white 3.50"),
        line(sam(), false, "Do you open on Sunday?"),
    ]
}

fn thread_page(start: Timestamp) -> maud::Markup {
    let thread = Thread {
        words_only: false,
        me: luna(),
        other: luna(),
        entries: entries(start),
        earlier_href: None,
        is_typing: true,
        notice: Some(callout(
            Tone::Plain,
            "This thread is not open yet",
            "Write the first message: until then apps cannot write to you here.",
        )),
        actions: Some("/phone/@luna.coffee/t/@luna.coffee".to_owned()),
        back_href: Some("/phone".to_owned()),
        inspect_href: Some("/inspector".to_owned()),
        ice_breakers: vec!["When do you open?".to_owned()],
        menu: vec!["Our menu".to_owned()],
        shareable: Vec::new(),
        stories: Vec::new(),
    };
    frame("You", Layout::PhoneImmersive).around(&html! {
        div.phone {
            section.pane.aside { header.head { div.who { h1 { "luna.coffee" } span.soft.small { "Messages" } } } (thread_list(&lines(start))) }
            (thread.view(None))
        }
    })
}

fn post_page(start: Timestamp) -> maud::Markup {
    let comment = |id: &str, username: &str, role: &str, text: &str, is_reply| Comment {
        id: id.to_owned(),
        username: username.to_owned(),
        role: role.to_owned(),
        text: text.to_owned(),
        at: start,
        is_reply,
        is_hidden: false,
        has_private_reply: !is_reply,
        receipts: Vec::new(),
    };
    let post = Post {
        id: "17900000000000001".to_owned(),
        owner: "luna.coffee".to_owned(),
        caption: "New beans are in. Ask us for the price!".to_owned(),
        kind: "Post".to_owned(),
        comments: vec![
            comment("1", "luna.coffee", "you", "price?", false),
            comment("2", "luna.coffee", "automation", "I sent you a message", true),
        ],
        actions: Some("/phone/@luna.coffee/p/1".to_owned()),
        owner_href: "/phone/@luna.coffee".to_owned(),
        notice: None,
    };
    frame("Post", Layout::Phone).around(&html! {
        div.phone {
            section.pane.aside { header.head { div.who { h1 { "luna.coffee" } span.soft.small { "Messages" } } } (thread_list(&lines(start))) }
            (post.view(None))
        }
    })
}
