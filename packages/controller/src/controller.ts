import { AGENT_TEAM, API_VERSION } from '@agentteam/api';
import { LABELS } from '@agentteam/contract';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Logger } from 'pino';
import { mutateTeam } from './admission/mutate-team.ts';
import { type Admit, serveAdmission } from './admission/serve.ts';
import { validateTeam } from './admission/validate-team.ts';
import { type StoredWorkflow, storeWorkflow } from './argo/stored.ts';
import type { Config } from './config.ts';
import { serveOperations } from './http.ts';
import { AheadStore } from './kube/ahead.ts';
import { httpStatus, KubeApi, reasonOf } from './kube/api.ts';
import { Collection } from './kube/collection.ts';
import { recordEvent } from './kube/events.ts';
import { LeaderElection } from './kube/lease.ts';
import { type Metrics, makeMetrics } from './metrics.ts';
import { GateNotifier } from './notify/gate-notifier.ts';
import { KeyedQueue } from './queue.ts';
import { LiveFigures } from './reconcile/live.ts';
import { NamespaceCompanions } from './reconcile/namespace.ts';
import { TeamReconciler } from './reconcile/team/reconcile.ts';
import { type StoredTeam, storeTeam } from './reconcile/team/stored.ts';

const TEAM = { apiVersion: API_VERSION, ...AGENT_TEAM };
const WORKFLOW = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', plural: 'workflows' };
const LEASE_NAME = 'agentteam-controller';
/** Bookmarks come every minute: a longer silence means that a watch is dead. */
const SILENCE_MS = 5 * 60_000;

/**
 * The controller: local copies of teams and Workflows, a queue of teams between them and the
 * reconciler, and a lease that lets one replica at a time work. Every replica watches, so that the
 * next leader begins at once.
 *
 * Resolves when the signal aborts and what was begun has ended.
 * @throws Error when the lease was lost: the process must leave.
 */
export async function runController(
  config: Config,
  kubeConfig: KubeConfig,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const metrics: Metrics = makeMetrics(
    () => teams.values(),
    () => queue.depth,
  );
  const api = new KubeApi(kubeConfig, (verb, kind) => metrics.apiRequests.inc({ verb, kind }));
  const live = new LiveFigures(kubeConfig, config.livePollMs);
  const watched = { config: kubeConfig, api, relistMs: config.relistMs, log };

  const teams = new Collection<StoredTeam>(
    {
      ...watched,
      ...TEAM,
      keep: storeTeam,
      onChange: (key) => {
        reconciler.observed(key);
        queue.add(key);
      },
    },
    config.namespaces,
  );
  const workflows = new Collection<StoredWorkflow>(
    {
      ...watched,
      ...WORKFLOW,
      labelSelector: LABELS.team,
      keep: storeWorkflow,
      onChange: (key, now, before) => {
        written.caughtUp(key);
        const team = teamKeyOf(now ?? before);
        if (team === undefined) return;
        live.stir(team);
        queue.add(team);
      },
    },
    config.namespaces,
  );
  const written = new AheadStore<StoredWorkflow>(workflows);
  const notifier = new GateNotifier({
    secretFile: config.webhookSecretFile,
    allowPrivate: config.allowPrivateWebhooks,
    onSent: (team) => {
      log.info({ team }, 'gate announced');
      queue.add(team);
    },
    onRefused: (key, gate, error) => {
      log.warn({ team: key, gate, reason: error.message }, 'gate not announced');
      const team = teams.get(key);
      const message = `Nobody was told that ${gate} waits: ${error.message}`;
      const note = { type: 'Warning', reason: 'NotificationFailed', message } as const;
      if (team !== undefined) recordEvent(api, team, note, new Date()).catch(() => {});
    },
    onRetry: (team, gate, error, retryMs) => {
      log.warn({ team, gate, reason: reasonOf(error), retryMs }, 'gate not announced yet');
    },
  });
  const reconciler = new TeamReconciler({
    api,
    teams,
    workflows: written,
    companions: new NamespaceCompanions(api, config.executorServiceAccount),
    live,
    notifier,
    compileOptions: compileOptions(config),
    now: () => new Date(),
    log,
  });
  const queue = new KeyedQueue({
    concurrency: config.concurrency,
    work: (key) => measured(metrics, () => reconciler.reconcile(key)),
    onError: (team, error, retryMs) => {
      // A conflict is no fault: somebody else was faster, and the next look sees it.
      const level = httpStatus(error) === 409 ? 'debug' : 'warn';
      log[level]({ team, status: httpStatus(error), reason: reasonOf(error), retryMs }, 'retry');
    },
  });

  let synced = false;
  const silent = () => Date.now() - Math.min(teams.lastContact, workflows.lastContact);
  const server = await serveOperations(config.metricsPort, metrics.registry, {
    alive: () =>
      synced && silent() > config.relistMs + SILENCE_MS
        ? `nothing was heard of the API server for ${Math.round(silent() / 1000)} s`
        : undefined,
    ready: () => (synced ? undefined : 'the first lists are not complete'),
  });
  const stop = new AbortController();
  const ending = AbortSignal.any([signal, stop.signal]);
  if (config.webhook !== undefined) {
    await serveAdmission(config.webhook, admissionPaths(config), log, ending);
  }
  const watching = Promise.all([teams.run(ending), workflows.run(ending)]);
  try {
    await Promise.race([Promise.all([teams.synced(), workflows.synced()]), aborted(ending)]);
    synced = !ending.aborted;
    if (synced) log.info('watching');
    await whileLeading(config, api, log, ending, async (leading) => {
      metrics.leading.set(1);
      await Promise.all([queue.run(leading), notifier.run(leading)]);
      metrics.leading.set(0);
    });
  } finally {
    stop.abort();
    await watching;
    server.close();
    server.closeAllConnections();
  }
}

