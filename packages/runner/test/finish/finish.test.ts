import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ENV, type FinishSpec, LEAD, PATHS, type TeamLive } from '@agentteam/contract';
import { createTask, readAgentState, readInbox, updateTask } from '@agentteam/volume';
import { describe, expect, test } from '@jest/globals';
import { finishCommand } from '../../src/finish/command.ts';
import { rollCallCommand } from '../../src/roll-call/command.ts';
import { setupCommand } from '../../src/setup/command.ts';
import { serveApi } from '../support/api-server.ts';
import { printed } from '../support/printed.ts';
import { mountSecret } from '../support/secret.ts';
import { makePlace, never, output, type Place, withSpec } from '../support/team.ts';

const MEMBERS = [LEAD, 'api', 'web', 'docs'].map((name) => ({
  name,
  role: name === LEAD ? ('lead' as const) : ('teammate' as const),
  model: 'sonnet',
  prompt: `Do ${name}.`,
  dependsOn: [],
  cwd: PATHS.work,
}));
const REF = { team: 'auth', namespace: 'dev' };

async function coworkTeam(): Promise<Place> {
  const place = await makePlace();
  await printed(() => setupCommand(withSpec(place, { ...REF, members: MEMBERS }), [], never));
  return place;
}

function native(place: Place) {
  return { team: 'auth', teams: join(place.volume, 'teams'), tasks: join(place.volume, 'tasks') };
}

async function writeState(place: Place, name: string, fields: object) {
  const state = {
    name,
    attempt: 0,
    sessionId: 's',
    startedAt: '2026-11-23T10:00:00Z',
    turns: 3,
    ...fields,
  };
  const directory = join(place.volume, 'state', name);
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'state.json'), JSON.stringify(state));
}

describe('roll-call', () => {
  test('writes the final states of teammates that cannot, and of no others', async () => {
    const place = await coworkTeam();
    await writeState(place, 'api', { phase: 'completed', report: 'Done.' });
    await writeState(place, 'web', { phase: 'running', attempt: 2 });
    const env = withSpec(place, { ...REF, teammates: ['api', 'web', 'docs'] });
    const call = () =>
      printed(() => rollCallCommand(env, ['api=Failed', 'web=Failed', 'docs=Skipped'], never));
    expect((await call()).result).toBe(0);
    const states = join(place.volume, 'state');
    expect(await readAgentState(states, 'api')).toMatchObject({ phase: 'completed' });
    expect(await readAgentState(states, 'web')).toMatchObject({
      phase: 'failed',
      attempt: 2,
      turns: 3,
    });
    expect(await readAgentState(states, 'docs')).toMatchObject({
      phase: 'absent',
      message: expect.stringContaining('was not approved'),
    });
    const mail = await readInbox(native(place), LEAD);
    expect(mail.map(({ from }) => from)).toEqual(['web', 'docs']);
    // Another run changes nothing.
    await call();
    expect(await readInbox(native(place), LEAD)).toHaveLength(2);
  });

  test('writes the state of a teammate stopped by its own limit, unless the whole team was stopped', async () => {
    const place = await coworkTeam();
    const message = 'The budget of the agent web is spent.';
    await writeState(place, 'web', { phase: 'stopped', message });
    await writeState(place, 'api', { phase: 'completed' });
    const env = withSpec(place, { ...REF, teammates: ['api', 'web'] });
    const call = () => printed(() => rollCallCommand(env, ['api=Succeeded', 'web=Failed'], never));
    const marker = join(place.volume, 'control', 'stop.json');
    await writeFile(marker, JSON.stringify({ reason: 'budget', agent: 'api', message: 'Spent.' }));
    await call();
    expect(await readInbox(native(place), LEAD)).toEqual([]);
    await rm(marker);
    await call();
    const state = await readAgentState(join(place.volume, 'state'), 'web');
    expect(state).toMatchObject({ phase: 'failed', message });
    expect((await readInbox(native(place), LEAD)).map(({ from }) => from)).toEqual(['web']);
  });

  test('distinguishes a failed dependency from a rejected gate', async () => {
    const place = await coworkTeam();
    const env = withSpec(place, { ...REF, teammates: ['api', 'web'] });
    await printed(() => rollCallCommand(env, ['api=Omitted', 'web=Succeeded'], never));
    const states = join(place.volume, 'state');
    expect(await readAgentState(states, 'api')).toMatchObject({
      phase: 'absent',
      message: expect.stringContaining('depends on'),
    });
    expect(await readAgentState(states, 'web')).toBeUndefined();
  });
});

/** JSON, quoted by Go, in base64. */
const asArgoSays = (failures: readonly object[] | null) =>
  Buffer.from(JSON.stringify(JSON.stringify(failures))).toString('base64');

