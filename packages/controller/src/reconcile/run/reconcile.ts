import { isDeepStrictEqual } from 'node:util';
import type { CompileOptions } from '@agentteam/compiler';
import { wholeSeconds } from '@agentteam/contract';
import type { KubeApi } from '../../kube/api.ts';
import type { Lister } from '../../kube/collection.ts';
import { recordEvent } from '../../kube/events.ts';
import {
  type CachedRun,
  type CachedTeam,
  type CachedTemplate,
  readFull,
} from '../cached-resource.ts';
import type { Reconciler } from '../queue.ts';
import { isOwnedBy } from '../team/refs.ts';
import { makeTeam } from './make-team.ts';
import { type RunState, runStatus } from './status.ts';

export interface RunContext {
  readonly api: KubeApi;
  readonly runs: Lister<CachedRun>;
  readonly templates: Lister<CachedTemplate>;
  readonly teams: Lister<CachedTeam>;
  readonly compileOptions: CompileOptions;
  readonly now: () => Date;
}

/** Creates the team of each run once, and copies the team's status to the run. */
export class RunReconciler implements Reconciler {
  readonly #context: RunContext;

  constructor(context: RunContext) {
    this.#context = context;
  }

  async reconcile(key: string): Promise<undefined> {
    const { api, runs, now } = this.#context;
    const run = await readFull(runs.get(key), api);
    if (run === undefined || run.metadata.deletionTimestamp !== undefined) return;
    const state = await this.#stateOf(run);
    const status = runStatus(run, state, wholeSeconds(now()));
    if (isDeepStrictEqual(run.status, status)) return;
    if (state.kind === 'refused') {
      const { reason, message } = state;
      await recordEvent(api, run, { type: 'Warning', reason, message }, now());
    }
    await api.applyStatus(run, status);
  }

  async #stateOf(run: CachedRun): Promise<RunState> {
    const { teams, templates, api } = this.#context;
    const { name, namespace = '' } = run.metadata;
    const team = await readFull(teams.get(`${namespace}/${name}`), api);
    if (team !== undefined && isOwnedBy(team, run)) return { kind: 'created', team };
    if (run.status?.team !== undefined) {
      // The cache of teams may be behind the cache of runs, so ask the server.
      const ref = { apiVersion: run.apiVersion, kind: 'AgentTeam', namespace, name };
      const read = await api.read<CachedTeam>(ref);
      return read !== undefined && isOwnedBy(read, run)
        ? { kind: 'created', team: read }
        : { kind: 'deleted' };
    }
    const template = await readFull(
      templates.get(`${namespace}/${run.spec.templateRef.name}`),
      api,
    );
    return makeTeam(run, template, this.#context);
  }
}
