import type { CloudProvider } from '@agentteam/contract';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { RunningGateway } from '../../../src/gateway/gateway.ts';
import { api, start, team } from '../setting.ts';
import { mountSecret, providerOf } from './setting.ts';

const BEDROCK = '/model/us.anthropic.claude-opus-5-5/invoke';
const VERTEX =
  '/v1/projects/acme/locations/us-east5/publishers/anthropic/models/claude-opus-5-5:rawPredict';
const PATHS: Readonly<Record<CloudProvider, string>> = {
  bedrock: BEDROCK,
  vertex: VERTEX,
  foundry: '/v1/messages',
};
const BASIC = { max_tokens: 1000, messages: [] };
const BODIES: Readonly<Record<CloudProvider, object>> = {
  bedrock: { ...BASIC, anthropic_version: 'bedrock-2023-05-31' },
  vertex: { ...BASIC, anthropic_version: 'vertex-2023-10-16' },
  foundry: { ...BASIC, model: 'claude-opus-4-6' },
};
const KEYS = {
  AWS_BEARER_TOKEN_BEDROCK: 'the-bedrock-key',
  ANTHROPIC_FOUNDRY_API_KEY: 'the-foundry-key',
};

let gateway: RunningGateway;
/** Starts a gateway, whose question before the start is not counted. */
async function begin(name: CloudProvider): Promise<void> {
  gateway = await start({ provider: providerOf(name) });
  api.seen.length = 0;
}

beforeEach(() => mountSecret(team, KEYS));

function ask(
  path: string,
  body: object,
  { method = 'POST', headers = {} }: { readonly method?: string; readonly headers?: object } = {},
): Promise<Response> {
  const { url, token } = gateway.address;
  return fetch(`${url}${path}`, {
    method,
    ...(method === 'POST' && { body: JSON.stringify(body) }),
    headers: { 'x-api-key': token, 'content-type': 'application/json', ...headers },
  });
}

describe.each<[CloudProvider, readonly (readonly [method: string, path: string])[]]>([
  [
    'bedrock',
    [
      ['POST', '/v1/messages'],
      ['GET', '/v1/models'],
      ['GET', BEDROCK],
      ['POST', '/model/us.anthropic.claude-opus-5-5/converse'],
      ['POST', '/model/us.anthropic.claude-opus-5-5/invoke?x=1'],
      ['POST', '/model/amazon.nova-pro-v1:0/invoke'],
      ['POST', '/model/stability.sd3-large-v1:0/invoke'],
      ['POST', '/model/us.anthropic.claude-opus-5-5%2F..%2F..%2Fguardrail/invoke'],
      ['POST', '/model/arn:aws:bedrock:us-east-1:123456789012:provisioned-model%2Fabc/invoke'],
      ['POST', '/model/%E0%A4%A/invoke'],
      ['POST', '/guardrail/x/version/1/apply'],
    ],
  ],
  [
    'vertex',
    [
      ['POST', '/v1/messages'],
      ['POST', VERTEX.replace('/acme/', '/other/')],
      ['POST', VERTEX.replace('us-east5', 'europe-west1')],
      ['POST', VERTEX.replace('anthropic', 'google')],
      ['POST', VERTEX.replace('claude-opus-5-5', 'gemini-2.5-pro')],
      ['POST', VERTEX.replace('rawPredict', 'predict')],
      ['POST', VERTEX.replace('claude-opus-5-5:rawPredict', 'count-tokens:streamRawPredict')],
      ['POST', `${VERTEX}?alt=sse`],
      ['GET', VERTEX],
    ],
  ],
  [
    'foundry',
    [
      ['POST', '/v1/messages/batches'],
      ['POST', '/openai/v1/responses'],
      ['GET', '/v1/models'],
      ['POST', '/anthropic/v1/messages'],
    ],
  ],
])('%s', (name, refused) => {
  test.each(refused)('refuses %s %s', async (method, path) => {
    await begin(name);
    expect((await ask(path, BODIES[name], { method })).status).toBe(403);
    expect(api.seen).toEqual([]);
  });

  test.each([
    [
      'a tool whose cost is not reported',
      { tools: [{ type: 'code_execution_20250825', name: 'x' }] },
    ],
    ['a field that changes the billing', { fallbacks: [{ model: 'claude-opus-4' }] }],
    ['an output without a limit', { max_tokens: undefined }],
    ['an edit that is not known', { context_management: { edits: [{ type: 'new_20270101' }] } }],
  ])('refuses %s', async (_, more) => {
    await begin(name);
    expect((await ask(PATHS[name], { ...BODIES[name], ...more })).status).toBe(400);
    expect(api.seen).toEqual([]);
  });

  test('sends only allowed betas, fields and headers', async () => {
    await begin(name);
    const body = { ...BODIES[name], unknown_field: 1, service_tier: 'priority', speed: 'fast' };
    const headers = {
      'anthropic-beta': 'effort-2025-11-24,new-2027-01-01',
      'x-amzn-bedrock-service-tier': 'priority',
      'x-amzn-bedrock-performanceconfig-latency': 'optimized',
      'x-vertex-ai-llm-shared-request-type': 'priority',
      'x-goog-user-project': 'other',
      'api-key': 'other',
      authorization: 'Bearer other',
    };
    const response = await ask(PATHS[name], body, { headers });
    expect(response.status).toBe(200);
    const [seen] = api.seen;
    expect(seen?.headers['anthropic-beta']).toBe('effort-2025-11-24');
    const sent = new Set(Object.keys(seen?.headers ?? {}));
    const own = name === 'foundry' ? ['api-key', 'anthropic-version'] : [];
    const credential = name === 'bedrock' ? ['authorization'] : [];
    const plain = ['accept', 'accept-encoding', 'anthropic-beta', 'connection', 'content-length'];
    expect(sent).toEqual(
      new Set([...plain, 'content-type', 'host', 'user-agent', ...own, ...credential]),
    );
    expect(JSON.parse(seen?.body ?? '')).toEqual(BODIES[name]);
  });
});

