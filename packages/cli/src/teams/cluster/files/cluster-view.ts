import { agentNamed } from '@agentteam/contract';
import {
  type DetailSource,
  type TranscriptOptions,
  type TranscriptPage,
  workflowSource,
} from '@agentteam/detail';
import type { Connection } from '../../../cluster/connection/connection.ts';
import type { HostedTeam, TeamView } from '../../team-host.ts';
import { liveFigures } from '../live-figures.ts';
import { TeamFiles } from './team-files.ts';
import type { ViewLimits } from './view-limits.ts';

/** How long a page waits for the first reading of the files before it shows the rest. */
const FIRST_WAIT_MS = 2_500;

/** A team on a cluster, for one person who looks at it again and again. */
export class ClusterView implements TeamView {
  readonly #connection: Connection;
  readonly #read: () => Promise<HostedTeam>;
  readonly #files: TeamFiles;
  #agents: ReadonlySet<string> | undefined;

  constructor(connection: Connection, read: () => Promise<HostedTeam>, limits: ViewLimits) {
    this.#connection = connection;
    this.#read = read;
    this.#files = new TeamFiles(connection, limits);
  }

  async detail(_signal: AbortSignal, waitMs: number = FIRST_WAIT_MS): Promise<DetailSource> {
    const hosted = await this.#read();
    const source = this.#source(hosted);
    const looked = await this.#files.look(hosted, source, waitMs);
    if (looked.reading !== undefined || looked.files?.progress !== undefined) {
      return { ...source, ...looked };
    }
    const live = await liveFigures(this.#connection, hosted);
    return { ...source, live, ...looked };
  }

  async transcript(
    name: string,
    options: TranscriptOptions,
    signal: AbortSignal,
  ): Promise<TranscriptPage> {
    const agent = agentNamed(name);
    if (this.#agents === undefined) await this.detail(signal);
    if (this.#agents?.has(agent)) return this.#files.transcript(agent, options);
    return { entries: [], next: options.from ?? '', more: false };
  }

  async readFiles(): Promise<void> {
    const hosted = await this.#read();
    this.#files.copy(hosted, this.#source(hosted));
  }

  close(): void {
    this.#files.close();
  }

  #source(hosted: HostedTeam): DetailSource {
    const source = workflowSource(hosted);
    this.#agents = new Set(source.members.map(({ name }) => name));
    const output = hosted.locations.find(({ title }) => title === 'Output');
    // The Workflow may be deleted long before the team and its volume.
    const { startedAt, completedAt } = hosted.status;
    const head = {
      ...(startedAt !== undefined && { startedAt }),
      ...(completedAt !== undefined && { endedAt: completedAt }),
      ...source.head,
    };
    return { ...source, head, ...(output !== undefined && { output: { place: output.value } }) };
  }
}
