import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import {
  CLOUD_PROVIDERS,
  type CloudProvider,
  ENV,
  EXIT,
  PATHS,
  providerUrl,
  type WorkloadIdentity,
} from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import { unknownHost } from '../../../src/gateway/provider/check-host.ts';
import { makeIdentity } from '../certificate.ts';
import { type GatewayFailed, launch } from '../gateway-process.ts';
import { api, team } from '../setting.ts';
import { atEnd, environment, post, type TestTeam } from '../team.ts';
import { mountSecret, providerOf } from './setting.ts';

const POD_TOKEN = 'the-token-of-the-pod';

/** Mounts the token of the pod's service account, as the gateway's pod has it. */
async function mountToken({ root }: TestTeam): Promise<void> {
  await mkdir(`${root}${PATHS.identity}`, { recursive: true });
  await writeFile(`${root}${PATHS.identity}/token`, POD_TOKEN);
}

interface Issued {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly form: URLSearchParams;
}
type Answer = readonly [status: number, contentType: string, body: string];

/** A service that issues tokens: the answer, and the requests that it got. */
async function issuer(
  answer: (asked: Issued) => Answer,
  secure?: { readonly key: Buffer; readonly cert: Buffer },
): Promise<{ readonly url: string; readonly seen: readonly Issued[] }> {
  const seen: Issued[] = [];
  const handle = async (request: IncomingMessage, response: import('node:http').ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { method = '', url = '', headers } = request;
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const asked = { method, url, authorization: headers.authorization, form };
    seen.push(asked);
    const [status, type, body] = answer(asked);
    response.writeHead(status, { 'content-type': type, connection: 'close' }).end(body);
  };
  const server: Server =
    secure === undefined ? createServer() : (createSecureServer(secure) as never);
  server.on('request', (request, response) => void handle(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(async () => {
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: secure === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`,
    seen,
  };
}

interface Setting {
  readonly provider: CloudProvider;
  readonly tokenUrl: string;
  readonly identity?: WorkloadIdentity;
  readonly more?: NodeJS.ProcessEnv;
}

function gatewayEnvironment({ provider, tokenUrl, identity, more }: Setting): NodeJS.ProcessEnv {
  return {
    ...environment(team, api.url, {
      provider: providerOf(provider),
      ...(identity !== undefined && { workloadIdentity: identity }),
    }),
    [ENV.engine]: '',
    [ENV.tokenUrl]: tokenUrl,
    ...more,
  };
}

const MESSAGE = {
  bedrock: '/model/us.anthropic.claude-opus-5-5/invoke',
  vertex:
    '/v1/projects/acme/locations/us-east5/publishers/anthropic/models/claude-opus-5-5:rawPredict',
  foundry: '/v1/messages',
};

/** Starts a gateway and sends a message. @returns the headers that the provider got with it. */
async function headersOf(setting: Setting): Promise<IncomingMessage['headers']> {
  const gateway = await launch(team, gatewayEnvironment(setting));
  const response = await post(gateway, { model: undefined }, { path: MESSAGE[setting.provider] });
  expect({ status: response.status, log: gateway.output() }).toMatchObject({ status: 200 });
  await gateway.stop();
  return api.seen.at(-1)?.headers ?? {};
}

const ASSUMED = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult><Credentials>
    <AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>
    <SessionToken>the-session</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>
  </Credentials></AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>`;
const ROLE = 'arn:aws:iam::123456789012:role/teams';

test('IRSA: the gateway exchanges its token for a role, once', async () => {
  await mountToken(team);
  const sts = await issuer(() => [200, 'text/xml', ASSUMED]);
  const headers = await headersOf({
    provider: 'bedrock',
    tokenUrl: sts.url,
    identity: { roleArn: ROLE },
  });
  expect(headers.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=ASIAROLE\/\d{8}\/us-east-1\/bedrock\//,
  );
  expect(headers['x-amz-security-token']).toBe('the-session');
  // The question before the start and the message share the keys.
  expect(sts.seen).toHaveLength(1);
  expect(Object.fromEntries(sts.seen[0]?.form ?? [])).toMatchObject({
    Action: 'AssumeRoleWithWebIdentity',
    RoleArn: ROLE,
    WebIdentityToken: POD_TOKEN,
  });
});

test('EKS Pod Identity: the agent of the node supplies keys for the token', async () => {
  await mountToken(team);
  const keys = {
    AccessKeyId: 'ASIAPOD',
    SecretAccessKey: 'secret',
    Token: 'the-session',
    Expiration: '2099-01-01T00:00:00Z',
  };
  const agent = await issuer(() => [200, 'application/json', JSON.stringify(keys)]);
  const tokenUrl = `${agent.url}/v1/credentials`;
  const headers = await headersOf({ provider: 'bedrock', tokenUrl, identity: {} });
  expect(headers.authorization).toContain('Credential=ASIAPOD/');
  expect(agent.seen).toMatchObject([{ url: '/v1/credentials', authorization: POD_TOKEN }]);
});

const AUDIENCE =
  '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/teams/providers/cluster';

test('Google: the gateway exchanges its token at the security token service', async () => {
  await mountToken(team);
  const token = {
    access_token: 'ya29.federated',
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    token_type: 'Bearer',
    expires_in: 3600,
  };
  const sts = await issuer(() => [200, 'application/json', JSON.stringify(token)]);
  const headers = await headersOf({
    provider: 'vertex',
    tokenUrl: sts.url,
    identity: { audience: AUDIENCE },
  });
  expect(headers.authorization).toBe('Bearer ya29.federated');
  expect(sts.seen).toHaveLength(1);
  expect(sts.seen[0]?.url).toBe('/v1/token');
  expect(Object.fromEntries(sts.seen[0]?.form ?? [])).toMatchObject({
    audience: AUDIENCE,
    subject_token: POD_TOKEN,
  });
});

test('Google: the credentials of a user are refreshed', async () => {
  const user = {
    type: 'authorized_user',
    client_id: 'id',
    client_secret: 'secret',
    refresh_token: 'the-refresh-token',
    quota_project_id: 'paid-by',
  };
  await mountSecret(team, { GOOGLE_APPLICATION_CREDENTIALS: JSON.stringify(user) });
  const token = { access_token: 'ya29.user', token_type: 'Bearer', expires_in: 3600 };
  const service = await issuer(() => [200, 'application/json', JSON.stringify(token)]);
  const headers = await headersOf({ provider: 'vertex', tokenUrl: service.url });
  expect(headers.authorization).toBe('Bearer ya29.user');
  expect(headers['x-goog-user-project']).toBe('paid-by');
  expect(service.seen[0]?.form.get('refresh_token')).toBe('the-refresh-token');
});

const TENANT = '11111111-1111-1111-1111-111111111111';
const CLIENT = '22222222-2222-2222-2222-222222222222';

/** Entra's answers to a client, at an authority on loopback. */
function entra(url: () => string): (asked: Issued) => Answer {
  return ({ url: path }) => {
    const document = path.includes('/.well-known/')
      ? {
          token_endpoint: `${url()}/${TENANT}/oauth2/v2.0/token`,
          authorization_endpoint: `${url()}/${TENANT}/oauth2/v2.0/authorize`,
          jwks_uri: `${url()}/${TENANT}/discovery/v2.0/keys`,
          issuer: `${url()}/${TENANT}/v2.0`,
        }
      : { token_type: 'Bearer', expires_in: 3600, access_token: 'the-entra-token' };
    return [200, 'application/json', JSON.stringify(document)];
  };
}

async function startEntra() {
  const identity = await makeIdentity();
  let url = '';
  const service = await issuer(
    entra(() => url),
    identity,
  );
  url = service.url;
  return { ...service, more: { NODE_EXTRA_CA_CERTS: identity.certificate } };
}

test('Entra: the gateway exchanges its token for one of the managed identity', async () => {
  await mountToken(team);
  const { url, seen, more } = await startEntra();
  const identity = { clientId: CLIENT, tenantId: TENANT };
  const headers = await headersOf({ provider: 'foundry', tokenUrl: url, identity, more });
  expect(headers.authorization).toBe('Bearer the-entra-token');
  const asked = seen.find(({ method }) => method === 'POST');
  expect(Object.fromEntries(asked?.form ?? [])).toMatchObject({
    client_id: CLIENT,
    client_assertion: POD_TOKEN,
    scope: expect.stringContaining('https://cognitiveservices.azure.com/.default'),
  });
});

test('Entra: the client of a Secret', async () => {
  await mountSecret(team, {
    AZURE_TENANT_ID: TENANT,
    AZURE_CLIENT_ID: CLIENT,
    AZURE_CLIENT_SECRET: 'the-client-secret',
  });
  const { url, seen, more } = await startEntra();
  const headers = await headersOf({ provider: 'foundry', tokenUrl: url, more });
  expect(headers.authorization).toBe('Bearer the-entra-token');
  const asked = seen.find(({ method }) => method === 'POST');
  expect(asked?.form.get('client_secret')).toBe('the-client-secret');
});

const DENIED = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
<Code>AccessDenied</Code><Message>Not authorized to perform sts:AssumeRoleWithWebIdentity</Message></Error></ErrorResponse>`;

test.each<[string, () => Promise<Setting>, string]>([
  [
    'a role that AWS refuses',
    async () => {
      await mountToken(team);
      const { url } = await issuer(() => [403, 'text/xml', DENIED]);
      return { provider: 'bedrock', tokenUrl: url, identity: { roleArn: ROLE } };
    },
    `AWS refused ${ROLE} (Not authorized to perform sts:AssumeRoleWithWebIdentity): correct auth.workloadIdentity`,
  ],
  [
    'a token that is not mounted',
    async () => ({ provider: 'bedrock', tokenUrl: api.url, identity: { roleArn: ROLE } }),
    'ENOENT',
  ],
  [
    'one of two keys',
    async () => {
      await mountSecret(team, { AWS_ACCESS_KEY_ID: 'AKIA' });
      return { provider: 'bedrock', tokenUrl: api.url };
    },
    'the Secret needs both keys AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  ],
  [
    'a path instead of the content of a file',
    async () => {
      await mountSecret(team, { GOOGLE_APPLICATION_CREDENTIALS: '/home/me/key.json' });
      return { provider: 'vertex', tokenUrl: api.url };
    },
    'must have the content of a credentials file',
  ],
  [
    'a key that Google refuses',
    async () => {
      const user = {
        type: 'authorized_user',
        client_id: 'a',
        client_secret: 'b',
        refresh_token: 'c',
      };
      await mountSecret(team, { GOOGLE_APPLICATION_CREDENTIALS: JSON.stringify(user) });
      const body =
        '{"error":"invalid_grant","error_description":"Token has been expired or revoked."}';
      const { url } = await issuer(() => [400, 'application/json', body]);
      return { provider: 'vertex', tokenUrl: url };
    },
    'Google refused the credential (invalid_grant',
  ],
])('%s ends the gateway before the agent starts', async (_, prepare, words) => {
  const env = gatewayEnvironment(await prepare());
  const { failure } = (await launch(team, env).catch((error: unknown) => error)) as GatewayFailed;
  expect(failure).toMatchObject({ exitCode: EXIT.refused });
  expect(failure.message).toContain(words);
});

test('an address that does not exist ends the gateway before the agent starts', async () => {
  await mountSecret(team, { AWS_BEARER_TOKEN_BEDROCK: 'key' });
  const more = { [ENV.upstream]: 'https://bedrock.invalid' };
  const env = gatewayEnvironment({ provider: 'bedrock', tokenUrl: api.url, more });
  const { failure } = (await launch(team, env).catch((error: unknown) => error)) as GatewayFailed;
  expect(failure).toMatchObject({ exitCode: EXIT.invalid });
  expect(failure.message).toContain(
    "no host is named bedrock.invalid: correct auth.baseUrl or the chart's teams.apiUrl",
  );
});

test.each(CLOUD_PROVIDERS)('the message about such an address names the field of %s', (name) => {
  const provider = providerOf(name);
  const field = { bedrock: 'auth.region', vertex: 'auth.region', foundry: 'auth.resource' }[name];
  const config = { upstream: new URL(providerUrl(provider)), provider, isLocal: false };
  expect(unknownHost(config)).toContain(`: correct ${field}, or`);
});

test('a region that does not list the model ends the gateway before the agent starts', async () => {
  await mountSecret(team, { AWS_BEARER_TOKEN_BEDROCK: 'key' });
  api.answer = (_, response) => {
    const profiles = [{ inferenceProfileId: 'us.anthropic.claude-sonnet-4-6' }];
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ inferenceProfileSummaries: profiles }));
  };
  const env = gatewayEnvironment({ provider: 'bedrock', tokenUrl: api.url });
  const { failure } = (await launch(team, env).catch((error: unknown) => error)) as GatewayFailed;
  expect(failure).toMatchObject({ exitCode: EXIT.invalid });
  expect(failure.message).toContain(
    'Amazon Bedrock does not offer the model "us.anthropic.claude-opus-5-5" in us-east-1',
  );
  expect(api.seen).toMatchObject([
    { method: 'GET', url: '/inference-profiles?maxResults=1000&type=SYSTEM_DEFINED' },
  ]);
});
