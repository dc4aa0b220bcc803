import { NAMESPACE_NAME } from '@agentteam/contract';
import type { TeamDetail, TranscriptOptions, TranscriptPage } from '@agentteam/detail';
import type { TeamRow, TeamRows, TeamSource } from '@agentteam/ui';
import { mapFew } from '@agentteam/volume';
import { httpStatus } from '../cluster/connection/errors.ts';
import { Failure } from '../failure.ts';
import { ClusterHost } from '../teams/cluster/cluster-host.ts';
import { hostSource, rowOf } from './host-source.ts';
import type { PersonalLimits } from './readings.ts';
import { type Visibility, VisibleNamespaces } from './visible-namespaces.ts';

export interface CallerOptions extends Visibility {
  /** Base URL of the API server. */
  readonly server: string;
  readonly limits: PersonalLimits;
  /** Called when the API server no longer accepts the caller's credentials. */
  readonly onRefused?: () => void;
}

interface Opened {
  readonly host: ClusterHost;
  readonly source: TeamSource;
}

/** Namespaces whose readers are kept. */
const MOST_OPENED = 32;
/** Namespaces that are listed at a time. */
const NAMESPACES_AT_ONCE = 4;
/** Teams of one list. Others may create as many as they like. */
const MOST_ROWS = 5_000;

interface Rows {
  readonly rows: readonly TeamRow[];
  /** Whether there are more. */
  readonly isCut: boolean;
}

/**
 * What the page shows to one caller, and does for them, in all namespaces where they have rights. Every request
 * to the API server has the caller's credentials. The key of a team is `<namespace>.<name>`, because a namespace
 * contains no dot.
 */
export class CallerSource implements TeamSource {
  readonly #options: CallerOptions;
  readonly #visible: VisibleNamespaces;
  readonly #opened = new Map<string, Opened>();

  constructor(options: CallerOptions) {
    this.#options = options;
    this.#visible = new VisibleNamespaces(options);
  }

  list(namespace?: string): Promise<TeamRows> {
    return this.#options.limits.lists(() => this.#list(namespace));
  }

  #list(namespace: string | undefined): Promise<TeamRows> {
    return this.#asCaller(async () => {
      if (namespace !== undefined) {
        return rowsOf(`namespace ${namespace}`, [await this.#rows(namespace)], []);
      }
      const everywhere = await this.#visible.ifAllowed(() => this.#rows());
      if (everywhere !== undefined) return rowsOf('all namespaces', [everywhere], []);
      const { names, notices } = await this.#visible.names();
      const lists = await mapFew(
        names,
        (name) => this.#visible.ifAllowed(() => this.#rows(name), name),
        NAMESPACES_AT_ONCE,
      );
      const readable = names.filter((_, index) => lists[index] !== undefined);
      return rowsOf(
        readable.length === 0 ? 'no namespace' : `namespaces ${readable.join(', ')}`,
        lists.flatMap((list) => list ?? []),
        readable.length === 0 ? [...notices, NOTHING_VISIBLE] : notices,
      );
    });
  }

  detail(key: string, signal: AbortSignal): Promise<TeamDetail> {
    return this.#options.limits.details(async () => {
      signal.throwIfAborted();
      return this.#onTeam(key, (source, name) => source.detail(name, signal));
    });
  }

  transcript(
    key: string,
    agent: string,
    options: TranscriptOptions,
    signal: AbortSignal,
  ): Promise<TranscriptPage> {
    return this.#onTeam(key, (source, name) => source.transcript(name, agent, options, signal));
  }

  readFiles(key: string): Promise<void> {
    return this.#onTeam(key, (source, name) => source.readFiles(name));
  }

  decide(
    key: string,
    event: string,
    decision: 'approve' | 'reject',
    reason: string,
  ): Promise<string | undefined> {
    return this.#onTeam(key, (source, name) => source.decide(name, event, decision, reason));
  }

  answer(key: string, id: string, text: string, signal: AbortSignal): Promise<string | undefined> {
    return this.#onTeam(key, (source, name) => source.answer(name, id, text, signal));
  }

  tell(
    key: string,
    agents: readonly string[],
    text: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    return this.#onTeam(key, (source, name) => source.tell(name, agents, text, signal));
  }

  interrupt(key: string, agent: string, signal: AbortSignal): Promise<void> {
    return this.#onTeam(key, (source, name) => source.interrupt(name, agent, signal));
  }

  pause(key: string): Promise<string | undefined> {
    return this.#onTeam(key, (source, name) => source.pause(name));
  }

  resume(key: string): Promise<string | undefined> {
    return this.#onTeam(key, (source, name) => source.resume(name));
  }

  stop(key: string): Promise<string | undefined> {
    return this.#onTeam(key, (source, name) => source.stop(name));
  }

  /** @param namespace absent for all of them. */
  async #rows(namespace?: string): Promise<Rows> {
    const { host } = this.#open(namespace ?? 'default');
    const rows: TeamRow[] = [];
    for await (const { teams, isCut } of host.pages(namespace === undefined)) {
      rows.push(
        ...teams.map((team) => rowOf(team, `${team.team.metadata.namespace}.${team.name}`)),
      );
      if (isCut || rows.length > MOST_ROWS) return { rows: rows.slice(0, MOST_ROWS), isCut: true };
    }
    return { rows, isCut: false };
  }

  #onTeam<T>(key: string, act: (source: TeamSource, name: string) => Promise<T>): Promise<T> {
    return this.#asCaller(async () => {
      const [namespace = '', ...name] = key.split('.');
      if (name.length === 0 || !NAMESPACE_NAME.test(namespace)) {
        throw new Failure(`there is no team ${key}`);
      }
      return act(this.#open(namespace).source, name.join('.'));
    });
  }

  async #asCaller<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (httpStatus((error as Error).cause ?? error) === 401) this.#options.onRefused?.();
      throw error;
    }
  }

  #open(namespace: string): Opened {
    const opened = this.#opened.get(namespace) ?? this.#make(namespace);
    this.#opened.delete(namespace);
    this.#opened.set(namespace, opened);
    const oldest = this.#opened.keys().next().value;
    if (this.#opened.size > MOST_OPENED && oldest !== undefined) this.#opened.delete(oldest);
    return opened;
  }

  #make(namespace: string): Opened {
    const { config, server } = this.#options;
    const host = new ClusterHost({ namespace }, { config, server, namespace });
    const { views } = this.#options.limits;
    return { host, source: hostSource(host, `namespace ${namespace}`, views) };
  }
}

const NOTHING_VISIBLE =
  'You may not list the teams of any namespace that is known here. If you have rights in a namespace, enter its name.';

const NOT_ALL =
  'There are too many teams, or too large ones, to list them all. Enter the name of a namespace.';

function rowsOf(place: string, lists: readonly Rows[], notices: readonly string[]): TeamRows {
  const teams = lists.flatMap(({ rows }) => rows);
  const isCut = teams.length > MOST_ROWS || lists.some((list) => list.isCut);
  return {
    place,
    teams: teams.slice(0, MOST_ROWS).toSorted((a, b) => b.createdAt.localeCompare(a.createdAt)),
    startCommand: 'agentteam submit team.yaml',
    notices: isCut ? [...notices, NOT_ALL] : notices,
  };
}
