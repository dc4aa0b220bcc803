import type { Template } from '@agentteam/argo';
import type { StepOf } from '../plan/step.ts';
import { runnerContainer } from './container.ts';
import { type EmitContext, REPEATABLE } from './template.ts';
import { gitCredentials, join, scratch, wholeClaim } from './volumes.ts';

export function emitSetup(
  step: StepOf<'setup'>,
  { team, options, logLevel }: EmitContext,
): Template {
  const mounted = join(scratch(), wholeClaim(team), gitCredentials(team, 'clone'));
  return {
    name: 'setup',
    ...REPEATABLE,
    volumes: [...mounted.volumes],
    container: runnerContainer(
      { command: 'setup', spec: step.spec, mounts: mounted.mounts, logLevel },
      options,
    ),
  };
}
