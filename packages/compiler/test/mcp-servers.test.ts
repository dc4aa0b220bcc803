import { readFileSync } from 'node:fs';
import type { AgentSpec, GatewaySpec } from '@agentteam/contract';
import { describe, expect, test } from '@jest/globals';
import { compileText, pathText } from '../src/index.ts';

const example = readFileSync(
  new URL('../../../examples/q3-report/team.yaml', import.meta.url),
  'utf8',
);
const SERVER = '- name: "gmail"\n          url: "https://gmail.mcp.example.com/mcp"';

/** Compiles the Cowork example with another MCP server, written as YAML flow mapping. */
function compiled(server: string) {
  if (!example.includes(SERVER)) throw new Error('the example has another server');
  return compileText(example.replace(SERVER, `- ${server}`));
}

function specOf<Spec>(server: string, container: 'main' | 'gateway'): Spec {
  const { templates = [] } = compiled(server).compiled?.workflow.spec ?? {};
  const template = templates.find(({ name }) => name === 'agent-email-drafter');
  const one =
    container === 'main'
      ? template?.container
      : template?.initContainers?.find(({ name }) => name === container);
  const text = one?.env?.find(({ name }) => name === 'AGENTTEAM_SPEC')?.value ?? '';
  return JSON.parse(text) as Spec;
}

describe('an MCP server', () => {
  test('with a command is started in the agent’s container, and unknown to the gateway', () => {
    const server =
      '{ name: files, command: npx, args: [files, /data], env: [{ name: LANG, value: de }] }';
    expect(specOf<AgentSpec>(server, 'main')).toMatchObject({
      mcpServers: [],
      stdioServers: [
        { name: 'files', command: 'npx', args: ['files', '/data'], env: { LANG: 'de' } },
      ],
    });
    expect(specOf<GatewaySpec>(server, 'gateway').mcpServers).toEqual([]);
  });

  test('with headers gets them from the gateway, which alone mounts their Secret', () => {
    const server =
      '{ name: crm, url: "https://crm.test/mcp", headers: [{ name: X-Team, value: q3 }], headersSecret: crm-keys }';
    expect(specOf<GatewaySpec>(server, 'gateway').mcpServers).toEqual([
      {
        name: 'crm',
        url: 'https://crm.test/mcp',
        credential: false,
        headers: { 'X-Team': 'q3' },
        headersSecret: 'crm-keys',
      },
    ]);
    expect(JSON.stringify(specOf<AgentSpec>(server, 'main'))).not.toContain('crm-keys');
    const { templates = [] } = compiled(server).compiled?.workflow.spec ?? {};
    const volume = 'mcp-headers-0';
    const mounting = templates.flatMap(({ name, container, initContainers = [] }) =>
      [{ ...container, name: 'main' }, ...initContainers]
        .filter(({ volumeMounts = [] }) => volumeMounts.some((mount) => mount.name === volume))
        .map((one) => `${name}/${one.name}`),
    );
    expect(mounting).toEqual(['agent-email-drafter/gateway']);
  });

  test.each([
    ['{ name: x }', 'rule', 'needs either url (HTTP) or command'],
    ['{ name: x, url: "https://x.test", command: y }', 'rule', 'and not both'],
    ['{ name: x, command: y, credentialsSecret: s }', 'rule', 'which holds no secret'],
    ['{ name: x, command: y, headersSecret: s }', 'rule', 'which holds no secret'],
    ['{ name: x, url: "https://x.test", args: [a] }', 'rule', 'args and env need a command'],
    [
      '{ name: x, url: "https://x.test", headers: [{ name: Authorization, value: y }] }',
      'bad-header',
      'carries a credential',
    ],
    [
      '{ name: x, url: "https://x.test", headers: [{ name: Mcp-Session-Id, value: y }] }',
      'bad-header',
      'belongs to the connection or to MCP itself',
    ],
    [
      '{ name: x, url: "https://x.test", headers: [{ name: X-A, value: y }, { name: x-a, value: z }] }',
      'repeated-name',
      '`x-a` is listed twice',
    ],
    ['{ name: x, url: "https://x.test", headersSecret: A_B }', 'bad-object-name', 'A_B'],
    [
      '{ name: x, command: y, env: [{ name: TOKEN, valueFrom: { secretKeyRef: { name: s, key: t } } }] }',
      'unknown-field',
      'valueFrom',
    ],
  ])('%s is refused: %s', (server, code, words) => {
    const { problems } = compiled(server);
    const found = problems.find((problem) => problem.code === code);
    expect(found?.message).toContain(words);
    expect(found?.line).toBeGreaterThan(0);
  });
});

test('an MCP server at a model API is refused, because its cost would not be counted', () => {
  const { problems } = compiled(
    '{ name: free, url: "https://API.anthropic.com:443/v1/messages", credentialsSecret: key }',
  );
  expect(problems).toMatchObject([
    { code: 'bad-mcp-url', message: expect.stringContaining('`api.anthropic.com` serves models') },
  ]);
});

test('an MCP server gets no Secret that the team uses for something else', () => {
  const apiKey = /apiKeySecret: "?([a-z-]+)/.exec(example)?.[1];
  const { problems } = compiled(
    `{ name: crm, url: "https://crm.test/mcp", headersSecret: ${apiKey} }`,
  );
  expect(problems.map(({ code, path, message }) => [code, pathText(path), message])).toEqual([
    [
      'shared-secret',
      expect.stringMatching(/^spec\.teammates\[\d\]\.mcpServers\[\d\]\.headersSecret$/),
      `the Secret \`${apiKey}\` also has the credential of \`spec.auth.apiKeySecret\`, and the MCP server would get all of its keys`,
    ],
  ]);
});

test.each([
  'http://169.254.169.254/mcp',
  'http://metadata.google.internal/',
  'http://[fd00:ec2::254]/',
])('an MCP server is not at %s, where clouds serve credentials', (url) => {
  const { problems } = compiled(`{ name: crm, url: "${url}" }`);
  expect(problems.map(({ code }) => code)).toEqual(['bad-mcp-url']);
});
