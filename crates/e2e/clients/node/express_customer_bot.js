// A small Express bot for customers, as such bots are usually written: it verifies the signature, drops echoes, looks up who
// wrote, shows that it types, and answers her. It has never heard of self messages, nor of selfsame.
"use strict";

const crypto = require("node:crypto");
const express = require("express");

const { APP_SECRET, ACCESS_TOKEN, GRAPH_URL, PORT } = process.env;

const app = express();
app.use(
  express.json({
    verify(request, _response, body) {
      const expected = "sha256=" + crypto.createHmac("sha256", APP_SECRET).update(body).digest("hex");
      const given = request.get("x-hub-signature-256") ?? "";
      if (given.length !== expected.length || !crypto.timingSafeEqual(Buffer.from(given), Buffer.from(expected))) {
        throw new Error("the signature does not match");
      }
    },
  }),
);

app.post("/webhook", (request, response) => {
  response.status(200).send("EVENT_RECEIVED");
  for (const entry of request.body.entry) {
    for (const event of entry.messaging ?? []) {
      if (event.message?.is_echo) continue;
      handle(event).catch((error) => console.error(error));
    }
  }
});

async function handle(event) {
  const psid = event.sender.id;
  const said = event.message?.text ?? event.postback?.payload;
  if (!said) return;
  const { username } = await graph("GET", `${psid}?fields=name,username`);
  await graph("POST", "me/messages", { recipient: { id: psid }, sender_action: "typing_on" });
  await graph("POST", "me/messages", {
    recipient: { id: psid },
    messaging_type: "RESPONSE",
    message: { text: `${username}, you said: ${said}` },
  });
}

async function graph(method, path, body) {
  const url = new URL(`${GRAPH_URL}/v25.0/${path}`);
  url.searchParams.set("access_token", ACCESS_TOKEN);
  const response = await fetch(url, {
    method,
    headers: { "Content-Type": "application/json" },
    body: body && JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(JSON.stringify(answer));
  return answer;
}

app.listen(Number(PORT), "127.0.0.1");
