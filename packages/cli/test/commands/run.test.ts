import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { compileText } from '@agentteam/compiler';
import { defaultScript, startRehearsal } from '@agentteam/rehearsal';
import { describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { Q3_REPORT } from '../fixtures.ts';
import { processesOf } from '../run/everyday/processes.ts';
import { temporaryDirectories } from '../temporary.ts';
import { agentteam, agentteamArguments, type Outcome } from './agentteam.ts';

const temporary = temporaryDirectories();

/** A directory with a team file. */
async function workplace(text: string = Q3_REPORT): Promise<string> {
  const cwd = await temporary();
  await writeFile(join(cwd, 'team.yaml'), text);
  return cwd;
}

const UNGATED = Q3_REPORT.replace(/ +approvalGates:.*\n/, '');

const REPORT = '{ name: report, input: { outcome: completed, summary: Done. } }';

/** A script whose first turns spend money and call no tools, so that a stop interrupts no tool. */
const EXPENSIVE_SCRIPT = `
agents:
  team-lead:
    turns:
      - { text: I wait for the others. }
      - { until: { ended: true }, tools: [${REPORT}] }
  researcher:
    turns:
      - { text: I think., usage: { output: 5000 } }
      - tools: [{ name: TaskUpdate, input: { taskId: "1", status: completed } }, ${REPORT}]
      - text: Done.
  email-drafter:
    turns:
      - { text: I think., usage: { output: 5000 } }
      - tools: [{ name: TaskUpdate, input: { taskId: "2", status: completed } }, ${REPORT}]
      - text: Done.
`;

interface Event {
  readonly event: string;
  readonly [field: string]: unknown;
}

function events({ stdout }: Outcome): readonly Event[] {
  return stdout.split('\n').map((line) => JSON.parse(line) as Event);
}

/** Starts `agentteam run --json`. */
function startRun(cwd: string, args: readonly string[]) {
  const child = spawn(process.execPath, [...agentteamArguments, 'run', 'team.yaml', ...args], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: cwd },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  const output = child.stdout.setEncoding('utf8')[Symbol.asyncIterator]();
  let text = '';
  return {
    child,
    ended,
    /** Waits until the output contains `wanted`. */
    until: async (wanted: string): Promise<void> => {
      while (!text.includes(wanted)) {
        const { value, done } = await output.next();
        if (done) throw new Error(`the run ended without ${wanted}:\n${text}`);
        text += String(value);
      }
    },
  };
}

describe('a rehearsal', () => {
  test('completes, and keeps the results, the costs, the mail and the logs', async () => {
    const cwd = await workplace();
    const { exitCode, stdout } = await agentteam(
      ['run', 'team.yaml', '--rehearse', '--approve', 'all'],
      cwd,
    );
    expect(exitCode).toBe(0);
    expect(stdout).toContain('◆ spawn-email-drafter: approved in advance, email-drafter starts');
    expect(stdout).toContain('✓ q3-report completed after');
    expect(stdout).toContain('the costs are simulated and nothing was charged');
    expect(await readdir(join(cwd, '.agentteam', 'q3-report', 'output'))).toContain('report.md');
    expect(await readFile(join(cwd, '.agentteam', '.gitignore'), 'utf8')).toBe('*\n');

    const [list, get, cost, messages, logs] = await Promise.all([
      agentteam(['list'], cwd),
      agentteam(['get', 'q3-report', '--json'], cwd),
      agentteam(['cost', 'q3-report', '--json'], cwd),
      agentteam(['messages', 'q3-report'], cwd),
      agentteam(['logs', 'q3-report', 'researcher', '-c', 'main'], cwd),
    ]);
    expect(list.stdout).toMatch(/q3-report +Completed +2\/2 .* rehearsal/);
    expect(JSON.parse(get.stdout)).toMatchObject({
      kind: 'AgentTeam',
      status: { phase: 'Completed', ready: '2/2', tasks: { pending: 0 } },
    });
    const { usd, lines } = JSON.parse(cost.stdout) as { usd: string; lines: { usd: string }[] };
    expect(Number(usd)).toBeGreaterThan(0);
    expect(lines.length).toBe(3);
    expect(messages.stdout).toContain('researcher → lead');
    expect(logs.stdout).toContain('researcher ');

    const again = await agentteam(['resume', 'q3-report'], cwd);
    expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('has ended') });
    // A name that is mistyped keeps no other run from being deleted.
    const deleted = await agentteam(['delete', 'q2-report', 'q3-report'], cwd);
    expect(deleted).toMatchObject({ exitCode: 1, stdout: 'q3-report deleted' });
    expect(deleted.stderr).toContain('q2-report');
    expect(deleted.stderr).toContain('1 of 2 runs was not deleted');
    expect((await agentteam(['list'], cwd)).stdout).toBe('');
  });

  test('exits with 3 when a gate is rejected from another terminal', async () => {
    const cwd = await workplace();
    const run = startRun(cwd, ['--rehearse', '--gates', 'wait', '--json']);
    await run.until('"event":"gate"');
    const unknown = await agentteam(['approve', 'q3-report', 'spawn-unknown'], cwd);
    expect(unknown.stderr).toContain('Its gates: spawn-email-drafter');
    const reason = ['--by', 'ada', '--reason', 'names are missing'];
    const rejected = await agentteam(
      ['reject', 'q3-report', 'spawn-email-drafter', ...reason],
      cwd,
    );
    expect(rejected.exitCode).toBe(0);
    await run.until('"event":"ended"');
    expect(await run.ended).toEqual([3, null]);
    expect((await agentteam(['get', 'q3-report'], cwd)).stdout).toContain(
      'spawn-email-drafter was rejected by ada: names are missing.',
    );
    expect((await agentteam(['get', 'q3-report'], cwd)).stdout).toMatch(
      /spawn-email-drafter: ada rejected at \S+Z \(agentteam\): "names are missing"/,
    );
    const retried = await agentteam(['retry', 'q3-report', '--gates', 'approve'], cwd);
    expect(retried.exitCode).toBe(0);
    const shown = (await agentteam(['get', 'q3-report', '--json'], cwd)).stdout;
    expect(JSON.parse(shown).status).toMatchObject({
      phase: 'Completed',
      approvals: [{ event: 'spawn-email-drafter', decision: 'approve' }],
    });
    const stopped = await agentteam(['stop', 'q3-report'], cwd);
    expect(stopped.stderr).toBe('✗ q3-report has already ended');
  });

  test('exits with 3 when a gate is not answered in time, and does not call it rejected', async () => {
    const cwd = await workplace(
      Q3_REPORT.replace('lifecycle:', 'lifecycle:\n    approvalTimeout: 2s'),
    );
    const ended = await agentteam(['run', 'team.yaml', '--rehearse', '--gates', 'wait'], cwd);
    const shown = await agentteam(['get', 'q3-report'], cwd);
    const listed = await agentteam(['list'], cwd);
    expect([ended.exitCode, shown.exitCode]).toEqual([3, 0]);
    for (const { stdout } of [ended, shown]) {
      expect(stdout).toContain('Nobody answered spawn-email-drafter in time.');
      expect(stdout).toContain('nobody answered in time');
    }
    expect(listed.stdout).toContain('Failed (Unanswered)');
    for (const { stdout } of [ended, shown, listed]) expect(stdout).not.toMatch(/rejected/i);
  });

  test('replays a recorded run, and reports how a changed team deviates', async () => {
    const cwd = await workplace(UNGATED);
    expect((await agentteam(['run', 'team.yaml', '--rehearse', '--record'], cwd)).exitCode).toBe(0);
    await writeFile(join(cwd, 'team.yaml'), UNGATED.replace('model: sonnet', 'model: haiku'));
    const replay = await agentteam(['run', 'team.yaml', '--rehearse', 'q3-report'], cwd);
    expect(replay.exitCode).toBe(0);
    expect(replay.stderr).toContain('! replay: request 1 of researcher differs');
    const output = (run: string) => readdir(join(cwd, '.agentteam', run, 'output'));
    expect(await output('q3-report-2')).toEqual(await output('q3-report'));
  });

  test('exits with 5 when the budget is spent, and continues with a higher budget', async () => {
    const cwd = await workplace(UNGATED);
    await writeFile(join(cwd, 'rehearsal.yaml'), EXPENSIVE_SCRIPT);
    const run = await agentteam(['run', 'team.yaml', '--rehearse', '--budget', '0.01'], cwd);
    expect(run.exitCode).toBe(5);
    expect(run.stdout).toContain('agentteam retry q3-report --budget DOLLARS');
    const retried = await agentteam(['retry', 'q3-report', '--budget', '5', '--json'], cwd);
    expect(retried.exitCode).toBe(0);
    expect(events(retried).at(-1)).toMatchObject({
      event: 'ended',
      exitCode: 0,
      team: { status: { phase: 'Completed' } },
    });
  });

  test('after a retry, the lead waits for teammates that never started before', async () => {
    const cwd = await workplace(
      UNGATED.replace('prompt: Draft.', 'prompt: Draft., dependsOn: [researcher]'),
    );
    await writeFile(join(cwd, 'rehearsal.yaml'), EXPENSIVE_SCRIPT);
    const run = await agentteam(['run', 'team.yaml', '--rehearse', '--budget', '0.01'], cwd);
    expect(run.stdout).toContain('\nemail-drafter  never started\n');
    const retried = await agentteam(['retry', 'q3-report', '--budget', '5'], cwd);
    expect(retried.exitCode).toBe(0);
    const session = '.agentteam/q3-report/volumes/team/sessions/team-lead';
    const journal = await readFile(join(cwd, session, 'journal.jsonl'), 'utf8');
    expect(journal).toContain(
      JSON.stringify('<report from="email-drafter" outcome="completed">').slice(1, -1),
    );
  });

  test('a retry that cannot start does not change the run', async () => {
    const cwd = await workplace(UNGATED);
    await writeFile(join(cwd, 'rehearsal.yaml'), EXPENSIVE_SCRIPT);
    await agentteam(['run', 'team.yaml', '--rehearse', '--budget', '0.01'], cwd);
    const record = await readFile(join(cwd, '.agentteam/q3-report/run.json'), 'utf8');
    const { port } = (JSON.parse(record) as { rehearsal: { port: number } }).rehearsal;
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    const retried = await agentteam(['retry', 'q3-report', '--budget', '5'], cwd);
    other.close();
    expect(retried).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('is in use') });
    const { stdout } = await agentteam(['list'], cwd);
    expect(stdout).toMatch(/BudgetExceeded .* rehearsal$/m);
  });

  test('exits with 4 at its timeout', async () => {
    const cwd = await workplace(Q3_REPORT.replace('budgetLimit:', 'timeout: 3s\n    budgetLimit:'));
    const run = await agentteam(['run', 'team.yaml', '--rehearse', '--gates', 'wait'], cwd);
    expect(run.exitCode).toBe(4);
    expect(run.stdout).toContain('TimedOut');
  });

  test('exits with 1 when it is stopped', async () => {
    const cwd = await workplace();
    const run = startRun(cwd, ['--rehearse', '--gates', 'wait', '--json']);
    await run.until('"event":"gate"');
    expect((await agentteam(['stop', 'q3-report'], cwd)).exitCode).toBe(0);
    await run.until('"event":"ended"');
    expect(await run.ended).toEqual([1, null]);
    expect((await agentteam(['get', 'q3-report'], cwd)).stdout).toContain('The team was stopped.');
  });
});

