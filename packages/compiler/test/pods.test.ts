import type { Container } from '@agentteam/argo';
import { ENV, type GatewaySpec, PATHS } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import { compileText } from '../src/compile.ts';
import type { CompileOptions } from '../src/resolve/options.ts';

const TEAM = `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: auth }
spec:
  repository: { url: "https://github.com/acme/backend.git" }
  lead: { prompt: Coordinate., resources: { limits: { memory: 4Gi } } }
  teammates: [{ name: api, prompt: Write it. }]
  qualityGates: { requireTests: true }
  lifecycle: { onComplete: push-branch }
`;

function specOf(options: CompileOptions = {}) {
  const { compiled, problems } = compileText(TEAM, options);
  expect(problems).toEqual([]);
  if (compiled === undefined) throw new Error('it does not compile');
  return compiled.workflow.spec;
}

/** The resources of each container, by template and command. */
function resources(options: CompileOptions): Readonly<Record<string, Container['resources']>> {
  const entries = (specOf(options).templates ?? []).flatMap((template) => {
    const { name, initContainers = [], container } = template;
    return [...initContainers, ...(container ? [container] : [])].map(
      (one) => [`${name}/${one.args?.[0]}`, one.resources] as const,
    );
  });
  return Object.fromEntries(entries);
}

test('agents have their own resources or else the cluster’s, and the checks have the lead’s', () => {
  const given = resources({ containers: { agentResources: { requests: { memory: '1Gi' } } } });
  const own = { limits: { memory: '4Gi' } };
  expect(given).toMatchObject({
    'lead/agent': own,
    'checks/checks': own,
    'agent-api/agent': { requests: { memory: '1Gi' } },
  });
  expect(given['lead/gateway']).toBeUndefined();
});

test('agents’ pods are annotated for scraping unless metrics are turned off', () => {
  const annotated = (metrics: string) => {
    const text = TEAM.replace('spec:', `spec:\n  observability: { metrics: ${metrics} }`);
    const { templates = [] } = compileText(text).compiled?.workflow.spec ?? {};
    return templates.flatMap(({ metadata }) =>
      metadata?.annotations ? [metadata.annotations] : [],
    );
  };
  const scraped = {
    'prometheus.io/scrape': 'true',
    'prometheus.io/path': '/metrics',
    'prometheus.io/port': '9900',
  };
  // The lead, the teammate, and the checks in a second pod like the lead's.
  expect(annotated('{ port: 9900 }')).toEqual([scraped, scraped, scraped]);
  expect(annotated('{ enabled: false }')).toEqual([]);
});

test('a claim for the results is created where the team names none', () => {
  const claimOf = (output: string, options: CompileOptions = {}) => {
    const text = TEAM.replace('repository:', `workspace: { output: ${output} }\n  repository:`);
    const { compiled, problems } = compileText(text, options);
    expect(problems).toEqual([]);
    return compiled?.claims.output;
  };
  expect(claimOf('{ pvc: mine }')).toBeUndefined();
  expect(compileText(TEAM).compiled?.claims.output).toBeUndefined();
  const cluster = { storage: { storageClass: 'shared' } };
  expect(claimOf('{ size: 7Gi }', cluster)).toMatchObject({
    metadata: { name: 'auth-output' },
    spec: { storageClassName: 'shared', resources: { requests: { storage: '7Gi' } } },
  });
  const own = claimOf('{ storageClass: fast }', cluster);
  expect(own?.spec?.storageClassName).toBe('fast');
});

test('the shared claim is not part of the Workflow, with which Argo would delete it', () => {
  const { compiled } = compileText(TEAM, {
    storage: { storageClass: 'shared', volumeSize: '2Gi' },
  });
  expect(compiled?.claims.team).toMatchObject({
    metadata: { name: 'auth-team' },
    spec: { storageClassName: 'shared', resources: { requests: { storage: '2Gi' } } },
  });
  const { volumes, volumeClaimTemplates } = compiled?.workflow.spec ?? {};
  expect(volumeClaimTemplates).toBeUndefined();
  expect(volumes).toContainEqual({
    name: 'team',
    persistentVolumeClaim: { claimName: 'auth-team' },
  });
});

