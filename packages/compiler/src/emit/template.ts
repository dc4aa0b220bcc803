import type { EnvVar, Outputs, Template } from '@agentteam/argo';
import { ENV, FINAL_EXITS, PATHS } from '@agentteam/contract';
import type { ResolvedOptions } from '../resolve/options.ts';
import type { ResolvedTeam } from '../resolve/resolve.ts';

/** What every emitter gets besides its step. */
export interface EmitContext {
  readonly team: ResolvedTeam;
  readonly options: ResolvedOptions;
}

/** The run that figures are proven for, as a variable of the containers that prove them. */
export function figuresRun({ controller }: ResolvedOptions): readonly EnvVar[] {
  return controller.figuresSecret === undefined
    ? []
    : [{ name: ENV.run, value: '{{workflow.uid}}' }];
}

/**
 * Output parameters of a trusted step, one file each. A parameter is empty where the pod was killed before
 * it wrote the file. Argo's executor follows links when it reads the files, so no container that runs an
 * agent's code may have outputs.
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
 * For pods that run an agent's code: Argo must read no file from them. An artifact repository may archive
 * logs by default, from files in a directory that agents can write to. In Argo 4.1 an explicit location is
 * the only way for a template to turn this off; nothing is ever written to it.
 */
export const NO_OUTPUTS: Pick<Template, 'archiveLocation'> = {
  archiveLocation: { archiveLogs: false, raw: { data: '' } },
};

/** Another attempt cannot change a spent budget or a wrong spec. */
const RETRIED = `!(asInt(lastRetry.exitCode) in [${FINAL_EXITS.join(', ')}])`;

/**
 * Pauses before attempts: 2 s, 10 s, 50 s, then five minutes. The first pause is short because Argo waits
 * for it before it evaluates the retry expression, even if no attempt follows: docs/decisions/0011.
 */
const BACKOFF = { duration: '2s', factor: '5', cap: '5m' };

/**
 * Attempts after the first, for any failure: a lost pod, a network error, a crash.
 * @param conditions in Argo's expression language, besides the one on the main container's exit code.
 */
export function retries(
  limit: number,
  ...conditions: readonly string[]
): Template['retryStrategy'] & object {
  return {
    limit: String(limit),
    retryPolicy: 'Always',
    backoff: BACKOFF,
    expression: [RETRIED, ...conditions].join(' && '),
  };
}

/** Retries of the steps that run no agent. All of them may be repeated. */
export const REPEATABLE: Pick<Template, 'retryStrategy'> = { retryStrategy: retries(2) };
