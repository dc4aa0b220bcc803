import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type Admission,
  refusal as failure,
  letPeopleHaveTeams,
  startAdmission,
} from './admission.ts';
import { Cluster, type Stored } from './cluster.ts';
import { team, teamRef, workflowRef } from './teams.ts';

const NAMESPACE = 'admission';
const EVENT = 'spawn-editor';
const PEOPLE = [
  { name: 'alice', groups: ['people', 'editors'] },
  { name: 'bob', groups: ['people', 'editors'] },
  { name: 'carol', groups: ['people'] },
];
let cluster: Cluster;
let admission: Admission;

beforeAll(async () => {
  cluster = await Cluster.start(PEOPLE);
  await cluster.namespace(NAMESPACE);
  await letPeopleHaveTeams(cluster);
  admission = await startAdmission(cluster, NAMESPACE);
});
afterAll(async () => {
  await admission?.stop();
  await cluster?.stop();
});

const file = (object: Stored): string => cluster.file(object);

const gated = (name: string, gate: object) =>
  team(name, { lifecycle: { approvalGates: [{ event: EVENT, ...gate }] } }, NAMESPACE);

/** Creates a team as a user, and waits for its gate to open. */
async function waiting(name: string, gate: object, author = 'carol'): Promise<void> {
  await cluster.kubectlAs(author, 'apply', `-f=${file(gated(name, gate))}`);
  await cluster.until(workflowRef(name, NAMESPACE), (now) => now);
  await cluster.patch(workflowRef(name, NAMESPACE), {
    status: {
      phase: 'Running',
      nodes: {
        [`${name}-1`]: {
          id: `${name}-1`,
          name: `${name}.Approve-${EVENT}`,
          displayName: `Approve-${EVENT}`,
          type: 'Suspend',
          phase: 'Running',
          startedAt: '2026-01-01T00:00:10Z',
          templateName: 'approve',
          outputs: {
            parameters: ['decision', 'decided-by', 'reason'].map((parameter) => ({
              name: parameter,
              valueFrom: { supplied: {}, default: parameter === 'decision' ? 'approve' : '' },
            })),
          },
        },
      },
    },
  });
}

const annotate = (user: string, name: string, ...annotations: readonly string[]) =>
  cluster.kubectlAs(user, 'annotate', 'agentteam', name, `-n=${NAMESPACE}`, ...annotations);
const APPROVE = `approved.claude.amcheste.io/${EVENT}=true`;
const REJECT = `approved.claude.amcheste.io/${EVENT}=false`;
const decided = (name: string) =>
  cluster.until(
    teamRef(name, NAMESPACE),
    (now) => now?.status?.approvals?.[0]?.decision && now.status.approvals[0],
  );

test('a team that does not compile is refused with every problem, even in a dry run', async () => {
  const broken = team(
    'broken',
    {
      teammates: [{ name: 'writer', prompt: 'Write.', dependsOn: ['riter'] }],
      lifecycle: { timeout: 'soon' },
    },
    NAMESPACE,
  );
  const said = await failure(
    cluster.kubectlAs('alice', 'apply', '--dry-run=server', `-f=${file(broken)}`),
  );
  expect(said).toContain('there is no teammate `riter`');
  expect(said).toContain('spec.lifecycle.timeout');
  expect(await cluster.get(teamRef('broken', NAMESPACE))).toBeUndefined();
});

test('records the authenticated user as the approver, with their reason', async () => {
  await waiting('named', {});
  await annotate('bob', 'named', APPROVE, `reason.claude.amcheste.io/${EVENT}=read it`);
  expect(await decided('named')).toMatchObject({
    decision: 'approve',
    via: 'annotation',
    by: 'bob',
    reason: 'read it',
  });
});

