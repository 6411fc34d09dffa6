// SPDX-License-Identifier: Apache-2.0
//
// An OpenID provider by others, for tests of single sign-on. Reads its port and
// its one client as JSON from standard input, prints a line once it listens, and
// ends with its standard input. Whoever types a name on its page is signed in.
import { createInterface } from "node:readline";
import Provider from "oidc-provider";

const lines = createInterface({ input: process.stdin });
lines.once("line", (line) => {
  const { port, client, secret, back, after, logout } = JSON.parse(line);
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients: [
      {
        client_id: client,
        client_secret: secret,
        redirect_uris: [back],
        post_logout_redirect_uris: [after],
        backchannel_logout_uri: logout,
        backchannel_logout_session_required: true,
        require_auth_time: true,
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "groups"] },
    features: {
      devInteractions: { enabled: true },
      rpInitiatedLogout: { enabled: true },
      backchannelLogout: { enabled: true },
    },
    // The test's office is on this machine, which the provider would not ask.
    fetch: (url, { dispatcher, ...options }) => fetch(url, options),
    pkce: { required: () => true },
    async findAccount(_, id) {
      return {
        accountId: id,
        claims: () => ({ sub: id, email: `${id}@vale.example`, email_verified: true, name: id, groups: ["Elections"] }),
      };
    },
  });
  provider.on("backchannel.error", (_, error) => console.error("back channel:", error.message, error.cause ?? ""));
  provider.listen(port, "127.0.0.1", () => console.log("listening"));
});
lines.once("close", () => process.exit(0));
