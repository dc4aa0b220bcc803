// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of scripts look like that.
import { describe, expect, test } from '@jest/globals';
import { temporaryDirectories } from '../../temporary.ts';
import { CodingRun, type CodingTeam, git, mate, WAITING_LEAD } from './coding-run.ts';

const temporary = temporaryDirectories();
const start = async (team: CodingTeam) => CodingRun.start(await temporary(), team);

const RESULT = 'teams/crew';
const COMPLETE = '{ name: TaskUpdate, input: { taskId: "${task.fixer}", status: completed } }';
const ATTEMPT = '{ name: Bash, input: { command: echo attempt > attempt.txt } }';

/** A call of the report tool. */
const report = (outcome: string, reason: string): string =>
  `{ name: report, input: { outcome: ${outcome}, summary: I looked., reason: ${reason} } }`;

/** Script of a teammate that changes a file, completes its task, and takes these turns. */
const fixer = (last: string): string => `fixer:
  turns:
    - { tools: [{ name: TaskList }, ${ATTEMPT}] }
    - { tools: [${COMPLETE}] }
${last}
`;

const lead = (last: string): string => `
team-lead:
  turns:
    - { text: I wait. }
${last}
`;

const team = (agents: string, teammates = ''): CodingTeam => ({
  files: { 'a.txt': 'zero\n' },
  spec: `teammates: [{ name: fixer, prompt: Fix the bug. }${teammates}]`,
  agents,
});

/** Expects that the run has neither pushed a branch nor opened a pull request. */
async function expectNothingDelivered(run: CodingRun): Promise<void> {
  expect(await git(run.remote, 'branch', '--list')).toBe('* main');
  expect(run.outcome.stdout).not.toContain('Pull request');
}

describe('an agent that describes a failure in text but does not call report', () => {
  test('does not complete the team: nothing is delivered, and the work is kept', async () => {
    const run = await start(
      team(
        lead('    - { until: { ended: true }, text: The bug is not fixed. }') +
          fixer('    - { text: I could not fix the bug. }'),
      ),
    );
    expect(run.outcome.exitCode).toBe(1);
    expect(run.outcome.stdout).toContain('lead: ended without a report');
    expect(run.outcome.stdout).toContain('The bug is not fixed.');
    await expectNothingDelivered(run);
    expect(await git(run.result, 'show', `${RESULT}:attempt.txt`)).toBe('attempt');
  });
});

describe('a teammate that reports a failure', () => {
  const reported = report('failed', 'the module does not exist');

  test('fails its step and the steps that depend on it, and the reason is shown', async () => {
    const run = await start(
      team(
        WAITING_LEAD +
          fixer(`    - { tools: [${reported}] }`) +
          mate('tester', 'echo tested > tested.txt'),
        ', { name: tester, prompt: Test it., dependsOn: [fixer] }',
      ),
    );
    const reason = 'reported failed: the module does not exist';
    expect(run.outcome.exitCode).toBe(1);
    // The reason is in the log lines, in the outcome of the team, and beside the agent.
    expect(run.outcome.stdout).toContain(`✗ fixer failed: ${reason}`);
    expect(run.outcome.stdout).toMatch(/✗ crew: Failed .* fixer: reported failed: the module/);
    expect(run.outcome.stdout).toMatch(/never started: fixer did not complete|tester {2}absent/);
    await expectNothingDelivered(run);
    const status = JSON.parse((await run.next('get', '--json')).stdout) as Status;
    expect(status).toMatchObject({
      status: {
        message: expect.stringContaining(reason),
        teammates: [
          { name: 'fixer', phase: 'Failed', message: reason, outcome: 'failed', restartCount: 0 },
          { name: 'tester', phase: 'Skipped' },
        ],
      },
    });
    expect((await run.next('logs', 'fixer')).stdout).toContain(reason);
    // The lead received the reason, and the summary contains it.
    expect(await run.messagesTo('team-lead')).toContain(reason);
    expect((await run.next('logs', 'finish')).stdout).toContain(reason);
  });
});

interface Status {
  readonly status: object;
}

describe('a lead that reports', () => {
  const run = (call: string) =>
    start(
      team(
        lead(`    - { until: { ended: true }, tools: [${call}] }`) +
          fixer(`    - { tools: [${report('completed', 'all is well')}] }`),
      ),
    );

  test.each(['failed', 'blocked'])(
    '%s fails the team, although all teammates completed',
    async (outcome) => {
      const ended = await run(report(outcome, 'the tests need a licence'));
      expect(ended.outcome.exitCode).toBe(1);
      expect(ended.outcome.stdout).toContain(
        `lead: reported ${outcome}: the tests need a licence.`,
      );
      await expectNothingDelivered(ended);
    },
  );

  test('nothing-to-do completes the team without a delivery', async () => {
    const ended = await run(report('nothing-to-do', 'the bug was fixed upstream'));
    expect(ended.outcome.exitCode).toBe(0);
    expect(ended.outcome.stdout).toContain('had nothing to do: the bug was fixed upstream');
    await expectNothingDelivered(ended);
    expect((await ended.next('logs', 'deliver')).stdout).toContain(
      'Nothing was delivered: the lead reported that there was nothing to do. the bug was fixed upstream',
    );
  });
});

test('a retry repeats a failed step and asks the agent to try again', async () => {
  const call = (outcome: string) =>
    `    - { tools: [${report(outcome, 'the module is missing')}] }`;
  const run = await start(
    team(
      `${WAITING_LEAD}    - { until: { ended: true }, tools: [${report('completed', 'x')}] }\n` +
        fixer(`${call('blocked')}\n    - { text: I wait. }\n${call('completed')}`),
    ),
  );
  expect(run.outcome.exitCode).toBe(1);
  expect(await run.next('retry')).toMatchObject({ exitCode: 0 });
  expect(await git(run.remote, 'show', `${RESULT}:attempt.txt`)).toBe('attempt');
  expect(await run.messagesTo('fixer')).toContain('Your step is running again.');
});