test('Bedrock: betas of the body are filtered, and the version is fixed', async () => {
  await begin('bedrock');
  const betas = ['interleaved-thinking-2025-05-14', 'new-2027-01-01'];
  await ask(BEDROCK, { ...BASIC, anthropic_version: 'other', anthropic_beta: betas });
  expect(JSON.parse(api.seen[0]?.body ?? '')).toEqual({
    ...BASIC,
    anthropic_version: 'bedrock-2023-05-31',
    anthropic_beta: ['interleaved-thinking-2025-05-14'],
  });
});

test.each([
  ['not a list', 'x'],
  ['a list with another value', [1]],
  ['a list with a line end', ['a\nb']],
])('Bedrock: betas that are %s are refused', async (_, betas) => {
  await begin('bedrock');
  expect((await ask(BEDROCK, { ...BASIC, anthropic_beta: betas })).status).toBe(400);
});

test('Bedrock: the request whose tokens are counted is checked as well', async () => {
  await begin('bedrock');
  const count = (body: object) => {
    const encoded = Buffer.from(JSON.stringify(body)).toString('base64');
    return ask('/model/anthropic.claude-opus-5-5/count-tokens', {
      input: { invokeModel: { body: encoded } },
    });
  };
  expect((await count({ ...BASIC, tools: [{ type: 'mcp_toolset' }] })).status).toBe(400);
  expect(api.seen).toEqual([]);
  expect((await count(BASIC)).status).toBe(200);
  const sent = JSON.parse(api.seen[0]?.body ?? '') as { input: { invokeModel: { body: string } } };
  const inner = Buffer.from(sent.input.invokeModel.body, 'base64').toString();
  expect(JSON.parse(inner)).toEqual({ ...BASIC, anthropic_version: 'bedrock-2023-05-31' });
});

test('Vertex AI: whether a reply streams must be the same in the path and in the body', async () => {
  await begin('vertex');
  expect((await ask(VERTEX, { ...BODIES.vertex, stream: true })).status).toBe(400);
  const streaming = VERTEX.replace('rawPredict', 'streamRawPredict');
  expect((await ask(streaming, BODIES.vertex)).status).toBe(400);
  expect(api.seen).toEqual([]);
});
