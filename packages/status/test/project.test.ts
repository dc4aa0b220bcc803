import type { NodeStatus, Workflow } from '@agentteam/argo';
import type { ProviderWait, TeamLive } from '@agentteam/contract';
import { describe, expect, test } from '@jest/globals';
import {
  project as projected,
  reasonOf,
  teamExitCode,
  totalsOf,
  waitBriefing,
} from '../src/index.ts';
import { altered, recorded, team } from './fixture.ts';

/** Projects as the embedded engine does: the last step's totals take precedence over live figures. */
const project: typeof projected = (workflow, live, of) =>
  projected(workflow, (workflow && totalsOf(workflow)) ?? live, of);

describe('phase, reason and exit code', () => {
  test.each([
    ['initializing', 'Initializing', 'Initializing', undefined],
    ['running', 'Running', 'Running', undefined],
    ['completed', 'Completed', 'Completed', 0],
    ['failed', 'Failed', 'StepFailed', 1],
    ['stopped', 'Failed', 'Stopped', 1],
    ['terminated', 'Failed', 'Stopped', 1],
    ['rejected', 'Failed', 'Rejected', 3],
    ['timed-out', 'TimedOut', 'TimedOut', 4],
    ['lead-failed-gate-open', 'Initializing', 'Initializing', undefined],
    ['lead-failed', 'Failed', 'StepFailed', 1],
    ['budget-gate-open', 'Running', 'Running', undefined],
    ['budget-stopped', 'BudgetExceeded', 'BudgetExceeded', 5],
  ])('%s', (name, phase, reason, exitCode) => {
    const status = project(recorded(name), undefined, team);
    expect([status.phase, reasonOf(status), teamExitCode(status)]).toEqual([
      phase,
      reason,
      exitCode,
    ]);
    const ended = exitCode === 0 ? 'True' : 'False';
    expect(status.conditions).toContainEqual(
      expect.objectContaining({
        type: 'Complete',
        status: exitCode === undefined ? 'Unknown' : ended,
        observedGeneration: 2,
      }),
    );
  });

  test('the team has not ended while the last step is running', () => {
    const { status, ...workflow } = recorded('completed');
    const { finishedAt: _finishedAt, ...unfinished } = status ?? {};
    const summingUp = project({ ...workflow, status: unfinished }, undefined, team);
    expect([summingUp.phase, teamExitCode(summingUp)]).toEqual(['Running', undefined]);
  });

  test('a team without a Workflow is pending', () => {
    const status = project(undefined, undefined, team);
    expect(status).toMatchObject({ phase: 'Pending', ready: '0/2', estimatedCost: '0.00' });
    const nothing = { tasksCompleted: 0, tasksClaimed: 0, restartCount: 0, estimatedCost: '0.00' };
    expect(status.lead).toEqual({ phase: 'Pending', ...nothing });
    expect(status.teammates?.map(({ phase }) => phase)).toEqual(['Pending', 'Pending']);
  });
});

describe('a gate with a time limit of 100 s that ended with default outputs', () => {
  /** @param seconds how long the gate was open. */
  function ended(seconds: number, decidedBy = '', decision = 'reject') {
    const workflow = structuredClone(recorded('rejected'));
    const gate = Object.values(workflow.status?.nodes ?? {}).find(({ type }) => type === 'Suspend');
    if (gate === undefined) throw new Error('no gate was recorded');
    const template = { name: gate.templateName ?? '', suspend: { duration: '100s' } };
    gate.finishedAt = new Date(Date.parse(gate.startedAt ?? '') + seconds * 1000).toISOString();
    gate.outputs = {
      parameters: [
        { name: 'decision', value: decision },
        { name: 'decided-by', value: decidedBy },
        { name: 'reason', value: '' },
      ],
    };
    const templates = [...(workflow.spec.templates ?? []), template];
    workflow.metadata.labels = { 'workflows.argoproj.io/actor': 'who-stopped-another' };
    return project({ ...workflow, spec: { ...workflow.spec, templates } }, undefined, team);
  }

  test.each([100, 109])('is unanswered after %i s', (seconds) => {
    const status = ended(seconds);
    expect(status.message).toBe('Nobody answered spawn-email-drafter in time.');
    expect([reasonOf(status), teamExitCode(status)]).toEqual(['Unanswered', 3]);
    expect(status.approvals).toEqual([
      {
        event: 'spawn-email-drafter',
        openedAt: '2026-11-23T16:30:05Z',
        decision: 'reject',
        via: 'timeout',
        decidedAt: new Date(Date.parse('2026-11-23T16:30:05Z') + seconds * 1000).toISOString(),
      },
    ]);
    expect(status.teammates?.find(({ name }) => name === 'email-drafter')).toMatchObject({
      phase: 'Skipped',
      message: 'nobody answered in time',
    });
  });

  test.each([
    [99, '', 'argo', undefined],
    [120, 'ada', 'agentteam', 'ada'],
  ])('is rejected after %i s by "%s"', (seconds, by, via, known) => {
    const status = ended(seconds, by);
    expect(status.message).toContain('spawn-email-drafter was rejected');
    expect(reasonOf(status)).toBe('Rejected');
    expect(status.approvals).toMatchObject([{ via, by: known ?? 'who-stopped-another' }]);
  });

  test('is approved by an answer in its last second', () => {
    expect(ended(100, '', 'approve').approvals).toMatchObject([
      { decision: 'approve', via: 'argo' },
    ]);
  });
});

