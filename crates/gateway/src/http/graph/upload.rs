//! `POST /{account}/message_attachments` — media that messages can show (contract: send-api §5.5). It says nothing
//! by itself, so it goes on to Instagram; the message that shows it goes through the ledger.

use axum::http::HeaderValue;
use bytes::Bytes;
use selfsame_client::PassedBody;
use selfsame_wire::graph_error::GraphError;
use serde_json::{Value, json};

use super::answer::{Answer, Outcome, Refusal};
use super::door::Call;
use super::messages::is_own;
use super::parameters::{UploadedFile, as_pairs};
use super::pass::{Passing, pass};

/// Bytes of randomness in the boundary of a multipart body.
const BOUNDARY_BYTES: usize = 24;
const EDGE: &str = "message_attachments";

/// Answers the call.
pub(super) async fn handle(call: &Call) -> Outcome {
    if !is_own(call) {
        return Err(Refusal::unsupported(
            call.speaker.flow,
            "post",
            &call.node,
            "media is uploaded to /me/message_attachments, or to the account's own id",
        ));
    }
    send_on(call, as_pairs(&call.values)).await
}

/// Uploads the file that came with a message, and answers the id that the message can show it by.
pub(super) async fn file_of_message(call: &Call, message: &Value) -> Result<Value, Refusal> {
    let flow = call.speaker.flow;
    let Some(attachment) = message.get("attachment") else {
        return Err(Refusal::new(
            GraphError::parameter_required(flow, "message"),
            "a file comes with message.attachment, which says what kind of media it is",
        ));
    };
    if call.idempotency_key.is_some() {
        return Err(Refusal::new(
            GraphError::invalid_parameter(flow, "Idempotency-Key cannot be used with a file"),
            "upload the file by /me/message_attachments first, then send its attachment_id with the key",
        ));
    }
    let message = json!({"attachment": attachment});
    let answer = send_on(call, vec![("message".to_owned(), message.to_string())]).await?;
    let Answer::Instagrams(passed) = answer else {
        return Err(Refusal::new(
            GraphError::temporary(),
            "the upload was not answered by Instagram",
        ));
    };
    match passed.body.get("attachment_id") {
        Some(id) if passed.status.is_success() => Ok(id.clone()),
        _ => Err(passed.into_refusal(flow)),
    }
}

async fn send_on(call: &Call, fields: Vec<(String, String)>) -> Outcome {
    let (content_type, bytes) = if call.files.is_empty() {
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&fields)
            .finish();
        ("application/x-www-form-urlencoded".to_owned(), Bytes::from(form))
    } else {
        let boundary = call.app.random.base64url(BOUNDARY_BYTES);
        let bytes = to_multipart(&boundary, &fields, &call.files);
        (format!("multipart/form-data; boundary={boundary}"), bytes)
    };
    let Ok(content_type) = HeaderValue::try_from(content_type) else {
        return Err(Refusal::new(GraphError::temporary(), "the upload could not be written"));
    };
    let body = PassedBody::Upload {
        content_type: &content_type,
        bytes: &bytes,
    };
    pass(
        call,
        Passing {
            node: "me",
            edge: Some(EDGE),
            query: &[],
            body,
        },
    )
    .await
}

/// Writes a multipart body anew, so that nothing of the one that came goes on but its fields and files.
fn to_multipart(boundary: &str, fields: &[(String, String)], files: &[UploadedFile]) -> Bytes {
    let mut body = Vec::new();
    for (name, value) in fields {
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n",
            quoted(name)
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(value.as_bytes());
        body.extend_from_slice(b"\r\n");
    }
    for file in files {
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
            quoted(&file.field),
            quoted(&file.name),
            type_of(file)
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&file.bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Bytes::from(body)
}

/// A name as it may stand between quotation marks in a header, escaped as browsers do.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// The type of a file, as far as it can stand in a header.
fn type_of(file: &UploadedFile) -> &str {
    let is_plain = |character: char| matches!(character, ' '..='~');
    if !file.content_type.is_empty() && file.content_type.chars().all(is_plain) {
        &file.content_type
    } else {
        "application/octet-stream"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_or_type_of_a_file_writes_a_header() {
        let file = UploadedFile {
            field: "filedata".to_owned(),
            name: "a\"\r\nx: y\r\n\r\n.png".to_owned(),
            content_type: "image/png\r\nx: z".to_owned(),
            bytes: Bytes::from_static(b"PNG"),
        };
        let fields = [("message\r\nq: r".to_owned(), "{}".to_owned())];
        let body = to_multipart("b", &fields, &[file]);
        assert_eq!(
            String::from_utf8_lossy(&body),
            "--b\r\nContent-Disposition: form-data; name=\"message%0D%0Aq: r\"\r\n\r\n{}\r\n\
             --b\r\nContent-Disposition: form-data; name=\"filedata\"; filename=\"a%22%0D%0Ax: y%0D%0A%0D%0A.png\"\r\n\
             Content-Type: application/octet-stream\r\n\r\nPNG\r\n--b--\r\n"
        );
    }
}
