import type { Container, Template } from '@agentteam/argo';
import { type AgentSpec, ENV, type GatewaySpec, PATHS } from '@agentteam/contract';
import { describe, expect, test } from '@jest/globals';
import { type CompileOptions, type CompileResult, compileText } from '../src/index.ts';

function compiled(auth: string, model = 'opus', options: CompileOptions = {}): CompileResult {
  return compileText(
    `apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: demo }
spec:
  workspace: { output: {} }
  auth: ${auth}
  lead: { prompt: Coordinate., model: "${model}" }
  teammates: [{ name: worker, prompt: Work. }]
  qualityGates: { validationScript: "true" }
  lifecycle: { onComplete: none }
`,
    options,
  );
}

function templatesOf(auth: string, options?: CompileOptions): readonly Template[] {
  const { compiled: result, problems } = compiled(auth, 'opus', options);
  expect(problems).toEqual([]);
  return result?.workflow.spec.templates ?? [];
}

const containersOf = ({ initContainers = [], container }: Template) =>
  [...initContainers, ...(container === undefined ? [] : [container])] as readonly Container[];
const commandOf = ({ args = [] }: Container) => args[0];
const variableOf = ({ env = [] }: Container, name: string) =>
  env.find((variable) => variable.name === name)?.value;
const gatewaysOf = (templates: readonly Template[]) =>
  templates.flatMap(containersOf).filter((one) => commandOf(one) === 'gateway');

const BEDROCK = 'provider: bedrock, region: eu-west-1';
const VERTEX = 'provider: vertex, region: us-east5, project: acme';
const FOUNDRY = 'provider: foundry, resource: acme';
const ID = '11111111-1111-1111-1111-111111111111';
const AUDIENCE =
  '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/teams/providers/cluster';

describe('the address of the provider', () => {
  test.each([
    [`{ ${BEDROCK}, credentialsSecret: s }`, 'https://bedrock-runtime.eu-west-1.amazonaws.com'],
    [
      '{ provider: bedrock, region: cn-north-1, credentialsSecret: s }',
      'https://bedrock-runtime.cn-north-1.amazonaws.com.cn',
    ],
    [`{ ${VERTEX}, credentialsSecret: s }`, 'https://us-east5-aiplatform.googleapis.com'],
    [
      '{ provider: vertex, region: global, project: acme, credentialsSecret: s }',
      'https://aiplatform.googleapis.com',
    ],
    [
      '{ provider: vertex, region: eu, project: acme, credentialsSecret: s }',
      'https://aiplatform.eu.rep.googleapis.com',
    ],
    [`{ ${FOUNDRY}, credentialsSecret: s }`, 'https://acme.services.ai.azure.com/anthropic'],
    ['{ apiKeySecret: s }', 'https://api.anthropic.com'],
  ])('%s', (auth, url) => {
    const all = gatewaysOf(templatesOf(auth)).map((one) => variableOf(one, ENV.upstream));
    expect(new Set(all)).toEqual(new Set([url]));
  });

  test('an installation can replace it, and the service that issues tokens', () => {
    const api = { apiUrl: 'http://rehearsal/{agent}', tokenUrl: 'http://rehearsal/tokens' };
    const gateways = gatewaysOf(templatesOf(`{ ${BEDROCK}, credentialsSecret: s }`, { api }));
    expect(gateways.map((one) => variableOf(one, ENV.upstream))).toContain(
      'http://rehearsal/worker',
    );
    expect(new Set(gateways.map((one) => variableOf(one, ENV.tokenUrl)))).toEqual(
      new Set(['http://rehearsal/tokens']),
    );
  });
});

describe('the models of the aliases', () => {
  test.each([
    ['us-west-2', 'us.anthropic.claude-opus-5-5'],
    ['eu-central-1', 'eu.anthropic.claude-opus-5-5'],
    ['ap-northeast-1', 'jp.anthropic.claude-opus-5-5'],
    ['ap-southeast-2', 'au.anthropic.claude-opus-5-5'],
    ['sa-east-1', 'global.anthropic.claude-opus-5-5'],
    ['us-gov-west-1', 'us-gov.anthropic.claude-opus-5-5'],
  ])('Bedrock in %s', (region, opus) => {
    const auth = `{ provider: bedrock, region: ${region}, credentialsSecret: s }`;
    const agents = templatesOf(auth).filter(({ name }) => name === 'lead');
    const [main] = agents.flatMap(containersOf).filter((one) => commandOf(one) === 'agent');
    const spec = JSON.parse(
      main === undefined ? '' : (variableOf(main, ENV.spec) ?? ''),
    ) as AgentSpec;
    expect(spec.provider).toMatchObject({ name: 'bedrock', region, models: { opus } });
  });

  test('a team can replace them, for the agent and for the gateway', () => {
    const auth = `{ ${FOUNDRY}, credentialsSecret: s, models: { opus: my-opus } }`;
    for (const gateway of gatewaysOf(templatesOf(auth))) {
      const spec = JSON.parse(variableOf(gateway, ENV.spec) ?? '') as GatewaySpec;
      expect(spec.provider?.models).toMatchObject({ opus: 'my-opus', sonnet: 'claude-sonnet-4-5' });
    }
  });
});