test('agents are pending while their pods are set up, and a failed setup is explained', () => {
  const members = (name: string) => {
    const { lead, teammates = [] } = project(recorded(name), undefined, team);
    return [lead, ...teammates].map((member) => member?.phase);
  };
  expect(members('initializing')).toEqual(['Pending', 'Pending', 'Waiting']);
  expect(members('lead-failed')).toEqual(['Failed', 'Failed', 'Skipped']);
  expect(project(recorded('lead-failed'), undefined, team).message).toBe(
    'lead: The repository has an SSH URL, but no Secret with a key `ssh-privatekey` is mounted: set repository.credentialsSecret.',
  );
});

test('a running team shows which agents run, have restarted, or wait', () => {
  const status = project(recorded('running'), undefined, team);
  expect(status.ready).toBe('1/2');
  expect(status.message).toBe(
    'The agents are working; waiting for approval of spawn-email-drafter.',
  );
  expect(status.lead).toMatchObject({ phase: 'Running', restartCount: 0 });
  expect(status.lead?.podName).toBe('q3-report-lead-1710067873');
  expect(status.teammates).toMatchObject([
    { name: 'researcher', phase: 'Running', restartCount: 1 },
    { name: 'email-drafter', phase: 'Waiting', pendingApproval: 'spawn-email-drafter' },
  ]);
  expect(status.conditions).toContainEqual(
    expect.objectContaining({
      type: 'ApprovalRequired',
      status: 'True',
      message: 'Waiting for approval of spawn-email-drafter.',
    }),
  );
  expect(status).not.toHaveProperty('pullRequest');
  expect(project(recorded('completed'), undefined, team).conditions).toContainEqual(
    expect.objectContaining({ type: 'ApprovalRequired', status: 'False' }),
  );
});

test('a team whose lead has ended names the step that runs or the gate that waits', () => {
  const running = (step: string, phase: NodeStatus['phase'] = 'Running') => {
    const { status, ...workflow } = altered('completed', { [step]: { phase } });
    const { finishedAt: _, ...open } = status ?? {};
    return project({ ...workflow, status: { ...open, phase: 'Running' } }, undefined, team).message;
  };
  expect(running('Deliver')).toBe('The lead has ended; Deliver is running.');
  expect(running('Finish')).toBe('The lead has ended; Finish is running.');
  expect(running('Approve-spawn-email-drafter')).toBe(
    'The lead has ended; waiting for approval of spawn-email-drafter.',
  );
  expect(running('Lead')).toBe('The agents are working.');
});

test('only dependencies that have not completed are named', () => {
  const writer = { ...team.spec.teammates[0], name: 'writer' } as const;
  const dependsOn = ['researcher', 'email-drafter'];
  const teammates = [...team.spec.teammates, { ...writer, dependsOn }];
  const ordered = { ...team, spec: { ...team.spec, teammates } } as typeof team;
  const member = (workflow: Workflow) => project(workflow, undefined, ordered).teammates?.at(-1);
  expect(member(recorded('failed'))).toMatchObject({
    phase: 'Waiting',
    message: 'dependsOn: researcher',
  });
  const completed = altered('completed', { Lead: { phase: 'Running' } });
  expect(member(completed)).toMatchObject({ phase: 'Pending' });
  expect(member(completed)).not.toHaveProperty('message');
});

