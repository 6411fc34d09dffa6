// SPDX-License-Identifier: Apache-2.0
//
// SAML by others. Reads JSON from standard input. With "request", samlify is an
// identity provider: it reads a request by the redirect binding, as our
// metadata says, and prints an answer. With "answers", node-saml is a service
// provider in our place and says whom it takes each answer for.
import { SAML, ValidateInResponseTo } from "@node-saml/node-saml";
import samlify from "samlify";

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const asked = JSON.parse(Buffer.concat(chunks));

samlify.setSchemaValidator({ validate: async () => "no schemas here" });

async function provide() {
  const sp = samlify.ServiceProvider({ metadata: asked.metadata });
  const idp = samlify.IdentityProvider({
    entityID: asked.entity,
    privateKey: asked.key,
    signingCert: asked.cert,
    wantAuthnRequestsSigned: asked.signed,
    nameIDFormat: ["urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"],
    singleSignOnService: [{ Binding: samlify.Constants.namespace.binding.redirect, Location: asked.location }],
    loginResponseTemplate: { context: asked.template, attributes: [] },
  });
  if (!asked.request) return { metadata: idp.getMetadata() };
  const url = new URL(asked.request);
  const query = Object.fromEntries(url.searchParams);
  const octetString = url.search.slice(1).split("&").filter((p) => /^(SAMLRequest|RelayState|SigAlg)=/.test(p)).join("&");
  let read;
  try {
    read = await idp.parseLoginRequest(sp, "redirect", { query, octetString });
  } catch (wrong) {
    return { refused: String(wrong.message ?? wrong) };
  }
  const id = read.extract.request.id;
  const answer = await idp.createLoginResponse(sp, read, "post", {}, {
    customTagReplacement: (template) => {
      const now = new Date();
      const values = {
        ID: "_" + crypto.randomUUID(), AssertionID: "_" + crypto.randomUUID(), Destination: asked.acs, Audience: asked.us,
        Issuer: asked.entity, Now: now.toISOString(), Later: new Date(+now + 300000).toISOString(), InResponseTo: id, NameID: asked.subject,
      };
      return { id: values.ID, context: samlify.SamlLib.replaceTagsByValue(template, values) };
    },
  });
  return { metadata: idp.getMetadata(), answer: answer.context, relay: query.RelayState, id, issuer: read.extract.issuer };
}

async function judge() {
  const saml = new SAML({
    callbackUrl: asked.acs, entryPoint: asked.location, issuer: asked.us, idpCert: asked.cert, audience: asked.us, idpIssuer: asked.entity,
    wantAssertionsSigned: false, wantAuthnResponseSigned: false, validateInResponseTo: ValidateInResponseTo.never,
    acceptedClockSkewMs: -1,
  });
  const takenFor = [];
  for (const SAMLResponse of asked.answers) {
    try {
      takenFor.push((await saml.validatePostResponseAsync({ SAMLResponse })).profile.nameID);
    } catch (wrong) {
      takenFor.push("refused: " + wrong.message);
    }
  }
  return { takenFor };
}

console.log(JSON.stringify(await (asked.answers ? judge() : provide())));
