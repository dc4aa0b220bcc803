import type { Container, Template, UserContainer } from '@agentteam/argo';
import { CONTAINERS, ENV, type GatewaySpec, PORTS } from '@agentteam/contract';
import type { StepOf } from '../plan/step.ts';
import type { ResolvedAgent } from '../resolve/agents.ts';
import { fetchedOf } from '../resolve/fetched.ts';
import { apiUrlOf } from '../resolve/provider.ts';
import { runnerContainer } from './container.ts';
import { emitEnvironment } from './environment.ts';
import { SETUP_RETRIED, setupContainer } from './setup.ts';
import { sidecarContainers } from './sidecars.ts';
import { type EmitContext, figuresRun, NO_OUTPUTS, retries } from './template.ts';
import { agentMounts } from './volumes/agent.ts';
import { gatewayMounts } from './volumes/gateway.ts';
import { join, uniqueVolumes } from './volumes/mounted.ts';

export function emitAgent(step: StepOf<'agent'>, context: EmitContext): Template {
  const { team } = context;
  const { agent, spec, gateway } = step;
  const environment = emitEnvironment(agent, context.options);
  const mounted = join(agentMounts(team, agent), environment);
  const sidecar = gatewaySidecar(gateway, agent, context);
  const sidecars = sidecarContainers(agent);
  // An agent that waits for another finds the team set up. Without the container its pod starts 1 to 2 s sooner.
  // But a retry may give it a skill that nobody has fetched yet.
  const needsSetup = agent.dependsOn.length === 0 || fetchedOf([agent], context.options).length > 0;
  const setup = needsSetup ? setupContainer(context) : undefined;
  return {
    name: agent.template,
    ...agentPod(agent, context),
    retryStrategy: retries(
      team.limits.maxRestarts,
      ...(setup === undefined ? [] : [SETUP_RETRIED]),
    ),
    volumes: uniqueVolumes([
      ...(setup?.volumes ?? []),
      ...mounted.volumes,
      ...sidecar.volumes,
      ...sidecars.volumes,
    ]),
    initContainers: [
      ...(setup === undefined ? [] : [setup.container]),
      ...environment.initContainers,
      sidecar.container,
      ...sidecars.containers,
    ],
    container: {
      ...runnerContainer(
        {
          command: 'agent',
          spec,
          env: [{ name: ENV.attempt, value: '{{retries}}' }, ...environment.env],
          mounts: mounted.mounts,
        },
        context,
      ),
      ...environment.container,
      ...proxiedPort(context),
      ...agentResources(agent, context),
    },
    ...NO_OUTPUTS,
  };
}

/**
 * Resources of the container that an agent runs in: its own, those of its environment, or the cluster's default
 * for agents.
 */
export function agentResources(
  agent: ResolvedAgent,
  { options }: EmitContext,
): Pick<Container, 'resources'> {
  const resources =
    agent.resources ??
    (agent.environment.resources as Container['resources']) ??
    options.containers.agentResources;
  return resources === undefined ? {} : { resources };
}

/**
 * Declares the gateway's port on the agent's container as well. The API server's pod proxy, called without a
 * port, takes the first port of a pod's containers, and does not consider init containers.
 */
export function proxiedPort({ team }: EmitContext): Pick<Container, 'ports'> {
  return { ports: [{ containerPort: team.metrics.port }] };
}

/** Name of the port at which a gateway serves its figures. */
const STATUS_PORT = 'status';

/** Labels, scraping annotations and service account of an agent's pod. */
export function agentPod(
  { name, role }: ResolvedAgent,
  { team: { metrics, provider } }: EmitContext,
): Pick<Template, 'metadata' | 'serviceAccountName'> {
  return {
    metadata: {
      labels: { 'claude.amcheste.io/agent': name, 'claude.amcheste.io/role': role },
      ...(metrics.isScraped && {
        annotations: {
          'prometheus.io/scrape': 'true',
          'prometheus.io/path': '/metrics',
          'prometheus.io/port': String(metrics.port),
        },
      }),
    },
    // EKS and Azure must not put a token into each container: see `withServiceAccount`.
    ...(provider.identity && { serviceAccountName: provider.identity.serviceAccountName }),
  };
}

/**
 * The container that carries all of an agent's API traffic: a native sidecar. Argo neither wraps nor signals
 * it, so nothing in the directory that Argo shares with the agent can end it. It serves before the agent's
 * container starts, and the kubelet ends it after that container.
 */
export function gatewaySidecar(
  spec: GatewaySpec,
  agent: ResolvedAgent,
  context: EmitContext,
): { readonly container: UserContainer; readonly volumes: Template['volumes'] & object } {
  const { team, options } = context;
  const mounted = gatewayMounts(team, agent, options);
  const container = runnerContainer(
    {
      command: 'gateway',
      spec,
      env: [
        // Streaming creates short-lived garbage. V8 would let its young generation grow to 16 MB.
        { name: 'NODE_OPTIONS', value: '--max-semi-space-size=1' },
        {
          name: ENV.upstream,
          value: team.apiUrl ?? apiUrlOf(team.provider, options).replaceAll('{agent}', spec.agent),
        },
        ...(options.api.tokenUrl === undefined
          ? []
          : [{ name: ENV.tokenUrl, value: options.api.tokenUrl }]),
        { name: ENV.gatewayPort, value: String(PORTS.gateway) },
        { name: ENV.statusPort, value: String(team.metrics.port) },
        ...figuresRun(options),
      ],
      mounts: mounted.mounts,
    },
    context,
  );
  return {
    container: {
      name: CONTAINERS.gateway,
      ...container,
      restartPolicy: 'Always',
      ports: [{ name: STATUS_PORT, containerPort: team.metrics.port }],
      startupProbe: {
        httpGet: { path: '/healthz', port: STATUS_PORT },
        periodSeconds: 1,
        failureThreshold: 120,
      },
    },
    volumes: [...mounted.volumes],
  };
}