test('a pod that is not running yet shows Argo’s message', () => {
  const message = 'ImagePullBackOff: Back-off pulling image "agentteam"';
  const waiting = altered('initializing', { 'Lead(0)': { message } });
  expect(project(waiting, undefined, team).lead).toMatchObject({ phase: 'Pending', message });
});

test("the last step's totals replace live figures", () => {
  const stale = {
    team: 'q3-report',
    at: '2026-11-23T16:33:00Z',
    usd: '1.00',
    tokens: { input: 1, output: 1, cacheRead: 1, cacheWrite5m: 1, cacheWrite1h: 1 },
    tasks: { total: 9, completed: 0, inProgress: 0, pending: 9 },
    agents: [],
  };
  expect(project(recorded('running'), stale, team)).toMatchObject({
    estimatedCost: '1.00',
    totalTokensUsed: 5,
    tasks: { total: 9 },
  });
  expect(project(recorded('completed'), stale, team)).toMatchObject({
    ready: '2/2',
    estimatedCost: '3.80',
    totalTokensUsed: 68_400,
    tasks: { total: 3, completed: 3 },
    completedAt: '2026-11-23T16:34:14Z',
    consolidatedBranch: 'teams/q3-report',
    pullRequest: { url: 'https://git.example.com/acme/backend/pull/7', state: 'open' },
    teammates: [{ tasksCompleted: 1, tasksClaimed: 1 }, { tasksCompleted: 1 }],
    observedGeneration: 2,
  });
});

test('a pull request has the state that the last step saw', () => {
  const url = 'https://git.example.com/acme/backend/pull/7';
  const parameters = [
    { name: 'pull-request-url', value: url },
    { name: 'pull-request-state', value: 'merged' },
  ];
  const merged = altered('completed', { Deliver: { outputs: { parameters } } });
  expect(project(merged, undefined, team).pullRequest).toEqual({ url, state: 'merged' });
});

test('the message explains how steps ended', () => {
  const complete = (name: string) =>
    project(recorded(name), undefined, team).conditions?.find(({ type }) => type === 'Complete')
      ?.message;
  expect(complete('rejected')).toBe('spawn-email-drafter was rejected by ada: names are missing.');
  expect(complete('failed')).toBe('researcher: left changes outside its scope.');
  const own = JSON.stringify(recorded('failed')).replaceAll(
    /Error \(exit code 65\)/g,
    '$&: src/\\nis not its own (exit code 77): put it back',
  );
  expect(project(JSON.parse(own), undefined, team).message).toBe(
    'researcher: src/\nis not its own (exit code 77): put it back.',
  );
  const question = own.replaceAll('put it back', 'whose is it?');
  expect(project(JSON.parse(question), undefined, team).message).toMatch(/whose is it\?$/);
  expect(complete('timed-out')).toBe(
    'The team reached its timeout. Unfinished: lead, approval of spawn-email-drafter.',
  );
  expect(complete('budget-stopped')).toBe('lead failed: it reached the budget.');
  // The agent's program exited with 0; the sidecar reported the spent budget.
  expect(project(recorded('budget-stopped'), undefined, team).teammates?.[0]).toMatchObject({
    phase: 'Failed',
    message: 'reached the budget',
  });
  expect(project(recorded('rejected'), undefined, team).teammates?.[1]).toMatchObject({
    phase: 'Skipped',
    message: 'rejected by ada',
  });
});

test('pods that are refused for the same reason share one sentence', () => {
  const workflow = recorded('failed');
  const refused = Object.values(workflow.status?.nodes ?? {}).map(({ outputs: _, ...node }) => ({
    ...node,
    phase: 'Error' as const,
    message: `pods "${node.id}" is forbidden: violates PodSecurity "restricted:latest"`,
  }));
  const nodes = Object.fromEntries(refused.map((node) => [node.id, node]));
  const status = { ...workflow.status, nodes };
  const { message = '' } = project({ ...workflow, status }, undefined, team);
  expect(message).toMatch(
    /^lead(, [\w -]+)+: its pod is forbidden: violates PodSecurity "restricted:latest"\.$/,
  );
});