test('each credential is mounted only where it is used', () => {
  const text = TEAM.replace('git" }', 'git", credentialsSecret: clone }').replace(
    'push-branch }',
    'create-pr, gitCredentialsSecret: push, githubTokenSecret: hosting }',
  );
  const { templates = [] } = compileText(text).compiled?.workflow.spec ?? {};
  const held = templates.flatMap(({ initContainers = [], container, volumes = [] }) =>
    [...initContainers, container].flatMap((one) =>
      (one?.volumeMounts ?? []).flatMap(({ name, mountPath }) => {
        const secret = volumes.find((volume) => volume.name === name)?.secret?.secretName;
        return secret === undefined ? [] : [`${one?.args?.[0]}: ${secret} at ${mountPath}`];
      }),
    ),
  );
  expect(new Set(held)).toEqual(
    new Set([
      `setup: clone at ${PATHS.credentials}/git`,
      // Setup checks that the result can be delivered, and has ended when the agent starts.
      `setup: push at ${PATHS.credentials}/push`,
      `setup: hosting at ${PATHS.credentials}/hosting`,
      `deliver: push at ${PATHS.credentials}/git`,
      `deliver: hosting at ${PATHS.credentials}/hosting`,
    ]),
  );
});

test('an input claim is mounted read-only', () => {
  const text = TEAM.replace(
    'repository:',
    'workspace: { inputs: [{ pvc: archive, mountPath: /workspace/archive }] }\n  repository:',
  );
  const { templates = [] } = compileText(text).compiled?.workflow.spec ?? {};
  const lead = templates.find(({ name }) => name === 'lead');
  expect(lead?.volumes).toContainEqual({
    name: 'input-0',
    persistentVolumeClaim: { claimName: 'archive', readOnly: true },
  });
});

test('every step with a pod is retried', () => {
  const templates = (specOf().templates ?? []).filter(({ container }) => container !== undefined);
  expect(templates.map(({ name }) => name)).toContain('checks');
  for (const { retryStrategy } of templates) {
    expect(retryStrategy?.backoff).toEqual({ duration: '2s', factor: '5', cap: '5m' });
  }
});

test('a gateway knows its agent’s model and what to do at the provider’s limit', () => {
  const text = TEAM.replace('spec:', 'spec:\n  auth: { oauthSecret: plan }').replace(
    'push-branch',
    'push-branch, onProviderLimit: fail',
  );
  const { templates = [] } = compileText(text).compiled?.workflow.spec ?? {};
  const gateways = templates.flatMap(({ initContainers = [] }) =>
    initContainers.filter(({ name }) => name === 'gateway'),
  );
  const specs = gateways.map(({ env = [] }) => {
    const spec = env.find(({ name }) => name === ENV.spec)?.value ?? '{}';
    const { agent, model, secret, onProviderLimit } = JSON.parse(spec) as GatewaySpec;
    return { agent, model, secret, onProviderLimit };
  });
  const rest = { secret: 'plan', onProviderLimit: 'fail' };
  expect(specs).toEqual([
    { agent: 'team-lead', model: 'opus', ...rest },
    { agent: 'api', model: 'sonnet', ...rest },
    { agent: 'team-lead', model: 'opus', ...rest },
  ]);
});

test('every container can have resources, as a quota may require', () => {
  const step = { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } };
  const agent = { limits: { memory: '2Gi' } };
  const given = resources({ containers: { stepResources: step, agentResources: agent } });
  const { 'lead/agent': lead, 'checks/checks': checks, 'agent-api/agent': mate, ...rest } = given;
  expect([lead, checks, mate]).toEqual([{ limits: { memory: '4Gi' } }, lead, agent]);
  expect(Object.keys(rest)).toEqual(
    expect.arrayContaining(['lead/setup', 'lead/gateway', 'deliver/deliver', 'finish/finish']),
  );
  for (const one of Object.values(rest)) expect(one).toEqual(step);
});

test('pods have the cluster’s placement settings, which do not replace their own labels', () => {
  const affinity = { nodeAffinity: {} };
  const spec = specOf({
    pods: {
      affinity,
      nodeSelector: { pool: 'agents' },
      tolerations: [{ key: 'agents', operator: 'Exists' }],
      priorityClassName: 'agents',
      imagePullSecrets: ['registry'],
      runtimeClassName: 'gvisor',
      podLabels: { 'cost-center': '42', 'claude.amcheste.io/team': 'another' },
      podAnnotations: { 'sidecar.istio.io/inject': 'false' },
    },
  });
  expect(spec).toMatchObject({
    affinity,
    nodeSelector: { pool: 'agents' },
    tolerations: [{ key: 'agents', operator: 'Exists' }],
    podPriorityClassName: 'agents',
    imagePullSecrets: [{ name: 'registry' }],
    podSpecPatch: '{"runtimeClassName":"gvisor"}',
    podMetadata: {
      labels: { 'cost-center': '42', 'claude.amcheste.io/team': 'auth' },
      annotations: { 'sidecar.istio.io/inject': 'false' },
    },
  });
});
