import type { EnvVar, Outputs, Template } from '@agentteam/argo';
import { ENV, FINAL_EXITS, PATHS } from '@agentteam/contract';
import type { ResolvedOptions } from '../resolve/options.ts';
import type { ResolvedTeam } from '../resolve/resolve.ts';

/** What every emitter is given besides its step. */
export interface EmitContext {
  readonly team: ResolvedTeam;
  readonly options: ResolvedOptions;
  readonly logLevel: string;
}

/** Which run figures are proven for, in the containers that prove them. */
export function figuresRun({ figuresSecret }: ResolvedOptions): readonly EnvVar[] {
  return figuresSecret === undefined ? [] : [{ name: ENV.run, value: '{{workflow.uid}}' }];
}

/**
 * Output parameters of a trusted step: one file each, and nothing where a pod was killed before it
 * wrote them. Argo's executor follows links when it reads them, so no container that runs an agent's
 * code may have any.
 */
export function outputs(...names: readonly string[]): Outputs {
  return {
    parameters: names.map((name) => ({
      name,
      valueFrom: { path: `${PATHS.outputs}/${name}`, default: '' },
    })),
  };
}

/**
 * Of a pod in which an agent's code runs: Argo reads nothing from it. An artifact repository may have
 * logs archived by default, from files in a directory that agents write to; an explicit location is
 * all that Argo 4.1 lets a template say against that, and this one is never written to.
 */
export const NO_OUTPUTS: Pick<Template, 'archiveLocation'> = {
  archiveLocation: { archiveLogs: false, raw: { data: '' } },
};

/** A budget that is spent, or a spec that is wrong, stays so. */
const RETRIED = `!(asInt(lastRetry.exitCode) in [${FINAL_EXITS.join(', ')}])`;

/**
 * Pauses before an attempt: 2 s, 10 s, 50 s, then five minutes. The first is short because Argo waits
 * before it looks at how an attempt ended, also where none follows: docs/decisions/0011.
 */
const BACKOFF = { duration: '2s', factor: '5', cap: '5m' };

/**
 * Attempts after the first, whatever ended one: a lost pod, a network, a crash.
 * @param also conditions, as Argo's expressions, besides that of the main container's exit code.
 */
export function retries(
  limit: number,
  ...also: readonly string[]
): Template['retryStrategy'] & object {
  return {
    limit: String(limit),
    retryPolicy: 'Always',
    backoff: BACKOFF,
    expression: [RETRIED, ...also].join(' && '),
  };
}

/** Retries for steps of ours, which may all be repeated. */
export const REPEATABLE: Pick<Template, 'retryStrategy'> = { retryStrategy: retries(2) };
