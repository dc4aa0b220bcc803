import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Workspace } from '../support/claude.ts';
import { rehearse, script, type Watched } from '../support/rehearse.ts';

let workspace: Workspace;
let rehearsal: Watched | undefined;

beforeEach(async () => {
  workspace = await Workspace.make();
});

afterEach(async () => {
  await workspace.remove();
  await rehearsal?.close();
});

const GO_ON = 'Your process was started again in the middle of your turn.';

describe('a killed agent continues its script', () => {
  test('in the middle of a reply', async () => {
    rehearsal = await rehearse(
      script(`
agents:
  mate:
    turns:
      - tools: [{name: Bash, input: {command: echo first >> log}}]
      - text: A text that takes its time.
        pace: {characters: 1, everyMs: 250}
        tools: [{name: Bash, input: {command: echo second >> log}}]
      - text: Done with both.
`),
    );
    const killed = workspace.start({ url: rehearsal.url });
    killed.tell('Begin.');
    await rehearsal.until(({ turn }) => turn === 2);
    // A killed CLI repeats what it has not recorded yet.
    await workspace.recorded('toolu_mate_1_1_1', 'tool_result');
    await killed.kill();
    const { result } = await workspace.start({ url: rehearsal.url, resume: true }).ask(GO_ON);
    expect(result).toBe('Done with both.');
    expect(await workspace.read('log')).toBe('first\nsecond\n');
  });

  test('in the middle of the second of three tools', async () => {
    rehearsal = await rehearse(
      script(`
agents:
  mate:
    turns:
      - tools:
          - {name: Bash, input: {command: echo first >> log}}
          - {name: Bash, input: {command: 'echo second >> log; [ -e twice ] || { echo x > twice; while [ -e twice ]; do sleep 0.2; done; }'}}
          - {name: Bash, input: {command: echo third >> log}}
      - text: Done with three.
`),
    );
    const killed = workspace.start({ url: rehearsal.url });
    killed.tell('Begin.');
    await workspace.appears('twice');
    await workspace.recorded('toolu_mate_1_1_1', 'tool_result');
    await killed.kill();
    const { result } = await workspace.start({ url: rehearsal.url, resume: true }).ask(GO_ON);
    expect(result).toBe('Done with three.');
    expect(await workspace.read('log')).toBe('first\nsecond\nsecond\nthird\n');
  });

  test('in the middle of creating a task, and creates it only once', async () => {
    rehearsal = await rehearse(
      script(`
agents:
  mate:
    turns:
      - tools:
          - {name: TaskCreate, input: {subject: Sum up (soon), description: d}}
          - {name: Bash, input: {command: '[ -e twice ] || { echo x > twice; while [ -e twice ]; do sleep 0.2; done; }'}}
      - text: "It is task \${task.Sum up (soon)}."
`),
    );
    const killed = workspace.start({ url: rehearsal.url });
    killed.tell('Begin.');
    await workspace.appears('twice');
    await killed.kill();
    const { result } = await workspace.start({ url: rehearsal.url, resume: true }).ask(GO_ON);
    expect(result).toBe('It is task 1.');
    expect(await workspace.taskIds()).toEqual(['1']);
  });

  test('between its turns, with a restarted rehearsal', async () => {
    const played = script(`
agents:
  mate:
    idle: Not yet.
    turns:
      - tools: [{name: Bash, input: {command: echo first >> log}}]
      - text: Half.
      - until: {mail: [team-lead]}
        tools: [{name: Bash, input: {command: echo second >> log}}]
      - text: Whole.
`);
    rehearsal = await rehearse(played);
    const { url, port } = rehearsal;
    const killed = workspace.start({ url });
    expect((await killed.ask('Begin.')).result).toBe('Half.');
    expect((await killed.ask('More?')).result).toBe('Not yet.');
    await killed.kill();
    await rehearsal.close();
    rehearsal = await rehearse(played, { port });
    const resumed = workspace.start({ url, resume: true });
    expect((await resumed.ask(GO_ON)).result).toBe('Not yet.');
    const letter = '<teammate-message teammate_id="team-lead">\ngo\n</teammate-message>';
    expect((await resumed.ask(letter)).result).toBe('Whole.');
    expect(await workspace.read('log')).toBe('first\nsecond\n');
  });
});
