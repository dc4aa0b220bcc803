import { clock, dollars } from '../terminal/quantities.ts';
import { oneLine } from '../terminal/safe.ts';
import type { Change } from './changes.ts';
import type { RowState, TeamView } from './team-view.ts';

const WORDS: Readonly<Record<RowState, string>> = {
  waiting: '○ waits',
  running: '● started',
  asking: '◆ waits for approval',
  done: '✓ completed',
  failed: '✗ failed',
  skipped: '– left out',
};

/** A change as one line of a log that nobody redraws. */
export function changeLine(change: Change, view: TeamView): string {
  return `${clock(view.elapsed).padStart(7)}  ${words(change, view)}`;
}

function words(change: Change, { run, reference }: TeamView): string {
  switch (change.event) {
    case 'phase':
      return `${run}: ${change.phase}`;
    case 'step':
      return `${WORDS[change.state]} ${change.step}${because(change.detail)}`;
    case 'restart':
      return `↻ restarted ${change.step} (${change.restarts}×)${because(change.why)}`;
    case 'tasks':
      return `✓ ${change.step} has done ${change.completed} of ${change.total} tasks`;
    case 'waiting':
      return `◌ ${change.step} is waiting for the API: ${change.for}`;
    case 'waited':
      return `● ${change.step} goes on: the API answers again`;
    case 'gate':
      return `◆ ${change.before} waits for approval: agentteam approve ${reference} ${change.gate}   (or reject)`;
    case 'notice':
      return `! ${oneLine(change.message)}`;
    case 'budget':
      return `! ${dollars(change.usd)} of ${dollars(change.limit)} are spent`;
  }
}

function because(detail: string): string {
  const line = oneLine(detail);
  return line === '' ? '' : `: ${line}`;
}
