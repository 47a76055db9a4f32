// Google's own library examines the sandbox: the code flow with PKCE, ID tokens right and wrong, refresh and revocation.
import assert from 'node:assert/strict';
import { CodeChallengeMethod, OAuth2Client } from 'google-auth-library';
import { check, control, keysOf } from './lib/sandbox.mjs';

const { base_url, client_id, client_secret } = await keysOf('google');
const redirectUri = 'http://localhost:8484/callback';
const scope = ['openid', 'email', 'profile'];
const person = { email: 'grace@example.com', name: 'Grace Hopper', sub: '108000000000000000001' };

// A new client has read no certificates yet.
const make = options => new OAuth2Client({
  clientId: client_id,
  clientSecret: client_secret,
  redirectUri,
  endpoints: {
    oauth2AuthBaseUrl: `${base_url}/o/oauth2/v2/auth`,
    oauth2TokenUrl: `${base_url}/token`,
    oauth2RevokeUrl: `${base_url}/revoke`,
    oauth2FederatedSignonPemCertsUrl: `${base_url}/oauth2/v1/certs`,
    oauth2FederatedSignonJwkCertsUrl: `${base_url}/oauth2/v3/certs`,
  },
  ...options,
});

/** As far as the redirect that carries the code. */
async function consent(client, options = {}) {
  const { codeVerifier, codeChallenge } = await client.generateCodeVerifierAsync();
  const auth_url = client.generateAuthUrl({
    scope, state: 'state-1', nonce: 'nonce-1', code_challenge: codeChallenge, code_challenge_method: CodeChallengeMethod.S256, ...options,
  });
  const { code, redirect_url } = await control('/_sandbox/google/sign-in', { ...person, auth_url });
  return { code, codeVerifier, redirect: new URL(redirect_url) };
}

async function tokens(client, options) {
  const { code, codeVerifier } = await consent(client, options);
  return (await client.getToken({ code, codeVerifier })).tokens;
}

const verify = (client, idToken, audience = client_id) => client.verifyIdToken({ idToken, audience });

await check('code flow with PKCE: redirect, tokens, verified ID token', async () => {
  const client = make();
  const { code, codeVerifier, redirect } = await consent(client);
  assert.equal(redirect.origin + redirect.pathname, redirectUri);
  assert.equal(redirect.searchParams.get('code'), code);
  assert.equal(redirect.searchParams.get('state'), 'state-1');
  const { tokens } = await client.getToken({ code, codeVerifier });
  assert.equal(tokens.token_type, 'Bearer');
  assert.deepEqual(tokens.scope.split(' ').sort(), [...scope].sort());
  assert.equal(tokens.refresh_token, undefined);
  assert.ok(tokens.expiry_date > Date.now() + 3_000_000);
  const ticket = await verify(client, tokens.id_token);
  assert.equal(ticket.getUserId(), person.sub);
  const { email, email_verified, name, nonce, iss, azp } = ticket.getPayload();
  assert.deepEqual({ email, email_verified, name, nonce, iss, azp }, {
    email: person.email, email_verified: true, name: person.name, nonce: 'nonce-1', iss: 'https://accounts.google.com', azp: client_id,
  });
});

await check('a code works once, with its own verifier and redirect', async () => {
  const client = make();
  const first = await consent(client);
  const foreign = await client.generateCodeVerifierAsync();
  await assert.rejects(client.getToken({ code: first.code, codeVerifier: foreign.codeVerifier }), oauthError('invalid_grant'));
  await assert.rejects(client.getToken({ code: first.code }), oauthError('invalid_grant'));
  await assert.rejects(client.getToken({ code: first.code, codeVerifier: first.codeVerifier, redirect_uri: `${redirectUri}/` }), oauthError('redirect_uri_mismatch'));
  await client.getToken({ code: first.code, codeVerifier: first.codeVerifier });
  await assert.rejects(client.getToken({ code: first.code, codeVerifier: first.codeVerifier }), oauthError('invalid_grant'));
});

await check('a wrong client secret is refused', async () => {
  const client = make({ clientSecret: 'GOCSPX-wrong' });
  const { code, codeVerifier } = await consent(client);
  await assert.rejects(client.getToken({ code, codeVerifier }), oauthError('invalid_client', 401));
});

