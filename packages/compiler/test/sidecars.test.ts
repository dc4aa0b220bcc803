import { describe, expect, test } from '@jest/globals';
import { compileText } from '../src/index.ts';

const DB = '{ name: db, image: "postgres:17", ports: [5432] }';

interface Parts {
  readonly team?: string;
  readonly lead?: string;
  readonly mate?: string;
  readonly more?: string;
}

const compiled = ({ team = '', lead = '', mate = '', more = '' }: Parts) =>
  compileText(`apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: demo }
spec:
  repository: { url: "https://git.example.com/acme/app.git" }
  auth: { apiKeySecret: key }
  environment: { sidecars: [${team}] }
  lead: { prompt: Coordinate., environment: { sidecars: [${lead}] } }
  teammates: [{ name: api, prompt: Write., environment: { sidecars: [${mate}] } }, { name: docs, prompt: Write., dependsOn: [api] }]
  qualityGates: { requireTests: true }
${more}`);

/** Codes and paths of the problems. */
const refused = (parts: Parts) =>
  compiled(parts).problems.map(({ code, path }) => `${code} ${path.slice(1).join('.')}`);

function podsOf(parts: Parts) {
  const result = compiled(parts);
  expect(result.problems).toEqual([]);
  const templates = result.compiled?.workflow.spec.templates ?? [];
  return new Map(templates.map((template) => [template.name ?? '', template]));
}

const namesOf = (pods: ReturnType<typeof podsOf>, template: string) =>
  pods.get(template)?.initContainers?.map(({ name }) => name);

test('an agent’s pod and the checks have its sidecars, behind the gateway', () => {
  const pods = podsOf({ team: DB, mate: '{ name: cache, image: "redis:8", ports: [6379] }' });
  expect(namesOf(pods, 'lead')).toEqual(['setup', 'gateway', 'db']);
  expect(namesOf(pods, 'checks')).toEqual(['gateway', 'db']);
  expect(namesOf(pods, 'agent-api')).toEqual(['setup', 'gateway', 'db', 'cache']);
  expect(namesOf(pods, 'agent-docs')).toEqual(['gateway', 'db']);
  expect(namesOf(pods, 'deliver')).toBeUndefined();
});