test('steps that failed for the same reason share one sentence, the lead first', () => {
  const message = 'main: OOMKilled (exit code 137)';
  const [step, pod] = [{ phase: 'Failed' }, { phase: 'Failed', message }] as const;
  const nodes = { researcher: step, 'researcher(0)': pod, Lead: step, 'Lead(0)': pod };
  const killed = altered('failed', nodes);
  const lastFirst = Object.entries(killed.status?.nodes ?? {}).toReversed();
  const status = { ...killed.status, nodes: Object.fromEntries(lastFirst) };
  expect(project({ ...killed, status }, undefined, team)).toMatchObject({
    message: `lead, researcher: ${message}.`,
    lead: { phase: 'Failed', message },
    teammates: [{ phase: 'Failed', message }, { phase: 'Completed' }],
  });
});

test('a Workflow that Argo could not run shows Argo’s message', () => {
  const message = 'invalid spec: templates.team is too large';
  const { spec, metadata } = recorded('failed');
  const status = project({ spec, metadata, status: { phase: 'Error', message } }, undefined, team);
  expect(status).toMatchObject({ phase: 'Failed', message });
});

test('a teammate that never started names the dependencies that did not complete', () => {
  const [researcher, drafter] = team.spec.teammates;
  const teammates = [researcher, { ...drafter, dependsOn: ['researcher'] }];
  const ordered = { ...team, spec: { ...team.spec, teammates } } as typeof team;
  const left = altered('rejected', { 'email-drafter': { phase: 'Omitted' } });
  const message = (of: typeof team) => project(left, undefined, of).teammates?.[1]?.message;
  expect(message(ordered)).toBe('never started: researcher did not complete');
  expect(message(team)).toBe('never started');
});

test.each(['stopped', 'terminated'])('every agent of a team that was %s says so', (name) => {
  const status = project(recorded(name), undefined, team);
  expect(status).toMatchObject({
    message: 'The team was stopped.',
    completedAt: recorded(name).status?.finishedAt,
    lead: { phase: 'Failed', message: 'the team was stopped' },
    teammates: [
      { name: 'researcher', phase: 'Failed', message: 'the team was stopped' },
      {
        name: 'email-drafter',
        phase: 'Skipped',
        message: 'never started: the team was stopped before the gate was approved',
      },
    ],
  });
  expect(status.approvals?.[0]).not.toHaveProperty('decision');
});

test('a condition keeps its time until its status changes', () => {
  const since = '2026-11-01T00:00:00Z';
  const { conditions, ...running } = project(recorded('running'), undefined, team);
  const old = conditions?.map((condition) => ({ ...condition, lastTransitionTime: since }));
  const before = { ...running, conditions: old ?? [] };
  expect(project(recorded('running'), undefined, { ...team, status: before })).toEqual(before);
  const again = project(recorded('completed'), undefined, { ...team, status: before });
  const time = (status: typeof again, type: string) =>
    status.conditions?.find((condition) => condition.type === type)?.lastTransitionTime;
  expect(time(again, 'Complete')).toBe('2026-11-23T16:34:14Z');
  const third = project(recorded('completed'), undefined, {
    ...team,
    status: { ...again, conditions: again.conditions ?? [] },
  });
  expect(third).toEqual(again);
});

test('approvals record who decided what, and when', () => {
  const approvals = (name: string) => project(recorded(name), undefined, team).approvals;
  expect(approvals('running')).toEqual([
    { event: 'spawn-email-drafter', openedAt: '2026-11-23T16:30:05Z' },
  ]);
  expect(approvals('rejected')).toEqual([
    {
      event: 'spawn-email-drafter',
      openedAt: '2026-11-23T16:30:05Z',
      decidedAt: '2026-11-23T16:32:00Z',
      decision: 'reject',
      via: 'agentteam',
      by: 'ada',
      reason: 'names are missing',
    },
  ]);
});

test('Argo’s labels name who answered in Argo, and the name is kept', () => {
  const parameters = [{ name: 'decision', value: 'approve' }];
  const gate = { outputs: { parameters } };
  const labelled = (email: string, message = ''): Workflow => {
    const nodes = { 'Approve-spawn-email-drafter': { ...gate, message } };
    const { metadata, ...resumed } = altered('rejected', nodes);
    const labels = { 'workflows.argoproj.io/actor-email': email };
    return { ...resumed, metadata: { ...metadata, labels } };
  };
  const earlier = [
    { event: 'spawn-other', decision: 'approve', via: 'argo', by: 'eve' },
    { event: 'spawn-email-drafter' },
  ] as const;
  const asked = { ...team, status: { approvals: [...earlier] } };
  const first = project(labelled('ada.at.example.com'), undefined, asked);
  expect(first.approvals).toMatchObject([
    { decision: 'approve', via: 'argo', by: 'ada.at.example.com' },
  ]);
  const later = project(labelled('ben.at.example.com'), undefined, { ...team, status: first });
  expect(later.approvals).toEqual(first.approvals);
  const by = (message: string) =>
    project(labelled('ben.at.example.com', message), undefined, asked).approvals?.[0]?.by;
  expect(by('Resumed by: map[Email:ada@example.com Subject:7]')).toBe('ada@example.com');
  expect(by('Resumed by: map[Subject:7]')).toBe('Subject:7');
});

