// Every call of `messaging-api-messenger` that Instagram has, pointed at another host and otherwise unmodified.
//
// Prints one JSON object: what each call answered, or `{refused, why}`. Reads META_GRAPH_URL, APP_ID, APP_SECRET,
// ACCESS_TOKEN (of the Page), SELF_IGSID and OTHER_IGSID.
"use strict";

const http = require("node:http");
const { MessengerBatch, MessengerClient } = require("messaging-api-messenger");

const { META_GRAPH_URL, APP_ID, APP_SECRET, ACCESS_TOKEN, SELF_IGSID, OTHER_IGSID } = process.env;
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const MENU = [
  { type: "postback", title: "Menu", payload: "MENU" },
  { type: "web_url", title: "Web site", url: "https://example.com" },
];
const VERIFY_TOKEN = "of the messenger client";

// With an app secret the client signs every call, and every item of a batch, by `appsecret_proof`.
const client = new MessengerClient({
  origin: META_GRAPH_URL,
  version: "24.0",
  accessToken: ACCESS_TOKEN,
  appId: APP_ID,
  appSecret: APP_SECRET,
});
const answers = {};

async function ask(name, call) {
  try {
    answers[name] = await call();
  } catch (error) {
    answers[name] = { refused: error.message, why: error.response?.headers["x-selfsame-why"] };
  }
  return answers[name];
}

/** Serves a picture, and passes the handshake of a webhook. */
function serve() {
  const server = http.createServer((request, response) => {
    const query = new URL(request.url, "http://localhost").searchParams;
    if (query.get("hub.verify_token") === VERIFY_TOKEN) {
      response.end(query.get("hub.challenge"));
      return;
    }
    response.setHeader("Content-Type", "image/png");
    response.end(PNG);
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

async function app(here) {
  await ask("page", () => client.getPageInfo({ fields: ["name", "instagram_business_account"] }));
  await ask("token", () => client.debugToken());
  await ask("subscribe", () =>
    client.createSubscription({
      object: "instagram",
      callbackUrl: here,
      verifyToken: VERIFY_TOKEN,
      fields: ["messages", "messaging_postbacks"],
      includeValues: true,
    }),
  );
  await ask("subscriptions", () => client.getSubscriptions());
  await ask("person", () => client.getUserProfile(OTHER_IGSID, { fields: ["name", "username", "profile_pic"] }));
  await ask("set ice breakers", () => client.setIceBreakers([{ question: "Where are you?", payload: "WHERE" }]));
  await ask("ice breakers", () => client.getMessengerProfile(["ice_breakers"]));
  await ask("delete ice breakers", () => client.deleteIceBreakers());
  await ask("set menu", () => client.setPersistentMenu(MENU));
  await ask("menu", () => client.getPersistentMenu());
  await ask("delete menu", () => client.deletePersistentMenu());
  await ask("nobody", () => client.sendText("1", "hello"));
}

async function thread(who, to, here) {
  const say = (name, call) => ask(`${who}: ${name}`, call);
  await say("typing on", () => client.typingOn(to));
  await say("typing off", () => client.typingOff(to));
  await say("seen", () => client.markSeen(to));
  await say("text", () => client.sendText(to, "plain words"));
  await say("text by recipient", () => client.sendText({ id: to }, "to a recipient", { messagingType: "RESPONSE" }));
  await say("tagged", () => client.sendText(to, "from a human", { tag: "HUMAN_AGENT" }));
  await say("image by URL", () => client.sendImage(to, `${here}/picture.png`));
  await say("image in the request", () => client.sendImage(to, PNG, { filename: "picture.png" }));
  await say("any attachment", () =>
    client.sendAttachment(to, { type: "image", payload: { url: `${here}/picture.png`, isReusable: true } }),
  );
  for (const [source, image, options] of [
    ["by URL", `${here}/picture.png`, { isReusable: true }],
    ["as a file", PNG, { isReusable: true, filename: "picture.png" }],
  ]) {
    const { attachmentId } = await say(`upload ${source}`, () => client.uploadImage(image, options));
    await say(`uploaded ${source}`, () => client.sendImage(to, { attachmentId }));
  }
  await say("buttons", () => client.sendButtonTemplate(to, "choose", MENU));
  await say("cards", () =>
    client.sendGenericTemplate(to, [
      {
        title: "Flat white",
        subtitle: "3.50",
        imageUrl: `${here}/picture.png`,
        defaultAction: { type: "web_url", url: "https://example.com" },
        buttons: MENU,
      },
    ]),
  );
  await say("quick replies", () =>
    client.sendText(to, "which?", { quickReplies: [{ contentType: "text", title: "Red", payload: "RED" }] }),
  );
  await say("batch", () =>
    client.sendBatch([
      MessengerBatch.sendText(to, "first of a batch & <more>"),
      MessengerBatch.sendSenderAction(to, "typing_on"),
      MessengerBatch.sendButtonTemplate(to, "third of a batch", MENU),
      MessengerBatch.getUserProfile(OTHER_IGSID, { fields: ["username"] }),
    ]),
  );
}

async function main() {
  const server = await serve();
  const here = `http://127.0.0.1:${server.address().port}`;
  await app(here);
  await thread("self", SELF_IGSID, here);
  await thread("other", OTHER_IGSID, here);
  server.close();
  console.log(JSON.stringify(answers));
}

main();
