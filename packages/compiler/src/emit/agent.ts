import type { Lead, Teammate } from '@agentteam/api';
import type { Container, Template, UserContainer } from '@agentteam/argo';
import {
  type AgentSpec,
  CONTAINERS,
  ENV,
  type GatewaySpec,
  OUTPUTS,
  PORTS,
} from '@agentteam/contract';
import type { StepOf } from '../plan/step.ts';
import type { ResolvedOptions } from '../resolve/options.ts';
import { runnerContainer } from './container.ts';
import { SETUP_RETRIED, setupContainer } from './setup.ts';
import { type EmitContext, figuresRun, outputs, retries } from './template.ts';
import { agentMounts, gatewayMounts } from './volumes.ts';

export function emitAgent(step: StepOf<'agent'>, context: EmitContext): Template {
  const { team, options, logLevel } = context;
  const { spec, gateway, source } = step;
  const mounted = agentMounts(team, spec, source);
  const sidecar = gatewaySidecar(gateway, source, context);
  // Whoever comes after another agent finds the team set up: each init container costs a pod 1 to 2 s.
  const setup = spec.dependsOn.length === 0 ? setupContainer(context) : undefined;
  return {
    name: step.template,
    ...agentPod(spec, context),
    retryStrategy: retries(
      team.team.spec.lifecycle.maxRestarts,
      ...(setup === undefined ? [] : [SETUP_RETRIED]),
    ),
    volumes: [...(setup?.volumes ?? []), ...mounted.volumes, ...sidecar.volumes],
    ...(setup !== undefined && { initContainers: [setup.container] }),
    container: {
      ...runnerContainer(
        {
          command: 'agent',
          spec,
          env: [{ name: ENV.attempt, value: '{{retries}}' }],
          mounts: mounted.mounts,
          logLevel,
        },
        options,
      ),
      ...agentResources(source, options),
    },
    sidecars: [sidecar.container],
    outputs: outputs(OUTPUTS.report),
  };
}

/** Of the container that an agent and what it starts run in: its own, else those of the cluster's agents. */
export function agentResources(
  { resources }: Lead | Teammate,
  options: ResolvedOptions,
): Pick<Container, 'resources'> {
  const given = resources ?? options.agentResources;
  return given === undefined ? {} : { resources: given as object };
}

/** Labels and scraping annotations of a pod with an agent in it. */
export function agentPod(spec: AgentSpec, { team }: EmitContext): Pick<Template, 'metadata'> {
  const metrics = team.team.spec.observability?.metrics;
  return {
    metadata: {
      labels: { 'claude.amcheste.io/agent': spec.name, 'claude.amcheste.io/role': spec.role },
      ...(metrics?.enabled !== false && {
        annotations: {
          'prometheus.io/scrape': 'true',
          'prometheus.io/path': '/metrics',
          'prometheus.io/port': String(metrics?.port ?? PORTS.status),
        },
      }),
    },
  };
}

/** The container that all of an agent's API traffic goes through. */
export function gatewaySidecar(
  spec: GatewaySpec,
  source: Lead | Teammate,
  { team, options, logLevel }: EmitContext,
): { readonly container: UserContainer; readonly volumes: Template['volumes'] & object } {
  const mounted = gatewayMounts(team, source, options);
  const statusPort = team.team.spec.observability?.metrics?.port ?? PORTS.status;
  const container = runnerContainer(
    {
      command: 'gateway',
      spec,
      env: [
        // Streams leave much behind, and nothing for long: V8 would take 16 MB for it before it looks.
        { name: 'NODE_OPTIONS', value: '--max-semi-space-size=1' },
        { name: ENV.upstream, value: options.apiUrl.replaceAll('{agent}', spec.agent) },
        { name: ENV.gatewayPort, value: String(PORTS.gateway) },
        { name: ENV.statusPort, value: String(statusPort) },
        ...figuresRun(options),
      ],
      mounts: mounted.mounts,
      logLevel,
    },
    options,
  );
  return {
    container: {
      name: CONTAINERS.gateway,
      ...container,
      ports: [{ name: 'status', containerPort: statusPort }],
    },
    volumes: [...mounted.volumes],
  };
}
