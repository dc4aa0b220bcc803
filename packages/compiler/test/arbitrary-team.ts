import { agentTeamSchema } from '@agentteam/api';
import fc from 'fast-check';

/** Hostile text: template tags, expansions, escapes, markup, unpaired surrogates. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '{{',
        '}}',
        '{{workflow.name}}',
        '{{=1+1}}',
        '$(HOME)',
        '$$(X)',
        '$(',
        '\\u007b',
        '\n',
        '"',
        "'",
        '#',
        ': ',
        '- ',
        '|',
        '\u0000',
        '\ud800',
        '\u2028',
        '🙂',
        '<!--',
        '$\u007bx}',
        '`id`',
      ),
      fc.string({ unit: 'binary', maxLength: 20 }),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) => parts.join(''))
  .filter((text) => text.length > 0);

const label = fc
  .stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/)
  .filter((name) => name !== 'team-lead');
const objectName = fc.stringMatching(/^[a-z][a-z0-9-]{0,30}[a-z0-9]$/);
const model = fc.constantFrom('opus', 'sonnet', 'haiku', 'claude-sonnet-4-5-20250929');
const money = fc
  .tuple(fc.integer({ min: 1, max: 99_999 }), fc.integer({ min: 0, max: 99 }))
  .map(([dollars, cents]) => `${dollars}.${String(cents).padStart(2, '0')}`);
const duration = fc.constantFrom('45s', '90m', '1h30m', '4h', '2d');

const skills = fc.uniqueArray(
  fc.record({ name: label, source: fc.record({ configMap: objectName }) }),
  { maxLength: 2, selector: (skill) => skill.name },
);
const mcpServers = fc.uniqueArray(
  fc.record(
    {
      name: label,
      url: fc.constantFrom('https://mcp.example.com/mcp', 'http://x/{{y}}'),
      credentialsSecret: objectName,
    },
    { requiredKeys: ['name', 'url'] },
  ),
  { maxLength: 2, selector: (server) => server.name },
);
const { lead } = agentTeamSchema.properties?.['spec']?.properties ?? {};
/** A prompt must not be blank. */
const PROMPT = new RegExp(lead?.properties?.['prompt']?.pattern ?? '', 'u');
export const hostilePrompt: fc.Arbitrary<string> = hostileText.filter((text) => PROMPT.test(text));

/** @param port of the sidecar: those of an agent must differ. */
function environment(port: number): fc.Arbitrary<Record<string, unknown>> {
  const services = fc.uniqueArray(
    fc.record(
      {
        name: label,
        url: fc.constantFrom('https://npm.example.com/', 'http://sales.tools.svc:8080/api/'),
        credentialsSecret: objectName,
        methods: fc.constant(['GET', 'HEAD']),
      },
      { requiredKeys: ['name', 'url'] },
    ),
    { maxLength: 2, selector: ({ name }) => name },
  );
  const value = hostileText.filter((text) => !text.includes('\u0000'));
  return fc.record(
    {
      image: fc.constantFrom('docker.io/library/golang:1.26', 'localhost/tools:1'),
      env: fc.tuple(fc.record({ name: fc.constantFrom('LOG_LEVEL', 'REGION'), value })),
      services,
      sidecars: fc.tuple(
        fc.record({
          name: fc.constantFrom('db', 'cache'),
          image: fc.constant('docker.io/library/postgres:17'),
          ports: fc.constant([port]),
        }),
      ),
      volumes: fc.constant([{ name: 'fixtures', persistentVolumeClaim: { claimName: 'data' } }]),
      // What is passed on as it is keeps the order of its keys.
      resources: fc.constant({ limits: { memory: '2Gi' } }),
      nodeSelector: fc.constant({ pool: 'agents' }),
      tolerations: fc.constant([{ operator: 'Exists' }]),
    },
    { requiredKeys: [] },
  );
}

const auth = fc.oneof(
  fc.record({ apiKeySecret: objectName }, { requiredKeys: [] }),
  fc.record({
    credentials: fc.uniqueArray(fc.record({ name: label, oauthSecret: objectName }), {
      minLength: 1,
      maxLength: 3,
      selector: ({ name }) => name,
    }),
  }),
  fc.record({
    provider: fc.constant('bedrock'),
    region: fc.constant('eu-central-1'),
    workloadIdentity: fc.record(
      {
        serviceAccountName: objectName,
        roleArn: fc.constant('arn:aws:iam::123456789012:role/models'),
      },
      { requiredKeys: ['serviceAccountName'] },
    ),
  }),
);

const agent = {
  model,
  prompt: hostilePrompt,
  budgetLimit: money,
  skills,
  mcpServers,
  environment: environment(6379),
};