test('a sidecar is restricted, and has nothing of the team', () => {
  const team =
    '{ name: db, image: "postgres:17", runAsUser: 70, writable: [/data], env: [{ name: PGDATA, value: /data/pg }], resources: { limits: { memory: 1Gi } } }';
  const lead = podsOf({ team }).get('lead');
  const sidecar = lead?.initContainers?.find(({ name }) => name === 'db');
  expect(sidecar).toEqual({
    name: 'db',
    image: 'postgres:17',
    restartPolicy: 'Always',
    env: [{ name: 'PGDATA', value: '/data/pg' }],
    resources: { limits: { memory: '1Gi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: false,
      runAsNonRoot: true,
      runAsUser: 70,
      runAsGroup: 70,
    },
    volumeMounts: [
      { name: 'sidecar-0-0', mountPath: '/data' },
      // What Argo trusts in the directory that it mounts into every container.
      ...['argoexec', 'template', 'progress'].map((file) => ({
        name: 'var-run-argo',
        mountPath: `/var/run/argo/${file}`,
        subPath: file,
        readOnly: true,
      })),
    ],
  });
  expect(lead?.volumes).toContainEqual({ name: 'sidecar-0-0', emptyDir: {} });
});

test('the runner waits for each port, or for what readiness names', () => {
  const sidecarsOf = (team: string) => {
    const container = podsOf({ team }).get('lead')?.container;
    const spec = container?.env?.find(({ name }) => name === 'AGENTTEAM_SPEC')?.value ?? '';
    return JSON.parse(spec).sidecars;
  };
  const base = 'name: db, image: x, ports: [5432, 5433]';
  const [first, second] = [{ port: 5432 }, { port: 5433 }];
  const of = (probes: readonly object[], timeoutSeconds = 120) => [
    { name: 'db', probes, timeoutSeconds },
  ];
  expect(sidecarsOf(`{ ${base} }`)).toEqual(of([first, second]));
  expect(sidecarsOf(`{ ${base}, readiness: { tcp: 5433 } }`)).toEqual(of([second]));
  expect(sidecarsOf(`{ ${base}, readiness: { timeout: 5m } }`)).toEqual(of([first, second], 300));
  expect(sidecarsOf(`{ ${base}, readiness: { http: { port: 5432, path: /up } } }`)).toEqual(
    of([{ port: 5432, path: '/up' }]),
  );
  expect(sidecarsOf('')).toBeUndefined();
});

describe('problems', () => {
  const at = 'environment.sidecars';
  test.each<[string, Parts, readonly string[]]>([
    [
      'a name twice',
      { team: `${DB}, ${DB}` },
      [`repeated-name ${at}.1.name`, `port-in-use ${at}.1.ports.0`],
    ],
    ['our name', { team: '{ name: gateway, image: x }' }, [`reserved-name ${at}.0.name`]],
    [
      'our port',
      { team: '{ name: db, image: x, ports: [8787] }' },
      [`port-in-use ${at}.0.ports.0`],
    ],
    [
      'the metrics’ port',
      {
        mate: '{ name: db, image: x, ports: [9900] }',
        more: '  observability: { metrics: { port: 9900 } }',
      },
      [`port-in-use teammates.0.${at}.0.ports.0`],
    ],
    [
      'a port of another sidecar of the agent',
      { team: DB, lead: '{ name: db2, image: x, ports: [5432] }' },
      [`port-in-use lead.${at}.0.ports.0`],
    ],
    ['an agent’s own sidecar in place of the team’s', { team: DB, lead: DB }, []],
    [
      'no port to probe',
      { team: '{ name: db, image: x, readiness: { tcp: 1 } }' },
      [`unknown-port ${at}.0.readiness.tcp`],
    ],
    [
      'two ways to be ready',
      { team: '{ name: db, image: x, ports: [1], readiness: { tcp: 1, http: { port: 1 } } }' },
      [`rule ${at}.0.readiness`],
    ],
    [
      'no duration',
      { team: '{ name: db, image: x, ports: [1], readiness: { timeout: soon } }' },
      [`bad-duration ${at}.0.readiness.timeout`],
    ],
    ['root', { team: '{ name: db, image: x, runAsUser: 0 }' }, [`out-of-bounds ${at}.0.runAsUser`]],
    [
      'a directory of the system',
      { team: '{ name: db, image: x, writable: [/var/run] }' },
      [`overlapping-mounts ${at}.0.writable.0`],
    ],
    [
      'a path that leads up',
      { team: '{ name: db, image: x, writable: [/a/../b] }' },
      [`bad-mount-path ${at}.0.writable.0`],
    ],
    [
      'one inside another',
      { team: '{ name: db, image: x, writable: [/a, /a/b] }' },
      [`overlapping-mounts ${at}.0.writable.1`],
    ],
    [
      'what Argo would replace',
      {
        team: '{ name: db, image: x, args: ["{{workflow.name}}"], env: [{ name: A, value: "{{=1}}" }] }',
      },
      [`wrong-form ${at}.0.args.0`, `wrong-form ${at}.0.env.0.value`],
    ],
    [
      'a Secret',
      {
        team: '{ name: db, image: x, env: [{ name: A, valueFrom: { secretKeyRef: { name: s, key: k } } }] }',
      },
      [`unknown-field ${at}.0.env.0.valueFrom`, `missing-field ${at}.0.env.0`],
    ],
  ])('%s', (_what, parts, problems) => {
    expect([...refused(parts)].sort()).toEqual([...problems].sort());
  });
});
