import { type AgentState, reportFileOf } from '@agentteam/contract';
import { LedgerReader } from '@agentteam/ledger';
import {
  mapFew,
  readAgentStates,
  readLive,
  readQuestions,
  readTasks,
  volumeDirectories,
} from '@agentteam/volume';
import type { TeamDetail } from '../detail.ts';
import { JOURNALS_AT_ONCE, readMessages } from '../mail/mail.ts';
import { readResults } from '../results/results.ts';
import type { DetailSource } from '../source.ts';
import { selectSpans, type Timeline, TimelineReader } from '../transcript/timeline.ts';
import { costPoints } from './costs.ts';
import { tasksDetail } from './tasks.ts';
import type { AgentReading, VolumeReading } from './volume-reading.ts';
import { providerWaitSpans } from './waits.ts';

/** What a {@link VolumeReader} must know about the team. It can be sent as JSON, without `diffs`. */
export type VolumeSource = Pick<
  DetailSource,
  'workflow' | 'members' | 'live' | 'volume' | 'output' | 'correspondence' | 'diffs'
> & { readonly head: Pick<DetailSource['head'], 'limit' | 'endedAt' | 'interrupted'> };

/**
 * Reads the volume of one team, again and again: ledgers and transcripts are read from where the last reading
 * ended. Everything that agents can write is read within limits, and no link is followed.
 */
export class VolumeReader {
  readonly #timelines: Map<string, TimelineReader> = new Map();
  #ledger: LedgerReader | undefined;
  #diffs: { readonly endedAt: string; readonly all: TeamDetail['diffs'] } | undefined;

  async read(source: VolumeSource): Promise<VolumeReading> {
    const { workflow, members, output } = source;
    const [results, diffs] = await Promise.all([
      readResults(output?.place, output?.directory, reportFileOf(workflow)),
      this.#diffsOf(source),
    ]);
    if (source.volume === undefined) return { agents: [], tasks: [], costs: [], results, diffs };
    const names = members.map(({ name }) => name);
    const directories = volumeDirectories(source.volume);
    const native = { team: workflow, teams: directories.teams, tasks: directories.tasks };
    const [states, { tasks }, mail, ledger, timelines] = await Promise.all([
      readAgentStates(directories.state, names),
      readTasks(native),
      source.correspondence ?? readMessages(native, directories, names),
      this.#readLedger(directories.ledger, source.head),
      this.#timelinesOf(directories, names),
    ]);
    const questions = await readQuestions(directories, names, states);
    const { limit } = source.head;
    const live =
      source.live === undefined
        ? await readLive({
            ...{ native, state: directories.state, control: directories.control },
            ...{ ledger: ledger.totals, members, ...(limit !== undefined && { limit }) },
          })
        : undefined;
    return {
      agents: names.map((name) => agentReading(name, states.get(name), timelines.get(name))),
      tasks: tasksDetail(tasks),
      mail,
      questions,
      costs: costPoints(ledger.entries()),
      results,
      diffs,
      ...(live !== undefined && { live }),
    };
  }

  async #readLedger(
    directory: string,
    { endedAt, interrupted }: VolumeSource['head'],
  ): Promise<LedgerReader> {
    this.#ledger ??= new LedgerReader(directory);
    await this.#ledger.refresh();
    // No gateway is running, so what is open was not finished.
    if (endedAt !== undefined || interrupted) this.#ledger.settleOpen();
    return this.#ledger;
  }

  async #diffsOf({ head, diffs }: VolumeSource): Promise<TeamDetail['diffs']> {
    const { endedAt } = head;
    if (diffs === undefined || endedAt === undefined) return [];
    if (this.#diffs?.endedAt !== endedAt) this.#diffs = { endedAt, all: await diffs() };
    return this.#diffs.all;
  }

  async #timelinesOf(
    { sessions, control }: { readonly sessions: string; readonly control: string },
    agents: readonly string[],
  ): Promise<ReadonlyMap<string, Timeline>> {
    const read = async (agent: string) => {
      const reader = this.#timelines.get(agent) ?? new TimelineReader();
      this.#timelines.set(agent, reader);
      const [timeline, waits] = await Promise.all([
        reader.read(sessions, agent),
        providerWaitSpans(control, agent),
      ]);
      return [agent, { ...timeline, spans: [...timeline.spans, ...waits] }] as const;
    };
    return new Map(await mapFew(agents, read, JOURNALS_AT_ONCE));
  }
}

function agentReading(
  name: string,
  state: AgentState | undefined,
  timeline: Timeline | undefined,
): AgentReading {
  return {
    name,
    ...(state !== undefined && { state }),
    spans: selectSpans(timeline?.spans ?? [], undefined),
    hasTranscript: timeline?.hasTranscript ?? false,
  };
}