test('a gate that never opened has no approval', () => {
  const gate = { type: 'Skipped', phase: 'Omitted' } as const;
  const omitted = altered('rejected', { 'Approve-spawn-email-drafter': gate });
  expect(project(omitted, undefined, team).approvals).toEqual([]);
});

test('the same Workflow gives the same status', () => {
  const once = project(recorded('completed'), undefined, team);
  expect(project(recorded('completed'), undefined, team)).toEqual(once);
});

describe('agents that wait for the provider', () => {
  const NONE = { total: 0, completed: 0, inProgress: 0, pending: 0 };
  const TOKENS = { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
  const WAIT: ProviderWait = {
    reason: 'usage-limit',
    since: '2026-11-29T12:00:00.123Z',
    until: '2026-11-29T14:00:00Z',
    told: true,
  };

  function live(waiting: Readonly<Record<string, ProviderWait>>, at = WAIT.since): TeamLive {
    const agents = ['team-lead', 'researcher', 'email-drafter'].map((name) => ({
      name,
      role: name === 'team-lead' ? ('lead' as const) : ('teammate' as const),
      phase: 'running' as const,
      ...{ restarts: 0, turns: 1, usd: '0.00', tokens: TOKENS, tasks: NONE, messagesSent: 0 },
      ...(waiting[name] && { waiting: waiting[name] }),
    }));
    return { team: 'q3-report', at, usd: '0.00', tokens: TOKENS, tasks: NONE, agents };
  }

  const condition = (status: ReturnType<typeof projected>) =>
    status.conditions?.find(({ type }) => type === 'WaitingForProvider');

  test('are named in the message, in the condition and in the agent’s status', () => {
    const figures = live({ 'team-lead': WAIT, researcher: WAIT });
    const status = projected(recorded('running'), figures, team);
    const words = 'waiting for the API: usage limit, until 2026-11-29 14:00:00 UTC';
    expect(status.message).toContain(`lead, researcher are ${words}.`);
    expect(condition(status)).toMatchObject({
      status: 'True',
      reason: 'UsageLimit',
      message: `lead, researcher are ${words}.`,
      lastTransitionTime: '2026-11-29T12:00:00Z',
    });
    expect(status.lead).toMatchObject({ phase: 'Running', message: words });
  });

  test('cause no condition without a wait, and a false one after a wait', () => {
    const before = projected(recorded('running'), live({ researcher: WAIT }), team);
    const after = projected(recorded('running'), live({}, '2026-11-29T14:00:03Z'), {
      ...team,
      status: before,
    });
    expect(condition(after)).toMatchObject({
      status: 'False',
      reason: 'NotWaiting',
      lastTransitionTime: '2026-11-29T14:00:03Z',
    });
    expect(after.message).toBe(projected(recorded('running'), undefined, team).message);
    expect(condition(projected(recorded('running'), live({}), team))).toBeUndefined();
  });

  test('are named if the team reaches its timeout meanwhile', () => {
    const status = projected(recorded('timed-out'), live({ researcher: WAIT }), team);
    expect(status.phase).toBe('TimedOut');
    expect(status.message).toContain(
      'researcher was waiting for the API: usage limit, until 2026-11-29 14:00:00 UTC.',
    );
  });

  test('cause a notification if they wait for more than a moment', () => {
    expect(waitBriefing(live({ researcher: WAIT }))).toMatchObject({
      at: '2026-11-29T12:00:00Z',
      agents: [{ agent: 'researcher', reason: 'usage-limit' }],
    });
    const short = { ...WAIT, until: '2026-11-29T12:00:05Z', told: false };
    expect(waitBriefing(live({ researcher: short }))).toBeUndefined();
    expect(waitBriefing(live({}))).toBeUndefined();
  });
});
