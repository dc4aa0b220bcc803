import type { Template } from '@agentteam/argo';
import { TEMPLATES } from '@agentteam/contract';
import type { StepOf } from '../plan/step.ts';
import { runnerContainer } from './container.ts';
import { type EmitContext, REPEATABLE } from './template.ts';
import { wholeClaim } from './volumes/claim.ts';
import { join } from './volumes/mounted.ts';
import { SCRATCH } from './volumes/scratch.ts';

export function emitRollCall(step: StepOf<'roll-call'>, context: EmitContext): Template {
  const mounted = join(SCRATCH, wholeClaim(context.team));
  const names = step.spec.teammates;
  return {
    name: TEMPLATES.rollCall,
    ...REPEATABLE,
    inputs: { parameters: names.map((name) => ({ name })) },
    volumes: [...mounted.volumes],
    container: runnerContainer(
      {
        command: 'roll-call',
        args: names.map((name) => `${name}={{inputs.parameters.${name}}}`),
        spec: step.spec,
        mounts: mounted.mounts,
      },
      context,
    ),
  };
}
