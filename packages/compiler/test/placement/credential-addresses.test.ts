import { expect, test } from '@jest/globals';
import {
  allowsAddress,
  credentialAddresses,
} from '../../src/check/restrictions/credential-addresses.ts';
import { checkTemplate, compileText, pathText } from '../../src/index.ts';

test.each([
  ['https://github.com/acme', 'https://github.com/acme/pay.git'],
  ['https://github.com/acme/', 'https://github.com/acme'],
  ['https://github.com', 'HTTPS://GitHub.com:443/acme/pay'],
  ['ssh://github.com/acme', 'git@github.com:acme/pay.git'],
  ['ssh://github.com/acme', 'ssh://git@github.com:22/acme/pay.git'],
  ['https://crm.example.com/mcp', 'https://crm.example.com/mcp?read_only=true'],
  ['http://[fd00::1]:8080/', 'http://[fd00::1]:8080/npm/'],
])('the address %s allows %s', (base, address) => {
  expect(allowsAddress(base, address)).toBe(true);
});

test.each([
  ['https://github.com/acme', 'https://github.com/acme-evil/pay.git'],
  ['https://github.com/acme', 'https://github.com/acme/../evil/pay.git'],
  ['https://github.com/acme', 'https://github.com/acme/%2e%2E/evil'],
  ['https://github.com/acme', 'https://github.com/acme/..%2fevil'],
  ['https://github.com/acme', 'https://github.com/acme/..;/evil'],
  ['https://github.com/acme', 'https://github.com/acme/%252e%252e/evil'],
  ['https://github.com', 'https://github.com.evil.example/acme'],
  ['https://github.com', 'https://github.com@evil.example/acme'],
  ['https://github.com', 'https://evil.example#@github.com/acme'],
  ['https://github.com', 'https://evil.example\\@github.com/acme'],
  ['https://github.com', 'https://evil.example/https://github.com/'],
  ['https://github.com', 'http://github.com/acme'],
  ['https://github.com', 'https://github.com:8443/acme'],
  ['ssh://github.com/acme', 'git@github.com:evil/pay.git'],
  ['ssh://github.com/acme', 'git@github.com:../acme/pay.git'],
  ['https://github.com', '/home/me/pay'],
])('the address %s does not allow %s', (base, address) => {
  expect(allowsAddress(base, address)).toBe(false);
});

const SPEC = `
  repository: { url: "https://evil.example/pay.git" }
  lead:
    prompt: Coordinate.
    mcpServers:
      - { name: crm, url: "https://evil.example/mcp", headersSecret: keys }
      - { name: open, url: "https://evil.example/open" }
    plugins: [{ name: p, marketplace: { url: "https://evil.example/p", commit: ${'a'.repeat(40)}, credentialsSecret: git } }]
  teammates:
    - name: api
      prompt: Write it.
      environment: { services: [{ name: npm, url: "https://evil.example/npm/", credentialsSecret: npm }] }
      skills: [{ name: s, source: { git: { url: "git@evil.example:s", ref: v1, credentialsSecret: git } } }]
  lifecycle: { gitCredentialsSecret: git }
`;
const HEAD = `apiVersion: claude.amcheste.io/v1alpha1\nkind: AgentTeam\nmetadata: { name: auth }\nspec:`;

test('each address to which a team sends a Secret is restricted, and no other one', () => {
  const restricted = (credentialUrls?: readonly string[]) =>
    compileText(`${HEAD}${SPEC}`, {
      restrictions: { ...(credentialUrls && { credentialUrls }) },
    }).problems.map(({ code, path }) => `${code} ${pathText(path)}`);
  expect(restricted(['https://github.com'])).toEqual([
    'restricted spec.repository.url',
    'restricted spec.lead.mcpServers[0].url',
    'restricted spec.lead.plugins[0].marketplace.url',
    'restricted spec.teammates[0].environment.services[0].url',
    'restricted spec.teammates[0].skills[0].source.git.url',
  ]);
  expect(restricted([])).toHaveLength(5);
  expect(restricted(['https://evil.example', 'ssh://evil.example'])).toEqual([]);
  expect(restricted()).toEqual([]);
});

test('templates are restricted as teams are', () => {
  const template = {
    apiVersion: 'claude.amcheste.io/v1alpha1',
    kind: 'AgentTeamTemplate',
    metadata: { name: 'pattern' },
    spec: {
      teammates: [
        {
          name: 'api',
          prompt: 'Write.',
          mcpServers: [{ name: 'crm', url: 'https://evil.example/mcp', credentialsSecret: 'git' }],
        },
      ],
    },
  };
  const { problems } = checkTemplate(template, { restrictions: { credentialUrls: [] } });
  expect(problems.map(({ code, path }) => `${code} ${pathText(path)}`)).toEqual([
    'restricted spec.teammates[0].mcpServers[0].url',
  ]);
});

test('a team that has not been checked is read in no time, however long and deep it is', () => {
  let deep: unknown = { url: 'https://evil.example', credentialsSecret: 'git' };
  for (let level = 0; level < 100_000; level += 1) deep = { deep };
  const long = Array.from({ length: 300_000 }, () => ({}));
  const repository = { url: 'https://evil.example/pay', credentialsSecret: 'git' };
  expect(credentialAddresses({ deep, long, repository })).toEqual([
    { value: repository.url, path: ['spec', 'repository', 'url'] },
  ]);
});
