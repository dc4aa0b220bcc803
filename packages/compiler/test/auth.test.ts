import type { Container } from '@agentteam/argo';
import { ENV, type GatewaySpec, PATHS } from '@agentteam/contract';
import { describe, expect, test } from '@jest/globals';
import { type CompileOptions, compileText } from '../src/index.ts';

const team = (auth: string) => `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: paid }
spec:
  workspace: { output: {} }
  auth: ${auth}
  lead: { prompt: Lead. }
  teammates: [{ name: writer, prompt: Write. }]
`;

function found(auth: string, options?: CompileOptions): readonly string[] {
  const { problems, warnings } = compileText(team(auth), options);
  return [...problems, ...warnings].map(({ code, path }) => `${code} ${path.slice(1).join('.')}`);
}

function gatewayOf(auth: string) {
  const { compiled, problems } = compileText(team(auth));
  if (compiled === undefined) throw new Error(JSON.stringify(problems));
  const template = compiled.workflow.spec.templates?.find(({ name }) => name === 'agent-writer');
  const gateway = template?.initContainers?.find(({ name }) => name === 'gateway') as Container;
  const env = new Map(gateway.env?.map(({ name, value }) => [name, value]));
  const spec = JSON.parse(env.get(ENV.spec) ?? '') as GatewaySpec;
  const secrets = (template?.volumes ?? []).flatMap(({ name, secret }) => {
    const mount = gateway.volumeMounts?.find((one) => one.name === name);
    return secret && mount ? [`${secret.secretName} at ${mount.mountPath}`] : [];
  });
  const main = JSON.stringify(template?.container);
  return { spec, secrets, upstream: env.get(ENV.upstream), main };
}

const MAX = '{ name: max, oauthSecret: subscription }';
const COMPANY = '{ name: company, apiKeySecret: company-key }';

describe('auth.credentials', () => {
  test('mounts each Secret in the gateways alone, in the order of the list', () => {
    const { spec, secrets, main } = gatewayOf(`{ credentials: [${MAX}, ${COMPANY}] }`);
    expect(spec.credentials).toEqual([
      { name: 'max', secret: 'subscription', kind: 'oauth' },
      { name: 'company', secret: 'company-key', kind: 'api-key' },
    ]);
    expect(spec).not.toHaveProperty('secret');
    expect(secrets).toEqual([
      `subscription at ${PATHS.credentials}/api/max`,
      `company-key at ${PATHS.credentials}/api/company`,
    ]);
    expect(main).not.toContain(PATHS.credentials);
  });

  test.each([
    [`{ credentials: [${MAX}, ${COMPANY}] }`, []],
    [`{ credentials: [${MAX}], apiKeySecret: key }`, ['rule auth']],
    ['{ credentials: [{ name: max }] }', ['rule auth.credentials.0']],
    [
      '{ credentials: [{ name: a, apiKeySecret: k, oauthSecret: o }] }',
      ['rule auth.credentials.0'],
    ],
    [`{ credentials: [${MAX}, ${MAX}] }`, ['repeated-name auth.credentials.1.name']],
    [
      `{ credentials: [${MAX}, { name: again, oauthSecret: subscription }] }`,
      ['repeated-credential auth.credentials.1.oauthSecret'],
    ],
    [
      '{ credentials: [{ name: max, apiKeySecret: "No Name" }] }',
      ['bad-object-name auth.credentials.0.apiKeySecret'],
    ],
    ['{ credentials: [] }', ['out-of-bounds auth.credentials']],
  ])('%s', (auth, problems) => expect(found(auth)).toEqual(problems));
});

describe('auth.baseUrl', () => {
  const at = (url: string) => `{ apiKeySecret: key, baseUrl: "${url}" }`;

  test("is where the team's gateways send requests", () => {
    expect(gatewayOf(at('https://llm.example.com/anthropic')).upstream).toBe(
      'https://llm.example.com/anthropic',
    );
    expect(gatewayOf('{ apiKeySecret: key }').upstream).toBe('https://api.anthropic.com');
  });

  test.each([
    ['https://llm.example.com', []],
    ['http://litellm.models.svc:4000', ['unencrypted-near-api auth.baseUrl']],
    ['http://litellm:4000', ['unencrypted-near-api auth.baseUrl']],
    ['http://127.0.0.1:4000', ['unencrypted-near-api auth.baseUrl']],
    ['http://llm.example.com', ['unencrypted-api auth.baseUrl']],
    ['http://10.0.0.7', ['unencrypted-api auth.baseUrl']],
    ['http://localhost.example.com', ['unencrypted-api auth.baseUrl']],
    ['https://user:secret@llm.example.com', ['wrong-form auth.baseUrl']],
    ['https://llm.example.com?x=1', ['wrong-form auth.baseUrl']],
    ['ftp://llm.example.com', ['wrong-form auth.baseUrl']],
    ['https://llm.example.com/a/../b', ['bad-api-url auth.baseUrl']],
    ['https://llm.example.com/%2e%2e/b', ['bad-api-url auth.baseUrl']],
    ['https://llm.example.com:99999', ['bad-api-url auth.baseUrl']],
  ])('%s', (url, problems) => {
    const { problems: all, warnings } = compileText(team(at(url)));
    const codes = [...all, ...warnings].map(
      ({ code, path }) => `${code} ${path.slice(1).join('.')}`,
    );
    expect(codes).toEqual(problems);
  });

  test.each([
    ['https://llm.example.com', true],
    ['https://LLM.example.com:443/', true],
    ['https://llm.example.com/team-a', true],
    ['https://other.example.com/claude', true],
    ['https://other.example.com/claude/v2', true],
    ['https://other.example.com/claude-evil', false],
    ['https://other.example.com', false],
    ['https://llm.example.com.evil.example', false],
    ['https://llm.example.com:8443', false],
  ])('%s is allowed: %s', (url, isAllowed) => {
    const api = {
      allowedApiUrls: ['https://llm.example.com', 'https://other.example.com/claude/'],
    };
    expect(found(at(url), { api })).toEqual(isAllowed ? [] : ['api-not-allowed auth.baseUrl']);
  });

  test('names the setting that forbids it', () => {
    const { problems } = compileText(team(at('https://llm.example.com')), {
      api: { allowedApiUrls: [] },
    });
    expect(problems[0]?.message).toContain('AGENTTEAM_ALLOWED_API_URLS) forbids every address');
    expect(found('{ apiKeySecret: key }', { api: { allowedApiUrls: [] } })).toEqual([]);
  });
});
