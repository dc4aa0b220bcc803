import { ARGO_MESSAGES } from '@agentteam/argo';
import { eventOfGateStep, isRecord, parseJson } from '@agentteam/contract';
import { agentOf, decided, type EventDetail } from '@agentteam/detail';
import type { RunEvent } from '@agentteam/local';
import { stepTitle } from '@agentteam/status';
import { readUntrusted } from '@agentteam/volume';

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
  const all = text?.split('\n').flatMap((line) => {
    const event = parseJson(line);
    return isRecord(event) ? inWords(event as RunEvent, steps) : [];
  });
  // The steps end before the last one, `Finish`, and the Workflow ends after it, in the same phase.
  const ofTeam = all?.filter(({ kind }) => kind === 'team') ?? [];
  const repeated = new Set(ofTeam.filter(({ text }, index) => ofTeam[index - 1]?.text === text));
  return all?.filter((event) => !repeated.has(event));
}

function inWords(event: RunEvent, steps: ReadonlySet<string>): readonly EventDetail[] {
  const { at } = event;
  if (event.type === 'workflow') {
    return [
      { at, kind: 'team', text: `${PHASES[event.phase] ?? event.phase}${because(event.message)}` },
    ];
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
      // Argo's message for a step that is not needed says no more than the phase.
      const why = event.message === ARGO_MESSAGES.omitted ? '' : because(event.message);
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

/** Phases of the Workflow. */
const PHASES: Readonly<Record<string, string>> = {
  Pending: 'the team waits for its start',
  Running: 'the team started',
  Succeeded: 'the steps succeeded',
  Failed: 'the steps failed',
  Error: 'the steps failed',
};

function because(message: string | undefined): string {
  return message === undefined ? '' : `: ${message}`;
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
