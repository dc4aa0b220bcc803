import { ENV } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import { compileText } from '../src/compile.ts';

const TEAM = `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: auth }
spec:
  repository: { url: "https://github.com/acme/backend.git" }
  auth: { apiKeySecret: key }
  lead: { prompt: Coordinate. }
  teammates: [{ name: api, prompt: Write it. }]
  lifecycle: { onComplete: create-pr, githubTokenSecret: github }
`;

test('the commands that connect to the outside use the proxy, and agents do not', () => {
  const proxy = { https: 'http://proxy.test:3128', exceptions: '.svc' };
  const { compiled, problems } = compileText(TEAM, {
    network: { proxy, trustConfigMap: 'company-ca' },
  });
  expect(problems).toEqual([]);
  const { templates = [] } = compiled?.workflow.spec ?? {};
  const told = templates.flatMap(({ initContainers = [], container }) =>
    [...initContainers, container].flatMap((one) => {
      const variables = (one?.env ?? []).filter(({ name }) => name.endsWith('_proxy'));
      return variables.length === 0 ? [] : [[one?.args?.[0], variables]];
    }),
  );
  const variables = [
    { name: 'https_proxy', value: proxy.https },
    { name: 'no_proxy', value: proxy.exceptions },
  ];
  const commands = new Set(told.map(([command]) => command));
  expect(commands).toEqual(new Set(['setup', 'gateway', 'deliver', 'finish']));
  for (const [, given] of told) expect(given).toEqual(variables);
});

test('the same commands trust the given certificate authorities', () => {
  const { compiled, problems } = compileText(TEAM, { network: { trustConfigMap: 'company-ca' } });
  expect(problems).toEqual([]);
  const { templates = [], volumes } = compiled?.workflow.spec ?? {};
  expect(volumes).toContainEqual({ name: 'trust', configMap: { name: 'company-ca' } });
  const containers = templates.flatMap(({ initContainers = [], container }) =>
    [...initContainers, container].flatMap((one) => one ?? []),
  );
  const believes = containers.filter(({ volumeMounts = [] }) =>
    volumeMounts.some(({ name }) => name === 'trust'),
  );
  const commands = believes.map(({ args }) => args?.[0]);
  expect(new Set(commands)).toEqual(new Set(['setup', 'gateway', 'deliver', 'finish']));
  for (const { env = [], volumeMounts = [] } of believes) {
    const file = env.find(({ name }) => name === 'NODE_EXTRA_CA_CERTS')?.value;
    const mount = volumeMounts.find(({ name }) => name === 'trust');
    expect(file).toBe(`${mount?.mountPath}/ca.crt`);
  }
  expect(
    containers.flatMap(({ env = [] }) => env).filter(({ name }) => name === 'NODE_EXTRA_CA_CERTS'),
  ).toHaveLength(believes.length);
});

test('each command knows the services that it calls', () => {
  const { compiled } = compileText(TEAM, {
    api: { apiUrl: 'https://api.test/{agent}' },
    network: { hostingUrl: 'https://git.test/api/v3', allowPrivateWebhooks: 'proxied' },
  });
  const names: readonly string[] = [ENV.upstream, ENV.hostingUrl, ENV.allowPrivateWebhooks];
  const told = (compiled?.workflow.spec.templates ?? []).flatMap(
    ({ initContainers = [], container }) =>
      [...initContainers, container].flatMap((one) =>
        (one?.env ?? []).flatMap(({ name, value }) =>
          names.includes(name) ? [`${one?.args?.[0]} ${value}`] : [],
        ),
      ),
  );
  expect(told).toEqual([
    'setup https://git.test/api/v3',
    'gateway https://api.test/team-lead',
    'setup https://git.test/api/v3',
    'gateway https://api.test/api',
    'deliver https://git.test/api/v3',
    'finish proxied',
  ]);
});