describe('finish', () => {
  const finish = (
    place: Place,
    status: string,
    more: Partial<FinishSpec> = {},
    env = {},
    failures: readonly object[] | null = null,
  ) => {
    const spec: FinishSpec = {
      ...REF,
      members: MEMBERS,
      checked: false,
      onComplete: 'none',
      ...more,
    };
    const argv = [status, asArgoSays(failures)];
    return printed(() => finishCommand({ ...withSpec(place, spec), ...env }, argv, never));
  };

  test('sums up the work and the cost of all agents', async () => {
    const place = await coworkTeam();
    await writeState(place, 'api', {
      phase: 'completed',
      endedAt: '2026-11-23T10:02:05Z',
      report: 'x'.repeat(5000),
    });
    await updateTask(native(place), '1', () => ({ status: 'completed' }));
    await createTask(native(place), { subject: 'More', description: '', owner: 'api' });
    const { result, log } = await finish(place, 'Succeeded', { budgetLimit: '10.00' });
    expect(result).toBe(0);
    const totals: TeamLive = JSON.parse(await output(place, 'totals'));
    expect(totals).toMatchObject({
      team: 'auth',
      limit: '10.00',
      tasks: { total: 4, completed: 1 },
    });
    expect(totals.agents.map(({ name }) => name)).toEqual([LEAD, 'api', 'web', 'docs']);
    expect(totals.agents[1]?.report?.length).toBeLessThan(2100);
    const summary = await output(place, 'summary');
    expect(summary).toContain('auth completed: 1 of 4 tasks, $0.00 of $10.00');
    expect(summary).toContain(
      'api: completed, 3 turns, 1 of 2 tasks, 0 messages, $0.00, 2 min 5 s',
    );
    expect(log).toContain(summary);
  });

  test('reopens the states that a retry repeats, and keeps those of completed agents', async () => {
    const place = await coworkTeam();
    const states = join(place.volume, 'state');
    const phases = async () => {
      const read = MEMBERS.map(({ name }) => readAgentState(states, name));
      return (await Promise.all(read)).map((state) => state?.phase);
    };
    await writeState(place, LEAD, { phase: 'completed', report: 'All is well.' });
    await writeState(place, 'api', { phase: 'completed' });
    await writeState(place, 'docs', { phase: 'absent' });
    await finish(place, 'Succeeded');
    expect(await phases()).toEqual(['completed', 'completed', undefined, 'absent']);
    await writeState(place, 'web', { phase: 'failed', message: 'no data' });
    const failures = [
      { displayName: 'web', message: 'no data', finishedAt: '2026-11-23T11:00:00Z' },
    ];
    await finish(place, 'Failed', {}, {}, failures);
    expect(await phases()).toEqual(['stopped', 'completed', 'stopped', undefined]);
    const totals: TeamLive = JSON.parse(await output(place, 'totals'));
    expect(totals.agents.map(({ phase }) => phase)).toEqual([
      ...['completed', 'completed', 'failed', 'absent'],
    ]);
    // An attempt that follows a killed one.
    await finish(place, 'Failed', {}, {}, failures);
    expect(JSON.parse(await output(place, 'totals'))).toEqual(totals);
    // The end of a retry, in which another step failed.
    await writeState(place, 'web', { phase: 'completed' });
    await finish(place, 'Failed', {}, {}, [{ ...failures[0], finishedAt: '2026-11-23T12:00:00Z' }]);
    expect(JSON.parse(await output(place, 'totals')).agents[2].phase).toBe('completed');
  });

  test('notifies the webhook with a signature, and the same id each time', async () => {
    const place = await coworkTeam();
    const hook = await serveApi(() => ({ status: 200 }));
    await mountSecret(place, 'webhook', { secret: 'key\n' });
    const notify = { url: `${hook.url}/hook`, events: ['Completed'], signed: true };
    const allowed = { [ENV.allowPrivateWebhooks]: 'true' };
    await finish(place, 'Succeeded', { notify }, allowed);
    await finish(place, 'Succeeded', { notify }, allowed);
    await finish(place, 'Failed', { notify }, allowed);
    await hook.close();
    expect(hook.requests).toHaveLength(2);
    expect(hook.requests[0]?.body).toMatchObject({
      schema: 'agentteam/notification',
      version: 1,
      event: 'completed',
      team: 'auth',
      namespace: 'dev',
      message: 'dev/auth completed.',
      data: { phase: 'Completed', reason: 'Completed', costUsd: '0.00', tasks: { total: 3 } },
    });
    expect(hook.requests[0]?.headers['x-agentteam-signature']).toMatch(/^sha256=[0-9a-f]{64}$/);
    expect(hook.requests[0]?.body['id']).toBe(hook.requests[1]?.body['id']);
  });

  const LATE = { displayName: 'web', message: 'Step exceeded its deadline' };
  const ABSENT = { phase: 'absent', message: 'its approval was rejected' };
  test.each([
    ['Succeeded', 'none', [], {}, 'completed', 'Completed', 'Completed'],
    ['Succeeded', 'none', [], ABSENT, 'failed', 'Failed', 'Rejected'],
    // The gate before delivery was rejected: Argo omits the step, and nothing was delivered.
    ['Succeeded', 'push-branch', [], {}, 'failed', 'Failed', 'Rejected'],
    [
      'Failed',
      'none',
      [{ message: 'main: Error (exit code 1)' }],
      {},
      'failed',
      'Failed',
      'StepFailed',
    ],
    ['Failed', 'none', [LATE], {}, 'timed-out', 'TimedOut', 'TimedOut'],
    // An agent's own limit, which the team's ledger does not show.
    [
      'Failed',
      'none',
      [{ displayName: 'web(0)', message: 'main: Error (exit code 77): The budget is spent.' }],
      {},
      ...(['budget-exceeded', 'BudgetExceeded', 'BudgetExceeded'] as const),
    ],
    // Stopped automatically: the lead had failed, and only a gate was open.
    [
      'Failed',
      'none',
      [
        { displayName: 'Lead', message: 'No more retries left' },
        { displayName: 'Lead(0)', message: 'main: Error (exit code 1)' },
        { displayName: 'Approve-deliver', message: "Stopped with strategy 'Stop'" },
      ],
      {},
      ...(['failed', 'Failed', 'StepFailed'] as const),
    ],
    [
      'Failed',
      'none',
      [{ message: 'workflow shutdown with strategy:  Stop' }, LATE],
      {},
      'failed',
      'Failed',
      'Stopped',
    ],
  ] as const)(
    '%s, %s, %j: the webhook is told so',
    async (status, onComplete, failures, state, event, phase, reason) => {
      const place = await coworkTeam();
      await writeState(place, 'api', { phase: 'completed', ...state });
      const hook = await serveApi(() => ({ status: 200 }));
      const notify = { url: hook.url, events: [], signed: false };
      const allowed = { [ENV.allowPrivateWebhooks]: 'true' };
      await finish(place, status, { notify, onComplete }, allowed, failures);
      // A retry of the team that ends the same way sends another notification.
      const again = failures.map((failure) => ({ ...failure, finishedAt: '2026-11-23T11:00:00Z' }));
      await finish(place, status, { notify, onComplete }, allowed, again);
      await hook.close();
      const [first, second] = hook.requests;
      expect(first?.body).toMatchObject({ event, data: { phase, reason } });
      expect(first?.body['id'] === second?.body['id']).toBe(failures.length === 0);
    },
  );

  test('sends a notification even if the failures cannot be read', async () => {
    const place = await coworkTeam();
    const spec: FinishSpec = { ...REF, members: MEMBERS, checked: false, onComplete: 'none' };
    const { result, log } = await printed(() =>
      finishCommand(withSpec(place, spec), ['Failed', btoa('"[{\\x7f')], never),
    );
    expect(result).toBe(0);
    expect(log).toContain('auth failed');
  });

  test('does not fail when the webhook may not be called', async () => {
    const place = await coworkTeam();
    const notify = { url: 'http://169.254.169.254/latest', events: [], signed: false };
    const { result, log } = await finish(place, 'Failed', { notify });
    expect(result).toBe(0);
    expect(log).toContain('private or link-local');
  });

  test('writes its outputs even if setup failed', async () => {
    const place = await makePlace();
    expect((await finish(place, 'Failed')).result).toBe(0);
    expect(await output(place, 'summary')).toContain('auth failed: 0 of 0 tasks, $0.00');
  });

  test('reports that the budget ended the team', async () => {
    const place = await coworkTeam();
    const stop = {
      reason: 'budget',
      agent: 'api',
      message: 'The team has spent its $10.00.',
      at: '2026-11-23T10:00:00Z',
    };
    await writeFile(join(place.volume, 'control/stop.json'), JSON.stringify(stop));
    await writeState(place, 'api', { phase: 'stopped', message: stop.message });
    await finish(place, 'Failed');
    const summary = await output(place, 'summary');
    expect(summary).toContain('auth stopped at its budget');
    expect(summary).toContain('The team has spent its $10.00.');
    // The status of the step says so, too.
    expect(summary).toMatch(/^api: failed, /m);
    const totals = JSON.parse((await output(place, 'totals')) ?? '');
    expect(totals.agents).toContainEqual(expect.objectContaining({ name: 'api', phase: 'failed' }));
  });
});
