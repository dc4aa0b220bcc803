import { ENV, EXIT } from '@agentteam/contract';
import { StepFailure } from './failure.ts';

/**
 * Reads the spec that the compiler wrote for this step. Its shape is not checked: compiler and runner
 * are built from the same `contract`.
 * @throws StepFailure with `EXIT.invalid` when there is no spec.
 */
export function readSpec<Spec extends { readonly team: string }>(env: NodeJS.ProcessEnv): Spec {
  const text = env[ENV.spec];
  if (text === undefined || text === '') {
    throw new StepFailure(`${ENV.spec} is not set, so this step has nothing to do.`, EXIT.invalid);
  }
  let spec: unknown;
  try {
    spec = JSON.parse(text);
  } catch (error) {
    throw new StepFailure(`${ENV.spec} is not JSON: ${String(error)}`, EXIT.invalid, error);
  }
  if (typeof spec !== 'object' || spec === null || !('team' in spec)) {
    throw new StepFailure(`${ENV.spec} names no team.`, EXIT.invalid);
  }
  return spec as Spec;
}
