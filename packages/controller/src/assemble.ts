import { AGENT_TEAM, AGENT_TEAM_RUN, AGENT_TEAM_TEMPLATE, API_VERSION } from '@agentteam/api';
import { executorCompanions, SUBMITTER } from '@agentteam/compiler';
import { LABELS, WAIT_EVENT } from '@agentteam/contract';
import { deliverOnce } from '@agentteam/notify';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Logger } from 'pino';
import { OffloadedNodes } from './argo/offloaded.ts';
import { ArgoServer } from './argo/server.ts';
import { leanWorkflow, type StoredWorkflow, storeWorkflow } from './argo/stored.ts';
import { type Config, compileOptions } from './config.ts';
import { AheadStore } from './kube/ahead.ts';
import { Allowance } from './kube/allowance.ts';
import { KubeApi } from './kube/api.ts';
import { Collection } from './kube/collection.ts';
import { Connection } from './kube/connection.ts';
import { recordEvent } from './kube/events.ts';
import { httpStatus, reasonOf, retryAfterOf } from './kube/kube-error.ts';
import type { ObjectMeta } from './kube/objects.ts';
import { whileWorkingOn } from './log.ts';
import { type Metrics, makeMetrics } from './metrics.ts';
import { Notifier } from './notify/notifier.ts';
import { readSenders } from './notify/senders.ts';
import { KeyedQueue, type Urgency } from './queue.ts';
import { FiguresKeys } from './reconcile/figures-keys.ts';
import { LiveFigures } from './reconcile/live.ts';
import { NamespaceCompanions, submitterCompanions } from './reconcile/namespace.ts';
import { RunReconciler } from './reconcile/run/reconcile.ts';
import {
  leanResource,
  type StoredRun,
  type StoredTeam,
  type StoredTemplate,
  storeResource,
} from './reconcile/stored.ts';
import { TeamReconciler } from './reconcile/team/reconcile.ts';
import { TemplateReconciler } from './reconcile/template/reconcile.ts';

/** The parts of the controller, put together and not yet running. */
export interface Assembly {
  readonly api: KubeApi;
  readonly metrics: Metrics;
  /** Local copies: they run in every replica. */
  readonly collections: readonly Pick<Collection<unknown>, 'run' | 'synced' | 'lastContact'>[];
  readonly templates: Collection<StoredTemplate>;
  /** What the leader does, until the signal aborts. */
  readonly work: (signal: AbortSignal) => Promise<void>;
}

/** What is kept of all objects together, besides some hundred bytes for each. */
const KEPT_CHARACTERS = 128 << 20;

const WORKFLOW = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow' };

