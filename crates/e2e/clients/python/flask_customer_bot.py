"""A small Flask bot for customers, as such bots are usually written: it verifies the signature, drops echoes, looks up who wrote,
and answers her by forms, every call with its appsecret_proof. It has never heard of self messages, nor of selfsame."""

import hashlib
import hmac
import json
import os

import requests
from flask import Flask, abort, request

APP_SECRET = os.environ["APP_SECRET"]
ACCESS_TOKEN = os.environ["ACCESS_TOKEN"]
GRAPH = f"{os.environ['GRAPH_URL']}/v25.0"
AUTH = {
    "access_token": ACCESS_TOKEN,
    "appsecret_proof": hmac.new(APP_SECRET.encode(), ACCESS_TOKEN.encode(), hashlib.sha256).hexdigest(),
}

app = Flask(__name__)


@app.route("/webhook", methods=["POST"])
def webhook():
    signature = request.headers.get("X-Hub-Signature", "")
    expected = "sha1=" + hmac.new(APP_SECRET.encode(), request.get_data(), hashlib.sha1).hexdigest()
    if not hmac.compare_digest(signature, expected):
        abort(403)
    for entry in request.json["entry"]:
        for event in entry.get("messaging", []):
            if event.get("message", {}).get("is_echo"):
                continue
            sender_id = event["sender"]["id"]
            if "postback" in event:
                reply(sender_id, event["postback"]["payload"])
            elif "text" in event.get("message", {}):
                reply(sender_id, event["message"]["text"])
    return "ok"


def reply(recipient_id, said):
    person = requests.get(f"{GRAPH}/{recipient_id}", params={"fields": "username", **AUTH}, timeout=10)
    person.raise_for_status()
    sent = requests.post(
        f"{GRAPH}/me/messages",
        data={
            "recipient": json.dumps({"id": recipient_id}),
            "message": json.dumps({"text": f"{person.json()['username']}, you said: {said}"}),
            **AUTH,
        },
        timeout=30,
    )
    sent.raise_for_status()


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]))
