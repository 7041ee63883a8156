// The authorizer in Node with the AWS SDK v3: reads the same item, gives the same answer. The client is made once, as AWS advises.
//
// The loop below stands for AWS's own runtime client, which does more; so it flatters this peer.

import { createHash } from "node:crypto";
import http from "node:http";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";

const table = process.env.USERS_TABLE;
const dynamodb = new DynamoDBClient({});

async function handler(event) {
  const refused = { isAuthorized: false, context: {} };
  const [scheme, token] = (event.headers?.authorization ?? "").split(" ");
  if (scheme.toLowerCase() !== "bearer" || !token) return refused;
  const Key = { pk: { S: `CREDENTIAL#${createHash("sha256").update(token).digest("hex")}` }, sk: { S: "CREDENTIAL" } };
  const { Item: item } = await dynamodb.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
  if (!item || new Date(item.expires_at.S) <= new Date()) return refused;
  const context = { user: item.user.S, credential: item.id.S, platform_owner: String(item.platform_owner.BOOL) };
  return { isAuthorized: true, context };
}

const agent = new http.Agent({ keepAlive: true });

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(`http://${process.env.AWS_LAMBDA_RUNTIME_API}${path}`, { method, agent }, (answer) => {
      let text = "";
      answer.on("data", (chunk) => (text += chunk));
      answer.on("end", () => resolve({ headers: answer.headers, text }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

const invocation = "/2018-06-01/runtime/invocation";
for (;;) {
  const { headers, text } = await call("GET", `${invocation}/next`);
  const answer = await handler(JSON.parse(text));
  await call("POST", `${invocation}/${headers["lambda-runtime-aws-request-id"]}/response`, JSON.stringify(answer));
}
