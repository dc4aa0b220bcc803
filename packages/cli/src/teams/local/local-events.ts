import { ARGO_MESSAGES } from '@agentteam/argo';
import { eventOfGateStep, isRecord, parseJson } from '@agentteam/contract';
import { decided, type EventDetail, type StepDetail } from '@agentteam/detail';
import type { RunEvent } from '@agentteam/local';
import { stepTitle } from '@agentteam/status';
import { readUntrusted } from '@agentteam/volume';

/**
 * Reads the events of a run, in words.
 * @param path the run's `events.jsonl`.
 * @param steps all steps, with why they failed.
 * @returns undefined if there is no such file, or it is too large.
 */
export async function readEvents(
  path: string,
  steps: readonly StepDetail[],
): Promise<readonly EventDetail[] | undefined> {
  const known = new Map(steps.map((step) => [step.name, step]));
  const text = await readUntrusted(path);
  const all = text?.split('\n').flatMap((line) => {
    const event = parseJson(line);
    return isRecord(event) ? inWords(event as RunEvent, known) : [];
  });
  // The steps end before the last one, `Finish`, and the Workflow ends after it, in the same phase.
  const ofTeam = all?.filter(({ kind }) => kind === 'team') ?? [];
  const repeated = new Set(ofTeam.filter(({ text }, index) => ofTeam[index - 1]?.text === text));
  return all?.filter((event) => !repeated.has(event));
}

function inWords(event: RunEvent, steps: ReadonlyMap<string, StepDetail>): readonly EventDetail[] {
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
  const { agent, message: reason } = steps.get(step) ?? {};
  const about = { at, step, ...(agent !== undefined && { agent }) };
  switch (event.type) {
    case 'step-started':
      return [{ ...about, kind: event.type, text: `${title} started${again(event.attempt)}` }];
    case 'step-ended': {
      const why = because(SAYS_LITTLE.has(event.message) ? reason : event.message);
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
      const { decision, by } = event;
      const text = decided(eventOfGateStep(step), decision, by, event.reason);
      return [{ ...about, kind: event.type, text }];
    }
  }
}

/** Messages of Argo that say no more than the phase, or only why a step is not repeated. */
const SAYS_LITTLE: ReadonlySet<string | undefined> = new Set([
  ARGO_MESSAGES.omitted,
  ARGO_MESSAGES.notRetried,
  ARGO_MESSAGES.noMoreRetries,
]);

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
