import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Member, Workspace } from '../support/claude.ts';
import { rehearse, script, type Watched } from '../support/rehearse.ts';

let workspace: Workspace;
let rehearsal: Watched;

beforeEach(async () => {
  workspace = await Workspace.make();
  rehearsal = await rehearse(
    script(`
agents:
  mate:
    turns:
      - tools:
          - {name: Bash, input: {command: echo first >> log}}
          - {name: TaskCreate, input: {subject: Sum up, description: d}}
      - text: "Done: task \${task.Sum up}."
`),
  );
});

afterEach(async () => {
  await workspace.remove();
  await rehearsal.close();
});

/** The CLI runs these hooks after it has recorded a call and before it executes it. */
const HELD = '[ -e open ] || { echo x > asked; until [ -e open ]; do sleep 0.2; done; }';

const ENDS: readonly (readonly [name: string, end: (member: Member) => Promise<void>])[] = [
  ['SIGKILL', (member) => member.kill()],
  ['SIGTERM', (member) => member.end('SIGTERM')],
  ['an interrupt', (member) => member.interrupt()],
];

test.each(ENDS)('%s between a call and its execution: the call is repeated', async (_, end) => {
  const args = await workspace.beforeTools(HELD);
  const stopped = workspace.start({ url: rehearsal.url, args });
  stopped.tell('Begin.');
  await workspace.appears('asked');
  await workspace.recorded('toolu_mate_1_1_1', 'tool_use');
  await end(stopped);
  await workspace.write('open', 'x');
  const resumed = workspace.start({ url: rehearsal.url, resume: true, args });
  const { result } = await resumed.ask('Your process was started again.');
  expect(result).toBe('Done: task 1.');
  expect(await workspace.read('log')).toBe('first\n');
  expect(await workspace.taskIds()).toEqual(['1']);
});