test('only approvers can answer, by name or by group', async () => {
  await waiting('listed', { approvers: { users: ['dave'], groups: ['editors'] } });
  const said = await failure(annotate('carol', 'listed', APPROVE));
  expect(said).toContain('carol is not an approver of this gate (dave, group editors)');
  await annotate('alice', 'listed', REJECT);
  expect(await decided('listed')).toMatchObject({ decision: 'reject', by: 'alice' });
});

test('a gate that requires two approvals opens after two different people approved', async () => {
  await waiting('both', { requiredApprovals: 2 });
  await annotate('alice', 'both', APPROVE);
  await annotate('alice', 'both', APPROVE);
  const between = await cluster.get(teamRef('both', NAMESPACE));
  expect(between?.metadata?.annotations).not.toHaveProperty(`approved.claude.amcheste.io/${EVENT}`);
  await annotate('bob', 'both', APPROVE);
  expect(await decided('both')).toMatchObject({ decision: 'approve', by: 'alice, bob' });
});

test('the author of a team cannot approve a gate with allowAuthor: false', async () => {
  await waiting('own', { allowAuthor: false }, 'alice');
  expect(await failure(annotate('alice', 'own', APPROVE))).toContain(
    'alice created the team and may not answer this gate',
  );
  await annotate('bob', 'own', APPROVE);
  expect(await decided('own')).toMatchObject({ by: 'bob' });
});

test('votes and authorship cannot be forged', async () => {
  await waiting('forged', { requiredApprovals: 2, allowAuthor: false }, 'carol');
  const votes = JSON.stringify([
    { user: 'alice', decision: 'approve', at: '2026-01-01T00:00:00Z' },
    { user: 'bob', decision: 'approve', at: '2026-01-01T00:00:00Z' },
  ]);
  await annotate('carol', 'forged', `votes.claude.amcheste.io/${EVENT}=${votes}`);
  await annotate('carol', 'forged', 'claude.amcheste.io/author=alice', '--overwrite');
  const { metadata } = (await cluster.get(teamRef('forged', NAMESPACE))) ?? {};
  expect(metadata?.annotations).toMatchObject({ 'claude.amcheste.io/author': 'carol' });
  expect(metadata?.annotations).not.toHaveProperty(`votes.claude.amcheste.io/${EVENT}`);
  expect(await failure(annotate('carol', 'forged', APPROVE))).toContain('carol created the team');
});

test('messages and pauses carry the authenticated user, and cannot be forged', async () => {
  await waiting('spoken', {});
  const at = '2026-01-01T00:00:00.000Z';
  const pausedBy = JSON.stringify({ by: 'alice', at });
  const messages = JSON.stringify([{ id: '1', agent: 'writer', by: 'alice', at, text: 'Stop.' }]);
  await annotate(
    'bob',
    'spoken',
    'tell.claude.amcheste.io/writer=Use October.',
    'claude.amcheste.io/paused=true',
    `claude.amcheste.io/paused-by=${pausedBy}`,
    `claude.amcheste.io/messages=${messages}`,
  );
  const { metadata } = (await cluster.get(teamRef('spoken', NAMESPACE))) ?? {};
  const { annotations = {} } = metadata ?? {};
  const recorded = (name: string) => JSON.parse(annotations[`claude.amcheste.io/${name}`] ?? '');
  expect(recorded('messages')).toMatchObject([
    { agent: 'writer', by: 'bob', text: 'Use October.' },
  ]);
  expect(recorded('paused-by')).toMatchObject({ by: 'bob' });
  expect(annotations).not.toHaveProperty('tell.claude.amcheste.io/writer');
  expect(await failure(annotate('bob', 'spoken', 'tell.claude.amcheste.io/nobody=Hi.'))).toContain(
    'nobody',
  );
  expect(
    await failure(annotate('bob', 'spoken', 'claude.amcheste.io/paused=maybe', '--overwrite')),
  ).toContain('maybe');
});

