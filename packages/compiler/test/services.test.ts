import { ENV, type GatewaySpec, PATHS } from '@agentteam/contract';
import { describe, expect, test } from '@jest/globals';
import { type CompileOptions, compileText, formatProblems } from '../src/index.ts';

const team = (environment: string, own = '{}') => `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: auth }
spec:
  repository: { url: "https://github.com/acme/backend.git" }
  auth: { apiKeySecret: key }
  environment: ${environment}
  lead: { prompt: Coordinate. }
  teammates: [{ name: api, prompt: Write it., environment: ${own} }]
  lifecycle: { onComplete: push-branch }
`;
const services = (...list: readonly object[]) => JSON.stringify({ services: list });
const NPM = { name: 'npm', url: 'https://registry.example/', credentialsSecret: 'npm-token' };

function shown(text: string, options?: CompileOptions): string {
  const { problems } = compileText(text, options);
  return formatProblems(problems, { file: 'team.yaml', text });
}

describe('a mistake is explained', () => {
  test.each([
    ['a name twice', services(NPM, NPM), '`npm` is listed twice'],
    ['a reserved name', services({ ...NPM, name: 'agentteam' }), 'the name agentteam is reserved'],
    ['no name of a label', services({ ...NPM, name: 'N_M' }), 'spec.environment.services[0].name'],
    [
      'a password',
      services({ ...NPM, url: 'https://u:p@r.example/' }),
      'put a password into a Secret',
    ],
    ['a query', services({ ...NPM, url: 'https://r.example/?a=b' }), 'a scheme, a host and a path'],
    [
      'dot segments',
      services({ ...NPM, url: 'https://r.example/a/../b' }),
      'a scheme, a host and a path',
    ],
    [
      'an odd address',
      services({ ...NPM, url: 'https://2852039166/' }),
      'a scheme, a host and a path',
    ],
    ['plain http', services({ ...NPM, url: 'http://r.example/' }), 'use https://r.example'],
    ['the metadata service', services({ ...NPM, url: 'http://169.254.169.254/' }), 'link-local'],
    [
      'the Messages API',
      services({ ...NPM, url: 'https://API.anthropic.com./v1' }),
      'serves models',
    ],
    [
      'Bedrock',
      services({ ...NPM, url: 'https://bedrock-runtime.us-east-1.amazonaws.com' }),
      'serves models',
    ],
    [
      'Vertex',
      services({ ...NPM, url: 'https://us-east5-aiplatform.googleapis.com' }),
      'serves models',
    ],
    ['a header of the connection', services({ ...NPM, header: 'Host' }), 'cannot carry a token'],
    [
      'a header without a Secret',
      services({ name: 'a', url: NPM.url, header: 'X-Key' }),
      'needs credentialsSecret',
    ],
    ['a wrong Secret', services({ ...NPM, credentialsSecret: 'No_Name' }), 'bad-object-name'],
    ['a wrong method', services({ ...NPM, methods: ['TRACE'] }), '[not-allowed]'],
  ])('%s', (_, environment, words) => {
    expect(shown(team(environment))).toContain(words);
  });

  test('a variable with an unknown service names the nearest one', () => {
    const env = [{ name: 'A', value: `x-\${services.npn}` }];
    const text = team(JSON.stringify({ services: [NPM], env }));
    expect(shown(text)).toMatch(
      /environment\.env\[0\]\.value: no service is named `npn` \[unknown-service\][\s\S]*did you mean `\$\{services\.npm\}`\?/,
    );
    expect(compileText(text).problems).toHaveLength(1);
    const none = team(JSON.stringify({ env }));
    expect(shown(none)).toContain('declare it in environment.services');
  });

  test('a service of one agent is unknown to the others', () => {
    const own = JSON.stringify({
      services: [NPM],
      env: [{ name: 'A', value: `\${services.npm}` }],
    });
    expect(shown(team('{}', own))).toBe('');
    const common = JSON.stringify({ env: [{ name: 'A', value: `\${services.npm}` }] });
    const { problems } = compileText(team(common, services(NPM)));
    expect(problems).toMatchObject([
      { code: 'unknown-service', path: ['spec', 'environment', 'env', 0, 'value'] },
    ]);
  });

  test('a service on the host of the configured API is refused', () => {
    const at = (apiUrl: string): CompileOptions => ({ api: { apiUrl } });
    const proxy = team(services({ name: 'llm', url: 'https://llm.acme.example/other' }));
    expect(shown(proxy, at('https://llm.acme.example/{agent}'))).toContain('serves models');
    const local = team(services({ name: 'a', url: 'http://127.0.0.1:4873' }));
    expect(shown(local, at('http://127.0.0.1:4873'))).toContain('serves models');
    expect(shown(local, at('http://127.0.0.1:9999'))).toBe('');
  });
});

test.each([
  ['https://registry.example', []],
  ['http://registry.tools.svc:8080', ['plain-http']],
  ['http://10.1.2.3/', ['plain-http']],
  ['http://localhost:4873', ['plain-http']],
])('%s has the warnings %s', (url, codes) => {
  const { problems, warnings } = compileText(team(services({ name: 'a', url })));
  expect(problems).toEqual([]);
  expect(warnings.map(({ code }) => code)).toEqual(codes);
});

test('only the gateway mounts the Secret of a service, for the agents that have it', () => {
  const other = { name: 'api', url: 'https://api.example/v1', methods: ['GET'] };
  const { compiled } = compileText(team(services(NPM), services(other)));
  const templates = compiled?.workflow.spec.templates ?? [];
  const mounts = templates.flatMap(({ name, container, initContainers = [] }) =>
    [...initContainers, ...(container ? [container] : [])].flatMap(
      ({ args = [], volumeMounts = [] }) =>
        volumeMounts
          .filter(({ mountPath }) => mountPath.startsWith(`${PATHS.credentials}/services`))
          .map(({ mountPath, readOnly }) => [name, args[0], mountPath, readOnly]),
    ),
  );
  const path = `${PATHS.credentials}/services/npm`;
  expect(mounts).toEqual([
    ['lead', 'gateway', path, true],
    ['agent-api', 'gateway', path, true],
  ]);
  const gateway = templates.find(({ name }) => name === 'agent-api')?.initContainers?.at(-1);
  const spec = gateway?.env?.find(({ name }) => name === ENV.spec)?.value ?? '';
  expect((JSON.parse(spec) as GatewaySpec).services).toEqual([
    { name: 'npm', url: NPM.url, secret: 'npm-token' },
    other,
  ]);
});
