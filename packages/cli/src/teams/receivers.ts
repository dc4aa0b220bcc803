import { agentNamed, LEAD, shownName } from '@agentteam/contract';
import { teamExitCode } from '@agentteam/status';
import { Failure } from '../failure.ts';
import type { HostedTeam } from './team-host.ts';

/** An agent that can get a message, and whether it has begun to work. */
export interface Receiver {
  readonly agent: string;
  readonly isRunning: boolean;
}

const ENDED: ReadonlySet<string | undefined> = new Set(['Completed', 'Failed', 'Skipped']);

/**
 * Finds the agents that a person's message goes to. Without names, these are all agents that have not ended.
 * @throws Failure for an unknown agent, one that has ended, or a team that has ended.
 */
export function receiversIn(hosted: HostedTeam, names: readonly string[]): readonly Receiver[] {
  const { name, team, status, reference } = hosted;
  const exitCode = teamExitCode(status);
  if (exitCode !== undefined) {
    throw new Failure(`${name} has ended, so its agents read no more messages`, {
      hint:
        exitCode === 0
          ? `To see what it did, run: agentteam get ${reference}`
          : `To repeat failed steps with a corrected file, run: agentteam retry ${reference} -f FILE`,
    });
  }
  const phases = new Map([
    [LEAD, status.lead?.phase],
    ...(status.teammates ?? []).map((mate) => [mate.name, mate.phase] as const),
  ]);
  const known = [LEAD, ...team.spec.teammates.map((mate) => mate.name)];
  const open = known.filter((agent) => !ENDED.has(phases.get(agent)));
  const wanted = names.length === 0 ? open : names.map(agentNamed);
  return wanted.map((agent) => {
    if (!known.includes(agent)) {
      throw new Failure(`${name} has no agent ${agent}`, {
        hint: `Its agents: ${known.map(shownName).join(', ')}`,
      });
    }
    if (!open.includes(agent)) {
      throw new Failure(`${shownName(agent)} has ended, so it reads no more messages`, {
        hint:
          open.length === 0
            ? 'All agents of the team have ended.'
            : `Agents that have not ended: ${open.map(shownName).join(', ')}`,
      });
    }
    return { agent, isRunning: phases.get(agent) === 'Running' };
  });
}

/** Remarks about agents that get a message later. */
export function notesAbout(receivers: readonly Receiver[]): readonly string[] {
  const later = receivers
    .filter(({ isRunning }) => !isRunning)
    .map(({ agent }) => shownName(agent));
  if (later.length === 0) return [];
  const start = later.length === 1 ? 'has not started; it gets' : 'have not started; they get';
  return [`${later.join(', ')} ${start} the message after the first prompt`];
}

/** @throws Failure for an agent that is not running now. */
export function requireRunning(hosted: HostedTeam, agent: string): void {
  const [receiver] = receiversIn(hosted, [agent]);
  if (receiver?.isRunning && !hosted.interrupted) return;
  throw new Failure(`${shownName(agent)} is not running, so there is nothing to interrupt`, {
    hint: `To see the team, run: agentteam get ${hosted.reference}`,
  });
}
