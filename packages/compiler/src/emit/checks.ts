import type { Template } from '@agentteam/argo';
import type { StepOf } from '../plan/step.ts';
import { agentPod, agentResources, gatewaySidecar, proxiedPort } from './agent.ts';
import { runnerContainer } from './container.ts';
import { type EmitContext, NO_OUTPUTS, REPEATABLE } from './template.ts';
import { agentMounts } from './volumes.ts';

/** The lead's pod once more: the lead may put right what the checks find. */
export function emitChecks(step: StepOf<'checks'>, context: EmitContext): Template {
  const { team, options, logLevel } = context;
  const mounted = agentMounts(team, step.spec.lead, step.source);
  const sidecar = gatewaySidecar(step.gateway, step.source, context);
  return {
    name: 'checks',
    ...agentPod(step.spec.lead, context),
    ...REPEATABLE,
    volumes: [...mounted.volumes, ...sidecar.volumes],
    initContainers: [sidecar.container],
    container: {
      ...runnerContainer(
        { command: 'checks', spec: step.spec, mounts: mounted.mounts, logLevel },
        options,
      ),
      ...proxiedPort(context),
      // The repository's builds and tests run here.
      ...agentResources(step.source, options),
    },
    ...NO_OUTPUTS,
  };
}
