import type { Container } from '@agentteam/argo';
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

/** What each container is given, by template and command. */
function resources(options: CompileOptions): Readonly<Record<string, Container['resources']>> {
  const entries = (specOf(options).templates ?? []).flatMap((template) => {
    const { name, initContainers = [], container, sidecars = [] } = template;
    return [...initContainers, ...(container ? [container] : []), ...sidecars].map(
      (one) => [`${name}/${one.args?.[0]}`, one.resources] as const,
    );
  });
  return Object.fromEntries(entries);
}

test('agents have what their team says, else what the cluster says, and the checks what the lead has', () => {
  const given = resources({ agentResources: { requests: { memory: '1Gi' } } });
  const own = { limits: { memory: '4Gi' } };
  expect(given).toMatchObject({
    'lead/agent': own,
    'checks/checks': own,
    'agent-api/agent': { requests: { memory: '1Gi' } },
  });
  expect(given['lead/gateway']).toBeUndefined();
});

test('every step with a pod is tried again, for pods get lost', () => {
  const templates = (specOf().templates ?? []).filter(({ container }) => container !== undefined);
  expect(templates.map(({ name }) => name)).toContain('checks');
  expect(templates.filter(({ retryStrategy }) => retryStrategy === undefined)).toEqual([]);
});

test('every container has resources where a quota asks for them', () => {
  const step = { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } };
  const agent = { limits: { memory: '2Gi' } };
  const given = resources({ stepResources: step, agentResources: agent });
  const { 'lead/agent': lead, 'checks/checks': checks, 'agent-api/agent': mate, ...rest } = given;
  expect([lead, checks, mate]).toEqual([{ limits: { memory: '4Gi' } }, lead, agent]);
  expect(Object.keys(rest)).toEqual(
    expect.arrayContaining(['lead/setup', 'lead/gateway', 'deliver/deliver', 'finish/finish']),
  );
  for (const one of Object.values(rest)) expect(one).toEqual(step);
});

test('pods run where the cluster wants them, and their own labels stay theirs', () => {
  const affinity = { nodeAffinity: {} };
  const spec = specOf({
    affinity,
    nodeSelector: { pool: 'agents' },
    tolerations: [{ key: 'agents', operator: 'Exists' }],
    priorityClassName: 'agents',
    runtimeClassName: 'gvisor',
    podLabels: { 'cost-center': '42', 'claude.amcheste.io/team': 'another' },
    podAnnotations: { 'sidecar.istio.io/inject': 'false' },
  });
  expect(spec).toMatchObject({
    affinity,
    nodeSelector: { pool: 'agents' },
    tolerations: [{ key: 'agents', operator: 'Exists' }],
    podPriorityClassName: 'agents',
    podSpecPatch: '{"runtimeClassName":"gvisor"}',
    podMetadata: {
      labels: { 'cost-center': '42', 'claude.amcheste.io/team': 'auth' },
      annotations: { 'sidecar.istio.io/inject': 'false' },
    },
  });
});
