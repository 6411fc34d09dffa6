// SPDX-License-Identifier: Apache-2.0
//
// A satellite built on openid-client. It listens on this machine, prints its
// port, reads who it is as one line of JSON from standard input, and then:
//
//	/login      sends the browser to sign in; its query is added to the request
//	/back       takes the code and tells what it was given
//	/again      brings the last code once more
//	/end        gives the last access token back, and tells whether it still opens anything
//	/logout     sends the browser to sign out
//	/bye        is where the browser comes after that
//	/notices    takes sign-out notices and checks them
//	/told       tells which came
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { createRemoteJWKSet, jwtVerify } from "jose";
import * as client from "openid-client";

let config, keys, self, last, pending;
const notices = [];

const server = createServer((request, response) => {
  answer(new URL(request.url, self), request, response).catch((problem) => {
    const cause = problem.cause?.error ?? problem.cause?.code;
    say(response, { error: problem.error ?? cause ?? problem.code ?? String(problem), stack: problem.stack });
  });
});

function say(response, value, status = 200) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

function send(response, to) {
  response.writeHead(302, { location: to });
  response.end();
}

async function body(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

async function answer(at, request, response) {
  switch (at.pathname) {
    case "/login": {
      pending = { pkceCodeVerifier: client.randomPKCECodeVerifier(), expectedState: client.randomState(), expectedNonce: client.randomNonce() };
      const to = client.buildAuthorizationUrl(config, {
        redirect_uri: new URL("/back", self).href,
        scope: "openid profile email roles",
        code_challenge: await client.calculatePKCECodeChallenge(pending.pkceCodeVerifier),
        code_challenge_method: "S256",
        state: pending.expectedState,
        nonce: pending.expectedNonce,
        ...Object.fromEntries(at.searchParams),
      });
      if (at.searchParams.has("max_age")) pending.maxAge = Number(at.searchParams.get("max_age"));
      return send(response, to.href);
    }
    case "/back": {
      last = { at, pending };
      const given = await client.authorizationCodeGrant(config, at, pending);
      last.given = given;
      const info = await client.fetchUserInfo(config, given.access_token, given.claims().sub);
      return say(response, { claims: given.claims(), info, scope: given.scope, expires: given.expiresIn(), refresh: given.refresh_token ?? "" });
    }
    case "/again":
      await client.authorizationCodeGrant(config, last.at, last.pending);
      return say(response, { again: true });
    case "/end":
      if (at.searchParams.has("now")) await client.tokenRevocation(config, last.given.access_token);
      return say(response, { info: await client.fetchUserInfo(config, last.given.access_token, last.given.claims().sub) });
    case "/logout":
      return send(response, client.buildEndSessionUrl(config, {
        id_token_hint: last.given.id_token, post_logout_redirect_uri: new URL("/bye", self).href, state: "the state" }).href);
    case "/bye":
      return say(response, { bye: at.searchParams.get("state") });
    case "/notices": {
      const form = await body(request);
      const { payload } = await jwtVerify(form.get("logout_token"), keys, {
        issuer: config.serverMetadata().issuer, audience: config.clientMetadata().client_id, typ: "logout+jwt", algorithms: ["ES256"], maxTokenAge: "2m" });
      notices.push(payload);
      return say(response, {});
    }
    case "/told":
      return say(response, notices);
  }
  return say(response, {}, 404);
}

server.listen(0, "127.0.0.1", () => {
  self = `http://127.0.0.1:${server.address().port}`;
  console.log(self);
});

for await (const line of createInterface({ input: process.stdin })) {
  const me = JSON.parse(line);
  const proof = { basic: client.ClientSecretBasic, post: client.ClientSecretPost, none: client.None }[me.proof](me.secret);
  config = await client.discovery(new URL(me.issuer), me.id, undefined, proof, { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] });
  keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri), { cooldownDuration: 0 });
  console.log("ready");
}
process.exit(0);