describe('an interrupted run', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s stops the run, which can be resumed',
    async (signal) => {
      const cwd = await workplace();
      const run = startRun(cwd, ['--rehearse', '--gates', 'wait', '--json']);
      await run.until('"phase":"Running"');
      run.child.kill(signal);
      expect(await run.ended).toEqual([130, null]);
      expect((await agentteam(['list'], cwd)).stdout).toMatch(/Running .* interrupted/);
      expect((await agentteam(['watch', 'q3-report'], cwd)).exitCode).toBe(130);
      expect((await agentteam(['retry', 'q3-report'], cwd)).stderr).toContain('has not ended');
      const resumed = await agentteam(['resume', 'q3-report', '--gates', 'approve'], cwd);
      expect(resumed.exitCode).toBe(0);
    },
  );

  test('a killed run can be resumed without repeating finished steps', async () => {
    const cwd = await workplace();
    const run = startRun(cwd, ['--rehearse', '--gates', 'wait', '--json']);
    await run.until('"step":"researcher","state":"done"');
    run.child.kill('SIGKILL');
    await run.ended;
    const gate = ['q3-report', 'spawn-email-drafter'];
    expect((await agentteam(['approve', ...gate, '--by', 'ada'], cwd)).exitCode).toBe(0);
    const shown = await agentteam(['get', 'q3-report'], cwd);
    expect(shown.stdout).toMatch(/Approvals:\n {2}spawn-email-drafter: ada approved at \S+Z \(/);
    const resumed = await agentteam(['resume', 'q3-report', '--gates', 'wait'], cwd);
    expect(resumed.exitCode).toBe(0);
    const log = await readFile(join(cwd, '.agentteam', 'q3-report', 'events.jsonl'), 'utf8');
    const started = log
      .split('\n')
      .filter((line) => /"step-started","step":"researcher"/.test(line));
    expect(started).toHaveLength(1);
  });

  test('another process can neither resume nor delete a running run', async () => {
    const cwd = await workplace();
    const run = startRun(cwd, ['--rehearse', '--gates', 'wait', '--json']);
    await run.until('"event":"gate"');
    const [resumed, deleted] = await Promise.all([
      agentteam(['resume', 'q3-report'], cwd),
      agentteam(['delete', 'q3-report'], cwd),
    ]);
    expect(resumed).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('q3-report is running and is not paused'),
    });
    expect(deleted).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('is running') });

    run.child.kill('SIGKILL');
    await run.ended;
    // What a killed command has left: the id of its process does not exist any more.
    const runs = join(cwd, '.agentteam');
    await mkdir(join(runs, `.${run.child.pid}.other`));
    const both = await Promise.all([
      agentteam(['delete', 'q3-report', '--yes'], cwd),
      agentteam(['delete', 'q3-report', '--yes'], cwd),
    ]);
    expect(both.map(({ stdout }) => stdout)).toContain('q3-report deleted');
    expect(await readdir(runs)).toEqual(['.gitignore']);
    expect(processesOf(join(runs, 'q3-report'))).toEqual([]);
  });

  test('a reader that closes the pipe interrupts the run', async () => {
    const cwd = await workplace();
    const run = startRun(cwd, ['--rehearse', '--gates', 'wait', '--json']);
    await run.until('"event":"phase"');
    run.child.stdout.destroy();
    await run.ended;
    expect((await agentteam(['list'], cwd)).stdout).toMatch(/interrupted/);
  });
});

