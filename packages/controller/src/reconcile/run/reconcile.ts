import { isDeepStrictEqual } from 'node:util';
import { wholeSeconds } from '@agentteam/contract';
import type { KubeApi } from '../../kube/api.ts';
import { recordEvent } from '../../kube/events.ts';
import type { Store } from '../store.ts';
import { type StoredRun, type StoredTeam, type StoredTemplate, wholeOf } from '../stored.ts';
import { isOwnedBy } from '../team/refs.ts';
import { makeTeam } from './make-team.ts';
import { type RunState, runStatus } from './status.ts';

export interface RunContext {
  readonly api: KubeApi;
  readonly runs: Store<StoredRun>;
  readonly templates: Store<StoredTemplate>;
  readonly teams: Store<StoredTeam>;
  readonly now: () => Date;
}

/** Makes each run's team, once, and reports of it. What happens to the team is the team's own affair. */
export class RunReconciler {
  readonly #context: RunContext;

  constructor(context: RunContext) {
    this.#context = context;
  }

  async reconcile(key: string): Promise<undefined> {
    const { api, runs, now } = this.#context;
    const run = await wholeOf(runs.get(key), api);
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

  async #stateOf(run: StoredRun): Promise<RunState> {
    const { teams, templates, api } = this.#context;
    const { name, namespace = '' } = run.metadata;
    const team = await wholeOf(teams.get(`${namespace}/${name}`), api);
    if (team !== undefined && isOwnedBy(team, run)) return { kind: 'made', team };
    if (run.status?.team !== undefined) {
      // The local copy of teams may be behind that of runs: only the server knows that it is gone.
      const ref = { apiVersion: run.apiVersion, kind: 'AgentTeam', namespace, name };
      const read = await api.read<StoredTeam>(ref);
      return read !== undefined && isOwnedBy(read, run)
        ? { kind: 'made', team: read }
        : { kind: 'gone' };
    }
    const template = await wholeOf(templates.get(`${namespace}/${run.spec.templateRef.name}`), api);
    return makeTeam(run, template, api);
  }
}
