import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ENV, OUTPUTS, PATHS, under } from '@agentteam/contract';
import { describe, expect, test } from '@jest/globals';
import { UNSEEN } from '../../../text/test/support/hostile.ts';
import { ClaudeProcess } from '../../src/agent/claude-code/process.ts';
import { log, logOutput } from '../../src/agent/log.ts';
import { makeLogger } from '../../src/gateway/log.ts';
import { runStep, StepFailure } from '../../src/step/failure.ts';
import { writeOutputs } from '../../src/step/outputs.ts';
import { runGroup } from '../../src/step/run-group.ts';
import { printed } from '../support/printed.ts';
import { temporaryDirectory } from '../support/shell.ts';
import { never } from '../support/team.ts';

// `kubectl logs` and `kubectl describe` print a container's output to the terminal unchanged.
const HOSTILE =
  '\u001b[31mred\u001b[0m \u001b]0;title\u0007 \u202egnp.exe \u009b2J over\rwritten \u0007 \ud800';

const environment = { PATH: process.env['PATH'] ?? '' };

describe('no terminal control characters get into a pod’s log', () => {
  test('from an agent', async () => {
    const { log: lines } = await printed(async () => {
      log('says', HOSTILE);
      const call = { id: '1', name: HOSTILE, input: { command: HOSTILE } };
      logOutput([{ type: 'tool-call', purpose: 'work', ...call }]);
    });
    expect(lines).not.toMatch(UNSEEN);
    expect(lines).toContain('says red');
    // Each line has a time and a kind, even if the agent made a line break.
    for (const line of lines.trimEnd().split('\n'))
      expect(line).toMatch(/^[\d-]{10}T[\d:]{8}Z (says|tool) /);
  });

  test('from claude’s error output', async () => {
    const { log: lines } = await printed(async () => {
      const claude = new ClaudeProcess({
        program: process.execPath,
        args: ['-e', `process.stderr.write(${JSON.stringify(HOSTILE)})`],
        cwd: await temporaryDirectory(),
        env: environment,
        isResumed: false,
        readBefore: new Set(),
        onEvent: () => {},
        answerMcp: async () => ({}),
      });
      await claude.exited;
    });
    expect(lines).toContain('red');
    expect(lines).not.toMatch(UNSEEN);
  });

  test('from a program of the repository, which may print colours', async () => {
    const script = `process.stdout.write(${JSON.stringify(HOSTILE)})`;
    const { output } = await runGroup([process.execPath, '-e', script], {
      cwd: await temporaryDirectory(),
      env: environment,
      signal: never,
    });
    expect(output).toContain('red');
    expect(output).not.toMatch(UNSEEN);
  });

  test('from a failure, neither in the log nor in the termination message', async () => {
    const root = await temporaryDirectory();
    await mkdir(under(root, '/dev'), { recursive: true });
    const { log: lines } = await printed(() =>
      runStep('checks', { [ENV.root]: root }, async () => {
        throw new StepFailure(`${HOSTILE}${'ü'.repeat(5_000)}`);
      }),
    );
    expect(lines).not.toMatch(UNSEEN);
    const message = await readFile(under(root, PATHS.terminationLog));
    expect(message.length).toBeLessThanOrEqual(4_096);
    expect(message.toString()).not.toMatch(UNSEEN);
    expect(message.toString()).toMatch(/^red .*ü$/s);
  });

  test("from an output parameter, which is kept in the Workflow's status", async () => {
    const root = await temporaryDirectory();
    await writeOutputs(root, { [OUTPUTS.summary]: HOSTILE });
    const text = await readFile(join(under(root, PATHS.outputs), OUTPUTS.summary), 'utf8');
    expect(text).not.toMatch(UNSEEN);
  });

  test('from the gateway, which logs JSON', async () => {
    const { log: line } = await printed(async () => {
      makeLogger('auth', 'api').warn({ event: 'refused', path: HOSTILE });
    });
    expect(line).not.toMatch(UNSEEN);
    expect(JSON.parse(line)).toMatchObject({ path: HOSTILE });
  });
});

test('no other module of the runner writes to its output', async () => {
  const source = fileURLToPath(new URL('../../src', import.meta.url));
  const files = await readdir(source, { recursive: true });
  const writing: string[] = [];
  for (const file of files.filter((name) => name.endsWith('.ts'))) {
    const text = await readFile(join(source, file), 'utf8');
    if (/process\.(?:stdout|stderr)|console\.|'inherit'/.test(text)) writing.push(file);
  }
  // The hook's JSON output is for Claude Code, the output of people/command.ts and results/command.ts is for the CLI,
  // and main.ts prints its help.
  expect(writing.toSorted()).toEqual([
    'gateway/log.ts',
    'hook/command.ts',
    'main.ts',
    'people/command.ts',
    'results/command.ts',
    'step/print.ts',
  ]);
});
