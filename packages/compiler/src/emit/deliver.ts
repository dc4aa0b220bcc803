import type { Template } from '@agentteam/argo';
import { ENV, OUTPUTS } from '@agentteam/contract';
import type { StepOf } from '../plan/step.ts';
import { runnerContainer } from './container.ts';
import { type EmitContext, outputs, REPEATABLE } from './template.ts';
import { deliveryCredentials, join, scratch, wholeClaim } from './volumes.ts';

export function emitDeliver(
  step: StepOf<'deliver'>,
  { team, options, logLevel }: EmitContext,
): Template {
  const mounted = join(scratch(), wholeClaim(team), deliveryCredentials(team));
  return {
    name: 'deliver',
    ...REPEATABLE,
    volumes: [...mounted.volumes],
    container: runnerContainer(
      {
        command: 'deliver',
        spec: step.spec,
        mounts: mounted.mounts,
        logLevel,
        ...(options.hostingUrl !== undefined && {
          env: [{ name: ENV.hostingUrl, value: options.hostingUrl }],
        }),
      },
      options,
    ),
    outputs: outputs(
      OUTPUTS.outcome,
      OUTPUTS.branch,
      OUTPUTS.pullRequestUrl,
      OUTPUTS.pullRequestState,
    ),
  };
}
