// SPDX-License-Identifier: Apache-2.0
//
// Verifies the answers of two passkey ceremonies, read as JSON from standard
// input, and prints what it found.
import { verifyAuthenticationResponse, verifyRegistrationResponse } from "@simplewebauthn/server";

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const asked = JSON.parse(Buffer.concat(chunks));

const made = await verifyRegistrationResponse({
  response: asked.made,
  expectedChallenge: asked.makeChallenge,
  expectedOrigin: asked.origin,
  expectedRPID: asked.host,
  requireUserVerification: true,
});
const { credential } = made.registrationInfo;
const signed = await verifyAuthenticationResponse({
  response: asked.signed,
  expectedChallenge: asked.signChallenge,
  expectedOrigin: asked.origin,
  expectedRPID: asked.host,
  requireUserVerification: true,
  credential,
});
console.log(
  JSON.stringify({
    made: made.verified,
    signed: signed.verified,
    id: credential.id,
    counter: signed.authenticationInfo.newCounter,
    device: made.registrationInfo.credentialDeviceType,
  }),
);
