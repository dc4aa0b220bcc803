import pc from 'picocolors';
import type { Context } from '../../../../src/context.ts';
import { listenForAnswers } from '../../../../src/output/display/gate-keys.ts';
import { openDisplay } from '../../../../src/output/display/open-display.ts';
import type { AgentRow, TeamView } from '../../../../src/output/view/team-view.ts';

/** Shows a team of 16 that waits at a gate, until Ctrl-C. Prints the answers to the gate. */
const STATES = ['running', 'done', 'running', 'done', 'waiting', 'failed'] as const;
const agents = Array.from({ length: 17 }, (_, index): AgentRow => {
  const state = index === 0 ? 'running' : (STATES[index % STATES.length] ?? 'done');
  const detail = 'A long report about the findings and the remaining work';
  const tasks = { completed: 1, total: 2 };
  const name = index === 0 ? 'lead' : `mate-${index}`;
  return { name, state, detail, model: 'sonnet', usd: '0.01', tasks, restarts: 0 };
});
const startedAt = Date.now();
const withActivity = (row: AgentRow): AgentRow =>
  row.state !== 'running'
    ? row
    : { ...row, activity: { text: 'Edit src/app.ts', elapsed: Date.now() - startedAt } };
const view = (): TeamView => ({
  run: 'crew',
  reference: 'crew',
  rehearsal: true,
  phase: 'Running',
  elapsed: Date.now() - startedAt,
  usd: '0.12',
  agents: agents.map(withActivity),
  after: [{ name: 'Deliver', state: 'waiting', detail: 'waiting for lead' }],
  gates: [{ event: 'deliver', before: 'Deliver' }],
  questions: [],
  settled: [],
  notices: [],
});
const context = {
  out: process.stdout,
  err: process.stderr,
  in: process.stdin,
  env: process.env,
  colors: pc.createColors(true),
} as unknown as Context;
const display = openDisplay(context, false, true);
const timer = setInterval(() => display.update(view()), 50);
const release = listenForAnswers(context, {
  top: () => 'deliver',
  answer: (event, decision) => display.note(`ANSWERED ${event} ${decision}`),
  confirmReject: (event) => display.confirmReject(event),
  leave: () => display.leave(),
  interrupt: () => {
    clearInterval(timer);
    release();
    display.end();
  },
});
