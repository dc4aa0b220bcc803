import type { Lead, Teammate } from '@agentteam/api';
import type { Container, Template, UserContainer } from '@agentteam/argo';
import { type AgentSpec, CONTAINERS, ENV, type GatewaySpec, PORTS } from '@agentteam/contract';
import type { StepOf } from '../plan/step.ts';
import type { ResolvedOptions } from '../resolve/options.ts';
import { runnerContainer } from './container.ts';
import { SETUP_RETRIED, setupContainer } from './setup.ts';
import { type EmitContext, figuresRun, NO_OUTPUTS, retries } from './template.ts';
import { agentMounts, gatewayMounts } from './volumes.ts';

export function emitAgent(step: StepOf<'agent'>, context: EmitContext): Template {
  const { team, options, logLevel } = context;
  const { spec, gateway, source } = step;
  const mounted = agentMounts(team, spec, source);
  const sidecar = gatewaySidecar(gateway, source, context);
  // An agent that waits for another one finds the team set up, and its pod starts 1 to 2 s sooner.
  const setup = spec.dependsOn.length === 0 ? setupContainer(context) : undefined;
  return {
    name: step.template,
    ...agentPod(spec, context),
    retryStrategy: retries(
      team.team.spec.lifecycle.maxRestarts,
      ...(setup === undefined ? [] : [SETUP_RETRIED]),
    ),
    volumes: [...(setup?.volumes ?? []), ...mounted.volumes, ...sidecar.volumes],
    initContainers: [...(setup === undefined ? [] : [setup.container]), sidecar.container],
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
      ...proxiedPort(context),
      ...agentResources(source, options),
    },
    ...NO_OUTPUTS,
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

/**
 * The gateway's port, declared at the agent's container once more: the API server's pod proxy, asked
 * without a port, takes the first one of a pod's containers, and does not look at init containers.
 */
export function proxiedPort({ team }: EmitContext): Pick<Container, 'ports'> {
  return { ports: [{ containerPort: statusPortOf(team) }] };
}

function statusPortOf({ team }: EmitContext['team']): number {
  return team.spec.observability?.metrics?.port ?? PORTS.status;
}

/** Name of the port at which a gateway serves its figures. */
const STATUS_PORT = 'status';

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
          'prometheus.io/port': String(statusPortOf(team)),
        },
      }),
    },
  };
}

/**
 * The container that all of an agent's API traffic goes through: a native sidecar. Argo neither wraps
 * it nor signals it, so nothing in the directory that Argo shares with the agent can end it. It
 * serves before the agent's container begins, and the kubelet ends it after that one.
 */
export function gatewaySidecar(
  spec: GatewaySpec,
  source: Lead | Teammate,
  { team, options, logLevel }: EmitContext,
): { readonly container: UserContainer; readonly volumes: Template['volumes'] & object } {
  const mounted = gatewayMounts(team, source, options);
  const statusPort = statusPortOf(team);
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
      restartPolicy: 'Always',
      ports: [{ name: STATUS_PORT, containerPort: statusPort }],
      startupProbe: {
        httpGet: { path: '/healthz', port: STATUS_PORT },
        periodSeconds: 1,
        failureThreshold: 120,
      },
    },
    volumes: [...mounted.volumes],
  };
}
