import type { Template } from '@agentteam/argo';
import { TEMPLATES } from '@agentteam/contract';
import type { StepOf } from '../plan/step.ts';
import { agentPod, agentResources, gatewaySidecar, proxiedPort } from './agent.ts';
import { runnerContainer } from './container.ts';
import { emitEnvironment } from './environment.ts';
import { sidecarContainers } from './sidecars.ts';
import { type EmitContext, NO_OUTPUTS, REPEATABLE } from './template.ts';
import { agentMounts } from './volumes/agent.ts';
import { join, uniqueVolumes } from './volumes/mounted.ts';

/** A second pod like the lead's, because the lead may fix what the checks find. */
export function emitChecks(step: StepOf<'checks'>, context: EmitContext): Template {
  const environment = emitEnvironment(step.lead, context.options);
  const mounted = join(agentMounts(context.team, step.lead), environment);
  const sidecar = gatewaySidecar(step.gateway, step.lead, context);
  const sidecars = sidecarContainers(step.lead);
  return {
    name: TEMPLATES.checks,
    ...agentPod(step.lead, context),
    ...REPEATABLE,
    volumes: uniqueVolumes([...mounted.volumes, ...sidecar.volumes, ...sidecars.volumes]),
    initContainers: [...environment.initContainers, sidecar.container, ...sidecars.containers],
    container: {
      ...runnerContainer(
        { command: 'checks', spec: step.spec, env: environment.env, mounts: mounted.mounts },
        context,
      ),
      ...environment.container,
      ...proxiedPort(context),
      // The repository's builds and tests run in this container.
      ...agentResources(step.lead, context),
    },
    ...NO_OUTPUTS,
  };
}