describe('the identity of the pods', () => {
  const NAME = 'workloadIdentity: { serviceAccountName: models';
  test.each([
    [
      `{ ${BEDROCK}, ${NAME}, roleArn: "arn:aws:iam::123456789012:role/teams" } }`,
      'sts.amazonaws.com',
    ],
    [`{ ${BEDROCK}, ${NAME} } }`, 'pods.eks.amazonaws.com'],
    [`{ ${VERTEX}, ${NAME}, audience: "${AUDIENCE}" } }`, `https:${AUDIENCE}`],
    [
      `{ ${FOUNDRY}, ${NAME}, clientId: "${ID}", tenantId: "${ID}" } }`,
      'api://AzureADTokenExchange',
    ],
  ])('%s: only gateways mount the token', (auth, audience) => {
    const templates = templatesOf(auth);
    const withGateway = templates.filter((one) => gatewaysOf([one]).length > 0);
    expect(withGateway.map(({ name }) => name)).toEqual(['lead', 'agent-worker', 'checks']);
    for (const template of templates) {
      const hasGateway = withGateway.includes(template);
      expect(template.serviceAccountName).toBe(hasGateway ? 'models' : undefined);
      const volume = template.volumes?.find(({ projected }) => projected !== undefined);
      const sources = volume?.projected?.sources ?? [];
      expect(sources.map(({ serviceAccountToken }) => serviceAccountToken?.audience)).toEqual(
        hasGateway ? [audience] : [],
      );
      const mounting = containersOf(template).filter(({ volumeMounts = [] }) =>
        volumeMounts.some(({ name, mountPath }) =>
          [
            volume?.name === name && volume !== undefined,
            mountPath.startsWith(PATHS.identity),
          ].some(Boolean),
        ),
      );
      expect(mounting.map(commandOf)).toEqual(hasGateway ? ['gateway'] : []);
    }
  });

  test('EKS may not mount a token of its own into any container', () => {
    const templates = templatesOf(`{ ${BEDROCK}, ${NAME} } }`);
    const annotations = templates.flatMap(({ metadata }) => {
      const skipped = metadata?.annotations?.['eks.amazonaws.com/skip-containers'];
      return skipped === undefined ? [] : [skipped.split(',')];
    });
    expect(annotations).toHaveLength(3);
    for (const names of annotations) {
      expect(names).toEqual(expect.arrayContaining(['main', 'setup', 'gateway', 'init', 'wait']));
    }
  });
});

describe('a field of another provider, and a missing one', () => {
  test.each([
    ['{ provider: bedrock, credentialsSecret: s }', 'provider-field auth'],
    ['{ provider: vertex, region: us-east5, credentialsSecret: s }', 'provider-field auth'],
    ['{ provider: foundry, credentialsSecret: s }', 'provider-field auth'],
    ['{ provider: bedrock, region: global, credentialsSecret: s }', 'provider-field auth.region'],
    [`{ ${BEDROCK}, apiKeySecret: s }`, 'provider-field auth.apiKeySecret'],
    [`{ ${BEDROCK}, project: acme, credentialsSecret: s }`, 'provider-field auth.project'],
    ['{ credentialsSecret: s }', 'provider-field auth.credentialsSecret'],
    ['{ apiKeySecret: s, region: us-east-1 }', 'provider-field auth.region'],
    [
      `{ ${BEDROCK}, credentialsSecret: s, workloadIdentity: { serviceAccountName: m } }`,
      'provider-field auth.workloadIdentity',
    ],
    [
      `{ ${VERTEX}, workloadIdentity: { serviceAccountName: m } }`,
      'provider-field auth.workloadIdentity',
    ],
    [
      `{ ${BEDROCK}, workloadIdentity: { serviceAccountName: m, clientId: "${ID}" } }`,
      'provider-field auth.workloadIdentity.clientId',
    ],
    ['{ provider: azure, credentialsSecret: s }', 'not-allowed auth.provider'],
    [
      `{ ${BEDROCK}, workloadIdentity: { serviceAccountName: UPPER } }`,
      'bad-object-name auth.workloadIdentity.serviceAccountName',
    ],
  ])('%s', (auth, expected) => {
    const found = compiled(auth).problems.map(
      ({ code, path }) => `${code} ${path.slice(1).join('.')}`,
    );
    expect(found).toEqual([expected]);
  });

  test.each([
    [BEDROCK, 'us.anthropic.claude-opus-5-5'],
    [BEDROCK, 'claude-sonnet-4-5@20250929'],
    [VERTEX, 'us.anthropic.claude-opus-5-5'],
  ])('with %s, the model %s', (auth, model) => {
    const { problems } = compiled(`{ ${auth}, credentialsSecret: s }`, model);
    expect(problems).toMatchObject([{ code: 'provider-model', path: ['spec', 'lead', 'model'] }]);
    expect(problems[0]?.hint).toMatch(/for example/);
  });

  test.each([
    [BEDROCK, 'eu.anthropic.claude-opus-5-5'],
    [BEDROCK, 'global.anthropic.claude-opus-5-5'],
    [BEDROCK, 'claude-sonnet-4-5-20250929'],
    [VERTEX, 'claude-sonnet-4-5@20250929'],
    [FOUNDRY, 'my-deployment'],
  ])('with %s, the model %s is fine', (auth, model) => {
    expect(compiled(`{ ${auth}, credentialsSecret: s }`, model).problems).toEqual([]);
  });

  test('a team without a credential is warned', () => {
    expect(compiled(`{ ${BEDROCK} }`).warnings).toMatchObject([{ code: 'no-credential' }]);
  });
});
