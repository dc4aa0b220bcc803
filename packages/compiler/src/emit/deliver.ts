import type { Template } from '@agentteam/argo';
import { ENV, OUTPUTS, TEMPLATES } from '@agentteam/contract';
import type { StepOf } from '../plan/step.ts';
import { runnerContainer } from './container.ts';
import { type EmitContext, outputs, REPEATABLE } from './template.ts';
import { wholeClaim } from './volumes/claim.ts';
import { deliveryCredentials } from './volumes/credentials.ts';
import { join } from './volumes/mounted.ts';
import { SCRATCH } from './volumes/scratch.ts';

export function emitDeliver(step: StepOf<'deliver'>, context: EmitContext): Template {
  const { team, options } = context;
  const { hostingUrl } = options.network;
  const mounted = join(SCRATCH, wholeClaim(team), deliveryCredentials(team));
  return {
    name: TEMPLATES.deliver,
    ...REPEATABLE,
    volumes: [...mounted.volumes],
    container: runnerContainer(
      {
        command: 'deliver',
        spec: step.spec,
        mounts: mounted.mounts,
        ...(hostingUrl !== undefined && { env: [{ name: ENV.hostingUrl, value: hostingUrl }] }),
      },
      context,
    ),
    outputs: outputs(
      OUTPUTS.outcome,
      OUTPUTS.branch,
      OUTPUTS.pullRequestUrl,
      OUTPUTS.pullRequestState,
    ),
  };
}
