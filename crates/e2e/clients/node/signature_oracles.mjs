// A subscriber that only verifies: with `@octokit/webhooks-methods` and `x-hub-signature`, which nobody here wrote. It answers
// 200 when all of them agree, else 400, and says in the body who found what. Reads APP_SECRET and PORT.

import { createServer } from "node:http";
import { verify } from "@octokit/webhooks-methods";
import XHubSignature from "x-hub-signature";

const { APP_SECRET, PORT } = process.env;
const sha1 = new XHubSignature("sha1", APP_SECRET);
const sha256 = new XHubSignature("sha256", APP_SECRET);

async function verdict(headers, body) {
  const [older, newer] = [headers["x-hub-signature"] ?? "", headers["x-hub-signature-256"] ?? ""];
  return {
    octokit: newer !== "" && (await verify(APP_SECRET, body.toString("utf8"), newer)),
    sha256: sha256.verify(newer, body),
    sha1: sha1.verify(older, body),
  };
}

createServer(async (request, response) => {
  const query = new URL(request.url, "http://localhost").searchParams;
  if (request.method === "GET") {
    response.end(query.get("hub.challenge"));
    return;
  }
  const parts = [];
  for await (const part of request) {
    parts.push(part);
  }
  const found = await verdict(request.headers, Buffer.concat(parts));
  response.statusCode = Object.values(found).every(Boolean) ? 200 : 400;
  response.end(JSON.stringify(found));
}).listen(Number(PORT), "127.0.0.1");
