import { eventOfGateStep, isRecord } from '@agentteam/contract';
import { agentOf, decided, type EventDetail } from '@agentteam/detail';
import type { RunEvent } from '@agentteam/local';
import { stepTitle } from '@agentteam/status';
import { parseJson, readUntrusted } from '@agentteam/volume';

/**
 * Reads the events of a run, in words.
 * @param path the run's `events.jsonl`.
 * @param steps names of the agents' steps.
 * @returns undefined if there is no such file, or it is too large.
 */
export async function readEvents(
  path: string,
  steps: ReadonlySet<string>,
): Promise<readonly EventDetail[] | undefined> {
  const text = await readUntrusted(path);
  return text?.split('\n').flatMap((line) => {
    const event = parseJson(line);
    return isRecord(event) ? inWords(event as RunEvent, steps) : [];
  });
}

function inWords(event: RunEvent, steps: ReadonlySet<string>): readonly EventDetail[] {
  const { at } = event;
  if (event.type === 'workflow') {
    const why = event.message === undefined ? '' : `: ${event.message}`;
    return [{ at, kind: 'team', text: `the team is ${event.phase}${why}` }];
  }
  // How far an agent's tasks are is part of the agents.
  if (event.type === 'progress') return [];
  const { step } = event;
  const title = stepTitle(step);
  const about = { at, step, ...(steps.has(step) && { agent: agentOf(step) }) };
  switch (event.type) {
    case 'step-started':
      return [{ ...about, kind: event.type, text: `${title} started${again(event.attempt)}` }];
    case 'step-ended': {
      const why = event.message === undefined ? '' : `: ${event.message}`;
      return [
        { ...about, kind: event.type, text: `${title} ${ENDS[event.phase] ?? 'ended'}${why}` },
      ];
    }
    case 'step-retried':
      return [{ ...about, kind: event.type, text: `${title} is repeated: ${event.message}` }];
    case 'container-restarted': {
      const text = `${event.container} of ${title} was restarted after exit code ${event.exitCode}`;
      return [{ ...about, kind: event.type, text }];
    }
    case 'gate-opened':
      return [{ ...about, kind: event.type, text: `${title} is open` }];
    case 'gate-decided': {
      const { decision, by, reason } = event;
      const text = decided(eventOfGateStep(step), decision, by, reason);
      return [{ ...about, kind: event.type, text }];
    }
  }
}

const ENDS: Readonly<Record<string, string>> = {
  Succeeded: 'ended',
  Failed: 'failed',
  Error: 'failed',
  Skipped: 'was skipped',
  Omitted: 'was left out',
};

/** @param attempt from 0. */
function again(attempt: number): string {
  return attempt === 0 ? '' : ` again (attempt ${attempt + 1})`;
}
