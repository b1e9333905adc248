// A bot written for Messenger with bottender, pointed at another host. It answers what people write, and what the owner of
// the account writes to herself. Nothing in it knows selfsame; its settings are those of `selfsame env`.
"use strict";

const { MessengerBot } = require("bottender");
const { createServer } = require("@bottender/express");

const { META_APP_ID, META_APP_SECRET, WEBHOOK_VERIFY_TOKEN, PAGE_ACCESS_TOKEN, META_GRAPH_URL, PORT } = process.env;
const ANSWER = "You said: ";

const bot = new MessengerBot({
  appId: META_APP_ID,
  appSecret: META_APP_SECRET,
  accessToken: PAGE_ACCESS_TOKEN,
  verifyToken: WEBHOOK_VERIFY_TOKEN,
  origin: META_GRAPH_URL,
});

bot.onEvent(async (context) => {
  const { event, session, client } = context;
  if (event.isPostback) {
    // As in every bot for Messenger: the answer goes to `sender.id`.
    await context.sendText(`You tapped: ${event.payload}`);
  } else if (event.isEcho && event.message.isSelf && event.isText && !event.text.startsWith(ANSWER)) {
    // bottender refuses to answer echoes, which is what a self message is, so its client is asked directly.
    await client.sendText(session.user.id, ANSWER + event.text);
  } else if (event.isText && !event.isEcho) {
    await context.typingOn();
    await context.sendText(ANSWER + event.text, {
      quickReplies: [{ contentType: "text", title: "More", payload: "MORE" }],
    });
  }
});

bot.onError(async (_context, { error }) => {
  console.error("refused:", error ? error.message : "unknown");
});

createServer(bot, { path: "/webhook" }).listen(Number(PORT), "127.0.0.1");
