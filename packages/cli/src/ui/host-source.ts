import {
  DetailReader,
  type DetailSource,
  progressOf,
  readTranscript,
  type TeamDetail,
  workflowSource,
} from '@agentteam/detail';
import type { TeamRow, TeamSource } from '@agentteam/ui';
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
      return { place, teams: teams.map(rowOf), notices };
    },
    detail: (name, signal) => readerOf(name).read(() => host.detailSource(name, signal)),
    transcript: async (name, agent, from, signal) =>
      readTranscript(await host.detailSource(name, signal), agent, { from }),
    decide: (name, event, decision, reason) => host.decide(name, event, { decision, reason }),
    ...steeringOf(host),
  };
}

/** What people tell a team through the page. */
function steeringOf(host: TeamHost): Pick<TeamSource, 'tell' | 'pause' | 'resume' | 'stop'> {
  return {
    tell: async (name, agents, text, signal) => {
      const { notes } = await host.tell(name, { agents, text }, signal);
      return remark(notes.map((note) => `${note}.`));
    },
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

function rowOf(hosted: HostedTeam): TeamRow {
  const { head, steps, gates, live } = workflowSource(hosted);
  const { name, namespace, phase, message, limit, createdAt, endedAt, rehearsal, interrupted } =
    head;
  return {
    name,
    namespace,
    phase,
    ...(message !== undefined && { message }),
    progress: progressOf(steps),
    usd: live?.usd ?? hosted.status.estimatedCost ?? '0',
    ...(limit !== undefined && { limit }),
    createdAt,
    ...(endedAt !== undefined && { endedAt }),
    rehearsal,
    interrupted,
    openGates: gates.filter(({ state }) => state === 'open').map(({ event }) => event),
  };
}
