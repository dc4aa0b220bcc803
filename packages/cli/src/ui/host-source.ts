import {
  DetailReader,
  type DetailSource,
  progressOf,
  readTranscript,
  type TeamDetail,
  workflowSource,
} from '@agentteam/detail';
import { cutText } from '@agentteam/text';
import type { TeamRow, TeamSource } from '@agentteam/ui';
import { openQuestionsOf } from '../teams/questions.ts';
import { agentNamed } from '../teams/receivers.ts';
import type { HostedTeam, TeamHost } from '../teams/team-host.ts';

/** Teams whose readers are kept, so that the next reading continues where the last one ended. */
const MOST_READERS = 16;

/**
 * Makes what the page shows out of the operations on teams.
 * @param place where the teams are, for a person.
 */
export function hostSource(host: TeamHost, place: string): TeamSource {
  const readers = new Map<string, SharedReader>();
  const readerOf = (name: string): SharedReader => {
    const reader = readers.get(name) ?? new SharedReader();
    readers.delete(name);
    readers.set(name, reader);
    const oldest = readers.keys().next().value;
    if (readers.size > MOST_READERS && oldest !== undefined) readers.delete(oldest);
    return reader;
  };
  return {
    list: async () => {
      const notices: string[] = [];
      const teams = await host.list(false, (name, { message }) =>
        notices.push(`${name} cannot be shown: ${message}`),
      );
      return { place, teams: teams.map((team) => rowOf(team, team.name)), notices };
    },
    detail: (name, signal) => readerOf(name).read(() => host.detailSource(name, signal)),
    transcript: async (name, agent, options, signal) =>
      readTranscript(await host.detailSource(name, signal), agent, options),
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

  read(open: () => Promise<DetailSource>): Promise<TeamDetail> {
    this.#reading ??= open()
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
