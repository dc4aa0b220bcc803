import { ENV, EXIT } from '@agentteam/contract';
import { StepFailure } from './failure.ts';

/**
 * The spec that the compiler wrote for this step. Its shape is the compiler's promise (both sides
 * are built from the same `contract`); what is checked here is that there is one.
 * @throws StepFailure with `EXIT.invalid`.
 */
export function readSpec<Spec extends { readonly team: string }>(env: NodeJS.ProcessEnv): Spec {
  const text = env[ENV.spec];
  if (text === undefined || text === '') {
    throw new StepFailure(`${ENV.spec} is not set: this step has nothing to do.`, EXIT.invalid);
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
