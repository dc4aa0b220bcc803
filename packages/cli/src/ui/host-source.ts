import { agentNamed } from '@agentteam/contract';
import { DetailReader, progressOf, type TeamDetail, workflowSource } from '@agentteam/detail';
import { cutText } from '@agentteam/text';
import type { TeamRow, TeamSource } from '@agentteam/ui';
import { type ViewLimits, ViewRegistry } from '../teams/cluster/files/view-limits.ts';
import { openQuestionsOf } from '../teams/questions.ts';
import type { HostedTeam, TeamHost, TeamView } from '../teams/team-host.ts';

/** Teams whose readers are kept, so that the next reading continues where the last one ended. */
const MOST_READERS = 16;

/**
 * Makes what the page shows out of the operations on teams.
 * @param place where the teams are, for a person.
 * @param limits bound what is read of a cluster for the caller.
 */
export function hostSource(
  host: TeamHost,
  place: string,
  limits: ViewLimits = new ViewRegistry().limits(),
): TeamSource {
  const readers = new Map<string, SharedReader>();
  const readerOf = (name: string): SharedReader => {
    const reader = readers.get(name) ?? new SharedReader(host.view(name, limits));
    readers.delete(name);
    readers.set(name, reader);
    for (const [oldest, { view }] of readers) {
      if (readers.size <= MOST_READERS) break;
      view.close();
      readers.delete(oldest);
    }
    return reader;
  };
  return {
    list: async () => {
      const notices: string[] = [];
      const teams = await host.list(false, (name, { message }) =>
        notices.push(`${name} cannot be shown: ${message}`),
      );
      const rows = teams.map((team) => rowOf(team, team.name));
      return { place, teams: rows, startCommand: host.startCommand, notices };
    },
    detail: (name, signal) => readerOf(name).read(signal),
    transcript: (name, agent, options, signal) =>
      readerOf(name).view.transcript(agent, options, signal),
    readFiles: (name) => readerOf(name).view.readFiles(),
    decide: (name, event, decision, reason) => host.decide(name, event, { decision, reason }),
    answer: async (name, id, text, signal) =>
      (await host.answer(name, { words: [id, text], via: 'page' }, signal)).note,
    ...steeringOf(host),
  };
}

/** What people tell a team through the page. */
function steeringOf(
  host: TeamHost,
): Pick<TeamSource, 'tell' | 'interrupt' | 'pause' | 'resume' | 'stop'> {
  return {
    tell: async (name, agents, text, signal) => {
      const { notes } = await host.tell(name, { agents, text }, signal);
      return remark(notes.map((note) => `${note}.`));
    },
    interrupt: (name, agent, signal) => host.interrupt(name, agentNamed(agent), signal),
    pause: async (name) => remark((await host.pause(name)).notes),
    resume: async (name) => {
      await host.resume(name);
      return undefined;
    },
    stop: async (name) => {
      await host.stop(name);
      return undefined;
    },
  };
}

function remark(sentences: readonly string[]): string | undefined {
  return sentences.length === 0 ? undefined : sentences.join(' ');
}

/** Reads a team's detail once at a time for all who ask, because a {@link DetailReader} has a position. */
class SharedReader {
  readonly #reader: DetailReader = new DetailReader();
  #reading: Promise<TeamDetail> | undefined;
  readonly view: TeamView;

  constructor(view: TeamView) {
    this.view = view;
  }

  read(signal: AbortSignal): Promise<TeamDetail> {
    this.#reading ??= this.view
      .detail(signal)
      .then((source) => this.#reader.read(source))
      .finally(() => {
        this.#reading = undefined;
      });
    return this.#reading;
  }
}

/** Characters of a message, and questions and gates, in the list. Whoever may write a status can write more. */
const LONGEST_MESSAGE = 1_000;
const MOST_OPEN = 100;

/** @param key selects the team in addresses of the page. */
export function rowOf(hosted: HostedTeam, key: string): TeamRow {
  const { head, steps, gates, live } = workflowSource(hosted);
  const { name, namespace, phase, message, limit, createdAt, endedAt, rehearsal, interrupted } =
    head;
  const ended = endedAt ?? hosted.status.completedAt;
  return {
    key,
    name,
    namespace,
    phase,
    ...(message !== undefined && { message: cutText(message, LONGEST_MESSAGE) }),
    progress: steps.length > 0 ? progressOf(steps) : progressOfStatus(hosted),
    usd: live?.usd ?? hosted.status.estimatedCost ?? '0',
    ...(limit !== undefined && { limit }),
    createdAt,
    ...(ended !== undefined && { endedAt: ended }),
    rehearsal,
    interrupted,
    openQuestions: openQuestionsOf(hosted)
      .slice(0, MOST_OPEN)
      .map(({ id }) => id),
    openGates: (steps.length > 0
      ? gates.filter(({ state }) => state === 'open').map(({ event }) => event)
      : openGatesOfStatus(hosted)
    ).slice(0, MOST_OPEN),
  };
}

const ENDED: readonly (string | undefined)[] = ['Completed', 'Failed', 'Skipped'];

/** The progress of a team whose Workflow was not read: how many of its agents have ended. */
function progressOfStatus({ team, status }: HostedTeam): TeamRow['progress'] {
  const agents = [status.lead, ...(status.teammates ?? [])];
  return {
    done: agents.filter((agent) => ENDED.includes(agent?.phase)).length,
    total: team.spec.teammates.length + 1,
  };
}

function openGatesOfStatus({ status }: HostedTeam): TeamRow['openGates'] {
  if (status.completedAt !== undefined) return [];
  const open = (status.approvals ?? []).filter(
    ({ decision, via }) => !decision && via !== 'timeout',
  );
  return open.map(({ event }) => event);
}
