import { setTimeout as delay } from 'node:timers/promises';
import type { AgentTeam } from '@agentteam/api';
import type { Workflow } from '@agentteam/argo';
import { ANNOTATIONS, parseJson, type TeamPause, toTeamPause, utcTime } from '@agentteam/contract';
import { teamExitCode } from '@agentteam/status';
import type { CustomObjects } from '../../cluster/connection/custom-objects.ts';
import { Failure } from '../../failure.ts';
import type { HostedTeam, Pausing } from '../team-host.ts';

/** How long to wait for the controller, which normally acts within a second. */
const CONFIRMATION_MS = 10_000;
const INTERVAL_MS = 250;

/** Pauses a team on a cluster: the controller sees the annotation. @param by name of the caller. */
export async function pauseTeam(
  teams: CustomObjects<AgentTeam>,
  hosted: HostedTeam,
  by: string,
): Promise<Pausing> {
  const { name, team, status, workflow } = hosted;
  if (teamExitCode(status) !== undefined) {
    throw new Failure(`${name} has ended, so there is nothing to pause`);
  }
  const before = pauseOf(team);
  const pause = before ?? { by, at: new Date().toISOString() };
  if (before === undefined) await annotate(teams, name, 'true', JSON.stringify(pause));
  return {
    pause,
    isNew: before === undefined,
    notes: [...(await unconfirmed(teams, name)), ...deadlineNote(workflow)],
  };
}

/**
 * Ends the pause of a team, whoever has paused it. A Workflow that somebody has suspended in Argo continues, too.
 * @throws Failure for a team that has ended or is not paused.
 */
export async function resumeTeam(
  teams: CustomObjects<AgentTeam>,
  workflows: CustomObjects<Workflow>,
  { name, team, status, workflow, reference }: HostedTeam,
): Promise<TeamPause> {
  if (teamExitCode(status) !== undefined) {
    throw new Failure(`${name} has ended`, {
      hint: `To see its result, run: agentteam get ${reference}\n  To repeat failed steps, run: agentteam retry ${reference}`,
    });
  }
  const pause = pauseOf(team);
  if (pause !== undefined) await annotate(teams, name, null, null);
  const isOurs = workflow.metadata.annotations?.[ANNOTATIONS.pausedBy] !== undefined;
  const isSuspended = workflow.spec.suspend === true && !isOurs;
  if (isSuspended) await workflows.patch(workflow.metadata.name ?? '', { spec: { suspend: null } });
  if (pause !== undefined) return pause;
  if (isSuspended) return { by: 'argo suspend', at: new Date().toISOString() };
  throw new Failure(`${name} is running and is not paused`, {
    hint: `To see it, run: agentteam watch ${reference}`,
  });
}

/** The pause in a team's annotations. The controller, or the admission webhook, records who made it. */
function pauseOf({ metadata }: AgentTeam): TeamPause | undefined {
  const { annotations = {} } = metadata as { annotations?: Readonly<Record<string, string>> };
  if (annotations[ANNOTATIONS.paused] !== 'true') return undefined;
  const recorded = toTeamPause(parseJson(annotations[ANNOTATIONS.pausedBy] ?? 'null'));
  return recorded ?? { by: 'annotation', at: new Date().toISOString() };
}

async function annotate(
  teams: CustomObjects<AgentTeam>,
  name: string,
  paused: string | null,
  pausedBy: string | null,
): Promise<void> {
  const annotations = { [ANNOTATIONS.paused]: paused, [ANNOTATIONS.pausedBy]: pausedBy };
  await teams.patch(name, { metadata: { annotations } });
}

/** Waits until the agents have been told. @returns a remark if that takes long. */
async function unconfirmed(
  teams: CustomObjects<AgentTeam>,
  name: string,
): Promise<readonly string[]> {
  const until = Date.now() + CONFIRMATION_MS;
  let message: string | undefined;
  do {
    const conditions = (await teams.read(name))?.status?.conditions ?? [];
    const paused = conditions.find(({ type }) => type === 'Paused');
    if (paused?.status === 'True' && paused.reason === 'PausedByPerson') return [];
    message = paused?.status === 'True' ? paused.message : undefined;
    await delay(INTERVAL_MS);
  } while (Date.now() < until);
  return [message ?? 'The controller has not acted on the pause yet.'];
}

/** Argo's deadline goes on during a pause. */
function deadlineNote({ spec, status }: Workflow): readonly string[] {
  const { activeDeadlineSeconds: seconds } = spec;
  if (typeof seconds !== 'number' || !status?.startedAt) return [];
  const end = new Date(Date.parse(status.startedAt) + seconds * 1000).toISOString();
  return [`The timeout of the team goes on during the pause. It expires at ${utcTime(end)}.`];
}