test('the approval rules of a gate cannot change after the team was created', async () => {
  await waiting('fixed', { requiredApprovals: 2 });
  const said = await failure(
    cluster.kubectlAs('carol', 'apply', `-f=${file(gated('fixed', { requiredApprovals: 1 }))}`),
  );
  expect(said).toContain(`the approval rules of ${EVENT} cannot change`);
});

test('an invalid answer, or an answer to an unknown gate, is refused with the valid ones', async () => {
  await waiting('odd', {});
  expect(
    await failure(annotate('bob', 'odd', `approved.claude.amcheste.io/${EVENT}=yes`)),
  ).toContain('expected "true" to approve');
  expect(
    await failure(annotate('bob', 'odd', 'approved.claude.amcheste.io/spawn-nobody=true')),
  ).toContain(`gates of the team: ${EVENT}`);
});

const ours = (kind: string, name: string, spec: object): Stored =>
  ({
    apiVersion: 'claude.amcheste.io/v1alpha1',
    kind,
    metadata: { name, namespace: NAMESPACE },
    spec,
  }) as Stored;
const pattern = (spec: object) =>
  ours('AgentTeamTemplate', 'pattern', {
    teammates: [
      { name: 'writer', prompt: 'Write it.' },
      { name: 'editor', prompt: 'Edit it.', dependsOn: ['writer'] },
    ],
    ...spec,
  });
const runOfPattern = (name: string, lifecycle: object) =>
  ours('AgentTeamRun', name, {
    templateRef: { name: 'pattern' },
    workspace: { output: {} },
    auth: { apiKeySecret: 'anthropic' },
    lead: { prompt: 'Coordinate.' },
    lifecycle,
  });

test('templates are validated alone, and runs together with their template', async () => {
  const broken = pattern({ lifecycle: { budgetLimit: 'a lot' } });
  expect(await failure(cluster.kubectlAs('carol', 'apply', `-f=${file(broken)}`))).toContain(
    'spec.lifecycle.budgetLimit',
  );
  await cluster.kubectl('apply', `-f=${file(pattern({}))}`);
  await cluster.until(
    { ...teamRef('pattern', NAMESPACE), kind: 'AgentTeamTemplate' },
    (now) => now?.status?.ready,
  );
  const run = runOfPattern('bad', { approvalGates: [{ event: 'spawn-nobody' }] });
  expect(await failure(cluster.kubectl('apply', `-f=${file(run)}`))).toContain('spawn-nobody');
});

test('the author of a run is the author of its team', async () => {
  await cluster.kubectl('apply', `-f=${file(pattern({}))}`);
  const gates = { approvalGates: [{ event: EVENT, allowAuthor: false }] };
  await cluster.kubectlAs('alice', 'apply', `-f=${file(runOfPattern('by-alice', gates))}`);
  await cluster.until(teamRef('by-alice', NAMESPACE), (now) => now);
  expect(await failure(annotate('alice', 'by-alice', APPROVE))).toContain('alice created the team');
});

test('a team with very many annotations and teammates is refused at once, and stops nobody', async () => {
  const names = Array.from({ length: 20_000 }, (_, index) => `a${index}`);
  const teammates = names.map((name) => ({ name, prompt: 'Work.' }));
  const { metadata, ...hostile } = team('hostile', { teammates }, NAMESPACE);
  const createWith = (receivers: readonly string[]): Promise<string> => {
    const messages = receivers.map((name) => [`tell.claude.amcheste.io/x${name}`, 'Hello.']);
    const object = {
      ...hostile,
      metadata: { ...metadata, annotations: Object.fromEntries(messages) },
    };
    return failure(cluster.kubectlAs('carol', 'create', `-f=${file(object)}`));
  };
  expect(await createWith(names)).toContain('metadata.annotations: they have');
  expect(await createWith(names.slice(0, 5000))).toContain('spec.teammates: it has 20000 items');
  await cluster.kubectlAs('carol', 'apply', `-f=${file(team('of-others', {}, NAMESPACE))}`);
});