describe('a real run', () => {
  test('needs a credential, and leaves no files without one', async () => {
    const cwd = await workplace();
    const { exitCode, stderr } = await agentteam(['run', 'team.yaml'], cwd);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--rehearse');
    expect(await readdir(cwd)).toEqual(['team.yaml']);
  });

  test('needs a sandbox or --no-sandbox, and explains the risk', async () => {
    const cwd = await workplace();
    const env = { ANTHROPIC_API_KEY: 'sk-test', PATH: cwd };
    const { exitCode, stderr } = await agentteam(['run', 'team.yaml'], cwd, env);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/--no-sandbox[\s\S]*read your files and keys/);
  });

  test('lists the missing inputs, and leaves no run', async () => {
    const cwd = await workplace(
      Q3_REPORT.replace(
        'output: {}',
        'output: {}, inputs: [{ configMap: quarterly-data, mountPath: /workspace/data }]',
      ),
    );
    const { exitCode, stderr } = await agentteam(['run', 'team.yaml', '--no-sandbox'], cwd, {
      ANTHROPIC_API_KEY: 'sk-test',
    });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('ConfigMap not found: quarterly-data');
    expect(await readdir(join(cwd, '.agentteam'))).toEqual(['.gitignore']);
  });

  test('fails immediately when its branch does not exist, and explains why once', async () => {
    const cwd = await workplace(`
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: crew, namespace: dev }
spec:
  repository: { url: "https://git.example/backend.git", branch: nowhere }
  lead: { model: haiku, prompt: Coordinate. }
  teammates: [{ name: api, prompt: Say it. }, { name: web, prompt: Show it. }]
  lifecycle: { approvalGates: [{ event: spawn-web }] }
`);
    await execa('git', ['init', '--quiet', '-b', 'main', 'backend'], { cwd });
    const who = ['-c', 'user.name=A Person', '-c', 'user.email=person@example.com'];
    const commit = ['commit', '--quiet', '--allow-empty', '-m', 'The beginning'];
    await execa('git', [...who, ...commit], { cwd: join(cwd, 'backend') });
    const args = ['run', 'team.yaml', '--repository=backend', '--no-sandbox', '--gates=wait'];
    const { exitCode, stdout } = await agentteam(args, cwd, { ANTHROPIC_API_KEY: 'sk-test' });
    expect(exitCode).toBe(1);
    const why =
      'The repository has no branch nowhere; correct repository.branch. Its branches are main.';
    // The teammate may fail for the same reason before the team is stopped.
    const failure = new RegExp(`lead(, api)?: ${why}`);
    expect(stdout).toMatch(failure);
    expect(stdout).not.toContain('crew: Running');
    expect(stdout).toContain(`\nlead  failed, 0 turns, 0 of 0 tasks, 0 messages sent\n  ${why}\n`);
    expect(stdout).toContain('\nweb  never started\n');
    const { status } = JSON.parse((await agentteam(['get', 'crew', '-o', 'json'], cwd)).stdout);
    expect(status).toMatchObject({
      ...{ phase: 'Failed', message: expect.stringMatching(failure) },
      lead: { phase: 'Failed', restartCount: 0 },
    });
    const log = await agentteam(['logs', 'crew', 'api', '-c', 'setup'], cwd);
    expect(log.stdout).toContain(why);
  });

  test('sends the key only to the API', async () => {
    const { compiled } = compileText(UNGATED);
    if (compiled === undefined) throw new Error('the fixture is not valid');
    const rehearsal = await startRehearsal({ script: defaultScript(compiled.team) });
    const api = await watchKeys(rehearsal.port);
    try {
      const cwd = await workplace(UNGATED);
      const run = await agentteam(['run', 'team.yaml', '--no-sandbox', '--keep'], cwd, {
        ANTHROPIC_API_KEY: 'sk-ant-secret-of-this-test',
        ANTHROPIC_BASE_URL: `${api.url}/{agent}`,
      });
      expect(run.exitCode).toBe(0);
      expect([...api.keys]).toEqual(['sk-ant-secret-of-this-test']);
      expect(await filesWith(cwd, 'sk-ant-secret-of-this-test')).toEqual([]);
    } finally {
      api.close();
      await rehearsal.close();
    }
  });
});

/** A proxy for an API on loopback that records the keys of the requests. */
async function watchKeys(port: number): Promise<{
  readonly url: string;
  readonly keys: ReadonlySet<unknown>;
  readonly close: () => void;
}> {
  const keys = new Set<unknown>();
  const server = createServer((incoming, outgoing) => {
    keys.add(incoming.headers['x-api-key']);
    const { method, url: path, headers } = incoming;
    const forwarded = request({ host: '127.0.0.1', port, method, path, headers }, (reply) => {
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: own } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${own}`, keys, close };
}

/** The files below a directory that contain a text. Links are not followed. */
async function filesWith(directory: string, text: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((e) => join(e.parentPath, e.name));
  const found = await Promise.all(
    files.map(async (file) => ((await readFile(file)).includes(text) ? [file] : [])),
  );
  return found.flat();
}
