"""A small Flask bot, as one would write it for Meta: it verifies the handshake and the signature, and answers what the
owner of the account writes to herself, by the standard form of a send. Nothing in it knows selfsame; its settings are
those of `selfsame env`."""

import hashlib
import hmac
import os

import requests
from flask import Flask, abort, request

APP_SECRET = os.environ["INSTAGRAM_APP_SECRET"].encode()
VERIFY_TOKEN = os.environ["WEBHOOK_VERIFY_TOKEN"]
ACCESS_TOKEN = os.environ["INSTAGRAM_ACCESS_TOKEN"]
GRAPH_URL = os.environ["META_GRAPH_URL"]
ANSWER = "You said: "

app = Flask(__name__)


@app.get("/webhook")
def handshake():
    if request.args.get("hub.mode") == "subscribe" and request.args.get("hub.verify_token") == VERIFY_TOKEN:
        return request.args["hub.challenge"], 200, {"Content-Type": "text/plain"}
    abort(403)


@app.post("/webhook")
def webhook():
    expected = "sha256=" + hmac.new(APP_SECRET, request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Hub-Signature-256", "")):
        abort(401)
    for entry in request.get_json()["entry"]:
        for event in entry.get("messaging", []):
            message = event.get("message", {})
            text = message.get("text", "")
            # Our own answers come back with the same flags: without this line the bot talks to itself for ever.
            if message.get("is_echo") and message.get("is_self") and text and not text.startswith(ANSWER):
                answer(event["recipient"]["id"], ANSWER + text)
    return "", 200


def answer(recipient, text):
    response = requests.post(
        f"{GRAPH_URL}/v24.0/me/messages",
        headers={"Authorization": f"Bearer {ACCESS_TOKEN}"},
        json={"recipient": {"id": recipient}, "message": {"text": text}},
        timeout=10,
    )
    if not response.ok:
        app.logger.error("send refused: %s %s", response.status_code, response.text)


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]))
