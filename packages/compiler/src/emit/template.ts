import type { Outputs, Template } from '@agentteam/argo';
import { PATHS } from '@agentteam/contract';
import type { ResolvedOptions } from '../resolve/options.ts';
import type { ResolvedTeam } from '../resolve/resolve.ts';

/** What every emitter is given besides its step. */
export interface EmitContext {
  readonly team: ResolvedTeam;
  readonly options: ResolvedOptions;
  readonly logLevel: string;
}

/** Output parameters of a step: one file each, and nothing where a pod was killed before it wrote them. */
export function outputs(...names: readonly string[]): Outputs {
  return {
    parameters: names.map((name) => ({
      name,
      valueFrom: { path: `${PATHS.outputs}/${name}`, default: '' },
    })),
  };
}

/** Retries for steps of ours that a lost pod or a network may fail, and that may be repeated. */
export const REPEATABLE: Pick<Template, 'retryStrategy'> = {
  retryStrategy: { limit: '2', retryPolicy: 'OnError' },
};