await check('ID token for another audience', async () => {
  const client = make();
  const { id_token } = await tokens(client);
  await assert.rejects(verify(client, id_token, 'someone-else.apps.googleusercontent.com'), /Wrong recipient/);
  await control('/_sandbox/google/id-token', { aud: 'someone-else.apps.googleusercontent.com' });
  await assert.rejects(verify(client, (await tokens(client)).id_token), /Wrong recipient/);
});

await check('ID token that has expired, or has another issuer', async () => {
  const client = make();
  await control('/_sandbox/google/id-token', { expired: true });
  await assert.rejects(verify(client, (await tokens(client)).id_token), /Token used too late/);
  await control('/_sandbox/google/id-token', { iss: 'https://accounts.example.com' });
  await assert.rejects(verify(client, (await tokens(client)).id_token), /Invalid issuer/);
});

await check('ID token by a stranger, and by a key nobody published', async () => {
  const client = make();
  await control('/_sandbox/google/id-token', { key: 'wrong' });
  await assert.rejects(verify(client, (await tokens(client)).id_token), /Invalid token signature/);
  await control('/_sandbox/google/id-token', { key: 'unknown' });
  await assert.rejects(verify(client, (await tokens(client)).id_token), /No pem found/);
});

await check('PEM and JWKS publish the same keys, also after a rotation', async () => {
  const published = async () => {
    const answer = await fetch(`${base_url}/oauth2/v3/certs`);
    assert.match(answer.headers.get('cache-control'), /max-age=\d+/);
    return (await answer.json()).keys;
  };
  const before = await published();
  assert.ok(before.every(key => key.kty === 'RSA' && key.alg === 'RS256' && key.use === 'sig' && key.n && key.e));
  assert.deepEqual(Object.keys((await make().getFederatedSignonCertsAsync()).certs).sort(), before.map(key => key.kid).sort());
  await control('/_sandbox/google/keys/rotate', {});
  const after = await published();
  assert.notDeepEqual(after.map(key => key.kid), before.map(key => key.kid));
  assert.deepEqual(Object.keys((await make().getFederatedSignonCertsAsync()).certs).sort(), after.map(key => key.kid).sort());
  const client = make();
  await verify(client, (await tokens(client)).id_token);
});

await check('userinfo answers the holder of an access token, and nobody else', async () => {
  const client = make();
  client.setCredentials(await tokens(client));
  const { data } = await client.request({ url: `${base_url}/oauth2/v2/userinfo` });
  assert.equal(data.id, person.sub);
  assert.equal(data.email, person.email);
  assert.equal(data.verified_email, true);
  assert.equal(data.email_verified, undefined);
  client.setCredentials({ access_token: 'ya29.forged' });
  await assert.rejects(client.request({ url: `${base_url}/oauth2/v2/userinfo` }), error => error.response?.status === 401);
});

await check('offline access: refresh, then revocation ends it', async () => {
  const client = make();
  const first = await tokens(client, { access_type: 'offline', prompt: 'consent' });
  assert.ok(first.refresh_token);
  client.setCredentials({ refresh_token: first.refresh_token });
  const { credentials } = await client.refreshAccessToken();
  assert.notEqual(credentials.access_token, first.access_token);
  assert.equal(credentials.refresh_token, first.refresh_token);
  await client.revokeToken(first.refresh_token);
  client.setCredentials({ refresh_token: first.refresh_token });
  await assert.rejects(client.refreshAccessToken(), oauthError('invalid_grant'));
});

await check('the person may say no', async () => {
  const auth_url = make().generateAuthUrl({ scope, state: 'state-2' });
  const { code, redirect_url } = await control('/_sandbox/google/sign-in', { ...person, auth_url, deny: true });
  assert.equal(code, null);
  assert.equal(new URL(redirect_url).searchParams.get('error'), 'access_denied');
  assert.equal(new URL(redirect_url).searchParams.get('state'), 'state-2');
});

function oauthError(code, status = 400) {
  return error => {
    assert.equal(error.response?.status, status, `${error}`);
    assert.equal(error.response.data.error, code);
    assert.ok(error.response.data.error_description);
    return true;
  };
}