function teammates(): fc.Arbitrary<readonly Record<string, unknown>[]> {
  const one = fc.record(
    {
      name: label,
      ...agent,
      before: fc.array(fc.nat()),
      scope: fc.record({
        includePaths: fc.array(fc.constantFrom('src/', 'docs/a.md'), { maxLength: 2 }),
      }),
    },
    { requiredKeys: ['name', 'prompt', 'before'] },
  );
  return fc
    .uniqueArray(one, { minLength: 1, maxLength: 16, selector: (mate) => mate.name })
    .map((mates) =>
      mates.map(({ before, ...mate }, index) => {
        // Dependencies only on earlier teammates cannot form a cycle.
        const names = index === 0 ? [] : before.slice(0, 3).map((n) => mates[n % index]?.name);
        return { ...mate, ...(names.length > 0 && { dependsOn: [...new Set(names)] }) };
      }),
    );
}

/** A team's name may contain dots, and may be longer than a label or a Workflow's name. */
const teamName = fc.oneof(
  objectName,
  fc.array(label, { minLength: 2, maxLength: 10 }).map((parts) => parts.join('.')),
);

/** A valid team, as a person would write it: without defaults. */
export const validTeam: fc.Arbitrary<Record<string, unknown>> = fc
  .record({
    name: teamName,
    namespace: fc.option(label, { nil: undefined }),
    lead: fc.record(
      {
        ...agent,
        permissionMode: fc.constantFrom('auto-accept', 'plan', 'default'),
        scope: fc.record({ includePaths: fc.constant(['docs/']) }),
      },
      { requiredKeys: ['prompt'] },
    ),
    mates: teammates(),
    coding: fc.boolean(),
    gated: fc.array(fc.nat(), { maxLength: 3 }),
    gatedDelivery: fc.boolean(),
    lifecycle: fc.record(
      {
        timeout: duration,
        budgetLimit: money,
        onLimit: fc.constantFrom('finish', 'cut', 'reserve'),
        approvalTimeout: duration,
        maxRestarts: fc.integer({ min: 0, max: 9 }),
      },
      { requiredKeys: [] },
    ),
    onComplete: fc.constantFrom('create-pr', 'push-branch', 'notify', 'none'),
    qualityGates: fc.option(
      fc.record({ requireTests: fc.boolean(), validationScript: hostileText }),
      { nil: undefined },
    ),
    auth,
    environment: fc.option(environment(5432), { nil: undefined }),
  })
  .map(
    ({
      name,
      namespace,
      lead,
      mates,
      coding,
      gated,
      gatedDelivery,
      lifecycle,
      onComplete,
      qualityGates,
      auth,
      environment,
    }) => {
      const names = [...new Set(gated.map((n) => mates[n % mates.length]?.['name'] as string))];
      const events = [
        ...names.map((mate) => `spawn-${mate}`),
        ...(gatedDelivery ? ['deliver'] : []),
      ];
      const approvalGates = events.map((event) => ({ event }));
      const work = coding
        ? { repository: { url: 'git@example.com:a/b.git', credentialsSecret: 'git' } }
        : {
            workspace: {
              inputs: [{ configMap: 'data', mountPath: '/workspace/data' }],
              output: { size: '1Gi' },
            },
          };
      return {
        apiVersion: 'claude.amcheste.io/v1alpha1',
        kind: 'AgentTeam',
        metadata: { name, ...(namespace !== undefined && { namespace }) },
        spec: {
          ...work,
          auth,
          ...(environment && { environment }),
          lead,
          teammates: mates,
          lifecycle: { ...lifecycle, approvalGates, onComplete: coding ? onComplete : 'notify' },
          ...(qualityGates && {
            qualityGates: { ...qualityGates, requireTests: coding && qualityGates.requireTests },
          }),
        },
      };
    },
  );

/** A team with one value replaced by any other: mostly invalid, sometimes still valid. */
export const brokenTeam: fc.Arbitrary<unknown> = fc
  .tuple(validTeam, fc.array(fc.nat(), { minLength: 1, maxLength: 8 }), fc.anything())
  .map(([team, path, value]) => replaceAt(team, path, value));

function replaceAt(node: unknown, path: readonly number[], value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined || typeof node !== 'object' || node === null) return value;
  const keys = Object.keys(node);
  const key = keys[step % Math.max(keys.length, 1)];
  if (key === undefined) return value;
  const changed = replaceAt((node as Record<string, unknown>)[key], rest, value);
  if (Array.isArray(node))
    return node.map((item, index) => (String(index) === key ? changed : item));
  return { ...node, [key]: changed };
}

/** The same value with the keys of every object in a different order. */
export function shuffled(value: unknown, seed: number): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, seed));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const turned = entries.map((_, index) => entries[(index + seed) % entries.length] ?? entries[0]);
  return Object.fromEntries(
    (turned as [string, unknown][]).reverse().map(([key, item]) => [key, shuffled(item, seed + 1)]),
  );
}
