import { AGENT_TEAM, AGENT_TEAM_RUN, API_VERSION } from '@agentteam/api';
import { executorCompanions, SUBMITTER } from '@agentteam/compiler';
import { LABELS, WAIT_EVENT } from '@agentteam/contract';
import { deliverOnce } from '@agentteam/notify';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Logger } from 'pino';
import { OffloadedNodes } from './argo/offloaded.ts';
import { ArgoServer } from './argo/server.ts';
import { type ChangeHandlers, makeCaches } from './caches.ts';
import { type Config, compileOptions } from './config.ts';
import { KubeApi } from './kube/api.ts';
import type { Collection } from './kube/collection.ts';
import { Connection } from './kube/connection.ts';
import { recordEvent } from './kube/events.ts';
import { reasonOf } from './kube/kube-error.ts';
import type { ObjectMeta } from './kube/objects.ts';
import { type Metrics, makeMetrics } from './metrics.ts';
import { Notifier } from './notify/notifier.ts';
import { readSenders } from './notify/senders.ts';
import type { CachedTemplate } from './reconcile/cached-resource.ts';
import { FiguresKeys } from './reconcile/figures-keys.ts';
import { LiveFigures } from './reconcile/live-figures.ts';
import { NamespaceCompanions, submitterCompanions } from './reconcile/namespace-companions.ts';
import { reconcileQueue } from './reconcile/queue.ts';
import { RunReconciler } from './reconcile/run/reconcile.ts';
import { TeamReconciler } from './reconcile/team/reconcile.ts';
import { TemplateReconciler } from './reconcile/template/reconcile.ts';
import { WaitingPods } from './reconcile/waiting-pods.ts';

/** The parts of the controller, connected but not yet running. */
export interface Assembly {
  readonly api: KubeApi;
  readonly metrics: Metrics;
  /** Every replica runs these, so that the next leader starts at once. */
  readonly collections: readonly Pick<Collection<unknown>, 'run' | 'synced' | 'lastContact'>[];
  readonly templates: Collection<CachedTemplate>;
  /** The work of the leader, until the signal aborts. */
  readonly work: (signal: AbortSignal) => Promise<void>;
}

/**
 * Connects caches, queues and reconcilers: a change of an object queues every resource whose reconcile
 * depends on it.
 */
export function assemble(
  config: Config,
  kubeConfig: KubeConfig,
  gateKey: Buffer,
  log: Logger,
): Assembly {
  const now = () => new Date();
  const metrics = makeMetrics(
    () => teams.values(),
    config.metricsTeams,
    () => Object.values(queues).reduce((sum, { depth }) => sum + depth, 0),
  );
  const connection = new Connection(kubeConfig);
  const api = new KubeApi(connection, (verb, kind) => metrics.apiRequests.inc({ verb, kind }));
  const handlers: ChangeHandlers = {
    onTeam: (key, team, before) => {
      const isReplaced = before !== undefined && before.metadata.uid !== team?.metadata.uid;
      if (isReplaced) reconcilers.team.forget(key);
      queues.team.add(key);
      const run = ownerKey((team ?? before)?.metadata, AGENT_TEAM_RUN.kind);
      if (run !== undefined) queues.run.add(run);
    },
    onWorkflow: (_key, workflow, before) => {
      const metadata = (workflow ?? before)?.metadata;
      // A team may wait for the deletion of a Workflow that occupies its name.
      const waiting = workflow === undefined ? metadata?.labels?.[LABELS.team] : undefined;
      if (waiting !== undefined) queues.team.add(`${metadata?.namespace ?? ''}/${waiting}`);
      const team = ownerKey(metadata, AGENT_TEAM.kind);
      if (team === undefined) return;
      live.pollSoon(team);
      queues.team.add(team);
    },
    onTemplate: (key) => {
      queues.template.add(key);
      for (const [run, { metadata, spec, status }] of runs.entries()) {
        const wanted = `${metadata.namespace}/${spec.templateRef.name}`;
        if (wanted === key && status?.team === undefined) queues.run.add(run);
      }
    },
    onRun: (key) => queues.run.add(key),
  };
  const caches = makeCaches(config, connection, api, log, handlers);
  const { teams, workflows, templates, runs, assumedTeams, assumedWorkflows } = caches;
  const keys = new FiguresKeys(api);
  const live = new LiveFigures(api, keys, config.livePollSeconds * 1000, (key) =>
    queues.team.add(key),
  );
  const notifier = new Notifier({
    deliver: async ({ channel, notification }, signal) =>
      deliverOnce(channel, await readSenders(config), notification, signal),
    onSent: (team) => {
      log.info({ team }, 'notification sent');
      queues.team.add(team);
    },
    onRefused: (key, event, error) => {
      log.warn({ team: key, event, reason: error.message }, 'notification refused');
      const team = teams.get(key);
      const message =
        event === WAIT_EVENT
          ? `The webhook did not accept the notification that the team waits for the provider: ${error.message}`
          : `${event}: not every recipient accepted the request for approval: ${error.message}`;
      const note = { type: 'Warning', reason: 'NotificationFailed', message } as const;
      if (team !== undefined) recordEvent(api, team, note, now()).catch(() => {});
    },
    onRetry: (team, event, error, retryMs) => {
      log.warn({ team, event, reason: reasonOf(error), retryMs }, 'notification failed; retrying');
    },
  });
  const executor = new NamespaceCompanions(api, (namespace) =>
    executorCompanions(config.executorServiceAccount, namespace),
  );
  const submitter = new NamespaceCompanions(api, (namespace) =>
    submitterCompanions(namespace, SUBMITTER),
  );
  const options = compileOptions(config);
  const reconcilers = {
    team: new TeamReconciler({
      api,
      teams: assumedTeams,
      workflows: assumedWorkflows,
      offloaded: new OffloadedNodes(
        config.argoServer && new ArgoServer(config.argoServer, kubeConfig),
      ),
      companions: executor,
      keys,
      live,
      waitingPods: new WaitingPods(api),
      notifier,
      compileOptions: options,
      gateKey,
      now,
      log,
    }),
    run: new RunReconciler({ api, runs, templates, teams, compileOptions: options, now }),
    template: new TemplateReconciler({ api, templates, submitter, compileOptions: options, now }),
  };
  const { concurrency } = config;
  const queues = {
    team: reconcileQueue('team', concurrency, reconcilers.team, metrics, log),
    run: reconcileQueue('run', concurrency, reconcilers.run, metrics, log),
    template: reconcileQueue('template', concurrency, reconcilers.template, metrics, log),
  };
  return {
    api,
    metrics,
    collections: [teams, workflows, templates, runs],
    templates,
    work: async (signal) => {
      metrics.leading.set(1);
      const workers = [...Object.values(queues), notifier, live];
      await Promise.all(workers.map((worker) => worker.run(signal)));
      metrics.leading.set(0);
    },
  };
}

/** The key of the owner that is one of our resources. */
function ownerKey(metadata: ObjectMeta | undefined, kind: string): string | undefined {
  const owner = metadata?.ownerReferences?.find(
    (reference) => reference.kind === kind && reference.apiVersion === API_VERSION,
  );
  return owner && `${metadata?.namespace ?? ''}/${owner.name}`;
}
