import type { Template } from '@agentteam/argo';
import { OUTPUTS } from '@agentteam/contract';
import type { StepOf } from '../plan/step.ts';
import { agentPod, agentResources, gatewaySidecar } from './agent.ts';
import { runnerContainer } from './container.ts';
import { type EmitContext, outputs, REPEATABLE } from './template.ts';
import { agentMounts } from './volumes.ts';

/** The lead's pod once more: what the checks find wrong, the lead may put right. */
export function emitChecks(step: StepOf<'checks'>, context: EmitContext): Template {
  const { team, options, logLevel } = context;
  const mounted = agentMounts(team, step.spec.lead, step.source);
  const sidecar = gatewaySidecar(step.gateway, step.source, context);
  return {
    name: 'checks',
    ...agentPod(step.spec.lead, context),
    ...REPEATABLE,
    volumes: [...mounted.volumes, ...sidecar.volumes],
    container: {
      ...runnerContainer(
        { command: 'checks', spec: step.spec, mounts: mounted.mounts, logLevel },
        options,
      ),
      // The repository's builds and tests run here.
      ...agentResources(step.source, options),
    },
    sidecars: [sidecar.container],
    outputs: outputs(OUTPUTS.checks),
  };
}
