// A small Express bot, as one would write it for Meta: it verifies the handshake and the signature, and answers what the
// owner of the account writes to herself. Nothing in it knows selfsame; its settings are those of `selfsame env`.
"use strict";

const crypto = require("node:crypto");
const express = require("express");

const { INSTAGRAM_APP_SECRET, WEBHOOK_VERIFY_TOKEN, INSTAGRAM_ACCESS_TOKEN, META_GRAPH_URL, PORT } = process.env;
const ANSWER = "You said: ";

const app = express();

app.get("/webhook", (request, response) => {
  const { "hub.mode": mode, "hub.verify_token": token, "hub.challenge": challenge } = request.query;
  if (mode === "subscribe" && token === WEBHOOK_VERIFY_TOKEN) {
    response.status(200).type("text/plain").send(challenge);
  } else {
    response.sendStatus(403);
  }
});

app.post("/webhook", express.raw({ type: "application/json", limit: "1mb" }), async (request, response) => {
  if (!isSigned(request)) {
    response.sendStatus(401);
    return;
  }
  response.sendStatus(200);
  const body = JSON.parse(request.body.toString("utf8"));
  for (const entry of body.entry) {
    for (const event of entry.messaging ?? []) {
      const message = event.message;
      // Our own answers come back with the same flags: without this line the bot talks to itself for ever.
      if (message?.is_echo && message.is_self && message.text && !message.text.startsWith(ANSWER)) {
        await answer(event.recipient.id, ANSWER + message.text);
      }
    }
  }
});

function isSigned(request) {
  const header = request.get("x-hub-signature-256") ?? "";
  const expected = "sha256=" + crypto.createHmac("sha256", INSTAGRAM_APP_SECRET).update(request.body).digest("hex");
  return header.length === expected.length && crypto.timingSafeEqual(Buffer.from(header), Buffer.from(expected));
}

async function answer(recipient, text) {
  const response = await fetch(`${META_GRAPH_URL}/v24.0/${recipient}/messages`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${INSTAGRAM_ACCESS_TOKEN}` },
    body: JSON.stringify({ message: { text } }),
  });
  if (!response.ok) {
    console.error("send refused:", response.status, await response.text());
  }
}

app.listen(Number(PORT), "127.0.0.1");