/** A local copy and a queue for each kind of resource, a reconciler between them, and who wakes whom. */
export function assemble(
  config: Config,
  kubeConfig: KubeConfig,
  gateKey: Buffer,
  log: Logger,
): Assembly {
  const metrics = makeMetrics(
    () => teams.values(),
    config.teamSeries,
    () => queues.team.depth + queues.run.depth + queues.template.depth,
  );
  const connection = new Connection(kubeConfig);
  const api = new KubeApi(connection, (verb, kind) => metrics.apiRequests.inc({ verb, kind }));
  const keys = new FiguresKeys(api);
  const live = new LiveFigures(api, keys, config.livePollMs, (key) => queues.team.add(key));
  const now = () => new Date();

  const allowance = new Allowance(KEPT_CHARACTERS);
  const watched = { connection, api, relistMs: config.relistMs, allowance, log };
  const ours = { ...watched, apiVersion: API_VERSION };
  const teams = new Collection<StoredTeam>(
    {
      ...ours,
      ...AGENT_TEAM,
      keep: (object) => storeResource<StoredTeam>(object),
      lean: leanResource<StoredTeam>,
      onChange: (key, team, before) => {
        reported.observed(key, team);
        const isGone = before !== undefined && before.metadata.uid !== team?.metadata.uid;
        if (isGone) reconcilers.team.forget(key);
        queues.team.add(key);
        const run = ownerKey((team ?? before)?.metadata, AGENT_TEAM_RUN.kind);
        if (run !== undefined) queues.run.add(run);
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
      lean: leanWorkflow,
      onChange: (key, workflow, before) => {
        written.observed(key, workflow);
        const metadata = (workflow ?? before)?.metadata;
        const team = ownerKey(metadata, AGENT_TEAM.kind);
        // One that was in the way of a team of its name is out of it.
        const heir = workflow === undefined ? metadata?.labels?.[LABELS.team] : undefined;
        if (heir !== undefined) queues.team.add(`${metadata?.namespace ?? ''}/${heir}`);
        if (team === undefined) return;
        live.stir(team);
        queues.team.add(team);
      },
    },
    config.namespaces,
  );
  const written = new AheadStore<StoredWorkflow>(workflows);
  const reported = new AheadStore<StoredTeam>(teams);
  const templates = new Collection<StoredTemplate>(
    {
      ...ours,
      ...AGENT_TEAM_TEMPLATE,
      keep: (object) => storeResource<StoredTemplate>(object),
      lean: leanResource<StoredTemplate>,
      onChange: (key) => {
        queues.template.add(key);
        for (const [run, { metadata, spec, status }] of runs.entries()) {
          const wanted = `${metadata.namespace}/${spec.templateRef.name}`;
          if (wanted === key && status?.team === undefined) queues.run.add(run);
        }
      },
    },
    config.namespaces,
  );
  const runs = new Collection<StoredRun>(
    {
      ...ours,
      ...AGENT_TEAM_RUN,
      keep: (object) => storeResource<StoredRun>(object),
      lean: leanResource<StoredRun>,
      onChange: (key) => queues.run.add(key),
    },
    config.namespaces,
  );

  const notifier = new Notifier({
    deliver: async ({ channel, notification }, end) =>
      deliverOnce(channel, await readSenders(config), notification, end),
    onSent: (team) => {
      log.info({ team }, 'notification sent');
      queues.team.add(team);
    },
    onRefused: (key, event, error) => {
      log.warn({ team: key, event, reason: error.message }, 'notification refused');
      const team = teams.get(key);
      const message =
        event === WAIT_EVENT
          ? `The team waits for the provider, and its webhook could not be told: ${error.message}`
          : `${event} waits, and not everybody could be told: ${error.message}`;
      const note = { type: 'Warning', reason: 'NotificationFailed', message } as const;
      if (team !== undefined) recordEvent(api, team, note, now()).catch(() => {});
    },
    onRetry: (team, event, error, retryMs) => {
      log.warn({ team, event, reason: reasonOf(error), retryMs }, 'notification not sent yet');
    },
  });
  const companions = new NamespaceCompanions(api, (namespace) =>
    executorCompanions(config.executorServiceAccount, namespace),
  );
  const submitter = new NamespaceCompanions(api, (namespace) =>
    submitterCompanions(namespace, SUBMITTER),
  );
  const reconcilers = {
    team: new TeamReconciler({
      api,
      teams: reported,
      workflows: written,
      offloaded: new OffloadedNodes(
        config.argoServer && new ArgoServer(config.argoServer, kubeConfig),
      ),
      companions,
      keys,
      live,
      notifier,
      compileOptions: compileOptions(config),
      gateKey,
      now,
      log,
    }),
    run: new RunReconciler({ api, runs, templates, teams, now }),
    template: new TemplateReconciler({ api, templates, submitter, now }),
  };
  const queueOf = (
    kind: 'team' | 'run' | 'template',
    reconcile: (key: string) => Promise<number | undefined>,
    urgency?: (key: string) => Urgency,
  ) =>
    new KeyedQueue({
      concurrency: config.concurrency,
      ...(urgency !== undefined && { urgency }),
      within: (key, run) => whileWorkingOn(kind, key, run),
      work: (key) => measured(metrics, log, KINDS[kind], () => reconcile(key)),
      retryAfter: retryAfterOf,
      onError: (_key, error, retryMs) => {
        // A conflict is no fault: somebody else was faster, and the next look sees it.
        const level = httpStatus(error) === 409 ? 'debug' : 'warn';
        log[level]({ status: httpStatus(error), reason: reasonOf(error), retryMs }, 'retry');
      },
    });
  const queues = {
    team: queueOf(
      'team',
      (key) => reconcilers.team.reconcile(key),
      (key) => reconcilers.team.urgency(key),
    ),
    run: queueOf('run', (key) => reconcilers.run.reconcile(key)),
    template: queueOf('template', (key) => reconcilers.template.reconcile(key)),
  };
  return {
    api,
    metrics,
    collections: [teams, workflows, templates, runs],
    templates,
    work: async (signal) => {
      metrics.leading.set(1);
      const { team, run, template } = queues;
      await Promise.all([team, run, template, notifier, live].map((worker) => worker.run(signal)));
      metrics.leading.set(0);
    },
  };
}

const KINDS = {
  team: AGENT_TEAM.kind,
  run: AGENT_TEAM_RUN.kind,
  template: AGENT_TEAM_TEMPLATE.kind,
} as const;

async function measured<T>(
  metrics: Metrics,
  log: Logger,
  kind: string,
  work: () => Promise<T>,
): Promise<T> {
  const end = metrics.reconcileSeconds.startTimer({ kind });
  let result = 'error';
  try {
    const value = await work();
    result = 'ok';
    return value;
  } finally {
    const seconds = end();
    log.debug({ result, seconds }, 'reconciled');
    metrics.reconciles.inc({ kind, result });
  }
}

/** The owner of a kind of ours, as `namespace/name`. */
function ownerKey(metadata: ObjectMeta | undefined, kind: string): string | undefined {
  const owner = metadata?.ownerReferences?.find(
    (reference) => reference.kind === kind && reference.apiVersion === API_VERSION,
  );
  return owner && `${metadata?.namespace ?? ''}/${owner.name}`;
}