/** Works while this replica holds the lease, and gives the lease back only when work has ended. */
async function whileLeading(
  config: Config,
  api: KubeApi,
  log: Logger,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  if (!config.leaderElection) return work(signal);
  const lease = new LeaderElection({
    api,
    namespace: config.ownNamespace,
    name: LEASE_NAME,
    identity: config.identity,
    log,
  });
  try {
    await lease.acquire(signal);
  } catch (error) {
    if (signal.aborted) return;
    throw error;
  }
  const worked = new AbortController();
  const lost = new AbortController();
  const working = work(AbortSignal.any([signal, lost.signal])).finally(() => worked.abort());
  try {
    await lease.hold(worked.signal);
  } finally {
    lost.abort();
    await working;
  }
}

async function measured<T>(metrics: Metrics, work: () => Promise<T>): Promise<T> {
  const end = metrics.reconcileSeconds.startTimer({ kind: TEAM.kind });
  let result = 'error';
  try {
    const value = await work();
    result = 'ok';
    return value;
  } finally {
    end();
    metrics.reconciles.inc({ kind: TEAM.kind, result });
  }
}

function teamKeyOf(workflow: StoredWorkflow | undefined): string | undefined {
  const owner = workflow?.metadata.ownerReferences?.find(
    ({ kind, apiVersion }) => kind === TEAM.kind && apiVersion === TEAM.apiVersion,
  );
  return owner && `${workflow?.metadata.namespace ?? ''}/${owner.name}`;
}

function admissionPaths(config: Config): Readonly<Record<string, Admit>> {
  return {
    '/validate': (request) => validateTeam(request, compileOptions(config)),
    '/mutate': (request) => mutateTeam(request, new Date().toISOString()),
  };
}

function compileOptions(config: Config) {
  const { image, executorServiceAccount, storageClass, volumeSize, pricesConfigMap, apiUrl } =
    config;
  return {
    image,
    imagePullPolicy: config.imagePullPolicy,
    executorServiceAccount,
    ...(storageClass !== undefined && { storageClass }),
    ...(volumeSize !== undefined && { volumeSize }),
    ...(pricesConfigMap !== undefined && { pricesConfigMap }),
    ...(apiUrl !== undefined && { apiUrl }),
    admission: config.webhook !== undefined,
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
}
